"""The strip of pictures with their labels, the large picture, and the bars of the answer."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from resnet_gui.gui.format import percent
from resnet_gui.gui.models.pictures import Picture, PictureModel
from resnet_gui.gui.theme import Theme, font
from resnet_gui.gui.widgets.basic import label
from resnet_gui.spec.events import Score

TILE = QSize(112, 96)
THUMB = QSize(100, 66)
KEPT = 400
MAX_PIXELS = 64_000_000


def read_image(path: Path, room: QSize) -> QImage:
    """A picture at most so large, upright; a null image if Qt cannot show it (the network may still read it)."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if size.isValid() and size.width() * size.height() > MAX_PIXELS:
        return QImage()  # Qt would refuse it too, with a warning on the console
    if size.isValid() and (size.width() > room.width() or size.height() > room.height()):
        reader.setScaledSize(size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


def enlarged(image: QImage, room: QSize) -> QPixmap:
    """The picture as large as there is room; small ones keep their pixels as squares."""
    small = image.width() * 2 <= room.width() and image.height() * 2 <= room.height()
    how = Qt.TransformationMode.FastTransformation if small else Qt.TransformationMode.SmoothTransformation
    return QPixmap.fromImage(image.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, how))


class _Tile(QStyledItemDelegate):
    """Draws a picture with its label."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._thumbs: OrderedDict[Path, QPixmap] = OrderedDict()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One size for all."""
        return TILE

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one tile."""
        picture: Picture = index.data(Qt.ItemDataRole.UserRole)
        color, box = self._theme.color, QRect(option.rect)
        frame = QRect(box.left() + 6, box.top() + 4, THUMB.width(), THUMB.height())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("raise"))
        painter.drawRoundedRect(frame, 6, 6)
        thumb = self._thumb(picture.path)
        if not thumb.isNull():
            ratio = thumb.devicePixelRatio()
            wide, high = int(thumb.width() / ratio), int(thumb.height() / ratio)
            painter.drawPixmap(frame.center().x() - wide // 2 + 1, frame.center().y() - high // 2 + 1, thumb)
        else:
            painter.drawPixmap(
                frame.center().x() - 10, frame.center().y() - 10, self._theme.pixmap("alert", "warn", 20)
            )
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(color("acc"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame.adjusted(-2, -2, 2, 2), 7, 7)
        text = QRect(frame.left(), frame.bottom() + 4, frame.width(), 16)
        sure = percent(picture.top[0].probability, 0) if picture.top else ""
        painter.setFont(font(11))
        painter.setPen(color("t2"))
        painter.drawText(text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, sure)
        room = text.width() - painter.fontMetrics().horizontalAdvance(sure) - 4
        painter.setFont(font(11, 600))
        painter.setPen(color("err" if picture.error else "t1"))
        shown = painter.fontMetrics().elidedText(picture.answer, Qt.TextElideMode.ElideRight, room)
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()

    def _thumb(self, path: Path) -> QPixmap:
        if path not in self._thumbs:
            image = read_image(path, THUMB * 2)
            room = THUMB - QSize(8, 6)
            self._thumbs[path] = QPixmap() if image.isNull() else enlarged(image, room)
            while len(self._thumbs) > KEPT:
                self._thumbs.popitem(last=False)
        return self._thumbs[path]


class Gallery(QListView):
    """The strip.

    Signals:
        picture_chosen: the selected picture, or None.
    """

    picture_chosen = Signal(object)

    def __init__(self, theme: Theme, model: PictureModel) -> None:
        super().__init__()
        self.setModel(model)
        self._pictures = model
        self._tile = _Tile(theme)
        self.setItemDelegate(self._tile)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(TILE.height() + 12)
        self.setAccessibleName("Pictures")
        self.selectionModel().currentChanged.connect(
            lambda index: self.picture_chosen.emit(index.data(Qt.ItemDataRole.UserRole) if index.isValid() else None)
        )
        theme.changed.connect(self.viewport().update)

    def choose(self, picture: Picture) -> None:
        """Select a picture."""
        self.setCurrentIndex(self._pictures.index_of(picture))

    def chosen(self) -> Picture | None:
        """The selected picture."""
        index = self.currentIndex()
        picture = index.data(Qt.ItemDataRole.UserRole) if index.isValid() else None
        return picture if isinstance(picture, Picture) else None


class Canvas(QWidget):
    """The large picture on the canvas colour."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._image = QImage()
        self._sentence, self._known = "", False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_picture(self, picture: Picture) -> str:
        """Show a picture; returns its size in words."""
        self._image = read_image(picture.path, QSize(2400, 2400))
        self._sentence, self._known = picture.error, bool(picture.top)
        size = QImageReader(str(picture.path)).size()
        self.setAccessibleName(picture.path.name)
        self.update()
        return f"{size.width()} × {size.height()}" if size.isValid() else ""

    def paintEvent(self, _event: object) -> None:
        """Draw the picture in the middle, or why there is none."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("canvas"))
        room = self.rect().adjusted(24, 24, -24, -24)
        if not self._image.isNull() and not self._sentence:
            side = min(room.width(), room.height(), 640)
            shown = enlarged(self._image, QSize(min(room.width(), 900), side))
            painter.drawPixmap(room.center().x() - shown.width() // 2, room.center().y() - shown.height() // 2, shown)
            return
        painter.setPen(self._theme.color("t2"))
        text = self._sentence or (
            "This picture cannot be shown here, but the network has read it." if self._known else ""
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)


class TopBars(QFrame):
    """The likeliest classes as bars."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._scores: tuple[Score, ...] = ()
        self.setMinimumHeight(230)
        theme.changed.connect(self.update)

    def show_scores(self, scores: tuple[Score, ...]) -> None:
        """Show classes, the likeliest first."""
        self._scores = scores
        words = ", ".join(f"{score.label} {percent(score.probability)}" for score in scores)
        self.setAccessibleName(words or "no answer yet")
        self.update()

    def scores(self) -> tuple[Score, ...]:
        """What is shown."""
        return self._scores

    def paintEvent(self, _event: object) -> None:
        """Draw label, number and bar of each class."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.color
        for number in range(5):
            top, wide = 8 + 44 * number, self.width() - 32
            first = number == 0
            if number >= len(self._scores):
                if not self._scores:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(color("hover"))
                    painter.drawRoundedRect(QRectF(16, top + 4, wide * (0.3 + 0.06 * ((number * 3) % 4)), 8), 4, 4)
                    painter.drawRoundedRect(QRectF(16, top + 22, wide, 6), 3, 3)
                continue
            score = self._scores[number]
            painter.setFont(font(15 if first else 13, 600))
            painter.setPen(color("t1"))
            line = QRect(16, top, wide, 20)
            text = percent(score.probability)
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
            room = wide - painter.fontMetrics().horizontalAdvance(text) - 40
            painter.setFont(font(13, 600 if first else 500))
            name = painter.fontMetrics().elidedText(score.label, Qt.TextElideMode.ElideRight, room)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
            after = 16 + painter.fontMetrics().horizontalAdvance(name) + 8
            painter.setFont(font(11))
            painter.setPen(color("t3"))
            painter.drawText(QRect(after, top, 60, 20), Qt.AlignmentFlag.AlignVCenter, str(score.index))
            high = 10 if first else 6
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("hover"))
            painter.drawRoundedRect(QRectF(16, top + 23, wide, high), high / 2, high / 2)
            painter.setBrush(color("acc" if first else "t3"))
            painter.drawRoundedRect(QRectF(16, top + 23, max(2.0, wide * score.probability), high), high / 2, high / 2)


def quiet(text: str) -> QLabel:
    """A centred caption."""
    made = label(text, "caption", wrap=True)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    made.setContentsMargins(16, 4, 16, 4)
    return made
