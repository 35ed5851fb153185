"""A widget that shows a cloud of points: to move, to enlarge, to draw a line around some of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from resnet_gui.gui.kit.basic import icon_button
from resnet_gui.gui.kit.cached_text import draw_message
from resnet_gui.gui.kit.cloud.point_cloud import (
    CloudData,
    CloudStyle,
    Viewpoint,
    cloud_image,
    point_radius,
    whole_view,
)
from resnet_gui.gui.kit.cloud.point_image import Numbers, Places
from resnet_gui.gui.kit.theme import Theme

NEAR: Final = 8.0
"""Pixels within which the pointer is on a point."""

STILL: Final = 4.0
"""Pixels up to which a drag is a click."""

STEP: Final = 1.25
"""Factor of one notch of the wheel."""

LARGEST: Final = 200.0
"""Up to this many times the size at which all points are seen."""

ARROWS: Final = {
    Qt.Key.Key_Left: (40, 0), Qt.Key.Key_Right: (-40, 0), Qt.Key.Key_Up: (0, 40), Qt.Key.Key_Down: (0, -40),
}  # fmt: skip

HELP: Final = (
    "Drag around points to select them; with Shift, or with the right button, move the cloud. Wheel with Ctrl, or + and"
    " −: larger and smaller. Double click: all points."
)

NOBODY: Final[Numbers] = np.empty(0, dtype=np.int64)


class CloudView(QWidget):
    """A cloud of points, painted once and copied until data, view, size or theme change.

    Attributes:
        words: what is said about a point that the pointer is on, by its number.
        message: stands in the middle where there is no cloud.

    Signals:
        outlined: corners (V, 2), in the units of the points, of a line that the user drew around some of them.
        clicked: number of the point that was clicked, −1 beside all.
    """

    outlined = Signal(object)
    clicked = Signal(int)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._cloud: CloudData | None = None
        self._picked = NOBODY
        self._view: Viewpoint | None = None
        self._kept: QImage | None = None
        self._line: list[QPointF] = []
        self._held: QPointF | None = None
        self._hovered = -1
        self.words: Callable[[int], str] = str
        self.message = ""
        self.setAccessibleName(name)
        self.setAccessibleDescription(HELP)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.fit = icon_button(theme, "fit", "Show all points", size=24)
        self.fit.setParent(self)
        self.fit.setVisible(False)
        self.fit.clicked.connect(self.show_all)
        theme.changed.connect(self._forget)

    # ---- what is shown

    def show_cloud(self, cloud: CloudData | None, *, keep_view: bool = False) -> None:
        """Show other points; ``keep_view`` stays at the part that is seen."""
        self._cloud, self._hovered = cloud, -1
        if not keep_view:
            self._view = None
        self._forget()

    def show_picked(self, numbers: Numbers) -> None:
        """Lay a ring around some points."""
        if not np.array_equal(numbers, self._picked):
            self._picked = np.asarray(numbers, dtype=np.int64)
            self._forget()

    @property
    def cloud(self) -> CloudData | None:
        """The points."""
        return self._cloud

    @property
    def picked(self) -> Numbers:
        """Numbers of the points with a ring."""
        return self._picked

    @property
    def view(self) -> Viewpoint:
        """The part that is seen."""
        if self._view is not None or self._cloud is None:
            return self._view or Viewpoint(0.0, 0.0, 1.0)
        return whole_view(self._cloud, self._room())

    def on_screen(self) -> Places:
        """Where the points lie in the widget, (N, 2)."""
        if self._cloud is None:
            return np.empty((0, 2))
        return self.view.on_screen(self._cloud.places, self._room())

    def show_all(self) -> None:
        """Go back to all points."""
        self._look(None)

    def _look(self, view: Viewpoint | None) -> None:
        self._view = view
        self._forget()

    def _forget(self) -> None:
        self._kept = None
        self.fit.setVisible(self._view is not None)
        self.update()

    def _room(self) -> QSizeF:
        return QSizeF(self.size())

    # ---- painting

    def sizeHint(self) -> QSize:
        """As large as there is room."""
        return QSize(300, 280)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button in its corner."""
        super().resizeEvent(event)
        self.fit.move(self.width() - 28, 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Copy the picture; over it the line that is being drawn and a ring at the pointer."""
        painter, color = QPainter(self), self._theme.color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        frame = QPainterPath()
        frame.addRoundedRect(box, 6, 6)
        painter.save()
        painter.setClipPath(frame)
        painter.fillRect(self.rect(), color("canvas"))
        if self._cloud is not None and len(self._cloud.places):
            painter.drawImage(0, 0, self._picture(self._cloud))
        else:
            painter.setPen(color("t2"))
            draw_message(painter, box, self.message)
        self._paint_pointer(painter)
        painter.restore()
        painter.setPen(QPen(color("acc" if self.hasFocus() else "line"), 2 if self.hasFocus() else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(frame)

    def _picture(self, cloud: CloudData) -> QImage:
        # While the cloud follows the pointer, fine screens get one pixel for several.
        ratio = self.devicePixelRatioF() if self._held is None else 1.0
        size = (self.size().toSizeF() * ratio).toSize()
        if self._kept is None or self._kept.size() != size or self._kept.devicePixelRatio() != ratio:
            view = self.view
            enlarged = view.scale / whole_view(cloud, self._room()).scale
            style = CloudStyle(point_radius(len(cloud.places), enlarged), ratio)
            self._kept = cloud_image(cloud, view, self._room(), self._theme.color, style, self._picked)
        return self._kept

    def _paint_pointer(self, painter: QPainter) -> None:
        color = self._theme.color
        if self._hovered >= 0:
            x, y = self.on_screen()[self._hovered]
            painter.setPen(QPen(color("acc"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x, y), 6, 6)
        if len(self._line) > 1:
            pen = QPen(color("acc"), 1.4)
            pen.setDashPattern([3, 2])
            painter.setPen(pen)
            soft = color("acc")
            painter.setBrush(QColor(soft.red(), soft.green(), soft.blue(), 30))
            painter.drawPolygon(QPolygonF(self._line), Qt.FillRule.WindingFill)

    # ---- the pointer

    def nearest(self, at: QPointF) -> int:
        """The number of the point under a place of the widget, −1 for none."""
        places = self.on_screen()
        if not len(places):
            return -1
        far = np.hypot(places[:, 0] - at.x(), places[:, 1] - at.y())
        # Of points at one place, the last is the one that is seen.
        number = len(far) - 1 - int(np.argmin(far[::-1]))
        return number if far[number] <= NEAR else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to move the cloud, or to draw a line."""
        left = event.button() == Qt.MouseButton.LeftButton
        if not left or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._held = event.position()
        elif self._cloud is not None:
            self._line = [event.position()]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the cloud, go on with the line, or name what is under the pointer."""
        at = event.position()
        if self._held is not None:
            step = at - self._held
            self._held = at
            self._look(self.view.moved(step.x(), step.y()))
        elif self._line:
            self._line.append(at)
            self.update()
        else:
            self._hover(self.nearest(at))
            self._tell(event.globalPosition().toPoint())

    def _hover(self, number: int) -> None:
        if number != self._hovered:
            self._hovered = number
            self.update()

    def _tell(self, at: QPoint) -> None:
        QToolTip.showText(at, self.words(self._hovered) if self._hovered >= 0 else "", self)

    def event(self, event: QEvent) -> bool:
        """Say what is under a pointer that rests; beside all points, what can be done here."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = self.nearest(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.words(number) if number >= 0 else HELP, self)
            return True
        return super().event(event)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Pick what the line encloses, or the point that was clicked."""
        if self._held is not None:
            self._held = None
            self.update()
        line, self._line = self._line, []
        if not line or self._cloud is None:
            return
        self.update()
        extent = QPolygonF(line).boundingRect()
        if max(extent.width(), extent.height()) > STILL:
            corners = np.array([(point.x(), point.y()) for point in line])
            self.outlined.emit(self.view.off_screen(corners, self._room()))
        else:
            self.clicked.emit(self.nearest(line[0]))

    def leaveEvent(self, _event: QEvent) -> None:
        """Nothing is under the pointer."""
        self._hover(-1)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Show all points again."""
        self.show_all()

    # ---- larger, smaller

    def _zoom(self, factor: float, at: QPointF) -> None:
        if self._cloud is None:
            return
        least = whole_view(self._cloud, self._room()).scale
        view = self.view.zoomed(factor, at, self._room())
        if least / 2 <= view.scale <= least * LARGEST:
            self._look(view)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl, or where the cloud has the focus, come nearer; else the page scrolls."""
        notches = event.angleDelta().y() / 120
        if not notches or not (self.hasFocus() or event.modifiers() & Qt.KeyboardModifier.ControlModifier):
            event.ignore()
            return
        self._zoom(STEP**notches, event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the cloud, + and − change its size, 0 shows all of it."""
        key = Qt.Key(event.key())
        if key in ARROWS:
            self._look(self.view.moved(*ARROWS[key]))
        elif key in {Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus}:
            middle = QPointF(self.width() / 2, self.height() / 2)
            self._zoom(1 / STEP if key == Qt.Key.Key_Minus else STEP, middle)
        elif key in {Qt.Key.Key_0, Qt.Key.Key_Home}:
            self.show_all()
        else:
            super().keyPressEvent(event)
