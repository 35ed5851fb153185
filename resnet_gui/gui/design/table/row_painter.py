"""Paints a row of the layer table: its name and, cell by cell, its texts and bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QHeaderView

from resnet_gui.gui.design.table.model import LayerModel
from resnet_gui.gui.design.table.node import Node
from resnet_gui.gui.design.table.rows import BARS, Column, column_amount
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.theme import Theme, font

ROW_HEIGHT = 24
OVERLAP: Final = 8
"""Pixels of the next column that a text may reach into."""

CLICKABLE = Column.INPUT, Column.OUTPUT, Column.PARAMS, Column.MACS, Column.FIELD
"""Columns whose cells open the arithmetic behind them."""

SUMMED: Final = Column.PARAMS, Column.MACS
"""Columns of which a block or a stage is the sum of its layers."""

WEIGHTS = (600, 500, 400)
"""Of the names of each level; figures stay comparable."""

Columns = Sequence[tuple[int, int, int]]
"""Columns behind the name: number, left edge in the viewport, width."""


def explains(node: Node, section: int) -> bool:
    """Whether a click on a cell opens the arithmetic behind it: not of the picture, nor of a cost of nothing."""
    if section not in CLICKABLE or node.data.kind == "Tensor":
        return False
    return section not in SUMMED or column_amount(node.data.cost, section) > 0


class RowPainter:
    """The painter of the rows.

    Attributes:
        columns: those on show.
        exposed: those of them that are to be painted.
        named: whether the names are.
    """

    def __init__(self, theme: Theme, layers: LayerModel, head: QHeaderView) -> None:
        self._theme, self._layers, self._head = theme, layers, head
        self.columns: Columns = ()
        self.exposed: Columns = ()
        self.named = True

    def begin(self, columns: Columns, box: QRect) -> None:
        """Take note of where the columns are; only those in a box are to be painted."""
        self.columns = columns
        self.exposed = [
            (section, left, width)
            for section, left, width in columns
            if left <= box.right() and left + width + OVERLAP > box.left()
        ]
        begin = self._head.sectionViewportPosition(Column.NAME)
        self.named = begin <= box.right() and begin + self._head.sectionSize(Column.NAME) > box.left()

    def look(self, node: Node, columns: Columns) -> dict[int, object]:
        """All that is painted of a row by column, but for what Qt keeps: what is chosen, hovered or open."""
        texts, bar = node.texts(), self._layers.bar
        look: dict[int, object] = {section: (texts[section - 1], bar(node, section)) for section, _, _ in columns}
        folds = bool(node.remaining() if node.shown is None else node.shown)
        look[Column.NAME] = node.name(self._layers.naming), node.data.hue, folds
        return look

    def draw(self, painter: QPainter, node: Node, box: QRect) -> None:
        """Draw a row's name, texts and bars."""
        if self.named:
            self._draw_name(painter, node, box)
        self._draw_cells(painter, node, box)

    def _draw_name(self, painter: QPainter, node: Node, box: QRect) -> None:
        color, head, level = self._theme.color, self._head, node.level
        begin = head.sectionViewportPosition(Column.NAME)
        # A layer has no arrow, so its name may begin where one would stand.
        name_left = begin + (32 if level == 2 else 14 * level + 20)
        if level == 0 and node.data.hue != "t3":
            self._draw_swatch(painter, QRectF(name_left, box.center().y() - 3.5, 8, 8), color(node.data.hue))
            name_left += 13
        painter.setPen(color("t2" if level == 2 else "t1"))
        room = begin + head.sectionSize(Column.NAME) - name_left
        # PyTorch's names differ at their end.
        name = elided(node.name(self._layers.naming), room, 12, WEIGHTS[level], middle=True)
        ink(name, 12, WEIGHTS[level]).draw_in(painter, QRect(name_left, box.top(), room, ROW_HEIGHT - 1))

    def _draw_cells(self, painter: QPainter, node: Node, box: QRect) -> None:
        color = self._theme.color
        hue = color(node.data.hue)
        bright, quiet, faint = color("t1"), color("t2"), color("t3")
        inks, bar_of, groups = node.inks(), self._layers.bar, int(Column.GROUPS)
        painter.setFont(font(12))
        y, foot = box.top() + 4, box.bottom() - 4
        for section, left, width in self.exposed:
            made = inks[section - 1]
            if made is None:
                continue
            # Texts may reach into the space before the next column's, figures into their own.
            room = width - (4 if section < groups else 8)
            if made.width > room:
                made = ink(elided(node.texts()[section - 1], room))
            if section < groups:
                painter.setPen(bright if section in CLICKABLE else quiet)
                made.draw_bare(painter, left + 8, y)
                continue
            bar = bar_of(node, section)
            if bar is not None:
                painter.fillRect(QRectF(left + 8, foot, max(1.5, (width - 16) * bar), 3), hue)
            painter.setPen(bright if bar is not None or section not in BARS else faint)
            made.draw_bare(painter, left + width - 8 - round(made.width), y - 1)

    def draw_arrow(self, painter: QPainter, x: int, y: int, *, opened: bool) -> None:
        """Draw the sign of a row that folds."""
        painter.drawPixmap(x - 6, y - 6, self._theme.pixmap("chevron-down" if opened else "chevron-right", "t2", 12))

    def underline(self, painter: QPainter, node: Node, box: QRect) -> None:
        """Dots under the cells of the row under the pointer that open the arithmetic behind them."""
        pen = QPen(self._theme.color("t3"), 1, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([1, 2])
        painter.setPen(pen)
        inks = node.inks()
        for section, left, width in self.columns:
            made = inks[section - 1]
            if made is None or not explains(node, section):
                continue
            long = min(round(made.width), width - 12)
            begin = left + 8 if section < Column.GROUPS else left + width - 8 - long
            painter.drawLine(begin, box.top() + 18, begin + long, box.top() + 18)

    @staticmethod
    def _draw_swatch(painter: QPainter, rect: QRectF, hue: QColor) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(hue)
        painter.drawRoundedRect(rect, 2, 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
