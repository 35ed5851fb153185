"""A surface over a square as a picture of quadrangles, drawn from the back to the front (the painter's order)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from resnet_gui.gui.kit.cached_text import CachedText, ink
from resnet_gui.gui.kit.colormap import viridis

Values = NDArray[np.float64]
Palette = Callable[[str], QColor]

HEIGHT: Final = 0.42
"""Height of the axis over the side of the square."""


class HeightRange(NamedTuple):
    """The range of heights, the same for all surfaces that are compared.

    Attributes:
        low, high: its ends; above zero where ``log``.
        log: whether equal distances are equal factors.
    """

    low: float
    high: float
    log: bool

    def fraction(self, values: Values) -> Values:
        """Where values lie between the ends, cut to 0 to 1; NaN stays."""
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                shown = np.log10(np.maximum(values, self.low))
            low, high = math.log10(self.low), math.log10(self.high)
        else:
            shown, low, high = values, self.low, self.high
        made: Values = np.clip((shown - low) / ((high - low) or 1.0), 0.0, 1.0)
        return made

    def ticks(self) -> list[tuple[float, str]]:
        """Fraction and word of a few round heights."""
        if self.log:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            values = [10.0**power for power in range(first, last + 1)]
        else:
            values = [self.low + (self.high - self.low) * part / 4 for part in range(5)]
        places = self.fraction(np.array(values)) if values else np.empty(0)
        return [(float(place), f"{value:.3g}") for place, value in zip(places, values, strict=True)]


TICK_PITCH: Final = 13
"""Least pixels between the words of two heights."""


@dataclass(frozen=True)
class Camera:
    """A place that a surface is looked at from: angles in radians around and above it."""

    turn: float = 0.628
    tilt: float = 0.471

    def moved(self, turn: float, tilt: float) -> Camera:
        """Turned by so much; it never looks from below or straight down."""
        return Camera((self.turn + turn) % math.tau, min(1.45, max(0.12, self.tilt + tilt)))


class SurfaceLook(NamedTuple):
    """The way a surface is painted.

    Attributes:
        box: where.
        camera: from where it is looked at.
        quick: whether it is turning, and less of it is enough.
        tabular: whether figures have one width.
    """

    box: QRectF
    camera: Camera
    quick: bool = False
    tabular: bool = True


@dataclass(frozen=True)
class Surface:
    """Heights over a square.

    Attributes:
        heights: (n, n), rows along the second direction; NaN where nothing has been computed yet. ``n − 1`` is a power
            of two times a few cells, so that coarser grids lie in it.
        front: the last row that is known, if the rows behind it are not; −1 for none.
        steps: distances of the nested grids, the widest first: (4, 2, 1).
        titles: of both directions.
        mark: word at the middle.
    """

    heights: Values
    front: int = -1
    steps: Sequence[int] = (1,)
    titles: tuple[str, str] = ("", "")
    mark: str = ""

    def cells(self, least: int = 1) -> list[tuple[int, int, int]]:
        """Row, column and side of the smallest cells, from a side on, of which every corner is known."""
        if least not in self._cells:
            self._cells[least] = self._found(least)
        return self._cells[least]

    @cached_property
    def _cells(self) -> dict[int, list[tuple[int, int, int]]]:
        return {}

    def _found(self, least: int) -> list[tuple[int, int, int]]:
        known, found = np.isfinite(self.heights), list[tuple[int, int, int]]()
        last, widest = len(known) - 1, self.steps[0]

        def look(row: int, column: int, side: int) -> None:
            finer = [step for step in self.steps if least <= step < side]
            if finer and known[row : row + side + 1 : finer[0], column : column + side + 1 : finer[0]].all():
                for down in range(row, row + side, finer[0]):
                    for across in range(column, column + side, finer[0]):
                        look(down, across, finer[0])
            elif known[[row, row, row + side, row + side], [column, column + side, column, column + side]].all():
                found.append((row, column, side))

        for row in range(0, last, widest):
            for column in range(0, last, widest):
                look(row, column, widest)
        return found


class _Projection(NamedTuple):
    """A mapping of places of the square and heights to pixels."""

    middle: QPointF
    side: float
    camera: Camera

    def screen(self, x: Values, y: Values, z: Values) -> tuple[Values, Values]:
        """Pixels of places −0.5 to 0.5 and heights 0 to 1."""
        turn, tilt = self.camera.turn, self.camera.tilt
        across = x * math.cos(turn) - y * math.sin(turn)
        away = x * math.sin(turn) + y * math.cos(turn)
        down = -away * math.sin(tilt) - z * HEIGHT * math.cos(tilt)
        return self.middle.x() + self.side * across, self.middle.y() + self.side * down

    def point(self, x: float, y: float, z: float) -> QPointF:
        """One place."""
        across, down = self.screen(np.array([x]), np.array([y]), np.array([z]))
        return QPointF(float(across[0]), float(down[0]))

    def away(self, x: Values, y: Values) -> Values:
        """How far back a place lies."""
        made: Values = x * math.sin(self.camera.turn) + y * math.cos(self.camera.turn)
        return made


def _projection(box: QRectF, camera: Camera) -> _Projection:
    # As large as fits whichever way it is turned, so that it does not breathe while it is dragged.
    tall = math.sqrt(2) * math.sin(camera.tilt) + HEIGHT * math.cos(camera.tilt)
    side = max(40.0, min((box.width() - 120) / math.sqrt(2), (box.height() - 14) / tall))
    shift = side * HEIGHT * math.cos(camera.tilt) / 2
    return _Projection(QPointF(box.center().x(), box.center().y() + shift), side, camera)


def paint_surface(painter: QPainter, surface: Surface, view: SurfaceLook, span: HeightRange, color: Palette) -> None:
    """Paint floor, axis, surface, front and mark."""
    projection = _projection(view.box, view.camera)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not view.quick)
    words = partial(ink, size=11, tabular=view.tabular)
    _paint_floor(painter, surface, projection, span, color, words)
    # Of twice the side there are a quarter of the cells: enough for the eye while the surface turns.
    least = 2 if view.quick and 2 in surface.steps else 1
    _paint_cells(painter, surface.cells(least), surface, projection, span)
    if 0 <= surface.front < len(surface.heights):
        painter.setPen(QPen(color("acc"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(_row(surface, surface.front, projection, span))
    if surface.mark:
        middle = len(surface.heights) // 2
        height = float(span.fraction(surface.heights[middle, middle : middle + 1])[0])
        if math.isfinite(height):
            bottom, top = projection.point(0, 0, height), projection.point(0, 0, 1.0)
            pen = QPen(color("t1"), 1)
            pen.setDashPattern([2, 3])
            painter.setPen(pen)
            painter.drawLine(bottom, top)
            _paint_word(painter, words(surface.mark), top + QPointF(5, -2), color)
    painter.restore()


def _paint_word(painter: QPainter, made: CachedText, place: QPointF, color: Palette) -> None:
    """A word that can be read on any colour."""
    painter.setPen(Qt.PenStyle.NoPen)
    ground = QColor(color("canvas"))
    ground.setAlphaF(0.75)
    painter.setBrush(ground)
    painter.drawRoundedRect(QRectF(place.x() - 3, place.y() - 1, made.width + 6, made.height + 2), 4, 4)
    painter.setPen(color("t1"))
    made.draw(painter, place.x(), place.y())


def _paint_floor(
    painter: QPainter,
    surface: Surface,
    projection: _Projection,
    span: HeightRange,
    color: Palette,
    words: Callable[[str], CachedText],
) -> None:
    lines = [
        QLineF(projection.point(*start, 0), projection.point(*end, 0))
        for part in (-0.5, -0.25, 0.0, 0.25, 0.5)
        for start, end in (((part, -0.5), (part, 0.5)), ((-0.5, part), (0.5, part)))
    ]
    painter.setPen(QPen(color("line"), 1))
    painter.drawLines(lines)
    corners: list[tuple[float, float]] = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]
    left = min(corners, key=lambda corner: projection.point(corner[0], corner[1], 0).x())
    painter.setPen(QPen(color("line2"), 1))
    painter.drawLine(projection.point(*left, 0), projection.point(*left, 1))
    last = math.inf
    for place, word in span.ticks():
        at = projection.point(*left, place)
        if last - at.y() < TICK_PITCH:
            continue  # from above heights are close together
        last = at.y()
        painter.setPen(QPen(color("line2"), 1))
        painter.drawLine(at, at - QPointF(4, 0))
        painter.setPen(color("t3"))
        words(word).draw_in(painter, QRectF(at.x() - 58, at.y() - 7, 50, 14), "right")
    painter.setPen(color("t2"))
    middles: tuple[tuple[tuple[float, float], ...], ...] = (((0, -0.5), (0, 0.5)), ((-0.5, 0), (0.5, 0)))
    for title, edges in zip(surface.titles, middles, strict=True):
        # Beside the edge that is nearer to the eye.
        at = max((projection.point(edge[0], edge[1], 0) for edge in edges), key=lambda place: place.y())
        right = at.x() >= projection.middle.x()
        room = QRectF(at.x() + 14 if right else at.x() - 134, at.y() + 4, 120, 14)
        words(title).draw_in(painter, room, "left" if right else "right")


def _places(surface: Surface) -> Values:
    made: Values = np.linspace(-0.5, 0.5, len(surface.heights))
    return made


def _row(surface: Surface, number: int, projection: _Projection, span: HeightRange) -> QPolygonF:
    places, heights = _places(surface), surface.heights[number]
    known = np.isfinite(heights)
    across, down = projection.screen(
        places[known], np.full(int(known.sum()), places[number]), span.fraction(heights[known])
    )
    return QPolygonF([QPointF(x, y) for x, y in zip(across.tolist(), down.tolist(), strict=True)])


def _paint_cells(
    painter: QPainter,
    cells: Sequence[tuple[int, int, int]],
    surface: Surface,
    projection: _Projection,
    span: HeightRange,
) -> None:
    if not cells:
        return
    places, shown = _places(surface), span.fraction(surface.heights)
    row, column, side = np.array(cells).T
    rows = np.stack([row, row, row + side, row + side])
    columns = np.stack([column, column + side, column + side, column])
    x, y, z = places[columns], places[rows], shown[rows, columns]
    across, down = projection.screen(x, y, z)
    order = np.argsort(-projection.away(x.mean(0), y.mean(0)))
    edge = QColor(16, 18, 21, 150)
    painter.setPen(QPen(edge, 0.7))
    corners = np.stack([across, down], axis=2)[:, order].transpose(1, 0, 2).tolist()
    for quadrangle, height in zip(corners, z.mean(0)[order].tolist(), strict=True):
        painter.setBrush(viridis(height))
        painter.drawConvexPolygon([QPointF(*corner) for corner in quadrangle])
