"""Two designs as rows of blocks with their shortcuts, each block under its counterpart, what differs tinted."""

from __future__ import annotations

from itertools import groupby
from typing import Final, NamedTuple

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from resnet_gui.analysis.comparison import BlockPair, align
from resnet_gui.analysis.layer_names import Naming
from resnet_gui.design.choices import KINDS
from resnet_gui.design.location import Location
from resnet_gui.design.structure import BlockPlan, Plan
from resnet_gui.gui.common.section_hues import section_token
from resnet_gui.gui.common.shortcut_dashes import DASHES
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.format import signed
from resnet_gui.gui.kit.theme import Theme

CARD: Final = QSize(40, 32)
PITCH, LINE, GAP = 50, 112, 14
"""Pixels from card to card, from line to line, and between sections."""

NAME_LEAST, NAME_MOST, NAME_SHARE = 80, 170, 0.25
"""Pixels of the names before the rows, and the part of the width that they may take where they are long."""

RISE: Final = 9
"""Pixels that a shortcut passes above the cards of the upper row, and below those of the lower."""

MOST_ALIKE: Final = 5
"""Equal neighbours that are drawn one by one; of more, the first, a stack and the last."""

AROUND: Final = 5
"""Pixels beside a card at which its shortcut turns, half of the way to the next."""

TINTS: Final = {"same": ("panel", "line2"), "changed": ("accsoft", "acc"), "added": ("oksoft", "ok"),
                "removed": ("warnsoft", "warn")}  # fmt: skip
WORDS: Final = {"same": "the same", "changed": "changed", "added": "only below", "removed": "only above"}


class ShortcutArc(NamedTuple):
    """The line of a shortcut: its dashes in pixels, and the token of its colour."""

    dash: tuple[float, ...]
    token: str


class AlignedPair(NamedTuple):
    """A column of the two rows: a block and its counterpart, or a stack of ``more`` alike."""

    pair: BlockPair
    one: BlockPlan | None
    other: BlockPlan | None
    more: int = 0

    @property
    def tint(self) -> str:
        """What the cards are tinted as, a key of ``TINTS``: where only the shortcut changed, that alone is tinted."""
        pair = self.pair
        return "same" if pair.state == "changed" and not pair.branch_differs else pair.state

    def arc(self, block: BlockPlan | None) -> ShortcutArc | None:
        """How the shortcut of one of its blocks is drawn; None where there is none."""
        if block is None or not block.adds:
            return None
        pair = self.pair
        differs = pair.shortcut_differs if pair.state == "changed" else pair.state != "same"
        return ShortcutArc(DASHES.get(block.shortcut, ()), TINTS[pair.state][1] if differs else "t3")


def _plan_of(planned: Plan, location: Location) -> BlockPlan | None:
    stage, block = location.stage, location.block
    if isinstance(stage, int) and (stage >= len(planned.stages) or (block or 0) >= len(planned.stages[stage].blocks)):
        return None
    return planned.find_section(location)


def aligned(one: Plan, other: Plan, naming: Naming = "paper") -> list[AlignedPair]:
    """The columns of two designs; of many equal neighbours only the ends are told one by one."""

    def made(pair: BlockPair, more: int = 0) -> AlignedPair:
        mine = _plan_of(one, pair.location) if pair.state != "added" else None
        its = _plan_of(other, pair.location) if pair.state != "removed" else None
        return AlignedPair(pair, mine, its, more)

    found: list[AlignedPair] = []
    for _, group in groupby(align(one, other, naming), key=_likeness):
        alike = list(group)
        if len(alike) <= MOST_ALIKE:
            found += map(made, alike)
        else:
            found += [made(alike[0]), made(alike[1], len(alike) - 2), made(alike[-1])]
    return found


def _likeness(pair: BlockPair) -> tuple[object, ...]:
    """What neighbours share that are drawn as one stack."""
    return pair.location.stage, pair.state, pair.changes


class AlignedBlocks(QWidget):
    """The two rows of blocks.

    Signals:
        chosen: location of the block that was clicked.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._pairs: list[AlignedPair] = []
        self._names = ("", "")
        self._place = -1
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("The two designs, block under block")
        theme.changed.connect(self.update)

    def show_plans(self, one: Plan, other: Plan, names: tuple[str, str], naming: Naming = "paper") -> None:
        """Draw two designs under each other; ``naming`` is that of the layers in the words about a block."""
        self._pairs, self._names, self._place = aligned(one, other, naming), names, -1
        changed = [pair for pair in self._pairs if pair.pair.state != "same"]
        words = "; ".join(f"{pair.pair.name} {WORDS[pair.pair.state]}" for pair in changed)
        self.setAccessibleDescription(words or "the same")
        self.updateGeometry()
        self.update()

    def pairs(self) -> list[AlignedPair]:
        """The columns."""
        return list(self._pairs)

    # ---- geometry

    def cells(self, width: int) -> list[QRectF]:
        """Where the upper card of each column stands; lines break where the width ends."""
        left = self._name_width(width) + 28.0
        found, x, y, last = list[QRectF](), left, 8.0 + RISE, object()
        for pair in self._pairs:
            stage = pair.pair.location.stage
            if found and stage != last:
                x += GAP
            if found and x + CARD.width() > width - 16:
                x, y = left, y + LINE
            found.append(QRectF(x, y, CARD.width(), CARD.height()))
            x, last = x + PITCH, stage
        return found

    def _name_width(self, width: int) -> float:
        """Pixels that the longer name needs, as far as there is room."""
        needed = max(ink(name, 12, 600).width for name in self._names) + 1
        return max(NAME_LEAST, min(needed, NAME_MOST, NAME_SHARE * width))

    def hasHeightForWidth(self) -> bool:
        """Narrower, it has more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as its lines."""
        cells = self.cells(width)
        return int(cells[-1].top()) + LINE - RISE if cells else LINE

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(600, self.heightForWidth(max(self.width(), 300)))

    # ---- the user

    def _at(self, place: QPointF) -> int:
        for number, cell in enumerate(self.cells(self.width())):
            if cell.united(_below(cell)).contains(place):
                return number
        return -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the block under the pointer."""
        self._choose(self._at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right choose the neighbour."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self._pairs:
            super().keyPressEvent(event)
            return
        self._choose(min(len(self._pairs) - 1, max(0, self._place + step)))

    def _choose(self, place: int) -> None:
        if place >= 0:
            self._place = place
            self.update()
            self.chosen.emit(self._pairs[place].pair.location)

    def event(self, event: QEvent) -> bool:
        """Say what differs in the block under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._words(self._pairs[place]) if place >= 0 else "", self)
            return True
        return super().event(event)

    @staticmethod
    def _words(column: AlignedPair) -> str:
        pair = column.pair
        path = pair.location.path
        name = f"{pair.name} ({path})" if path else pair.name
        lines = [f"{name}: {WORDS[pair.state]}" + (f", {column.more} such blocks" if column.more else "")]
        lines += pair.changes
        if pair.cost.params:
            lines.append(f"{signed(pair.cost.params)} parameters")
        return "\n".join(lines)

    # ---- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the names, the cards and what joins them."""
        painter, color = QPainter(self), self._theme.color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        last_line = -1.0
        cells, room = self.cells(self.width()), int(self._name_width(self.width()))
        self._paint_ways(painter, cells)
        for number, (column, cell) in enumerate(zip(self._pairs, cells, strict=True)):
            if cell.top() != last_line:
                last_line = cell.top()
                for name, box in zip(self._names, (cell, _below(cell)), strict=True):
                    painter.setPen(color("t1"))
                    shown = ink(elided(name, room, 12, 600), 12, 600)
                    shown.draw_in(painter, QRectF(16, box.top(), room, box.height()))
            for block, box in ((column.one, cell), (column.other, _below(cell))):
                self._paint_card(painter, column, block, box)
            if number == self._place:
                painter.setPen(QPen(color("acc"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(cell.united(_below(cell)).adjusted(-4, -4, 4, 4), 8, 8)

    def _paint_ways(self, painter: QPainter, cells: list[QRectF]) -> None:
        """Draw the line through each row, and the shortcuts around its cards with the additions that they lead to."""
        color, ends = self._theme.color, [QPointF(), QPointF()]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        joins: list[tuple[QPointF, str]] = []
        for column, cell in zip(self._pairs, cells, strict=True):
            rows = ((column.one, cell, -RISE), (column.other, _below(cell), RISE))
            for side, (block, box, rise) in enumerate(rows):
                if block is None:
                    ends[side] = QPointF()
                    continue
                middle, begin, end = box.center().y(), box.left() - AROUND, box.right() + AROUND
                came = ends[side] if ends[side].y() == middle else QPointF(box.left(), middle)
                painter.setPen(QPen(color("line2"), 1.3))
                painter.drawLine(came, QPointF(box.left(), middle))
                ends[side] = QPointF(box.right(), middle)
                arc = column.arc(block)
                if arc is None:
                    continue
                pen = QPen(color(arc.token), 1.3 if arc.token == "t3" else 2.0)
                if arc.dash:
                    pen.setDashPattern([length / pen.widthF() for length in arc.dash])
                painter.setPen(pen)
                top = (box.top() if rise < 0 else box.bottom()) + rise
                painter.drawPolyline(
                    [QPointF(begin, middle), QPointF(begin, top), QPointF(end, top), QPointF(end, middle)]
                )
                joins.append((QPointF(end, middle), arc.token))
        painter.setBrush(color("panel"))
        for place, token in joins:
            painter.setPen(QPen(color(token), 1.3))
            painter.drawEllipse(place, 3.0, 3.0)

    def _paint_card(self, painter: QPainter, column: AlignedPair, block: BlockPlan | None, box: QRectF) -> None:
        color = self._theme.color
        if block is None:
            # Nothing stands here: the other design goes on without a counterpart.
            painter.setPen(QPen(color("line2"), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 6, 6)
            return
        fill, edge = TINTS[column.tint]
        hue = color(section_token(column.pair.location.stage))
        painter.setPen(QPen(color(edge), 1.3))
        painter.setBrush(color(fill))
        if column.more:
            for shift in (4, 2):
                painter.drawRoundedRect(box.adjusted(shift, -shift, shift - 4, -shift), 6, 6)
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(color("t2" if column.tint == "same" else "t1"))
        text = f"× {column.more}" if column.more else column.pair.name
        ink(text, 11, 600).draw_in(painter, box.adjusted(0, 3, 0, -14), "centre")
        _paint_bars(painter, block, box, hue)


def _below(cell: QRectF) -> QRectF:
    return cell.translated(0, CARD.height() + 8)


def _paint_bars(painter: QPainter, block: BlockPlan, box: QRectF, hue: QColor) -> None:
    """A bar a convolution of the branch, as wide as its channels."""
    channels = [layer.output[0] for layer in block.main() if KINDS[layer.kind].mixes][:3]
    pen = QPen(hue, 2.2)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    middle, top = box.center().x(), box.bottom() - 3.5 - 4 * len(channels)
    for number, count in enumerate(channels):
        half = max(4.0, (box.width() - 12) * count / max(channels)) / 2
        y = top + 4 * number + 2
        painter.drawLine(QLineF(middle - half, y, middle + half, y))
