"""The bands of stem and head in the diagram, and the way of the signal from one band into the next."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QRectF

from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import HEADS, KINDS, STEM_POOLS
from resnet_gui.design.layer_kind import Geometry
from resnet_gui.design.location import Section
from resnet_gui.design.structure import BlockPlan, LayerPlan
from resnet_gui.gui.design.diagram.block import short_title
from resnet_gui.gui.design.diagram.scene import Diagram, DiagramBox, DiagramText
from resnet_gui.gui.kit.format import shape, short

LEFT, MARGIN = 14.5, 14.5
FIRST_X: Final = 114.5
GUTTER: Final = 26.0
PART: Final = 47.0
"""Height of the bands of stem and head."""

TOP: Final = 36.5
FLOW_LEFT, FLOW_MARGIN = 87.0, 7.0
KEPT_PARTS: Final = 128
"""Bands that are kept as they were drawn: most edits leave most of a diagram as it was."""

REACH: Final = 24.0
"""Scene units that what belongs to a band may reach above the line that leads into it."""

LONGEST_CHAIN: Final = 21
"""Letters of the linear layers' features that fit into their card."""
NUMBERS: Final = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


class Entry(NamedTuple):
    """The way of the signal into a band: where it leaves the one before, whose lower edge, its shape and its layer."""

    start: tuple[float, float]
    bottom: float
    shape: str
    path: str


@lru_cache(maxsize=KEPT_PARTS)
def stem_part(stem: BlockPlan, picture: Shape, pooling: str, width: float) -> Diagram:
    """The band of the stem under the input; ``pooling`` is the choice of the stem's."""
    made = Diagram(width=width)
    made.shape_chip(87, 17, shape(picture, wide=True), "")
    made.texts.append(
        DiagramText(QRectF(made.chips[-1].rect.right() + 8, 8, 60, 18), "input", "t2", align="left", stack=1)
    )
    made.height = _stem(made, stem, pooling, TOP)
    made.end = _stem_end(stem, width), 60
    made.flow([QPointF(87, 26), QPointF(87, 60), QPointF(113, 60)])
    return made


@lru_cache(maxsize=KEPT_PARTS)
def head_part(head: BlockPlan, choice: str, entry: Entry, width: float) -> Diagram:
    """The band of the head; ``choice`` is the design's."""
    made = Diagram(width=width, top=entry.start[1] - REACH)
    top = entry.bottom + GUTTER
    made.height = _head(made, head, choice, top)
    carry(made, entry, top, 24.0)
    return made


def carry(made: Diagram, entry: Entry, top: float, into: float) -> None:
    """The wrap line from the end of one band into the next, with the shape on its way."""
    middle, y = top - GUTTER / 2, top + into
    right, start = made.width - FLOW_MARGIN, QPointF(*entry.start)
    points = [start, QPointF(right, start.y()), QPointF(right, middle), QPointF(FLOW_LEFT, middle)]
    made.flow([*points, QPointF(FLOW_LEFT, y), QPointF(FIRST_X - 1.5, y)])
    made.shape_chip(174, middle, entry.shape, entry.path)


def band(made: Diagram, section: Section, place: QRectF, tokens: tuple[str, str], titles: tuple[str, ...]) -> None:
    """A band with its titles at its left edge."""
    made.bands[section] = place
    made.boxes.append(DiagramBox(place, 8, *tokens))
    top = place.top()
    for number, text in enumerate(titles):
        size, weight, token = (12, 600, "t1") if number == 0 else (11, 400, "t2")
        rect = QRectF(25, top + 10 + 15 * number, 62, 16)
        brief = text.replace("Stage ", "S")
        made.texts.append(DiagramText(rect, text, token, size, weight, "left", number, brief))


def across(made: Diagram, top: float, height: float = PART) -> QRectF:
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


def _stem(made: Diagram, stem: BlockPlan, pooling: str, top: float) -> float:
    band(made, "stem", across(made, top), ("s0t", "s0l"), ("Stem", "conv1"))
    left = made.width - 153.5
    inside, pools = _stem_parts(stem)
    last = inside[-1]
    title, brief = stem_words([layer for layer in inside if layer.kernel])
    layers = stem.layers
    behind = [short_title(layer) for layer in layers[layers.index(last) + 1 :] if not layer.kernel]
    lines = (title, ", ".join(behind) or "no activation")
    made.part(QRectF(114.5, top + 6, 119, 35), lines, "s0", path=last.name, short=brief)
    if pools:
        middle = top + 23.5
        made.flow([QPointF(234, middle), QPointF(left - 1.5, middle)])
        made.shape_chip((230 + left) / 2, middle, shape(last.output, wide=True), last.name)
        lines, brief = _pool_words(pooling, pools)
        made.part(QRectF(left, top + 6, 127, 35), lines, "s0", path=pools[-1].name, short=brief)
    return top + PART


def _pool_words(pooling: str, pools: Sequence[LayerPlan]) -> tuple[tuple[str, str], str]:
    """The pooling of a stem in two lines, the second what is particular about it; and where there is little room."""
    first = next(layer for layer in pools if layer.kernel > 1)
    stride = prod(layer.stride for layer in pools)
    title = KINDS[first.kind].title.lower()
    line = f"{first.kernel}×{first.kernel} {title}" + (f", /{stride}" if stride > 1 else "")
    return (line, STEM_POOLS[pooling].short or f"padding {first.padding}"), title


def _stem_parts(stem: BlockPlan) -> tuple[tuple[LayerPlan, ...], list[LayerPlan]]:
    """The layers of a stem up to its last convolution, and the windows behind it, its pooling."""
    layers = stem.layers
    end = max(place for place, layer in enumerate(layers) if KINDS[layer.kind].mixes) + 1
    return layers[:end], [layer for layer in layers[end:] if layer.kernel]


def _stem_end(stem: BlockPlan, width: float) -> float:
    return width - 26 if _stem_parts(stem)[1] else 234


def _head(made: Diagram, head: BlockPlan, key: str, top: float) -> float:
    """Pooling or flattening with the activation before it, the features, the linear layers, the logits."""
    choice = HEADS[key]
    titles = ("Head", f"{choice.short_text}, fc" if choice.classifies else "none")
    band(made, "head", across(made, top), ("neut", "neutl"), titles)
    layers = head.layers
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
