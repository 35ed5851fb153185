"""Why a picture has no answer, across the columns of the table that are empty for it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView

from resnet_gui.gui.predict.pictures.model import Picture

REASON: Final = 1
"""The column in which a reason begins."""


class ReasonDelegate(QStyledItemDelegate):
    """The painter of a reason, of which every column draws what lies in it.

    A span of the table would stand at its row whatever is sorted to it, and a cell that drew beyond its edges would be
    cut where only its neighbour is painted anew.
    """

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw a cell, or its part of the reason."""
        picture = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(picture, Picture) or not picture.error or index.column() < REASON:
            super().paint(painter, option, index)
            return
        painter.save()
        painter.setClipRect(option.rect, Qt.ClipOperation.IntersectClip)
        whole = QStyleOptionViewItem(option)
        whole.rect = self.across(option.rect)
        super().paint(painter, whole, index.model().index(index.row(), REASON))
        painter.restore()

    def across(self, cell: QRect) -> QRect:
        """What a reason has of the row of a cell: from its column to the right end of the last."""
        heads = self._table.horizontalHeader()
        left = heads.sectionViewportPosition(REASON)
        width = sum(heads.sectionSize(column) for column in range(REASON, heads.count()))
        return QRect(left, cell.top(), width, cell.height())
