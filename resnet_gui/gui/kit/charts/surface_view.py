"""Widgets that show a surface and its contours."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPaintEngine, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.charts.contours import paint_contours
from resnet_gui.gui.kit.charts.kept_picture import KeptPicture
from resnet_gui.gui.kit.charts.surface import Camera, HeightRange, Surface, SurfaceLook, paint_surface
from resnet_gui.gui.kit.theme import Theme

PER_PIXEL = 0.008
"""Radians that a pixel of a drag turns."""

STEP = 0.1
STILL_MS = 150
"""Once it has rested for so long, a surface is painted with everything again."""


class SurfaceView(QWidget):
    """A surface that is turned by dragging it, or by the arrow keys.

    Signals:
        turned: the camera that the user has chosen; whoever shows several gives it to all.
    """

    turned = Signal(object)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._surface: Surface | None = None
        self._span = HeightRange(0.01, 100.0, log=True)
        self._message = ""
        self._from: QPointF | None = None
        self._still = QTimer(self, singleShot=True, interval=STILL_MS)
        self._still.timeout.connect(self.update)
        self.camera = Camera()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip("Drag: turn; double click: as it was")
        theme.changed.connect(self.update)

    def show_surface(self, surface: Surface | None, span: HeightRange, message: str = "") -> None:
        """Show a surface on a range of heights; with a message instead of it where it is None."""
        self._surface, self._span, self._message = surface, span, message
        self.update()

    @property
    def surface(self) -> Surface | None:
        """What is shown."""
        return self._surface

    @property
    def span(self) -> HeightRange:
        """The range of heights."""
        return self._span

    def set_camera(self, camera: Camera) -> None:
        """Look from elsewhere, without telling anybody."""
        if camera != self.camera:
            self.camera = camera
            self._still.start()
            self.update()

    def sizeHint(self) -> QSize:
        """As large as there is room."""
        return QSize(400, 260)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the surface."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("canvas"))
        if self._surface is not None:
            look = SurfaceLook(QRectF(self.rect()), self.camera, self._still.isActive())
            paint_surface(painter, self._surface, look, self._span, self._theme.color)
        if self._message:
            painter.setPen(self._theme.color("t2"))
            ink(self._message, 12).draw_in(painter, QRectF(self.rect()), "centre")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A drag begins."""
        self._from = event.position()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn with the pointer."""
        if self._from is None:
            return
        way = event.position() - self._from
        self._from = event.position()
        self._turn(way.x() * PER_PIXEL, way.y() * PER_PIXEL)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """The drag is over."""
        self._from = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Look from where it is looked from at first."""
        self.camera = Camera()
        self.update()
        self.turned.emit(self.camera)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows turn."""
        ways = {Qt.Key.Key_Left: (-STEP, 0.0), Qt.Key.Key_Right: (STEP, 0.0), Qt.Key.Key_Up: (0.0, STEP),
                Qt.Key.Key_Down: (0.0, -STEP)}  # fmt: skip
        way = ways.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
        else:
            self._turn(*way)

    def _turn(self, turn: float, tilt: float) -> None:
        self.set_camera(self.camera.moved(turn, tilt))
        self.turned.emit(self.camera)


class ContourView(QWidget):
    """The contours of a surface, with the row that a section goes through.

    Signals:
        row_chosen: number of the row that the user points at, from 0 at the bottom.
        clicked: it was clicked.
    """

    row_chosen = Signal(int)
    clicked = Signal()

    def __init__(self, theme: Theme, name: str, *, small: bool = False) -> None:
        super().__init__()
        self._theme, self._small = theme, small
        self._surface: Surface | None = None
        self._span = HeightRange(0.01, 100.0, log=True)
        self._row, self._token, self._chosen, self._waits = -1, "t1", False, ""
        self._kept = KeptPicture(self)
        self.setAccessibleName(name)
        self.setMinimumSize(40, 40)
        theme.changed.connect(self._kept.forget)

    def show_surface(self, surface: Surface | None, span: HeightRange, *, waits: str = "") -> None:
        """Show the contours of a surface; ``waits`` says what stands there instead."""
        self._surface, self._span, self._waits = surface, span, waits
        self._kept.forget()

    def show_row(self, row: int, token: str) -> None:
        """Draw the section's row, and the middle in a colour."""
        self._row, self._token = row, token
        self.update()

    def set_chosen(self, *, on: bool) -> None:
        """Whether a small one is the one that is shown large."""
        self._chosen = on
        self.update()

    def _box(self) -> QRectF:
        edge = min(self.width(), self.height()) - 2
        return QRectF((self.width() - edge) / 2, (self.height() - edge) / 2, edge, edge)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Copy the lines, which are drawn when data, size or theme have changed, and draw the section over them."""
        painter, box, color = QPainter(self), self._box(), self._theme.color
        surface = self._surface
        if surface is None:
            painter.setPen(QPen(color("line2"), 1, Qt.PenStyle.DashLine))
            painter.drawRect(box)
            painter.setPen(color("t2"))
            ink(self._waits, 11).draw_in(painter, box, "centre")
            return

        def paint_lines(painter: QPainter) -> None:
            paint_contours(painter, surface, box, self._span, color)

        if painter.paintEngine().type() == QPaintEngine.Type.SVG:
            paint_lines(painter)
        else:
            painter.drawPixmap(0, 0, self._kept.get(QColor(Qt.GlobalColor.transparent), paint_lines))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._row >= 0 and not self._small:
            last = len(surface.heights) - 1
            y = box.bottom() - box.height() * self._row / last
            pen = QPen(color("t1"), 1.2)
            pen.setDashPattern([3, 3])
            painter.setPen(pen)
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(QPen(color("panel"), 1.5))
            painter.setBrush(color(self._token))
            painter.drawEllipse(box.center(), 4, 4)
        if self._chosen:
            painter.setPen(QPen(color("acc"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 3, 3)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A small one is chosen; in a large one the section goes through the row under the pointer."""
        self.clicked.emit()
        self._point(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the section with the pointer."""
        self._point(event)

    def _point(self, event: QMouseEvent) -> None:
        if self._small or self._surface is None:
            return
        box, last = self._box(), len(self._surface.heights) - 1
        share = (box.bottom() - event.position().y()) / max(1.0, box.height())
        self.row_chosen.emit(min(last, max(0, round(share * last))))
