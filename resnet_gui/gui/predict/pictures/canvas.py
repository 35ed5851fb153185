"""The large picture: what the network sees of it, where the evidence lies, and the receptive field of a unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.base.map_colours import ZERO
from resnet_gui.data.preprocessing import CropBox
from resnet_gui.gui.kit.cached_text import CachedText, ink
from resnet_gui.gui.kit.colormap import coloured, diverging_ramp, heat_ramp, measured_ramp
from resnet_gui.gui.kit.picture_reader import PictureReader
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.pictures.model import Picture

if TYPE_CHECKING:
    from resnet_gui.gui.kit.colormap import Ramp

MARGIN = 16
MOST = QSize(2400, 2400)
SMALL_SIDE, SMALL_ROOM = 96, 460
"""Pictures up to this side keep their pixels as squares, and are not blown up beyond this room."""

DIM = QColor(0, 0, 0, 115)


@dataclass(frozen=True)
class Overlay:
    """The overlay of a crop: 8-bit, row by row, 255 the largest.

    What was measured has viridis for its colours; of a signed one 128 is zero and 1 lies furthest below it.
    """

    values: bytes
    width: int
    height: int
    measured: bool = False
    signed: bool = False

    def value(self, place: int) -> float:
        """What a byte stands for, as a fraction of the largest."""
        return (self.values[place] - ZERO) / (255 - ZERO) if self.signed else self.values[place] / 255


def ramp_of(overlay: Overlay) -> Ramp:
    """Colours of an overlay: magma for heat, viridis for what was measured, two hues for what has two signs."""
    if overlay.signed:
        return diverging_ramp()
    return measured_ramp() if overlay.measured else heat_ramp()


@dataclass(frozen=True)
class Marks:
    """The marks on a crop, in pixels of the network's input: rectangles with their token, and a place."""

    boxes: tuple[tuple[tuple[float, float, float, float], str], ...] = ()
    place: tuple[float, float] | None = None


@dataclass
class Scene:
    """The frames that are shown over the picture: its crops, and the one that is explained.

    Attributes:
        crops: the parts of the picture that are answered.
        explained: the part that is explained: one central crop, which overlays lie on.
        words: beside the crop's frame.
        input: width and height of the network's input.
    """

    crops: tuple[CropBox, ...] = ()
    explained: CropBox | None = None
    size: tuple[int, int] = (0, 0)
    words: str = ""
    input: tuple[int, int] = (1, 1)
    overlay: Overlay | None = None
    strength: float = 0.8
    marks: Marks = field(default_factory=Marks)


class PictureCanvas(QWidget):
    """The canvas of the large picture.

    Signals:
        hovered: column and row of the picture's pixel under the mouse with the overlay's value there (None outside of
            the crop or without one); None when the mouse has left.
        clicked: x and y within the crop, 0 to 1.
        shown: the picture that was asked for is there, or cannot be shown.
        overlay_changed: what lies over the picture now, None for nothing.
    """

    hovered = Signal(object)
    clicked = Signal(float, float)
    shown = Signal()
    overlay_changed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._image = QImage()
        self._scaled: QImage | None = None
        self._heat: tuple[Overlay, QSize, QImage] | None = None
        self._sentence, self._known, self._unshown, self.waiting = "", False, False, ""
        self.scene = Scene()
        self._path: Path | None = None
        self.reader = PictureReader(MOST, self)
        self.reader.arrived.connect(self._arrived, Qt.ConnectionType.QueuedConnection)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_picture(self, picture: Picture) -> None:
        """Show a picture; what was laid over another one is taken away."""
        self._path, self._image, self._unshown = picture.path, QImage(), False
        self.reader.ask(picture.path, alone=True)
        self._scaled, self._heat = None, None
        self.scene = Scene(strength=self.scene.strength)
        self.setAccessibleName(picture.path.name)
        self.show_state(picture)

    def _arrived(self, path: Path, image: QImage) -> None:
        if path == self._path:
            self._image, self._scaled, self._unshown = image, None, image.isNull()
            self.update()
            self.shown.emit()

    def show_state(self, picture: Picture) -> None:
        """Take what is known of the picture now."""
        self._sentence, self._known = picture.sentence, bool(picture.top)
        self.update()

    def show_crops(
        self, crops: tuple[CropBox, ...], size: tuple[int, int], shape: tuple[int, int], explained: CropBox | None
    ) -> None:
        """Frame what the network sees.

        Args:
            crops: parts of the picture that are answered; none for nothing.
            size: width and height of the picture that they count in.
            shape: width and height of the network's input.
            explained: the part that is explained; overlays lie on it.
        """
        self.scene.crops, self.scene.size, self.scene.input, self.scene.explained = crops, size, shape, explained
        what = "crop" if explained is None or explained in crops else "explained:"
        self.scene.words = f"{what} {shape[0]} × {shape[1]}"
        self.update()

    def lay(self, overlay: Overlay | None, marks: Marks) -> None:
        """Lay heat and marks over the crop."""
        self.scene.overlay, self.scene.marks = overlay, marks
        self.update()
        self.overlay_changed.emit(overlay)

    def show_waiting(self, sentence: str) -> None:
        """Say at the foot that what is on show is not yet what was asked for; empty for nothing."""
        self.waiting = sentence
        self.setAccessibleDescription(sentence)
        self.update()

    def set_strength(self, strength: float) -> None:
        """How strongly the overlay covers the picture, 0 to 1."""
        self.scene.strength = strength
        self.update()

    @property
    def image(self) -> QImage:
        """What is shown; a null image for nothing."""
        return self._image

    @property
    def picture_size(self) -> tuple[int, int]:
        """Width and height of what is shown; zeros for nothing."""
        return self._image.width(), self._image.height()

    @property
    def words(self) -> str:
        """What stands in the picture's place; empty where the picture does, or is still being read."""
        if self._sentence or not self._unshown or self._path is None:
            return self._sentence
        if self._known:
            return "This picture cannot be shown here, but the network has read it."
        return f"{self._path.name} cannot be shown: it is no picture, is broken, or of a kind that only networks read."

    # ---- geometry

    def _target(self) -> QRectF:
        """Where the picture stands."""
        room = self.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        wide, high = self.picture_size
        if not wide or room.width() <= 0 or room.height() <= 0:
            return QRectF()
        scale = min(room.width() / wide, room.height() / high)
        if max(wide, high) <= SMALL_SIDE:
            scale = min(scale, SMALL_ROOM / max(wide, high))
        size = (wide * scale, high * scale)
        left, top = room.center().x() - size[0] / 2, room.center().y() - size[1] / 2
        return QRectF(round(left), round(top), round(size[0]), round(size[1]))

    def _on_screen(self, box: CropBox, target: QRectF) -> QRectF:
        """A rectangle of the original picture on the screen."""
        wide, high = self.scene.size if self.scene.size[0] else self.picture_size
        x, y = target.width() / max(1, wide), target.height() / max(1, high)
        return QRectF(target.left() + box.x * x, target.top() + box.y * y, box.width * x, box.height * y)

    def crop_rect(self) -> QRectF:
        """Where the crop stands that is explained; empty if it is not known."""
        explained = self.scene.explained
        return self._on_screen(explained, self._target()) if explained is not None else QRectF()

    # ---- the mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is under the mouse."""
        place, target = event.position(), self._target()
        if target.isEmpty() or not target.contains(place):
            self.hovered.emit(None)
            return
        wide, high = self.scene.size if self.scene.size[0] else self.picture_size
        x = int((place.x() - target.left()) / target.width() * wide)
        y = int((place.y() - target.top()) / target.height() * high)
        self.hovered.emit((x, y, self._value(place)))

    def _value(self, place: QPointF) -> float | None:
        overlay, crop = self.scene.overlay, self.crop_rect()
        if overlay is None or crop.isEmpty() or not crop.contains(place):
            return None
        column = min(overlay.width - 1, int((place.x() - crop.left()) / crop.width() * overlay.width))
        line = min(overlay.height - 1, int((place.y() - crop.top()) / crop.height() * overlay.height))
        return overlay.value(line * overlay.width + column)

    def leaveEvent(self, _event: object) -> None:
        """Nothing is under the mouse."""
        self.hovered.emit(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which place of the crop was clicked."""
        crop = self.crop_rect()
        if event.button() == Qt.MouseButton.LeftButton and crop.contains(event.position()):
            x = (event.position().x() - crop.left()) / crop.width()
            y = (event.position().y() - crop.top()) / crop.height()
            self.clicked.emit(min(x, 0.999999), min(y, 0.999999))

    # ---- painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The picture has another size now."""
        self._scaled = None
        super().resizeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the picture, the crop, the heat and the marks, or why there is none."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("canvas"))
        self._paint_picture(painter)
        if self.waiting:
            text = ink(self.waiting, 11)
            _draw_tag(painter, text, QPointF(self.width() / 2 - text.width / 2 - 6, self.height() - 28.0))

    def _paint_picture(self, painter: QPainter) -> None:
        target = self._target()
        if target.isEmpty() or self._sentence:
            painter.setPen(self._theme.color("t2"))
            room = self.rect().adjusted(24, 24, -24, -24)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.words)
            return
        ratio = self.devicePixelRatioF()
        if self._scaled is None:
            small = max(self.picture_size) <= SMALL_SIDE
            how = Qt.TransformationMode.FastTransformation if small else Qt.TransformationMode.SmoothTransformation
            size = (target.size() * ratio).toSize()
            self._scaled = self._image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, how)
        painter.drawImage(target, self._scaled)
        crop = self.crop_rect()
        if crop.isEmpty():
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._dim(painter, target)
        self._draw_heat(painter, crop, ratio)
        self._frame(painter, target, crop)
        self._draw_marks(painter, crop)

    def _dim(self, painter: QPainter, target: QRectF) -> None:
        """The network never saw what lies outside of its crops."""
        outside = QPainterPath()
        outside.addRect(target)
        for box in (*self.scene.crops, *self._explained_apart()):
            inside = QPainterPath()
            inside.addRect(self._on_screen(box, target))
            outside = outside.subtracted(inside)
        painter.fillPath(outside, DIM)

    def _explained_apart(self) -> tuple[CropBox, ...]:
        """The part that is explained, where it is none of the crops that are answered."""
        explained = self.scene.explained
        return () if explained is None or explained in self.scene.crops else (explained,)

    def _draw_heat(self, painter: QPainter, crop: QRectF, ratio: float) -> None:
        overlay = self.scene.overlay
        if overlay is None or self.scene.strength <= 0:
            return
        size = (crop.size() * ratio).toSize()
        if self._heat is None or self._heat[0] is not overlay or self._heat[1] != size:
            made = coloured(overlay.values, (overlay.width, overlay.height), ramp_of(overlay), size)
            self._heat = (overlay, size, made)
        painter.setOpacity(self.scene.strength)
        painter.drawImage(crop, self._heat[2])
        painter.setOpacity(1.0)

    def _frame(self, painter: QPainter, target: QRectF, crop: QRectF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for box in self._explained_apart():
            painter.setPen(QPen(QColor("#FFFFFF"), 1.5))
            painter.drawRect(self._on_screen(box, target))
        for box in self.scene.crops:
            shown = self._on_screen(box, target)
            painter.setPen(QPen(QColor(0, 0, 0, 130), 2))
            painter.drawRect(shown)
            painter.setPen(QPen(QColor("#FFFFFF"), 1.5, Qt.PenStyle.CustomDashLine))
            pen = painter.pen()
            pen.setDashPattern([3, 2])
            painter.setPen(pen)
            painter.drawRect(shown)
        if not self.scene.words:
            return
        text = ink(self.scene.words, 11)
        if text.width + 28 <= crop.width() and crop.height() >= 60:
            _draw_tag(painter, text, crop.topLeft() + QPointF(8, 8))

    def _draw_marks(self, painter: QPainter, crop: QRectF) -> None:
        wide, high = self.scene.input
        x, y = crop.width() / wide, crop.height() / high
        painter.save()
        painter.setClipRect(self._target())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for (left, top, right, bottom), token in self.scene.marks.boxes:
            shown = QRectF(crop.left() + left * x, crop.top() + top * y, (right - left) * x, (bottom - top) * y)
            painter.setPen(QPen(QColor(0, 0, 0, 150), 4))
            painter.drawRect(shown)
            painter.setPen(QPen(self._theme.color(token), 2))
            painter.drawRect(shown)
        place = self.scene.marks.place
        if place is not None:
            centre = QPointF(crop.left() + place[0] * x, crop.top() + place[1] * y)
            for colour, width in ((QColor(0, 0, 0, 150), 4), (self._theme.color("acc"), 2)):
                painter.setPen(QPen(colour, width))
                painter.drawLine(centre - QPointF(7, 0), centre + QPointF(7, 0))
                painter.drawLine(centre - QPointF(0, 7), centre + QPointF(0, 7))
        painter.restore()


def _draw_tag(painter: QPainter, text: CachedText, place: QPointF) -> None:
    """Draw words on a dark ground, which can be read on any picture."""
    tag = QRectF(place.x(), place.y(), text.width + 12, 20)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(14, 15, 17, 215))
    painter.drawRoundedRect(tag, 4, 4)
    painter.setPen(QColor("#EDEEF0"))
    text.draw_in(painter, tag.adjusted(6, 0, -6, 0))
