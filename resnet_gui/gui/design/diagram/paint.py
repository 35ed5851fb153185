"""Paints a diagram: on the screen at any zoom, and into files."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, Literal

import msgspec
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from resnet_gui.analysis.costs import BlockMemo, Cost
from resnet_gui.design.choices import KINDS
from resnet_gui.design.location import Location
from resnet_gui.gui.design.diagram.scene import Diagram, DiagramCard, DiagramText, ShapeChip
from resnet_gui.gui.kit.cached_text import CachedText, DrawingTexts, elided, ink
from resnet_gui.gui.kit.colormap import is_bright, viridis

Colouring = Literal["stage", "params", "macs", "memory"]
COLOURINGS: Final[dict[Colouring, str]] = {
    "stage": "Colour by stage", "params": "Colour by params", "macs": "Colour by MACs",
    "memory": "Colour by memory",
}  # fmt: skip
SMALL, SMALLEST = 0.6, 0.5
"""Zoom below which bars and chips go, and below which the blocks' names go too."""


class PaintContext(msgspec.Struct, frozen=True):
    """The circumstances in which a diagram is painted.

    Attributes:
        color: a token's colour.
        scale: device-independent pixels a scene unit; texts never get smaller than on paper.
        colouring: what the blocks' colours mean.
        chosen: path of the chosen block, layer or stage; empty for none.
        focused: whether the view has the keyboard.
        tabular: whether figures have one width.
        lit: path of the block whose shortcut is pointed at; the way along all shortcuts is lit with it.
        strong: how many times thicker than usual what is chosen is framed, for people far from the screen.
        exposed: what is to be painted, in scene coordinates; None for everything.
        texts: of a drawing that is no part of the window; None for the window's.
    """

    color: Callable[[str], QColor]
    scale: float = 1.0
    colouring: Colouring = "stage"
    chosen: str = ""
    focused: bool = False
    tabular: bool = True
    lit: str = ""
    strong: float = 1.0
    exposed: QRectF | None = None
    texts: DrawingTexts | None = None

    def ink(self, text: str, size: int, weight: int = 400) -> CachedText:
        """A text ready to be drawn."""
        return (ink if self.texts is None else self.texts.ink)(text, size, weight, tabular=self.tabular)

    def elided(self, text: str, room: int, size: int, weight: int) -> str:
        """The text, cut where it needs more room."""
        return (elided if self.texts is None else self.texts.elided)(text, room, size, weight)


def amount(cost: Cost, colouring: Colouring) -> int:
    """The part of a cost that a colouring shows."""
    return {"params": cost.params, "macs": cost.macs, "memory": cost.memory}.get(colouring, 0)


def most(diagram: Diagram, colouring: Colouring) -> int:
    """The largest amount among the blocks."""
    return max((amount(card.cost, colouring) for card in diagram.cards), default=0)


def what_is_drawn(diagram: Diagram, look: PaintContext) -> tuple[object, ...]:
    """All that ``paint_diagram`` reads of a diagram: two of which it is equal look the same at one zoom."""
    cards = [
        (card.rect, card.location, card.token, card.more, _bar_widths(card), amount(card.cost, look.colouring))
        for card in diagram.cards
    ]
    parts = diagram.boxes, diagram.lines, diagram.joins, diagram.dots, diagram.chips, diagram.texts, diagram.spots
    return (look.colouring, look.chosen, diagram.width, diagram.height, cards, *parts)


def changed_strips(before: Diagram, after: Diagram, look: PaintContext) -> list[tuple[float, float]] | None:
    """The heights between which two diagrams of one width look different; None if they do not consist of the same."""
    if list(before.parts) != list(after.parts) or most(before, look.colouring) != most(after, look.colouring):
        return None
    pairs = [(part, after.parts[section]) for section, part in before.parts.items()]
    return [
        (min(old.top, new.top), max(old.height, new.height))
        for old, new in pairs
        if old is not new and what_is_drawn(old, look) != what_is_drawn(new, look)
    ]


def paint_diagram(painter: QPainter, diagram: Diagram, look: PaintContext) -> None:
    """Bands, lines, additions, blocks, chips and texts, in this order; of the sections that are exposed."""
    color, largest, everything = look.color, most(diagram, look.colouring), diagram
    if look.exposed is not None and not look.lit:
        diagram = diagram.within(look.exposed.top(), look.exposed.bottom())
    for box in diagram.boxes:
        painter.setPen(QPen(color(box.line), box.width))
        painter.setBrush(color(box.fill))
        painter.drawRoundedRect(box.rect, box.radius, box.radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pens: dict[tuple[str, float, tuple[float, ...]], QPen] = {}
    for line in diagram.lines:
        key = (line.token, line.width, line.dash)
        if key not in pens:
            pens[key] = pen_of(color(line.token), line.width, line.dash)
        painter.setPen(pens[key])
        painter.drawPath(line.path)
    if look.lit:
        _paint_way(painter, diagram, look)
    _paint_nodes(painter, diagram, look)
    for card in diagram.cards:
        _paint_card(painter, card, look, largest)
    if look.scale >= SMALL:
        for chip in diagram.chips:
            _paint_chip(painter, chip, look)
    for text in diagram.texts:
        _paint_text(painter, text, look)
    _paint_chosen(painter, everything, look)


def _paint_way(painter: QPainter, diagram: Diagram, look: PaintContext) -> None:
    """The way of the signal from the input to the head along the shortcuts, the one pointed at thickest."""
    accent = look.color("acc")
    adding = [card for card in diagram.cards if card.plan.adds]
    for line in diagram.lines:
        if line.kind == "flow" and line.token == "t2":
            painter.setPen(pen_of(accent, 2.0, ()))
            painter.drawPath(line.path)
    for card, line in zip(adding, diagram.shortcut_lines(), strict=True):
        painter.setPen(pen_of(accent, 4.0 if card.path == look.lit else 2.6, line.dash))
        painter.drawPath(line.path)


def pen_of(colour: QColor, width: float, dash: tuple[float, ...]) -> QPen:
    """A pen whose dashes are given in pixels."""
    return QPen(_pen_of(colour.rgba(), width, dash))


@lru_cache(maxsize=256)
def _pen_of(rgba: int, width: float, dash: tuple[float, ...]) -> QPen:
    # Kept: PySide takes longer to read a list of dashes than Qt to draw the line.
    pen = QPen(QColor.fromRgba(rgba), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if dash else Qt.PenCapStyle.RoundCap)
    if dash:
        pen.setDashPattern([part / width for part in dash])
    return pen


def _paint_nodes(painter: QPainter, diagram: Diagram, look: PaintContext) -> None:
    color = look.color
    painter.setPen(Qt.PenStyle.NoPen)
    for point, token in diagram.dots:
        painter.setBrush(color(token))
        painter.drawEllipse(point, 3, 3)
    painter.setBrush(color("panel"))
    for point, token in diagram.joins:
        painter.setPen(QPen(color(token), 1.5))
        painter.drawEllipse(point, 6, 6)
    painter.setPen(QPen(color("t1"), 1.3))
    painter.drawLines([QLineF(p.x() - 3, p.y(), p.x() + 3, p.y()) for p, _ in diagram.joins])
    painter.drawLines([QLineF(p.x(), p.y() - 3, p.x(), p.y() + 3) for p, _ in diagram.joins])


def _paint_card(painter: QPainter, card: DiagramCard, look: PaintContext, largest: int) -> None:
    """A block: its name and one bar for each convolution, as wide as its channels."""
    color, rect, scale = look.color, card.rect, look.scale
    hue, fill, strong, weak = color(card.token), color(f"{card.token}c"), color("t1"), color("t2")
    if look.colouring != "stage":
        hue = fill = viridis(amount(card.cost, look.colouring) / max(largest, 1))
        strong = weak = QColor("#101215" if is_bright(fill) else "#FFFFFF")
    painter.setPen(QPen(color(card.token), 1))
    painter.setBrush(fill)
    if card.more:
        for shift in (4, 2):
            painter.drawRoundedRect(rect.adjusted(shift, -shift, shift - 4, -shift), 6, 6)
    painter.drawRoundedRect(rect, 6, 6)
    size = _size(11, scale)
    title = QRectF(rect.x(), rect.y() + 4, rect.width(), 14)
    if scale < SMALL:
        title = rect
    if scale >= SMALLEST:
        painter.setPen(strong)
        text = f"× {card.more}" if card.more else card.name
        made = look.ink(text, size, 600)
        if made.width <= rect.width():
            made.draw_in(painter, title, "centre")
    if scale < SMALL:
        return
    if card.more:
        painter.setPen(weak)
        look.ink("more", size).draw_in(painter, title.translated(0, 15), "centre")
        return
    _paint_bars(painter, card, hue if look.colouring == "stage" else strong)


def _paint_bars(painter: QPainter, card: DiagramCard, colour: QColor) -> None:
    rect, widths = card.rect, _bar_widths(card)
    pen = QPen(colour, 3)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    top = rect.y() + (21 if len(widths) == 3 else 23.5)
    middle, most_channels = rect.center().x(), max(widths)
    room = rect.width() - 9
    halves = [max(4.0, room * channels / most_channels) / 2 - 1.5 for channels in widths]
    painter.drawLines([QLineF(middle - half, top + 5 * n, middle + half, top + 5 * n) for n, half in enumerate(halves)])


_widths: Final = BlockMemo(lambda block: tuple(layer.output[0] for layer in block.main() if KINDS[layer.kind].mixes))


def _bar_widths(card: DiagramCard) -> tuple[int, ...]:
    """Channels of the convolutions of the main path."""
    return _widths(card.plan)


def _size(size: int, scale: float) -> int:
    """Pixels of a font in the scene, so that it never gets smaller on the screen than it is meant to be."""
    return size if scale >= 1 else round(size / scale)


def _paint_chip(painter: QPainter, chip: ShapeChip, look: PaintContext) -> None:
    made = look.ink(chip.text, _size(11, look.scale), 500)
    rect = chip.rect
    grow = max(0.0, made.width + 8 - rect.width()) / 2
    tall = max(0.0, made.height - rect.height()) / 2 if look.scale < 1 else 0.0
    rect = rect.adjusted(-grow, -tall, grow, tall)
    chosen = bool(chip.path) and chip.path == look.chosen
    painter.setPen(QPen(look.color("acc" if chosen else chip.line), 1))
    painter.setBrush(look.color("accsoft" if chosen else "panel"))
    painter.drawRoundedRect(rect, 4, 4)
    painter.setPen(look.color("t1"))
    made.draw_in(painter, rect, "centre")


def _paint_text(painter: QPainter, text: DiagramText, look: PaintContext) -> None:
    rect, scale = text.rect, look.scale
    if scale < 1:
        if text.stack and scale < (0.75 if text.stack == 1 else 0.8):
            return
        # Lines under each other keep their distance on the screen.
        rect = rect.translated(0, text.stack * max(0.0, 11.5 / scale - 15))
    size = _size(text.size, scale)
    made = look.ink(text.text, size, text.weight)
    if made.width > rect.width() + 1.5:
        shorter = look.ink(text.short, size, text.weight) if text.short else None
        if shorter is not None and shorter.width <= rect.width() + 1.5:
            made = shorter
        else:
            cut = look.elided(text.text, int(rect.width()), size, text.weight)
            if len(cut) < 3:
                return
            made = look.ink(cut, size, text.weight)
    painter.setPen(look.color(text.token))
    made.draw_in(painter, rect, text.align)


def _paint_chosen(painter: QPainter, diagram: Diagram, look: PaintContext) -> None:
    """A ring around the chosen block, and around the layer if one is chosen."""
    if not look.chosen:
        return
    painter.setPen(QPen(look.color("acc"), (3 if look.focused else 2) * look.strong))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    location = Location.parse(look.chosen)
    band = diagram.bands.get(location.stage) if location.block is None else None
    if band is not None and (isinstance(location.stage, int) or look.strong > 1):
        painter.drawRoundedRect(band.adjusted(-2, -2, 2, 2), 10, 10)
    card = chosen_card(diagram, look.chosen)
    if card is not None:
        painter.drawRoundedRect(card.rect.adjusted(-3, -3, 3, 3), 8, 8)
    for spot in diagram.spots:
        if spot.kind == "layer" and spot.path == look.chosen:
            painter.drawRoundedRect(spot.rect.adjusted(-1, -1, 1, 1), 5, 5)


def chosen_card(diagram: Diagram, path: str) -> DiagramCard | None:
    """The card of a block, or the stack that hides it."""
    chosen = Location.parse(path) if path else None
    return next((card for card in diagram.cards if chosen is not None and card.stands_for(chosen)), None)
