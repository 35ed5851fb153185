"""The Compare page's scatters as figures for papers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar, Final, NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from resnet_gui.gui.compare.names import NamedPoint, NamePlacement, PlacedName
from resnet_gui.gui.compare.scatter import STEPS, Scatter, ScatterPoint, rounded
from resnet_gui.gui.kit.charts.chart import ChartAxis, PlotData, PlotLine
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.figures.figure import FigureLook
from resnet_gui.gui.kit.figures.legend import SMALL, LegendEntry, faint, line_pen
from resnet_gui.gui.kit.figures.plot import PlotFigure, axis_over
from resnet_gui.gui.kit.format import scaled

BUBBLE: Final = 20.0
"""Units of the radius of the largest bubble."""

AREAS: Final = (0.12, 0.4, 0.95)
"""Shares of the largest area that are drawn as a legend, as far as their figures have room."""

LINE_HIGH: Final = 13.0
"""Units between two figures of the legend, at least."""

DOT: Final = 3.5
BEST: Final = "best for its cost: no cheaper one is more accurate"


class ShownName(NamedTuple):
    """A name, or the number that stands for it; the names of the designs that are compared are bold."""

    text: str
    solid: bool

    @property
    def weight(self) -> int:
        """Of its letters."""
        return 600 if self.solid else 400


@dataclass(frozen=True)
class ScatterFigure:
    """Designs as points with their names; the area of a bubble is a figure of its own.

    Attributes:
        points: of the designs; those that are not solid are there for orientation.
        titles: of the two axes, with their units.
        log_y: whether y is logarithmic.
        best: whether those that no cheaper one beats are joined.
        area: what a bubble's area is; empty without bubbles.
        title: above it.
    """

    threaded: ClassVar[bool] = True

    points: tuple[ScatterPoint, ...]
    titles: tuple[str, str]
    log_y: bool
    best: bool = False
    area: str = ""
    title: str = ""
    _keys: dict[float, dict[str, str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def height(self, width: float) -> float:
        """The axes keep their shape."""
        return self._frame(width, self._key(width)).height(width)

    def paint(self, painter: QPainter, box: QRectF, look: FigureLook) -> None:
        """Paint axes, points and names."""
        key = self._key(box.width())
        frame = self._frame(box.width(), key)
        frame.paint(painter, box, look)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = frame.inside(box, look)
        for point in sorted(self.points, key=lambda point: -point.area):
            self._paint_point(painter, point, frame.data.place(point.x, point.y, inside), look)
        if self.area:
            self._paint_areas(painter, inside, look)
        self._paint_names(painter, self._placed(frame, inside, key), look)
        painter.restore()

    def _key(self, width: float) -> dict[str, str]:
        """The names for which the axes have no room, each with the number that stands in its place.

        It is asked for many times while a figure is laid out, and what it needs is all placed for it.
        """
        if width not in self._keys:
            frame = self._frame(width, {})
            inside = frame.inside(QRectF(0, 0, width, frame.height(width)), FigureLook(QColor))
            lacking = [name for name, place in self._placed(frame, inside, {}) if place is None]
            self._keys[width] = {name.text: str(number) for number, name in enumerate(lacking, start=1)}
        return self._keys[width]

    def _frame(self, width: float, key: Mapping[str, str]) -> PlotFigure:
        x = _scaled_axis([point.x for point in self.points], self.titles[0], width)
        heights = [point.y for point in self.points]
        y = _scaled_axis(heights, self.titles[1], width) if self.log_y else _level_axis(heights, self.titles[1])
        lines: tuple[PlotLine, ...] = ()
        legend: list[LegendEntry] = []
        if self.best:
            front = self._front()
            places = Points(np.array([point.x for point in front]), np.array([point.y for point in front]))
            lines = (PlotLine(places, "t3", 1.0, dash=1),)
            legend.append(LegendEntry(BEST, "t3", width=1.0, dash=1))
        legend += [
            LegendEntry(f"{key[point.name]}: {point.name}", point.token if point.solid else "ctl", "ring")
            for point in self.points if point.name in key
        ]  # fmt: skip
        title = f"{self.title}; area: {self.area}" if self.area and self.title else self.title
        return PlotFigure(PlotData(x, y, lines), title, tuple(legend))

    def _front(self) -> list[ScatterPoint]:
        """The points that no cheaper one beats."""
        front: list[ScatterPoint] = []
        for point in sorted(self.points, key=lambda point: (point.x, -point.y)):
            if not front or point.y > front[-1].y:
                front.append(point)
        return front

    def _radius(self, point: ScatterPoint) -> float:
        most = max((other.area for other in self.points), default=0.0)
        if not most:
            return DOT if point.solid else DOT - 1
        return max(2.5, BUBBLE * math.sqrt(point.area / most))

    def _paint_point(self, painter: QPainter, point: ScatterPoint, at: QPointF, look: FigureLook) -> None:
        hue = look.color(point.token if point.solid else "ctl")
        painter.setPen(line_pen(hue, 1.2, int(point.dashed or (bool(point.area) and not point.solid))))
        filled = point.solid and (bool(point.area) or not point.dashed)
        painter.setBrush(faint(hue, 0.28 if point.area else 1.0) if filled else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, self._radius(point), self._radius(point))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _placed(
        self, frame: PlotFigure, inside: QRectF, key: Mapping[str, str]
    ) -> list[tuple[ShownName, PlacedName | None]]:
        """The names, or the numbers that stand for them, with their places; the designs that are compared choose first.

        None where there is no room for one that has no number yet.
        """
        look = FigureLook(QColor)
        order = sorted(self.points, key=lambda point: not point.solid)
        names, points = [], []
        for point in order:
            name = ShownName(key.get(point.name, point.name), point.solid)
            made = look.ink(name.text, SMALL, name.weight)
            at = frame.data.place(point.x, point.y, inside)
            names.append(name)
            points.append(NamedPoint(at, self._radius(point), made.width + 2, made.height - 2))
        front = [frame.data.place(point.x, point.y, inside) for point in self._front()] if self.best else []
        lines = [QLineF(*pair) for pair in pairwise(front)]
        placement = NamePlacement(inside.adjusted(1, -6, 6, -1), points, lines)
        if self.area:
            placement.taken.append(self._areas_box(inside))
        found: list[tuple[ShownName, PlacedName | None]] = []
        for name, named in zip(names, points, strict=True):
            place = placement.place(named)
            # What has no room once numbers stand for the others still has its name, over what is least.
            found.append((name, placement.place_anywhere(named) if place is None and key else place))
        return found

    @staticmethod
    def _paint_names(painter: QPainter, names: Sequence[tuple[ShownName, PlacedName | None]], look: FigureLook) -> None:
        for name, place in names:
            if place is None:
                continue
            if place.leader is not None:
                painter.setPen(QPen(look.color("t2"), 0.6))
                painter.drawLine(place.leader)
            painter.setPen(look.color("t1" if name.solid else "t2"))
            look.ink(name.text, SMALL, name.weight).draw_in(painter, place.box, "centre")

    def _areas_box(self, inside: QRectF) -> QRectF:
        """Where the legend of the areas stands: the lower right corner."""
        left, foot = inside.right() - 2 * BUBBLE - 12, inside.bottom() - 4
        return QRectF(left - 40, foot - 2 * BUBBLE - 6, 2 * BUBBLE + 50, 2 * BUBBLE + 8)

    def _paint_areas(self, painter: QPainter, inside: QRectF, look: FigureLook) -> None:
        """Round figures of the bubbles' areas as circles in the lower right corner, which is free."""
        most = max((point.area for point in self.points), default=0.0)
        if not most:
            return
        middle, foot = inside.right() - BUBBLE - 4, inside.bottom() - 4
        left = middle - BUBBLE - 8
        above = -math.inf
        for share in reversed(AREAS):
            value = rounded(most * share)
            radius = BUBBLE * math.sqrt(value / most)
            top = foot - 2 * radius
            if top - above < LINE_HIGH:
                continue  # its figure would lie on the one above
            above = top
            painter.setPen(QPen(look.color("t3"), 0.8))
            painter.drawEllipse(QPointF(middle, foot - radius), radius, radius)
            painter.drawLine(QLineF(middle, top, left, top))
            painter.setPen(look.color("t2"))
            look.ink(_word(value), SMALL).draw_in(painter, QRectF(left - 63, top - 7, 60, 14), "right")


def scatter_figure(plot: Scatter, title: str, titles: tuple[str, str], *, area: str = "") -> ScatterFigure:
    """What a scatter of the page shows."""
    return ScatterFigure(tuple(plot.points()), titles, plot.log_y, plot.best, area, title)


def _scaled_axis(values: Sequence[float], title: str, width: float) -> ChartAxis:
    """A logarithmic axis with ticks at 1, 2 and 5 times powers of ten, written as ``20 M``."""
    low, high = min(values, default=1.0), max(values, default=10.0)
    room = max(0.14 * math.log10(high / low), 0.12)
    low, high = low / 10**room, high * 10 ** (1.6 * room)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = STEPS if math.log10(high / low) < (1.6 if width < 400 else 2.4) else (1,)
    ticks = tuple(
        (step * 10.0**decade, _word(step * 10.0**decade))
        for decade in decades for step in steps if low <= step * 10.0**decade <= high
    )  # fmt: skip
    return ChartAxis(low, high, ticks, log=True, title=title)


def _word(value: float) -> str:
    number, unit = scaled(value)
    return f"{float(number.replace(',', '')):g} {unit}".strip()


def _level_axis(values: Sequence[float], title: str) -> ChartAxis:
    plain = axis_over([np.array(values)], title)
    room = 0.1 * (plain.high - plain.low)
    return ChartAxis(plain.low - room, plain.high + room, title=title)
