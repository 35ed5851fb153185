"""What a diagram is made of: boxes, lines, chips, texts, cards and places to click, all in scene coordinates."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, Literal

import msgspec
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from resnet_gui.analysis.costs import Cost
from resnet_gui.design.location import Location, Section
from resnet_gui.design.structure import BlockPlan

WIDTH: Final = 532.0
"""A diagram's least width, that of the mock-ups and of pictures in files."""


class DiagramBox(msgspec.Struct, frozen=True):
    """A rounded rectangle; fill and line are colour tokens, empty for none."""

    rect: QRectF
    radius: float
    fill: str
    line: str
    width: float = 1.0


class DiagramLine(msgspec.Struct, frozen=True):
    """A stroke; ``dash`` in pixels, empty for solid."""

    path: QPainterPath
    token: str
    width: float
    dash: tuple[float, ...] = ()
    kind: str = "flow"


class DiagramText(msgspec.Struct, frozen=True):
    """One line of text.

    Attributes:
        align: "left", "centre" or "right".
        stack: number of the line in a column of lines, of which the last go first when there is no room.
        short: what stands there where the text does not fit.
    """

    rect: QRectF
    text: str
    token: str
    size: int = 11
    weight: int = 400
    align: str = "centre"
    stack: int = 0
    short: str = ""


class ShapeChip(msgspec.Struct, frozen=True):
    """A small box around a text: a shape on its way, or what a shortcut does; ``path`` is the layer behind it."""

    rect: QRectF
    text: str
    line: str
    path: str = ""


class ClickArea(msgspec.Struct, frozen=True):
    """Something to click: a "layer", or a "shape" whose arithmetic can be shown; ``path`` is PyTorch's."""

    rect: QRectF
    path: str
    kind: Literal["layer", "shape"]
    tip: str = ""


class DiagramCard(msgspec.Struct, frozen=True):
    """A block to click on; ``more`` is how many equal blocks a stack card stands for."""

    rect: QRectF
    location: Location
    plan: BlockPlan
    token: str
    cost: Cost
    more: int = 0

    @property
    def path(self) -> str:
        """PyTorch's path of the block."""
        return self.location.path

    @property
    def name(self) -> str:
        """Stage and block as the paper counts them."""
        return self.location.number

    def stands_for(self, location: Location) -> bool:
        """Whether a block is this card's, or one of those that its stack hides, or a place inside of one."""
        first, block = self.location.block, location.block
        if block is None or first is None or location.stage != self.location.stage:
            return False
        return first <= block < first + max(self.more, 1)


class Diagram(msgspec.Struct):
    """A diagram of a network: everything to draw, in drawing order.

    Attributes:
        width, height: of everything.
        joins: places of the additions with their hues; ``dots`` where a shortcut leaves the flow.
        unfolded: the panel of the block that is unfolded; None without one.
        bands: the band of each section.
        top: upper edge of everything.
        end: where the signal leaves it.
        parts: what it was put together from, a section each; two plans of which a section looks the same share it.
    """

    height: float = 0.0
    width: float = WIDTH
    boxes: list[DiagramBox] = []
    lines: list[DiagramLine] = []
    chips: list[ShapeChip] = []
    texts: list[DiagramText] = []
    cards: list[DiagramCard] = []
    joins: list[tuple[QPointF, str]] = []
    dots: list[tuple[QPointF, str]] = []
    spots: list[ClickArea] = []
    unfolded: QRectF | None = None
    bands: dict[Section, QRectF] = {}
    top: float = 0.0
    end: tuple[float, float] = (0.0, 0.0)
    parts: dict[Section, Diagram] = {}

    def add(self, section: Section, part: Diagram) -> None:
        """Put a section below what is there; the signal leaves the diagram where it leaves the section."""
        self.parts[section] = part
        self.bands |= part.bands
        self.height, self.end = part.height, part.end
        self.unfolded = self.unfolded or part.unfolded
        for mine, its in zip(self._elements(), part._elements(), strict=True):
            mine.extend(its)

    def _elements(self) -> tuple[list[Any], ...]:
        return (
            self.boxes, self.lines, self.chips, self.texts, self.cards, self.joins, self.dots, self.spots,
        )  # fmt: skip

    def within(self, upper: float, lower: float) -> Diagram:
        """The sections that reach between two heights, as a diagram; all of it if they all do."""
        reaching = {name: part for name, part in self.parts.items() if part.top <= lower and part.height >= upper}
        if len(reaching) == len(self.parts):
            return self
        made = Diagram(width=self.width)
        for section, part in reaching.items():
            made.add(section, part)
        return made

    def arcs(self) -> list[str]:
        """The kind of every shortcut arc."""
        return [line.kind for line in self.shortcut_lines()]

    def shortcut_lines(self) -> list[DiagramLine]:
        """The arc of every block that adds, in the order of their cards."""
        return [line for line in self.lines if line.kind not in {"flow", "inside"}]

    def shortcut_at(self, place: QPointF) -> DiagramCard | None:
        """The block whose shortcut passes a place over its card."""
        adding = (card for card in self.cards if card.plan.adds)
        for card, line in zip(adding, self.shortcut_lines(), strict=True):
            arc = line.path.boundingRect()
            if QRectF(arc.left(), arc.top() - 8, arc.width(), 15).contains(place):
                return card
        return None

    def spot_at(self, place: QPointF) -> ClickArea | None:
        """What can be clicked at a place; the last drawn lies on top."""
        return next((spot for spot in reversed(self.spots) if spot.rect.contains(place)), None)

    # ---- drawing

    def flow(self, points: list[QPointF], *, arrow: bool = True) -> None:
        """The way of the signal, with an arrow at its end."""
        self.lines.append(DiagramLine(rounded(points), "t2", 1.5))
        if arrow:
            self.lines.append(DiagramLine(arrow_head(points[-1]), "t2", 1.5))

    def shape_chip(self, x: float, y: float, text: str, path: str) -> None:
        """A chip around a point with the shape that a layer puts out."""
        wide = 14.0 + 6.4 * len(text)
        rect = QRectF(x - wide / 2, y - 9, wide, 18)
        self.chips.append(ShapeChip(rect, text, "line2", path))
        if path:
            self.spots.append(
                ClickArea(rect.adjusted(-3, -3, 3, 3), path, "shape", "Click for the arithmetic of this shape")
            )

    def note_chip(self, x: float, y: float, text: str, token: str) -> None:
        """A chip on a shortcut."""
        wide = max(27.0, 8 + 6.4 * len(text))
        self.chips.append(ShapeChip(QRectF(x - wide / 2, y - 7.5, wide, 15), text, token))

    def part(self, rect: QRectF, lines: tuple[str, str], token: str, *, path: str = "", short: str = "") -> None:
        """A box with a title and a second line."""
        self.boxes.append(DiagramBox(rect, 6, "panel", token))
        half = rect.height() / 2
        upper = QRectF(rect.x(), rect.y() + 1, rect.width(), half)
        lower = QRectF(rect.x(), rect.y() + half - 1, rect.width(), half)
        self.texts.append(DiagramText(upper, lines[0], "t1", 12, 600, short=short))
        self.texts.append(DiagramText(lower, lines[1], "t2", stack=1))
        if path:
            self.spots.append(ClickArea(rect, path, "layer", path))


def rounded(points: list[QPointF], radius: float = 7.0) -> QPainterPath:
    """A line through right angles with rounded corners."""
    # Most edits leave most lines where they are, and a copy is made by its first change.
    return QPainterPath(_rounded(tuple([point.toTuple() for point in points]), radius))


@lru_cache(maxsize=2000)
def _rounded(places: tuple[tuple[float, float], ...], radius: float) -> QPainterPath:
    points = [QPointF(*place) for place in places]
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


def arrow_head(tip: QPointF) -> QPainterPath:
    """The two strokes of an arrow to the right."""
    path = QPainterPath(tip + QPointF(-5, -3.5))
    path.lineTo(tip)
    path.lineTo(tip + QPointF(-5, 3.5))
    return path
