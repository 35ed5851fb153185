"""The diagram as geometry: a plan becomes bands, blocks, arcs and chips; no colours and no widgets."""

from __future__ import annotations

from typing import Final

import msgspec
from PySide6.QtCore import QPointF, QRectF

from resnet_gui.analysis.costs import BlockMemo, block_cost, layer_cost
from resnet_gui.design.choices import BLOCKS, KINDS
from resnet_gui.design.location import Location
from resnet_gui.design.structure import BlockPlan, Plan, StagePlan
from resnet_gui.gui.common.section_hues import stage_token
from resnet_gui.gui.common.shortcut_dashes import DASHES
from resnet_gui.gui.design.diagram.block import shortcut_words, unfold
from resnet_gui.gui.design.diagram.ends import (
    FIRST_X,
    GUTTER,
    KEPT_PARTS,
    MARGIN,
    PART,
    REACH,
    TOP,
    Entry,
    across,
    band,
    carry,
    head_part,
    stem_part,
)
from resnet_gui.gui.design.diagram.scene import (
    WIDTH,
    Diagram,
    DiagramCard,
    DiagramLine,
    rounded,
)
from resnet_gui.gui.kit.format import shape

STEP: Final = 66.0
CARD: Final = (47.0, 39.0)
PER_ROW, ROWS_SHOWN = 6, 2
ROW, FIRST_ROW = 64.0, 73.0
BOTTOM: Final = 14.0
WIDEST_STEP: Final = 126.0
"""From card to card where there is more room than blocks: further apart, the arcs would no longer look like hops."""


Counts = tuple[int, ...]
"""Blocks of each stage."""


class RowFit(msgspec.Struct, frozen=True):
    """The filling of the bands' rows with the blocks of a network.

    Attributes:
        width: of the diagram.
        per_row: most blocks in a row.
        step: from the left edge of a card to that of the next.
        whole: whether every block has its card.
    """

    width: float = WIDTH
    per_row: int = PER_ROW
    step: float = STEP
    whole: bool = False

    @property
    def card(self) -> float:
        """Width of a card."""
        return CARD[0] + self.step - STEP

    def shown(self, count: int) -> list[tuple[int, int]]:
        """The cards of a stage of so many blocks as (number, how many more it stands for).

        All up to two rows, with more than six a row up to three; else three, a stack, two.
        """
        if self.cards(count) == count:
            return [(number, 0) for number in range(count)]
        return [(0, 0), (1, 0), (2, 0), (3, count - 5), (count - 2, 0), (count - 1, 0)]

    def cards(self, count: int) -> int:
        """How many cards a stage of so many blocks has."""
        rows = ROWS_SHOWN + (self.per_row > PER_ROW)
        return count if self.whole or count <= rows * self.per_row else 6

    def height(self, counts: Counts) -> float:
        """Height of the diagram of a plan with so many blocks a stage and none unfolded."""
        found = TOP + 2 * PART + GUTTER + BOTTOM
        for count in counts:
            rows = -(-self.cards(count) // self.per_row)
            found += GUTTER + FIRST_ROW + ROW * (rows - 1)
        return found


def block_counts(plan: Plan) -> Counts:
    """How many blocks each stage has, by which alone a diagram is fitted into its place."""
    return tuple([len(stage.blocks) for stage in plan.stages])


def fit_rows(counts: Counts, width: float = WIDTH, *, whole: bool = False) -> RowFit:
    """Let so many blocks a stage fill a width: first more of them a row, then with wider cards."""
    per_row = PER_ROW + max(0, int((width - WIDTH) // STEP))
    fit = RowFit(width, per_row, whole=whole)
    longest = max(min(per_row, fit.cards(count)) for count in counts)
    # What is shorter than six blocks keeps the places of six, as in the mock-ups.
    step = (width - WIDTH + PER_ROW * STEP) / max(PER_ROW, longest)
    return msgspec.structs.replace(fit, step=min(WIDEST_STEP, max(STEP, step)))


def widest(counts: Counts) -> float:
    """The width from which on more would stay empty."""
    longest = max(PER_ROW, *counts)
    return WIDTH - PER_ROW * STEP + longest * WIDEST_STEP


def lay_out(plan: Plan, unfolded: Location | None = None, *, whole: bool = False, width: float = WIDTH) -> Diagram:
    """Place a plan: the stem, one band for each stage, the head; one block may be unfolded into its layers.

    With ``whole`` every block has its card; else a long stage shows a stack in the place of equal ones. What is wider
    than ``WIDTH`` holds more blocks a row, or wider ones.
    """
    fit = fit_rows(block_counts(plan), width, whole=whole)
    made = Diagram(width=width)
    made.add("stem", stem_part(plan.stem, plan.spec.input, plan.spec.stem_pool, width))
    output, path = plan.stem.output, plan.stem.layers[-1].name
    for stage in plan.stages:
        entry = Entry(made.end, made.height, shape(output, wide=True), path)
        made.add(stage.index, _stage_part(stage, entry, fit, unfolded))
        output, path = stage.output, stage.last_layer.path
    entry = Entry(made.end, made.height, shape(output, wide=True), path)
    made.add("head", head_part(plan.head, plan.spec.head, entry, width))
    made.height += BOTTOM
    return made


def _stage_part(stage: StagePlan, entry: Entry, fit: RowFit, unfolded: Location | None) -> Diagram:
    """A stage's band with the way into it; what was drawn of another plan serves again if it looks the same."""
    here = unfolded if unfolded is not None and unfolded.stage == stage.index else None
    shown = [stage.blocks[number] for number, _ in fit.shown(len(stage.blocks))]
    if here is not None:
        return _draw_stage(stage, entry, fit, here)
    key = (stage.index, len(stage.blocks), entry, fit, tuple(map(_marks, shown)))
    known = _STAGES.get(key)
    if known is None:
        if len(_STAGES) >= KEPT_PARTS:
            _STAGES.clear()
        known = _STAGES[key] = _draw_stage(stage, entry, fit, None)
    if known.cards[0].plan is stage.blocks[0]:
        return known
    cards = [
        msgspec.structs.replace(card, plan=block, cost=block_cost(block))
        for card, block in zip(known.cards, shown, strict=True)
    ]
    return msgspec.structs.replace(known, cards=cards)


def _draw_stage(stage: StagePlan, entry: Entry, fit: RowFit, unfolded: Location | None) -> Diagram:
    made = Diagram(width=fit.width, top=entry.start[1] - REACH)
    top = entry.bottom + GUTTER
    placed = _Stage(made, stage, top, fit)
    made.height = placed.draw(unfolded)
    carry(made, entry, top, 44.0)
    made.end = placed.end.x(), placed.end.y()
    return made


class _Stage:
    """The drawing of a stage's band.

    Attributes:
        end: where the signal leaves it.
    """

    def __init__(self, made: Diagram, stage: StagePlan, top: float, fit: RowFit) -> None:
        self._made, self._stage, self._top, self._fit = made, stage, top, fit
        self._token = stage_token(stage.index)
        self.end = QPointF()

    def draw(self, unfolded: Location | None) -> float:
        """Draw band and blocks, the unfolded one with its layers below its row; returns the lower edge."""
        token, stage = self._token, self._stage
        shown, fit = self._fit.shown(len(stage.blocks)), self._fit
        place_of = len(self._made.boxes)
        y = self._top + 24
        for first in range(0, len(shown), fit.per_row):
            row = shown[first : first + fit.per_row]
            if first:
                self._turn(y)
            cards = [
                self._block(number, QPointF(FIRST_X + fit.step * place, y), follows=place > 0)
                for place, number in enumerate(row)
            ]
            self.end = QPointF(cards[-1].rect.x() + self._reach(), y + 19.5)
            self._last_y = y
            if unfolded is not None and unfolded.block is not None:
                chosen = next((card for card in cards if card.stands_for(unfolded)), None)
                y += 10 + unfold(self._made, chosen, unfolded.block, y + 51) if chosen is not None else 0
            y += ROW
        # The last row has no room for another arc below it.
        bottom = y - ROW + FIRST_ROW - 24
        titles = (stage.location.section_title, stage.paper_name, f"×{len(stage.blocks)}")
        before = self._made.boxes[place_of:]
        del self._made.boxes[place_of:]
        place_in = across(self._made, self._top, bottom - self._top)
        band(self._made, stage.index, place_in, (f"{token}t", f"{token}l"), titles)
        self._made.boxes += before
        return bottom

    def _reach(self) -> float:
        """From a card's left edge to the end of its block."""
        return self._fit.card + (16 if self._stage.blocks[0].adds else 1)

    def _turn(self, y: float) -> None:
        """The way from the end of one row of blocks to the beginning of the next."""
        fit = self._fit
        before = QPointF(FIRST_X + fit.step * (fit.per_row - 1) + self._reach(), self._last_y + 19.5)
        turn, right = y - 16.5, fit.width - MARGIN - 5
        points = [before, QPointF(right, before.y()), QPointF(right, turn), QPointF(96, turn)]
        self._made.flow([*points, QPointF(96, y + 19.5), QPointF(FIRST_X - 1.5, y + 19.5)])

    def _block(self, number: tuple[int, int], at: QPointF, *, follows: bool) -> DiagramCard:
        """A block's card, the arc of its shortcut over it, and its addition behind it."""
        made, token = self._made, self._token
        index, more = number
        plan = self._stage.blocks[index]
        rect = QRectF(at.x(), at.y(), self._fit.card, CARD[1])
        card = DiagramCard(rect, Location(self._stage.index, index), plan, token, block_cost(plan), more)
        made.cards.append(card)
        middle = rect.center().y()
        if not plan.adds:
            if follows:
                made.flow([QPointF(at.x() - 18, middle), QPointF(at.x() - 1.5, middle)])
            return card
        start, end = at.x() - 9.5, rect.right() + 9.5
        if follows:
            made.lines.append(
                DiagramLine(rounded([QPointF(at.x() - 3.5, middle), QPointF(at.x() - 1, middle)]), "t2", 1.5)
            )
        else:
            made.dots.append((QPointF(start, middle), token))
        made.lines.append(DiagramLine(rounded([QPointF(rect.right(), middle), QPointF(end - 6, middle)]), "t2", 1.5))
        high = at.y() - 13.5
        low = middle - 7 if follows else middle
        arc = rounded([QPointF(start, low), QPointF(start, high), QPointF(end, high), QPointF(end, middle - 7)], 9)
        made.lines.append(DiagramLine(arc, token, 1.8, DASHES.get(plan.shortcut, ()), plan.shortcut))
        made.joins.append((QPointF(end, middle), token))
        note = _shortcut_note(plan)
        if note:
            made.note_chip(rect.center().x(), high, note, token)
        return card


def _shortcut_note(plan: BlockPlan) -> str:
    """What stands on a shortcut that is no bare identity; a change of the signal before a change of the shape."""
    layers = sorted(plan.on("shortcut"), key=lambda layer: KINDS[layer.kind].opens(layer))
    return next((note for layer in layers if (note := KINDS[layer.kind].note(layer))), "")


_marks: Final = BlockMemo(lambda block: (block.adds, block.shortcut, _shortcut_note(block)))
"""All that the drawing of a folded block's card and shortcut reads of its plan, but for the card's own content."""

_STAGES: Final[dict[tuple[object, ...], Diagram]] = {}
"""Bands as they were drawn, by all that their drawing reads."""


def block_words(card: DiagramCard) -> str:
    """What a block is, for its tooltip and for people who cannot see it."""
    block, cost = card.plan, card.cost
    changes = "" if not block.adds or block.input == block.output else "shape changes: "
    name = card.location.paper_name if not card.more else f"{card.more} more blocks"
    return (
        f"{name}: {BLOCKS[block.kind].title}, {changes}{shortcut_words(block)}\n"
        f"{shape(block.input, wide=True)} → {shape(block.output, wide=True)}\n"
        f"{cost.params:,} parameters, {cost.macs:,} MACs"
    )


def shortcut_cost_words(card: DiagramCard) -> str:
    """What a block's shortcut does and costs, which for an identity is nothing."""
    block = card.plan
    costs = [layer_cost(layer) for layer in block.on("shortcut")]
    name = f"{card.location.paper_name}: {shortcut_words(block)}"
    params, macs = sum(cost.params for cost in costs), sum(cost.macs for cost in costs)
    return f"{name}\n{params:,} parameters, {macs:,} MACs; the signal passes every block on this way"
