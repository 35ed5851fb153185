"""The gallery as it is drawn: rows of small pictures, of which only those on screen are asked for."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPen, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from resnet_gui.gui.evaluate.gallery.model import GalleryModel, GalleryTile
from resnet_gui.gui.evaluate.gallery.thumbnails import EvaluatedThumbnails
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.theme import Theme

SIDE: Final = 60
TILE: Final = QSize(78, 98)
ROOM: Final = QSize(SIDE, SIDE)


class GalleryDelegate(QStyledItemDelegate):
    """The delegate that draws a picture with its answer."""

    def __init__(self, theme: Theme, thumbnails: EvaluatedThumbnails) -> None:
        super().__init__()
        self._theme, self._thumbnails = theme, thumbnails

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One size for all."""
        return TILE

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one tile."""
        tile: GalleryTile | None = index.data(Qt.ItemDataRole.UserRole)
        if tile is None:
            return
        color, box = self._theme.color, QRect(option.rect)
        frame = QRectF(box.left() + 5, box.top() + 4, SIDE, SIDE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(frame, 4, 4)
        painter.fillPath(outline, color("raise"))
        self._draw_picture(painter, tile.number, frame, outline)
        self._draw_badge(painter, tile.badge, frame, outline)
        state = option.state
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            painter.setPen(QPen(color("acc" if chosen else "ctl"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame.adjusted(-2, -2, 2, 2), 5, 5)
        room = box.width() - 7
        painter.setPen(color("t1"))
        ink(elided(tile.first, room, 11, 600), 11, 600).draw(painter, frame.left(), frame.bottom() + 3)
        painter.setPen(color("t2"))
        ink(elided(tile.second, room, 11), 11).draw(painter, frame.left(), frame.bottom() + 17)
        painter.restore()

    def _draw_picture(self, painter: QPainter, number: int, frame: QRectF, outline: QPainterPath) -> None:
        picture = self._thumbnails.get(number)
        if picture is None:
            return
        if picture.isNull():
            sign = self._theme.pixmap("alert", "warn", 20)
            painter.drawPixmap(int(frame.center().x()) - 10, int(frame.center().y()) - 14, sign)
            return
        ratio = picture.devicePixelRatio()
        wide, high = picture.width() / ratio, picture.height() / ratio
        painter.setClipPath(outline)
        painter.drawPixmap(round(frame.center().x() - wide / 2), round(frame.center().y() - high / 2), picture)
        painter.setClipping(False)

    def _draw_badge(self, painter: QPainter, words: str, frame: QRectF, outline: QPainterPath) -> None:
        """How sure the answer is, on the panel's colour in the lower left corner."""
        text = ink(words, 11)
        ground = QRectF(frame.left(), frame.bottom() - 15, text.width + 8, 15)
        painter.setClipPath(outline)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("panel"))
        painter.drawRoundedRect(ground.adjusted(-4, 0, 0, 4), 4, 4)
        painter.setClipping(False)
        painter.setPen(self._theme.color("t1"))
        text.draw_in(painter, ground.adjusted(3, 0, 0, 0))


class PictureGallery(QListView):
    """The gallery: a click or Enter opens a picture, arrows go on to the next.

    Signals:
        picture_chosen: number of a picture that is to be opened.
    """

    picture_chosen = Signal(int)

    def __init__(self, theme: Theme, pictures: GalleryModel, thumbnails: EvaluatedThumbnails) -> None:
        super().__init__()
        self.setModel(pictures)
        self._tile = GalleryDelegate(theme, thumbnails)
        self.setItemDelegate(self._tile)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setGridSize(TILE)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setViewportMargins(11, 4, 0, 0)
        self.setIconSize(ROOM)
        self.setAccessibleName("Pictures")
        self.clicked.connect(self._open)
        self.activated.connect(self._open)
        thumbnails.arrived.connect(self.viewport().update)
        theme.changed.connect(self.viewport().update)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many in a row as have room, evenly spread."""
        # QListView keeps a little for itself, without which the last column would wrap.
        wide = self.viewport().width() - 4
        columns = max(1, wide // TILE.width())
        self.setGridSize(QSize(max(TILE.width(), wide // columns), TILE.height()))
        super().resizeEvent(event)

    def _open(self, index: QModelIndex) -> None:
        tile = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(tile, GalleryTile):
            self.picture_chosen.emit(tile.number)
