"""The columns of the layer table: their header, and how its width is shared out between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QHeaderView

from resnet_gui.gui.design.table.model import LayerModel
from resnet_gui.gui.design.table.rows import BARS, OPTIONAL, TITLES, Column
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.dragged_columns import DraggedColumns

WIDTHS = {
    Column.KIND: 70, Column.INPUT: 90, Column.OUTPUT: 90, Column.WINDOW: 46, Column.GROUPS: 52, Column.PARAMS: 78,
    Column.MACS: 62, Column.ACTIVATIONS: 62, Column.MEMORY: 56, Column.FIELD: 42, Column.JUMP: 64,
}  # fmt: skip
NAME_WIDTH, NAME_MOST = 108, 220
"""Least width of the names, and the width from which on what is left goes to the columns with bars."""


_BEHIND: Final = tuple(map(int, WIDTHS))
"""The columns behind the name, by plain numbers."""


class LayerHeader(QHeaderView):
    """The header with titles over the figures' right edge; the style sheet would pad both sides and clip them."""

    def __init__(self, theme: Theme, model: LayerModel) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme, self._layers = theme, model

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Draw ground, title, the sign of the sorting and the line below."""
        color = self._theme.color
        painter.fillRect(rect, color("raise"))
        painter.setPen(QPen(color("line"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        sorting = self._layers.sorting
        sorted_here = sorting is not None and sorting[0] == section
        painter.setPen(color("t1" if sorted_here else "t2"))
        right = section >= Column.GROUPS
        left = 12 if section == Column.NAME else 8
        box = rect.adjusted(0 if right else left, 0, -8 if right else 0, -1)
        title = ink(TITLES[section], 11, 600 if sorted_here else 500)
        title.draw_in(painter, box, "right" if right else "left")
        if sorting is not None and sorted_here:
            x = box.right() - title.width - 8 if right else box.left() + title.width + 8
            self._draw_sign(painter, QPoint(round(x), box.center().y()), down=sorting[1])

    @staticmethod
    def _draw_sign(painter: QPainter, at: QPoint, *, down: bool) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = 2 if down else -2
        painter.drawPolyline([at + QPoint(-3, -step), at + QPoint(0, step), at + QPoint(3, -step)])


class ColumnShares(QObject):
    """The shares of the columns in the width of the table.

    Attributes:
        wanted: the columns beside the name.
        dragged: those that the user has given another width.

    Signals:
        kinds_folded: whether the column of the types gives way to the others has changed.
    """

    kinds_folded = Signal(bool)

    def __init__(self, head: QHeaderView, fit: Callable[[], object]) -> None:
        """Share the width of a header's table out; ``fit`` has it done anew."""
        super().__init__(head)
        self._head = head
        self.wanted: set[Column] = set(WIDTHS) - OPTIONAL
        self._without_kinds = False
        for section, width in WIDTHS.items():
            head.resizeSection(section, width)
            head.setSectionHidden(section, section not in self.wanted)
        self.dragged = DraggedColumns(head, fit, _kept_name)

    def want(self, columns: set[Column]) -> None:
        """Show these columns beside the name."""
        self.wanted = columns & set(WIDTHS)
        for column in WIDTHS:
            self._head.setSectionHidden(column, column not in columns)

    def places(self) -> list[tuple[int, int, int]]:
        """The columns behind the name that are on show: number, left edge and width."""
        head = self._head
        return [
            (column, head.sectionViewportPosition(column), head.sectionSize(column))
            for column in _BEHIND
            if not head.isSectionHidden(column)
        ]

    def _width(self, section: Column) -> int:
        return self.dragged.width(section, WIDTHS[section])

    def give(self, room: int) -> bool:
        """Share the width out: to the names up to what they need, then to the bars; returns whether any has changed.

        A column that was dragged has its width, and no share.

        Where the columns have too little, the types give way if all else has enough then: what a row is can be seen
        from its name, too. Where that does not help, the table scrolls sideways.
        """
        head = self._head
        self._fold_kinds(room)
        shown = [section for section in WIDTHS if not head.isSectionHidden(section)]
        spare = max(0, room - NAME_WIDTH - sum(map(self._width, shown)))
        bars = [section for section in shown if section in BARS and not self.dragged.is_dragged(section)]
        for_name = min(spare, NAME_MOST - NAME_WIDTH) if bars else spare
        share, left = divmod(spare - for_name, max(1, len(bars)))
        wanted = {section: self._width(section) + share * (section in bars) for section in shown}
        wanted[Column.NAME] = NAME_WIDTH + for_name + (left if bars else 0)
        changed = [section for section, width in wanted.items() if head.sectionSize(section) != width]
        with self.dragged.fitting():
            for section in changed:
                head.resizeSection(section, wanted[section])
        return bool(changed)

    def _fold_kinds(self, room: int) -> None:
        missing = NAME_WIDTH + sum(map(self._width, self.wanted)) - room
        fold = Column.KIND in self.wanted and 0 < missing <= self._width(Column.KIND)
        self._head.setSectionHidden(Column.KIND, fold or Column.KIND not in self.wanted)
        if fold != self._without_kinds:
            self._without_kinds = fold
            self.kinds_folded.emit(fold)


def _kept_name(section: int) -> str:
    """The name of a column in the settings; the names of the rows take what the others leave."""
    return "" if section == Column.NAME else Column(section).name.lower()
