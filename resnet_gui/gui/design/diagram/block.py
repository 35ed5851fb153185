"""One block unfolded into its layers, in the true order of its norms and activations, addition included."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from resnet_gui.design.choices import BLOCKS, KINDS, SHORTCUTS
from resnet_gui.design.layer_kind import Geometry
from resnet_gui.design.location import Location
from resnet_gui.design.structure import BlockPlan, LayerPlan
from resnet_gui.gui.common.shortcut_dashes import DASHES
from resnet_gui.gui.design.diagram.scene import (
    ClickArea,
    Diagram,
    DiagramBox,
    DiagramCard,
    DiagramLine,
    DiagramText,
    arrow_head,
    rounded,
)
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.format import count, shape, short

PANEL: Final = 22.5
"""Left edge of the panel, and its distance from the right one."""

FIRST, LAST, MARGIN = 56.0, 36.0, 37.0
PILL, GAP, LINE = 26.0, 14.0, 50.0


def short_title(layer: LayerPlan) -> str:
    """What a layer is, short enough for a card of several."""
    return KINDS[layer.kind].short_title


def shortcut_words(block: BlockPlan) -> str:
    """How the input of a block reaches its addition."""
    words = {choice.effect: choice.effect_words for choice in SHORTCUTS.values()}
    return words.get(block.shortcut, "identity shortcut")


class BlockElement(msgspec.Struct, frozen=True):
    """A layer in a pill; what stands in bold has weights that mix channels."""

    text: str
    path: str
    strong: bool

    @property
    def width(self) -> float:
        """Room for its text."""
        return 8 + ink(self.text, 11, 600 if self.strong else 400).width


class Pill(msgspec.Struct, frozen=True):
    """Layers that belong together: a convolution with its norm and activation; ``shape`` is what leaves it."""

    parts: tuple[BlockElement, ...]
    shape: str
    path: str

    @property
    def width(self) -> float:
        """Of all parts."""
        return sum(part.width for part in self.parts)


def _part(layer: LayerPlan) -> BlockElement:
    kind = KINDS[layer.kind]
    return BlockElement(kind.pill(layer) if kind.pill else kind.short_title, layer.name, strong=kind.opens(layer))


def _closes_part(layer: LayerPlan) -> bool:
    """Whether a layer multiplies a map with what a part of the branch has made of it."""
    return bool(layer.part_of) and KINDS[layer.kind].gates


def _pools(layer: LayerPlan) -> bool:
    return KINDS[layer.kind].geometry(layer) in {Geometry.COVER, Geometry.GLOBAL}


def pills(layers: Iterable[LayerPlan], *, closes: bool) -> list[Pill]:
    """Group layers around their convolutions: behind them, or with ``closes`` (pre-activation) before them."""
    groups: list[list[LayerPlan]] = []
    for layer in layers:
        opens = KINDS[layer.kind].opens(layer)
        if layer.part_of:
            if _closes_part(layer):
                groups.append([layer])
            continue
        ended = bool(groups) and closes and KINDS[groups[-1][-1].kind].mixes
        pooled = bool(groups) and _pools(groups[-1][-1])
        if not groups or ended or (opens and not closes and not pooled) or _closes_part(groups[-1][-1]):
            groups.append([])
        groups[-1].append(layer)
    return [_pill(group) for group in groups]


def _pill(group: list[LayerPlan]) -> Pill:
    last = group[-1]
    if _closes_part(last):
        return Pill((BlockElement(last.part_of.upper(), last.name, strong=True),), "", last.name)
    shaping = next((layer for layer in reversed(group) if layer.kernel), None)
    named = shape(last.output) if shaping is not None else ""
    return Pill(tuple(map(_part, group)), named, shaping.name if shaping is not None else last.name)


def unfold(made: Diagram, card: DiagramCard, number: int, top: float) -> float:
    """Draw a block's layers in a panel below its card; returns the panel's height.

    ``number`` is the block itself, which may be one that a stack card stands for.
    """
    return _Unfolding(made, card, number, top).draw()


class _Unfolding:
    """The drawing of a block that is unfolded into its layers."""

    def __init__(self, made: Diagram, card: DiagramCard, number: int, top: float) -> None:
        self._made, self._card, self._top = made, card, top
        self._block: BlockPlan = card.plan
        location = Location(card.location.stage, number)
        self._name, self._prefix = location.paper_name, location.prefix
        self._token = card.token
        self._x, self._y = FIRST, top + 30
        self._line = 0
        self._right, self._last = made.width - PANEL, made.width - LAST
        self._node: QPointF | None = None

    def draw(self) -> float:
        """Draw everything; the panel itself goes below it."""
        made, place = self._made, len(self._made.boxes)
        block = self._block
        preactivated = (block.on("shared") or block.on("main"))[0].kernel == 0
        fork = QPointF(MARGIN, self._middle)
        made.dots.append((fork, "t2"))
        self._enter(fork)
        shared = pills(block.on("shared"), closes=preactivated)
        main = pills(block.on("main"), closes=preactivated)
        for pill in shared:
            self._add(pill)
        if shared and block.adds:
            # Both paths read what the shared layers wrote; a new line keeps the shortcut clear of the branch.
            self._wrap(MARGIN)
            fork = QPointF(MARGIN, self._middle)
            made.dots.append((fork, "t2"))
        out = pills(block.on("out"), closes=False)
        adds = block.adds
        # The addition and what follows stay beside the last part, so that the shortcut below is in nobody's way.
        tail = (GAP + 12) * adds + sum(GAP + pill.width for pill in out)
        for place_of, pill in enumerate(main):
            last = place_of == len(main) - 1
            if last and self._x > FIRST and self._x + pill.width + tail > self._last:
                self._wrap()
            self._add(pill, label=not last)
        bottom = self._join(fork) if adds else self._y + PILL
        for pill in out:
            self._add(Pill(pill.parts, "", pill.path))
        self._leave()
        bottom = max(bottom, self._y + PILL + 18)
        bottom = self._gate(bottom)
        height = bottom + 12 - self._top
        self._frame(place, height)
        return height

    @property
    def _middle(self) -> float:
        return self._y + PILL / 2

    # ---- along the line

    def _enter(self, fork: QPointF) -> None:
        self._made.lines.append(DiagramLine(rounded([fork, QPointF(FIRST, fork.y())]), "t2", 1.5))

    def _arrow(self) -> None:
        """A piece of line to the next part, with its arrow."""
        tip = QPointF(self._x - 1.5, self._middle)
        self._made.lines.append(DiagramLine(rounded([QPointF(self._x - GAP, self._middle), tip]), "t2", 1.5))
        self._made.lines.append(DiagramLine(arrow_head(tip), "t2", 1.5))

    def _wrap(self, left: float = MARGIN + 8) -> None:
        """Go on in a new line that is entered from ``left``: beside the shortcut, which runs down at the margin."""
        y, below = self._middle, self._middle + LINE
        right = self._x - GAP
        turn = y + LINE / 2 + 4
        points = [QPointF(right, y), QPointF(right + 8, y), QPointF(right + 8, turn), QPointF(left, turn)]
        points += [QPointF(left, below), QPointF(FIRST, below)]
        self._made.lines.append(DiagramLine(rounded(points, 5), "t2", 1.5))
        self._x, self._y = FIRST, self._y + LINE
        self._line += 1

    def _add(self, pill: Pill, *, label: bool = True) -> None:
        """A pill at the end of the line."""
        if self._x > FIRST and self._x + pill.width > self._last + 4:
            self._wrap()
        self._arrow()
        rect = QRectF(self._x, self._y, pill.width, PILL)
        self._draw(pill, rect)
        if pill.shape and label:
            self._label(pill.shape, rect.center().x(), rect.bottom() + 2, pill.path)
        self._x = rect.right() + GAP

    def _draw(self, pill: Pill, rect: QRectF) -> None:
        made, token = self._made, self._token
        made.boxes.append(DiagramBox(rect, 5, f"{token}c", token))
        x = rect.x()
        for number, part in enumerate(pill.parts):
            place = QRectF(x, rect.y(), part.width, rect.height())
            if number:
                divider = QPainterPath(QPointF(x, rect.y() + 1))
                divider.lineTo(QPointF(x, rect.bottom() - 1))
                made.lines.append(DiagramLine(divider, f"{token}l", 1.0, (), "inside"))
            made.texts.append(
                DiagramText(place, part.text, "t1" if part.strong else "t2", 11, 600 if part.strong else 400)
            )
            made.spots.append(ClickArea(place, self._prefix + part.path, "layer", self._prefix + part.path))
            x += part.width

    def _label(self, text: str, x: float, y: float, path: str) -> None:
        wide = 4 + ink(text, 11).width
        left = min(max(PANEL + 4, x - wide / 2), self._right - 4 - wide)
        node = self._node
        if node is not None and left < node.x() + 3 < left + wide + 6:
            # Not across the shortcut that comes up to the addition: right of it, or left where nothing else stands.
            left = node.x() + 4
            if left + wide > self._right - 2:
                left = node.x() - 5 - wide
        rect = QRectF(left, y, wide, 16)
        self._made.texts.append(DiagramText(rect, text, "t2"))
        self._made.spots.append(ClickArea(rect, self._prefix + path, "shape", "Click for the arithmetic of this shape"))

    # ---- the addition and what comes to it

    def _join(self, fork: QPointF) -> float:
        """The addition, and the shortcut from the fork to it; returns the shortcut's lower edge."""
        made, block = self._made, self._block
        layers = pills(block.on("shortcut"), closes=False)
        wide = sum(pill.width for pill in layers) + GAP * max(len(layers) - 1, 0)
        # A short last line must leave room for what stands on the shortcut.
        begin, self._x = self._x - GAP, max(self._x, fork.x() + 62 + wide + GAP if layers else 0.0)
        self._node = node = QPointF(self._x + 6, self._middle)
        made.lines.append(DiagramLine(rounded([QPointF(begin, node.y()), QPointF(self._x - 1.5, node.y())]), "t2", 1.5))
        made.lines.append(DiagramLine(arrow_head(QPointF(self._x - 1.5, node.y())), "t2", 1.5))
        made.joins.append((node, self._token))
        made.spots.append(ClickArea(QRectF(node.x() - 7, node.y() - 7, 14, 14), f"{self._prefix}add", "layer", "add"))
        self._x += 12 + GAP
        row = self._middle + 49
        dash = DASHES.get(block.shortcut, ())
        # Stroke by stroke, so that the line passes behind nothing that can be read.
        points = [fork, QPointF(fork.x(), row)]
        made.texts.append(DiagramText(QRectF(fork.x() + 8, row - 19, 60, 16), "shortcut", "t2", align="left"))
        left = max(fork.x() + 62, (fork.x() + node.x()) / 2 - wide / 2 + 20)
        for pill in layers:
            self._draw(pill, QRectF(left, row - PILL / 2, pill.width, PILL))
            made.lines.append(DiagramLine(rounded([*points, QPointF(left, row)]), self._token, 1.8, dash, "inside"))
            left += pill.width
            points = [QPointF(left, row)]
            left += GAP
        points += [QPointF(node.x(), row), QPointF(node.x(), node.y() + 7)]
        made.lines.append(DiagramLine(rounded(points), self._token, 1.8, dash, "inside"))
        return row + PILL / 2

    def _leave(self) -> None:
        """The arrow out of the block with the shape that leaves it."""
        output = self._block.layers[-1]
        tip = QPointF(min(self._x + 2, self._right - 5), self._middle)
        self._made.lines.append(DiagramLine(rounded([QPointF(self._x - GAP, self._middle), tip]), "t2", 1.5))
        self._made.lines.append(DiagramLine(arrow_head(tip), "t2", 1.5))
        # Right of the addition, where the shortcut comes up, if nothing follows it.
        middle = self._x - GAP + (0 if self._block.on("out") else 34)
        self._label(shape(self._block.output), middle, self._y + PILL + 2, output.name)

    def _gate(self, bottom: float) -> float:
        """The gate of an ablation in a line of its own."""
        layers = self._block.on("gate")
        if not layers:
            return bottom
        y = bottom + 8
        made = self._made
        made.texts.append(DiagramText(QRectF(MARGIN - 8, y + 5, 40, 16), "gate g", "t2", align="left"))
        x = FIRST + 24
        for pill in pills(layers, closes=False):
            self._draw(pill, QRectF(x, y, pill.width, PILL))
            x += pill.width + GAP
        text = "of the block's input weighs branch by g, shortcut by 1 − g"
        if not any(KINDS[layer.kind].gates and not layer.part_of for layer in self._block.on("main")):
            text = "of the block's input weighs the shortcut by 1 − g"
        made.texts.append(
            DiagramText(QRectF(x, y + 5, self._right - x - 4, 16), text, "t2", align="left", short="gate")
        )
        return y + PILL

    # ---- the panel

    def _frame(self, place: int, height: float) -> None:
        """The panel under everything, its title, its costs, and its pointer to the card."""
        made, card, top = self._made, self._card, self._top
        rect = QRectF(PANEL, top, self._right - PANEL, height)
        made.unfolded = rect
        made.boxes.insert(place, DiagramBox(rect, 8, "panel", "acc"))
        pointer = QPainterPath(QPointF(card.rect.center().x() - 6, top + 0.5))
        pointer.lineTo(card.rect.center().x(), top - 6)
        pointer.lineTo(card.rect.center().x() + 6, top + 0.5)
        made.lines.append(DiagramLine(pointer, "acc", 1.0, (), "inside"))
        block = self._block
        made.texts.append(DiagramText(QRectF(35, top + 6, 72, 18), self._name, "t1", 12, 600, "left"))
        changes = "shape changes: " if block.input != block.output and block.adds else ""
        words = f"{BLOCKS[block.kind].title}, {changes}{shortcut_words(block)}"
        made.texts.append(DiagramText(QRectF(108, top + 6, self._right - 239.5, 18), words, "t2", align="left"))
        total = card.cost.params
        params = f"{count(total) if total < 1e9 else short(total)} params"
        made.texts.append(DiagramText(QRectF(self._right - 129.5, top + 6, 118, 18), params, "t1", 11, 600, "right"))
