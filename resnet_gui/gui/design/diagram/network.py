"""The diagram as geometry: a plan becomes bands, blocks, arcs and chips; no colours and no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Final

import msgspec
from PySide6.QtCore import QPointF, QRectF

from resnet_gui.analysis.costs import Cost, block_cost, layer_cost
from resnet_gui.design.choices import BLOCKS, HEADS, KINDS, STEM_POOLS
from resnet_gui.design.layer_kind import Geometry
from resnet_gui.design.location import Location, Section
from resnet_gui.design.structure import BlockPlan, LayerPlan, Plan, StagePlan
from resnet_gui.gui.common.section_hues import stage_token
from resnet_gui.gui.design.diagram.block import short_title, shortcut_words, unfold
from resnet_gui.gui.design.diagram.scene import (
    DASHES,
    WIDTH,
    Diagram,
    DiagramBox,
    DiagramCard,
    DiagramLine,
    DiagramText,
    rounded,
)
from resnet_gui.gui.kit.format import shape, short

LEFT, MARGIN = 14.5, 14.5
FIRST_X, STEP = 114.5, 66.0
CARD: Final = (47.0, 39.0)
PER_ROW, ROWS_SHOWN = 6, 2
ROW, FIRST_ROW = 64.0, 73.0
GUTTER: Final = 26.0
PART: Final = 47.0
"""Height of the bands of stem and head."""

TOP, BOTTOM = 36.5, 14.0
FLOW_LEFT, FLOW_MARGIN = 87.0, 7.0
WIDEST_STEP: Final = 126.0
"""From card to card where there is more room than blocks: further apart, the arcs would no longer look like hops."""

LONGEST_CHAIN: Final = 21
"""Letters of the linear layers' features that fit into their card."""
NUMBERS: Final = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


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
        rows = ROWS_SHOWN + (self.per_row > PER_ROW)
        if self.whole or count <= rows * self.per_row:
            return [(number, 0) for number in range(count)]
        return [(0, 0), (1, 0), (2, 0), (3, count - 5), (count - 2, 0), (count - 1, 0)]

    def height(self, plan: Plan) -> float:
        """Height of the diagram of a plan with no block unfolded."""
        found = TOP + 2 * PART + GUTTER + BOTTOM
        for stage in plan.stages:
            rows = -(-len(self.shown(len(stage.blocks))) // self.per_row)
            found += GUTTER + FIRST_ROW + ROW * (rows - 1)
        return found


def fit_rows(plan: Plan, width: float = WIDTH, *, whole: bool = False) -> RowFit:
    """Let the blocks of a plan fill a width: first more of them a row, then with wider cards."""
    per_row = PER_ROW + max(0, int((width - WIDTH) // STEP))
    fit = RowFit(width, per_row, whole=whole)
    longest = max(min(per_row, len(fit.shown(len(stage.blocks)))) for stage in plan.stages)
    # What is shorter than six blocks keeps the places of six, as in the mock-ups.
    step = (width - WIDTH + PER_ROW * STEP) / max(PER_ROW, longest)
    return msgspec.structs.replace(fit, step=min(WIDEST_STEP, max(STEP, step)))


def widest(plan: Plan) -> float:
    """The width from which on more would stay empty."""
    longest = max(PER_ROW, *(len(stage.blocks) for stage in plan.stages))
    return WIDTH - PER_ROW * STEP + longest * WIDEST_STEP


def lay_out(plan: Plan, unfolded: Location | None = None, *, whole: bool = False, width: float = WIDTH) -> Diagram:
    """Place a plan: the stem, one band for each stage, the head; one block may be unfolded into its layers.

    With ``whole`` every block has its card; else a long stage shows a stack in the place of equal ones. What is wider
    than ``WIDTH`` holds more blocks a row, or wider ones.
    """
    made = Diagram(width=width)
    fit = fit_rows(plan, width, whole=whole)
    picture = shape(plan.spec.input, wide=True)
    made.shape_chip(87, 17, picture, "")
    made.texts.append(
        DiagramText(QRectF(made.chips[-1].rect.right() + 8, 8, 60, 18), "input", "t2", align="left", stack=1)
    )
    bottom = _stem(made, plan, TOP)
    start, output, path = QPointF(_stem_end(plan, width), 60), plan.stem.output, plan.stem.layers[-1].name
    made.flow([QPointF(87, 26), QPointF(87, 60), QPointF(113, 60)])
    costs: dict[int, Cost] = {}
    for stage in plan.stages:
        top = bottom + GUTTER
        for block in stage.blocks:
            if id(block) not in costs:
                costs[id(block)] = block_cost(block)
        placed = _Stage(made, stage, top, costs, fit)
        bottom = placed.draw(unfolded)
        _carry(made, start, top, 44.0, (shape(output, wide=True), path))
        start, output, path = placed.end, stage.output, stage.last_layer.path
    top = bottom + GUTTER
    bottom = _head(made, plan, top)
    _carry(made, start, top, 24.0, (shape(output, wide=True), path))
    made.height = bottom + BOTTOM
    return made


# ---- parts


def _carry(made: Diagram, start: QPointF, top: float, into: float, chip: tuple[str, str]) -> None:
    """The wrap line from the end of one band into the next, with the shape on its way."""
    middle, y = top - GUTTER / 2, top + into
    right = made.width - FLOW_MARGIN
    points = [start, QPointF(right, start.y()), QPointF(right, middle), QPointF(FLOW_LEFT, middle)]
    made.flow([*points, QPointF(FLOW_LEFT, y), QPointF(FIRST_X - 1.5, y)])
    made.shape_chip(174, middle, *chip)


def _band(made: Diagram, section: Section, place: QRectF, tokens: tuple[str, str], titles: tuple[str, ...]) -> None:
    made.bands[section] = place
    made.boxes.append(DiagramBox(place, 8, *tokens))
    top = place.top()
    for number, text in enumerate(titles):
        size, weight, token = (12, 600, "t1") if number == 0 else (11, 400, "t2")
        rect = QRectF(25, top + 10 + 15 * number, 62, 16)
        brief = text.replace("Stage ", "S")
        made.texts.append(DiagramText(rect, text, token, size, weight, "left", number, brief))


def _across(made: Diagram, top: float, height: float = PART) -> QRectF:
    """The place of a band from margin to margin."""
    return QRectF(LEFT, top, made.width - MARGIN - LEFT, height)


def stem_words(windows: Sequence[LayerPlan]) -> tuple[str, str]:
    """The windows up to a stem's last convolution: in a line, and where there is little room."""
    last = windows[-1]
    if len(windows) == 1:
        edge, behind = f"{last.kernel}×{last.kernel}", f", /{last.stride}" if last.stride > 1 else ""
        return f"{edge} conv, {last.output[0]}{behind}", f"{edge}, {last.output[0]}"
    stride = prod(layer.stride for layer in windows)
    behind = f", {last.output[0]}" + (f", /{stride}" if stride > 1 else "")
    if len({(layer.kind, layer.kernel) for layer in windows}) == 1:
        edge = f"{last.kernel}×{last.kernel}"
        return f"{NUMBERS.get(len(windows), len(windows))} {edge}{behind}", f"{len(windows)} × {edge}, {last.output[0]}"
    words = " + ".join(
        f"{layer.kernel}×{layer.kernel}" + f" {short_title(layer).lower()}" * (not KINDS[layer.kind].mixes)
        for layer in windows
    )
    return f"{words}{behind}", words


def _stem(made: Diagram, plan: Plan, top: float) -> float:
    _band(made, "stem", _across(made, top), ("s0t", "s0l"), ("Stem", "conv1"))
    left = made.width - 153.5
    inside, pools = _stem_parts(plan)
    last = inside[-1]
    title, brief = stem_words([layer for layer in inside if layer.kernel])
    layers = plan.stem.layers
    behind = [short_title(layer) for layer in layers[layers.index(last) + 1 :] if not layer.kernel]
    lines = (title, ", ".join(behind) or "no activation")
    made.part(QRectF(114.5, top + 6, 119, 35), lines, "s0", path=last.name, short=brief)
    if pools:
        middle = top + 23.5
        made.flow([QPointF(234, middle), QPointF(left - 1.5, middle)])
        made.shape_chip((230 + left) / 2, middle, shape(last.output, wide=True), last.name)
        lines, brief = _pool_words(plan, pools)
        made.part(QRectF(left, top + 6, 127, 35), lines, "s0", path=pools[-1].name, short=brief)
    return top + PART


def _pool_words(plan: Plan, pools: Sequence[LayerPlan]) -> tuple[tuple[str, str], str]:
    """The pooling of a stem in two lines, the second what is particular about it; and where there is little room."""
    first = next(layer for layer in pools if layer.kernel > 1)
    stride = prod(layer.stride for layer in pools)
    title = KINDS[first.kind].title.lower()
    line = f"{first.kernel}×{first.kernel} {title}" + (f", /{stride}" if stride > 1 else "")
    return (line, STEM_POOLS[plan.spec.stem_pool].short or f"padding {first.padding}"), title


def _stem_parts(plan: Plan) -> tuple[tuple[LayerPlan, ...], list[LayerPlan]]:
    """The layers of a stem up to its last convolution, and the windows behind it, its pooling."""
    layers = plan.stem.layers
    end = max(place for place, layer in enumerate(layers) if KINDS[layer.kind].mixes) + 1
    return layers[:end], [layer for layer in layers[end:] if layer.kernel]


def _stem_end(plan: Plan, width: float) -> float:
    return width - 26 if _stem_parts(plan)[1] else 234


def _head(made: Diagram, plan: Plan, top: float) -> float:
    """Pooling or flattening with the activation before it, the features, the linear layers, the logits."""
    choice = HEADS[plan.spec.head]
    titles = ("Head", f"{choice.short_text}, fc" if choice.classifies else "none")
    _band(made, "head", _across(made, top), ("neut", "neutl"), titles)
    layers = plan.head.layers
    flat = next(number for number, layer in enumerate(layers) if KINDS[layer.kind].geometry(layer) == Geometry.FLATTEN)
    pooled = [layer for layer in layers[:flat] if KINDS[layer.kind].geometry(layer) == Geometry.GLOBAL]
    before = [short_title(layer) for layer in layers[:flat] if KINDS[layer.kind].geometry(layer) != Geometry.GLOBAL]
    linear = [layer for layer in layers if KINDS[layer.kind].geometry(layer) == Geometry.LINEAR]
    first_layer = pooled[0] if pooled else layers[flat]
    title = "Global avg-pool" if pooled else "Flatten"
    second = f"{shape(first_layer.input[1:])} → 1×1" if pooled else f"{shape(first_layer.input)}"
    if before:
        title = f"{', '.join(before)}, {'avg-pool' if pooled else 'flatten'}"
    middle = top + 23.5
    first = 133.0 if before else 119.0
    made.part(QRectF(114.5, top + 6, first, 35), (title, second), "ctl", path=first_layer.name, short="avg-pool")
    features, end = str(layers[flat].output[0]), made.width - 79.5
    if not linear:
        made.flow([QPointF(115 + first, middle), QPointF(end - 2.5, middle)])
        made.part(QRectF(end, top + 6, 56, 35), (features, "features"), "neutl", short=features)
        return top + PART
    chain = " → ".join([features, *(str(layer.output[0]) for layer in linear)])
    if len(chain) > LONGEST_CHAIN:
        chain = f"{features} → … → {linear[-1].output[0]}"
    wide = min(160.0, max(111.0, 20 + 6.4 * len(chain)))
    left = end - 18 - wide
    made.flow([QPointF(115 + first, middle), QPointF(left - 1.5, middle)])
    if left - 115 - first > 30 + 6.4 * len(features):
        made.shape_chip((115 + first + left) / 2 - 4, middle, features, "flatten")
    word = "Linear" if len(linear) == 1 else f"{len(linear)} linear layers"
    made.part(QRectF(left, top + 6, wide, 35), (word, chain), "ctl", path=linear[-1].name, short="fc")
    made.flow([QPointF(end - 17.5, middle), QPointF(end - 2.5, middle)])
    logits = linear[-1].output[0]
    made.part(QRectF(end, top + 6, 56, 35), (str(logits), "logits"), "neutl", short=short(logits).replace(" ", ""))
    return top + PART


class _Stage:
    """The drawing of a stage's band.

    Attributes:
        end: where the signal leaves it.
    """

    def __init__(self, made: Diagram, stage: StagePlan, top: float, costs: dict[int, Cost], fit: RowFit) -> None:
        self._made, self._stage, self._top, self._costs, self._fit = made, stage, top, costs, fit
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
        place_in = _across(self._made, self._top, bottom - self._top)
        _band(self._made, stage.index, place_in, (f"{token}t", f"{token}l"), titles)
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
        card = DiagramCard(rect, Location(self._stage.index, index), plan, token, self._costs[id(plan)], more)
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
