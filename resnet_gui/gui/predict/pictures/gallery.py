"""The strip of pictures with their labels."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from resnet_gui.gui.kit.cached_text import elided
from resnet_gui.gui.kit.format import percent
from resnet_gui.gui.kit.picture_reader import Thumbnails
from resnet_gui.gui.kit.theme import Theme, font
from resnet_gui.gui.predict.pictures.filter import ALL, PictureFilter
from resnet_gui.gui.predict.pictures.model import Picture, PictureModel

TILE = QSize(112, 96)
THUMB = QSize(100, 68)


class _PictureTile(QStyledItemDelegate):
    """The delegate that draws a picture with its label."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._theme, self._thumbnails = theme, thumbnails

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One size for all."""
        return TILE

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one tile."""
        picture: Picture = index.data(Qt.ItemDataRole.UserRole)
        color, box = self._theme.color, QRect(option.rect)
        frame = QRect(box.left() + 6, box.top() + 7, THUMB.width(), THUMB.height())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("raise"))
        painter.drawRoundedRect(frame, 6, 6)
        self._draw_thumb(painter, picture, frame)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(color("acc"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame.adjusted(-3, -3, 3, 3), 7, 7)
        text = QRect(frame.left(), frame.bottom() + 4, frame.width(), 16)
        sure = percent(picture.top[0].probability, 0) if picture.top else ""
        painter.setFont(font(11))
        painter.setPen(color("t2"))
        painter.drawText(text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, sure)
        room = text.width() - painter.fontMetrics().horizontalAdvance(sure) - 4
        painter.setFont(font(11, 600))
        painter.setPen(color("err" if picture.error else "t1"))
        shown = elided(picture.answer, room, 11, 600)
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()

    def _draw_thumb(self, painter: QPainter, picture: Picture, frame: QRect) -> None:
        thumb = self._thumbnails.get(picture.path)
        if thumb is None:
            return
        if thumb.isNull():
            sign = self._theme.pixmap("alert", "warn", 20)
            painter.drawPixmap(frame.center().x() - 10, frame.center().y() - 10, sign)
            return
        ratio = thumb.devicePixelRatio()
        wide, high = int(thumb.width() / ratio), int(thumb.height() / ratio)
        painter.drawPixmap(frame.center().x() - wide // 2 + 1, frame.center().y() - high // 2 + 1, thumb)


class Gallery(QListView):
    """The gallery of the pictures in one row.

    Signals:
        picture_chosen: the selected picture, or None.
    """

    picture_chosen = Signal(object)

    def __init__(self, theme: Theme, model: PictureModel, shown: PictureFilter) -> None:
        super().__init__()
        self.setModel(shown)
        self._pictures, self._shown = model, shown
        self.thumbnails = Thumbnails(THUMB, self)
        self.thumbnails.ready.connect(self._arrived)
        self._tile = _PictureTile(theme, self.thumbnails)
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
        """Select a picture; a choice that leaves it out gives way."""
        if not self._shown.index_of(picture).isValid():
            self._shown.show_key(ALL)
        self.setCurrentIndex(self._shown.index_of(picture))

    def chosen(self) -> Picture | None:
        """The selected picture."""
        index = self.currentIndex()
        picture = index.data(Qt.ItemDataRole.UserRole) if index.isValid() else None
        return picture if isinstance(picture, Picture) else None

    def _arrived(self, path: Path) -> None:
        picture = self._pictures.find(path)
        if picture is not None:
            self.viewport().update(self.visualRect(self._shown.index_of(picture)))
