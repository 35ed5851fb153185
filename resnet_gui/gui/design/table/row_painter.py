"""Paints a row of the layer table: its name and, cell by cell, its texts and bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QRegion
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

NAME_LEFT: Final = (20, 34)
"""Pixels before the names of stages and blocks."""

LAYER_LEFT: Final = (40, 47)
"""Pixels before the name of a layer, which stands under its block: at least, and where the column has room."""

LAYER_ROOM: Final = 84
"""Pixels that the names of most layers need."""

WEIGHTS = (600, 500, 400)
"""Of the names of each level; figures stay comparable."""

_BARS: Final = tuple(map(int, BARS))
_CLICKED: Final = frozenset(map(int, CLICKABLE))
"""By plain numbers: Python has to be asked for the hash of a member of an enumeration."""

Columns = Sequence[tuple[int, int, int]]
"""Columns behind the name: number, left edge in the viewport, width."""


def layer_indent(wide: int) -> int:
    """Pixels before the names of layers in a column of a width."""
    least, most = LAYER_LEFT
    return min(most, max(least, wide - LAYER_ROOM))


def explains(node: Node, section: int) -> bool:
    """Whether a click on a cell opens the arithmetic behind it: not of the picture, nor of a cost of nothing."""
    if section not in CLICKABLE or node.data.kind == "Tensor":
        return False
    return section not in SUMMED or column_amount(node.data.cost, section) > 0


class RowLook(NamedTuple):
    """All that is painted of a row but for what the view keeps: what is chosen, hovered or open.

    Attributes:
        name: what the row is called.
        hue: token of the colour of its swatch and bars.
        level: 0 for stem, stages and head, 1 for blocks, 2 for layers.
        folds: whether rows stand below it.
        texts: of the cells behind the name.
        bars: by column, the length of the bar as a fraction of the longest.
    """

    name: str
    hue: str
    level: int
    folds: bool
    texts: tuple[str, ...]
    bars: dict[int, float | None]

    def cell(self, section: int) -> tuple[object, ...]:
        """What is painted in a column."""
        if section == Column.NAME:
            return self.name, self.hue, self.level, self.folds
        bar = self.bars.get(section)
        return self.texts[section - 1], bar, self.hue if bar is not None else ""


class _KnownLook(NamedTuple):
    """A look with what it was made from beside the row's own content."""

    look: RowLook
    longest: object
    naming: str

    def holds(self, layers: LayerModel, *, folds: bool) -> bool:
        """Whether the row still looks so."""
        return self.longest is layers.longest and self.naming == layers.naming and self.look.folds == folds


class RowPainter:
    """The painter of the rows.

    Attributes:
        columns: those on show.
    """

    def __init__(self, theme: Theme, layers: LayerModel, head: QHeaderView) -> None:
        self._theme, self._layers, self._head = theme, layers, head
        self.columns: Columns = ()
        self._exposed: Columns = ()
        self._named = True
        self._region: QRegion | None = None

    def begin(self, columns: Columns, region: QRegion) -> None:
        """Take note of where the columns are, and of what is to be painted."""
        self.columns, box = columns, region.boundingRect()
        self._region = region if region.rectCount() > 1 else None
        self._exposed = [
            (section, left, width)
            for section, left, width in columns
            if left <= box.right() and left + width + OVERLAP > box.left()
        ]
        begin = self._head.sectionViewportPosition(Column.NAME)
        self._named = begin <= box.right() and begin + self._head.sectionSize(Column.NAME) > box.left()

    def look(self, node: Node) -> RowLook:
        """What a row looks like."""
        layers, data = self._layers, node.data
        folds = bool(node.remaining() if node.shown is None else node.shown)
        known = node.look
        if isinstance(known, _KnownLook) and known.holds(layers, folds=folds):
            return known.look
        bars = {section: layers.bar(node, section) for section in _BARS}
        look = RowLook(node.name(layers.naming), data.hue, data.level, folds, node.texts(), bars)
        node.look = _KnownLook(look, layers.longest, layers.naming)
        return look

    def draw(self, painter: QPainter, node: Node, box: QRect, look: RowLook) -> None:
        """Draw a row's name, texts and bars, as far as they are to be painted."""
        region, exposed = self._region, self._exposed
        named = self._named
        if region is not None:
            top, height = box.top(), box.height()
            if not region.contains(box):
                exposed = [
                    each for each in exposed if region.intersects(QRect(each[1], top, each[2] + OVERLAP, height))
                ]
                begin, wide = self._head.sectionViewportPosition(Column.NAME), self._head.sectionSize(Column.NAME)
                named = named and region.intersects(QRect(begin, top, wide, height))
        if named:
            self._draw_name(painter, look, box)
        self._draw_cells(painter, node, box, look, exposed)

    def _draw_name(self, painter: QPainter, look: RowLook, box: QRect) -> None:
        color, head, level = self._theme.color, self._head, look.level
        begin = head.sectionViewportPosition(Column.NAME)
        wide = head.sectionSize(Column.NAME)
        name_left = begin + (NAME_LEFT[level] if level < 2 else layer_indent(wide))
        if level == 0 and look.hue != "t3":
            self._draw_swatch(painter, QRectF(name_left, box.center().y() - 3.5, 8, 8), color(look.hue))
            name_left += 13
        painter.setPen(color("t2" if level == 2 else "t1"))
        room = begin + wide - name_left
        # PyTorch's names differ at their end.
        name = elided(look.name, room, 12, WEIGHTS[level], middle=True)
        ink(name, 12, WEIGHTS[level]).draw_in(painter, QRect(name_left, box.top(), room, ROW_HEIGHT - 1))

    def _draw_cells(self, painter: QPainter, node: Node, box: QRect, look: RowLook, exposed: Columns) -> None:
        color = self._theme.color
        pen: QColor | None = None
        hue = color(look.hue)
        bright, quiet, faint = color("t1"), color("t2"), color("t3")
        inks, bars, groups = node.inks(), look.bars, int(Column.GROUPS)
        painter.setFont(font(12))
        y, foot = box.top() + 4, box.bottom() - 4
        for section, left, width in exposed:
            made = inks[section - 1]
            if made is None:
                continue
            # Texts may reach into the space before the next column's, figures into their own.
            room = width - (4 if section < groups else 8)
            if made.width > room:
                made = ink(elided(look.texts[section - 1], room))
            if section < groups:
                wanted = bright if section in _CLICKED else quiet
                if wanted is not pen:
                    painter.setPen(wanted)
                    pen = wanted
                made.draw_bare(painter, left + 8, y)
                continue
            bar = bars.get(section)
            if bar is not None:
                painter.fillRect(QRectF(left + 8, foot, max(1.5, (width - 16) * bar), 3), hue)
            wanted = bright if bar is not None or section not in bars else faint
            if wanted is not pen:
                painter.setPen(wanted)
                pen = wanted
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
