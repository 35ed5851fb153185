"""The Compare page's scatters as figures for papers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from resnet_gui.gui.compare.scatter import NEAR, STEPS, Scatter, ScatterPoint, candidates, covering, rounded
from resnet_gui.gui.kit.charts.chart import ChartAxis, PlotData, PlotLine
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.figures.figure import FigureLook
from resnet_gui.gui.kit.figures.legend import SMALL, faint, line_pen
from resnet_gui.gui.kit.figures.plot import PlotFigure, axis_over
from resnet_gui.gui.kit.format import scaled

BUBBLE: Final = 20.0
"""Units of the radius of the largest bubble."""

AREAS: Final = (0.12, 0.4, 0.95)
"""Shares of the largest area that are drawn as a legend."""

DOT: Final = 3.5
FAR: Final = 10.0
"""Units between a point's edge and its name from which a line leads from one to the other."""


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

    points: tuple[ScatterPoint, ...]
    titles: tuple[str, str]
    log_y: bool
    best: bool = False
    area: str = ""
    title: str = ""

    def height(self, width: float) -> float:
        """The axes keep their shape."""
        return self._frame(width).height(width)

    def paint(self, painter: QPainter, box: QRectF, look: FigureLook) -> None:
        """Paint axes, points and names."""
        frame = self._frame(box.width())
        frame.paint(painter, box, look)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = frame.inside(box, look)
        for point in sorted(self.points, key=lambda point: -point.area):
            self._paint_point(painter, point, frame.data.place(point.x, point.y, inside), look)
        self._paint_names(painter, frame, inside, look)
        painter.restore()

    def _frame(self, width: float) -> PlotFigure:
        x = _scaled_axis([point.x for point in self.points], self.titles[0], width)
        heights = [point.y for point in self.points]
        y = _scaled_axis(heights, self.titles[1], width) if self.log_y else _level_axis(heights, self.titles[1])
        lines: tuple[PlotLine, ...] = ()
        if self.best:
            front: list[ScatterPoint] = []
            for point in sorted(self.points, key=lambda point: (point.x, -point.y)):
                if not front or point.y > front[-1].y:
                    front.append(point)
            places = Points(np.array([point.x for point in front]), np.array([point.y for point in front]))
            lines = (PlotLine(places, "t3", 1.0, dashed=True),)
        title = f"{self.title}; area: {self.area}" if self.area and self.title else self.title
        return PlotFigure(PlotData(x, y, lines), title)

    def _radius(self, point: ScatterPoint) -> float:
        most = max((other.area for other in self.points), default=0.0)
        if not most:
            return DOT if point.solid else DOT - 1
        return max(2.5, BUBBLE * math.sqrt(point.area / most))

    def _paint_point(self, painter: QPainter, point: ScatterPoint, at: QPointF, look: FigureLook) -> None:
        hue = look.color(point.token if point.solid else "ctl")
        painter.setPen(line_pen(hue, 1.2, dashed=point.dashed or (bool(point.area) and not point.solid)))
        filled = point.solid and (bool(point.area) or not point.dashed)
        painter.setBrush(faint(hue, 0.28 if point.area else 1.0) if filled else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, self._radius(point), self._radius(point))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_names(self, painter: QPainter, frame: PlotFigure, inside: QRectF, look: FigureLook) -> None:
        """Put each name where it covers the least; the designs that are compared choose first."""
        places = {id(point): frame.data.place(point.x, point.y, inside) for point in self.points}
        taken = []
        for point in self.points:
            core = 0.7 * self._radius(point) if point.area else DOT
            at = places[id(point)]
            taken.append(QRectF(at.x() - core, at.y() - core, 2 * core, 2 * core))
        taken += [self._paint_areas(painter, inside, look)] if self.area else []
        area = inside.adjusted(0, -6, 6, 0)
        for point in sorted(self.points, key=lambda point: not point.solid):
            made = look.ink(point.name, SMALL, 600 if point.solid else 400)
            at, radius = places[id(point)], self._radius(point)
            near = candidates(at, radius + 2, made.width + 2, made.height - 2)
            near = near if point.solid else near[:NEAR]
            best = min(near, key=lambda rect: covering(rect, area, taken))
            if not point.solid and covering(best, area, taken) > 0.03 * made.width * made.height:
                continue
            taken.append(best)
            edge = QPointF(min(max(at.x(), best.left()), best.right()), min(max(at.y(), best.top()), best.bottom()))
            if math.hypot(edge.x() - at.x(), edge.y() - at.y()) > radius + FAR:
                painter.setPen(QPen(look.color("t2"), 0.6))
                painter.drawLine(QLineF(at, edge))
            painter.setPen(look.color("t1" if point.solid else "t2"))
            made.draw_in(painter, best, "centre")

    def _paint_areas(self, painter: QPainter, inside: QRectF, look: FigureLook) -> QRectF:
        """Round figures of the bubbles' areas as circles in the lower right corner, which is free; where they stand."""
        most = max((point.area for point in self.points), default=0.0)
        if not most:
            return QRectF()
        middle, foot = inside.right() - BUBBLE - 4, inside.bottom() - 4
        left = middle - BUBBLE - 8
        for share in AREAS:
            value = rounded(most * share)
            radius = BUBBLE * math.sqrt(value / most)
            top = foot - 2 * radius
            painter.setPen(QPen(look.color("t3"), 0.8))
            painter.drawEllipse(QPointF(middle, foot - radius), radius, radius)
            painter.drawLine(QLineF(middle, top, left, top))
            painter.setPen(look.color("t2"))
            look.ink(_word(value), SMALL).draw_in(painter, QRectF(left - 63, top - 7, 60, 14), "right")
        return QRectF(left - 40, foot - 2 * BUBBLE - 6, 2 * BUBBLE + 50, 2 * BUBBLE + 8)


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
