"""The diagram as geometry: a plan becomes bands, blocks, arcs and chips; no colours and no widgets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from resnet_gui.gui.format import shape
from resnet_gui.gui.models.layers import KIND_TITLES
from resnet_gui.gui.theme import stage_token
from resnet_gui.spec.structure import BlockPlan, LayerPlan, Plan, StagePlan

WIDTH: Final = 532.0
LEFT, RIGHT = 14.5, WIDTH - 14.5
FIRST_X, STEP = 114.5, 66.0
CARD: Final = (47.0, 39.0)
PER_ROW, SHOWN_ALL = 6, 12
ROW, FIRST_ROW = 64.0, 73.0
GUTTER: Final = 26.0
FLOW_LEFT, FLOW_RIGHT = 87.0, WIDTH - 7.0


LONGEST_CHAIN: Final = 21
"""Letters of the linear layers' features that fit into their card."""


def short_title(layer: LayerPlan) -> str:
    """What a layer is, short enough for a card of several."""
    return {"group_norm": "GN", "leaky_relu": "LReLU"}.get(layer.kind, KIND_TITLES[layer.kind])


@dataclass(frozen=True)
class Box:
    """A rounded rectangle; fill and line are colour tokens, empty for none."""

    rect: QRectF
    radius: float
    fill: str
    line: str


@dataclass(frozen=True)
class Line:
    """A stroke; ``dash`` in pixels, empty for solid."""

    path: QPainterPath
    token: str
    width: float
    dash: tuple[float, ...] = ()
    kind: str = "flow"


@dataclass(frozen=True)
class Text:
    """One line of text; ``align`` is "left", "centre" or "right"."""

    rect: QRectF
    text: str
    token: str
    size: int = 11
    weight: int = 400
    align: str = "centre"


@dataclass(frozen=True)
class Card:
    """A block to click on; ``more`` is how many equal blocks a stack card stands for."""

    rect: QRectF
    stage: int
    block: int
    plan: BlockPlan
    name: str
    token: str
    more: int = 0


@dataclass
class Diagram:
    """Everything to draw, in drawing order."""

    height: float = 0.0
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    chips: list[Box] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    joins: list[tuple[QPointF, str]] = field(default_factory=list)

    def arcs(self) -> list[str]:
        """The kind of every shortcut arc."""
        return [line.kind for line in self.lines if line.kind != "flow"]


def lay_out(plan: Plan) -> Diagram:
    """Place a plan: the stem, one band for each stage, the head."""
    made = Diagram()
    _chip(made, 87, 17, shape(plan.spec.input, wide=True))
    beside = made.chips[-1].rect.right() + 8
    made.texts.append(Text(QRectF(beside, 8, 60, 18), "input", "t2", align="left"))
    bottom = _stem(made, plan, 36.5)
    start, output = QPointF(_stem_end(plan), 60), plan.stem.output
    _flow(made, [QPointF(87, 26), QPointF(87, 60), QPointF(113, 60)])
    for stage in plan.stages:
        top = bottom + GUTTER
        bottom = _stage(made, stage, top)
        _carry(made, start, top, 44.0, shape(output, wide=True))
        start, output = _stage_end(stage, top), stage.output
    top = bottom + GUTTER
    bottom = _head(made, plan, top)
    _carry(made, start, top, 24.0, shape(output, wide=True))
    made.height = bottom + 14
    return made


# ---- parts


def _path(points: list[QPointF], radius: float = 7.0) -> QPainterPath:
    """A line through right angles with rounded corners."""
    path = QPainterPath(points[0])
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        for way, target in ((before, "in"), (after, "out")):
            distance = abs(way.x() - corner.x()) + abs(way.y() - corner.y())
            share = min(radius, distance / 2) / distance if distance else 0
            point = corner + (way - corner) * share
            if target == "in":
                path.lineTo(point)
            else:
                path.quadTo(corner, point)
    path.lineTo(points[-1])
    return path


def _arrow(tip: QPointF) -> QPainterPath:
    path = QPainterPath(tip + QPointF(-5, -3.5))
    path.lineTo(tip)
    path.lineTo(tip + QPointF(-5, 3.5))
    return path


def _flow(made: Diagram, points: list[QPointF], *, arrow: bool = True) -> None:
    made.lines.append(Line(_path(points), "t2", 1.5))
    if arrow:
        made.lines.append(Line(_arrow(points[-1]), "t2", 1.5))


def _chip(made: Diagram, x: float, y: float, text: str, stage: str = "") -> None:
    """A chip around a point: a shape on its way, or what a shortcut of a ``stage`` does."""
    wide, high = (max(27.0, 8 + 6.4 * len(text)), 15.0) if stage else (14.0 + 6.4 * len(text), 18.0)
    box = QRectF(x - wide / 2, y - high / 2, wide, high)
    made.chips.append(Box(box, 4, "panel", stage or "line2"))
    made.texts.append(Text(box, text, "t1", weight=500))


def _carry(made: Diagram, start: QPointF, top: float, into: float, text: str) -> None:
    """The wrap line from the end of one band into the next, with the shape on its way."""
    middle, y = top - GUTTER / 2, top + into
    points = [start, QPointF(FLOW_RIGHT, start.y()), QPointF(FLOW_RIGHT, middle), QPointF(FLOW_LEFT, middle)]
    _flow(made, [*points, QPointF(FLOW_LEFT, y), QPointF(FIRST_X - 1.5, y)])
    _chip(made, 174, middle, text)


def _band(made: Diagram, top: float, height: float, tokens: tuple[str, str], titles: tuple[str, ...]) -> None:
    made.boxes.append(Box(QRectF(LEFT, top, RIGHT - LEFT, height), 8, *tokens))
    for number, text in enumerate(titles):
        size, weight, token = (12, 600, "t1") if number == 0 else (11, 400, "t2")
        made.texts.append(Text(QRectF(25, top + 10 + 15 * number, 62, 16), text, token, size, weight, "left"))


def _part(made: Diagram, rect: QRectF, lines: tuple[str, str], token: str) -> None:
    made.boxes.append(Box(rect, 6, "panel", token))
    half = rect.height() / 2
    made.texts.append(Text(QRectF(rect.x(), rect.y() + 1, rect.width(), half), lines[0], "t1", 12, 600))
    made.texts.append(Text(QRectF(rect.x(), rect.y() + half - 1, rect.width(), half), lines[1], "t2"))


def _describe(layer: LayerPlan) -> str:
    stride = f", /{layer.stride}" if layer.stride > 1 else ""
    name = "conv, " + str(layer.output[0]) if layer.kind == "conv" else "max-pool"
    return f"{layer.kernel}×{layer.kernel} {name}{stride}"


def _stem(made: Diagram, plan: Plan, top: float) -> float:
    _band(made, top, 47, ("s0t", "s0l"), ("Stem", "conv1"))
    layers = plan.stem.layers
    convolutions = [layer for layer in layers if layer.kind == "conv"]
    last = convolutions[-1]
    title = _describe(last)
    if len(convolutions) > 1:
        title = f"three 3×3, {last.output[0]}, /{convolutions[0].stride}"
    behind = [short_title(layer) for layer in layers[layers.index(last) + 1 :] if layer.kind != "max_pool"]
    _part(made, QRectF(114.5, top + 6, 119, 35), (title, ", ".join(behind) or "no activation"), "s0")
    if layers[-1].kind == "max_pool":
        _flow(made, [QPointF(234, top + 23.5), QPointF(377, top + 23.5)])
        _chip(made, 304, top + 23.5, shape(last.output, wide=True))
        pool = layers[-1]
        _part(made, QRectF(378.5, top + 6, 127, 35), (_describe(pool), f"padding {pool.padding}"), "s0")
    return top + 47


def _stem_end(plan: Plan) -> float:
    return 506 if plan.stem.layers[-1].kind == "max_pool" else 234


def _head(made: Diagram, plan: Plan, top: float) -> float:
    """Pooling or flattening with the activation before it, the features, the linear layers, the logits."""
    _band(made, top, 47, ("neut", "neutl"), ("Head", "pool, fc" if plan.spec.head == "pool" else "flatten, fc"))
    layers = plan.head.layers
    flat = next(number for number, layer in enumerate(layers) if layer.kind == "flatten")
    pooled = [layer for layer in layers[:flat] if layer.kind == "avg_pool"]
    before = [short_title(layer) for layer in layers[:flat] if layer.kind != "avg_pool"]
    linear = [layer for layer in layers if layer.kind == "linear"]
    source = layers[flat].input if not pooled else pooled[0].input
    title = "Global avg-pool" if pooled else "Flatten"
    second = f"{shape(source[1:])} → 1×1" if pooled else f"{shape(source)}"
    if before:
        title = f"{', '.join(before)}, {'avg-pool' if pooled else 'flatten'}"
    middle = top + 23.5
    first = 133.0 if before else 119.0
    _part(made, QRectF(114.5, top + 6, first, 35), (title, second), "ctl")
    features = str(linear[0].input[0])
    chain = " → ".join([features, *(str(layer.output[0]) for layer in linear)])
    if len(chain) > LONGEST_CHAIN:
        chain = f"{features} → … → {linear[-1].output[0]}"
    wide = min(160.0, max(111.0, 20 + 6.4 * len(chain)))
    left = 434.5 - wide
    _flow(made, [QPointF(115 + first, middle), QPointF(left - 1.5, middle)])
    if left - 115 - first > 30 + 6.4 * len(features):
        _chip(made, (115 + first + left) / 2 - 4, middle, features)
    word = "Linear" if len(linear) == 1 else f"{len(linear)} linear layers"
    _part(made, QRectF(left, top + 6, wide, 35), (word, chain), "ctl")
    _flow(made, [QPointF(435, middle), QPointF(450, middle)])
    _part(made, QRectF(452.5, top + 6, 56, 35), (str(linear[-1].output[0]), "logits"), "neutl")
    return top + 47


def _shown(count: int) -> list[tuple[int, int]]:
    """Blocks to draw as (number, how many more it stands for): all up to twelve, else three, a stack, two."""
    if count <= SHOWN_ALL:
        return [(number, 0) for number in range(count)]
    return [(0, 0), (1, 0), (2, 0), (3, count - 5), (count - 2, 0), (count - 1, 0)]


def _stage(made: Diagram, stage: StagePlan, top: float) -> float:
    shown = _shown(len(stage.blocks))
    rows = (len(shown) + PER_ROW - 1) // PER_ROW
    height = FIRST_ROW + ROW * (rows - 1)
    token = stage_token(stage.index)
    titles = (f"Stage {stage.index + 1}", stage.paper_name, f"×{len(stage.blocks)}")
    _band(made, top, height, (f"{token}t", f"{token}l"), titles)
    for place, (number, more) in enumerate(shown):
        x, y = FIRST_X + STEP * (place % PER_ROW), top + 24 + ROW * (place // PER_ROW)
        if place and place % PER_ROW == 0:
            before = QPointF(
                FIRST_X + STEP * (PER_ROW - 1) + (63 if stage.blocks[0].shortcut != "none" else 48), y - 44.5
            )
            turn = y - 16.5
            points = [before, QPointF(RIGHT - 5, before.y()), QPointF(RIGHT - 5, turn), QPointF(96, turn)]
            _flow(made, [*points, QPointF(96, y + 19.5), QPointF(x - 1.5, y + 19.5)])
        _block(made, stage, (number, more), QPointF(x, y), follows=place % PER_ROW != 0)
    return top + height


def _stage_end(stage: StagePlan, top: float) -> QPointF:
    shown = len(_shown(len(stage.blocks)))
    last = (shown - 1) % PER_ROW
    node = 63 if stage.blocks[-1].shortcut != "none" else 48
    return QPointF(FIRST_X + STEP * last + node, top + 43.5 + ROW * ((shown - 1) // PER_ROW))


def _block(made: Diagram, stage: StagePlan, number: tuple[int, int], at: QPointF, *, follows: bool) -> None:
    """A block's card, the arc of its shortcut over it, and its addition behind it."""
    index, more = number
    plan, token = stage.blocks[index], stage_token(stage.index)
    rect = QRectF(at.x(), at.y(), *CARD)
    made.cards.append(Card(rect, stage.index, index, plan, f"{stage.index + 2}_{index + 1}", token, more))
    middle = rect.center().y()
    if plan.shortcut == "none":
        if follows:
            _flow(made, [QPointF(at.x() - 18, middle), QPointF(at.x() - 1.5, middle)])
        return
    start, end = at.x() - (9.5), at.x() + 56.5
    if follows:
        made.lines.append(Line(_path([QPointF(at.x() - 3.5, middle), QPointF(at.x() - 1, middle)]), "t2", 1.5))
    made.lines.append(Line(_path([QPointF(rect.right(), middle), QPointF(end - 6, middle)]), "t2", 1.5))
    high = at.y() - 13.5
    low = middle - 7 if follows else middle
    arc = _path([QPointF(start, low), QPointF(start, high), QPointF(end, high), QPointF(end, middle - 7)], 9)
    dash = {"projection": (4.0, 3.0), "zero-pad": (1.5, 3.0)}.get(plan.shortcut, ())
    made.lines.append(Line(arc, token, 1.8, dash, plan.shortcut))
    made.joins.append((QPointF(end, middle), token))
    note = _shortcut_note(plan)
    if note:
        _chip(made, rect.center().x(), high, note, token)


def _shortcut_note(plan: BlockPlan) -> str:
    """What stands on a shortcut that is no bare identity; a change of the signal before a change of the shape."""
    kinds = {layer.kind for layer in plan.on("shortcut")}
    for kind, note in (("scale", "×½"), ("cogate", "gate"), ("dropout", "drop"), ("conv", "1×1"), ("zero_pad", "pad")):
        if kind in kinds:
            return note
    return ""
