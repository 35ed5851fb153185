"""Charts as data, and one painter of them: on the screen in any theme, and into files."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from resnet_gui.gui.kit.axes import ROUND_STEPS, round_ticks
from resnet_gui.gui.kit.cached_text import draw_message, ink
from resnet_gui.gui.kit.charts.dashes import set_dashes
from resnet_gui.gui.kit.curves import Points

Values = NDArray[np.float64]
Palette = Callable[[str], QColor]

TAG_PITCH: Final = 17
"""Pixels between two words at line ends."""

TINY_STEPS: Final = (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.025, 0.05, 0.1, 0.2, 0.25, 0.5)


@dataclass(frozen=True)
class ChartAxis:
    """The range of an axis and how it is written.

    Attributes:
        low, high: its ends; of a logarithmic axis both above zero.
        ticks: value and word of each tick; empty for round ones.
        log: whether equal distances are equal factors.
        title: below or above it; may be empty.
    """

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...] = ()
    log: bool = False
    title: str = ""

    def fraction(self, values: Values) -> Values:
        """Where values lie between the ends, 0 to 1; NaN where a logarithm has none."""
        if not self.log:
            return (values - self.low) / ((self.high - self.low) or 1.0)
        shown = np.log10(np.where(values > 0, values, np.nan))
        low, high = np.log10(self.low), np.log10(self.high)
        made: Values = (shown - low) / ((high - low) or 1.0)
        return made

    def words(self, room: float) -> tuple[tuple[float, str], ...]:
        """Ticks and their words on so many pixels."""
        if self.ticks:
            return self.ticks
        if self.log:
            first, last = int(np.ceil(np.log10(self.low) - 1e-9)), int(np.floor(np.log10(self.high) + 1e-9))
            step = max(1, -(-(last - first + 1) * 24 // max(24, int(room))))
            return tuple((10.0**power, _power(power)) for power in range(first, last + 1, step))
        steps = (*TINY_STEPS, *(step for step in ROUND_STEPS if step >= 1))
        ((_, values),) = round_ticks(self.low, self.high, room * 1.6, steps)
        return tuple((value, _plain(value)) for value in values)


def _power(power: int) -> str:
    return f"{10.0**power:g}" if -3 <= power <= 4 else f"1e{power}"


def _plain(value: float) -> str:
    value = round(value, 9)
    text = f"{value:,.0f}" if value == int(value) else f"{value:g}"
    return text.replace("-", "−")


@dataclass(frozen=True)
class PlotLine:
    """A line through points.

    Attributes:
        points: x and y; gaps where y is no number.
        token: of its colour.
        width, alpha: of the pen.
        dash: number of its pattern, 0 for a solid line, see ``kit.charts.dashes``.
        live: whether it still grows; its end gets a ring.
        name: what it is, where the pointer is on it.
    """

    points: Points
    token: str
    width: float = 2.0
    alpha: float = 1.0
    dash: int = 0
    live: bool = False
    name: str = ""


@dataclass(frozen=True)
class ChartBand:
    """An area between two lines of the same x."""

    x: Values
    low: Values
    high: Values
    token: str
    alpha: float = 0.2


@dataclass(frozen=True)
class ChartBar:
    """A bar from ``base`` to ``top`` around ``x``, ``width`` in the units of x; ``hollow`` has a rim and is faint."""

    x: float
    top: float
    width: float
    token: str
    base: float = 0.0
    alpha: float = 0.9
    name: str = ""
    hollow: bool = False


@dataclass(frozen=True)
class ChartDot:
    """A dot with a rim; ``hollow`` only its rim."""

    x: float
    y: float
    token: str = "t1"
    size: float = 5.0
    hollow: bool = False


@dataclass(frozen=True)
class ChartTag:
    """A word with a dot at the right end, at the height of ``y``; ``hollow`` has only its rim.

    ``dash`` is the number of its line's pattern, which a legend shows.
    """

    text: str
    token: str
    y: float
    hollow: bool = False
    dash: int = 0


@dataclass(frozen=True)
class ChartMark:
    """A dashed line at ``x``, or at ``y`` where ``level``, with a word."""

    at: float
    text: str = ""
    level: bool = False
    token: str = "t2"


@dataclass(frozen=True)
class PlotData:
    """All that stands in one pair of axes.

    Attributes:
        message: in its middle, where there is nothing to see yet.
        whiskers: x, low and high of each.
        tag_room: pixels at the right for the tags.
        grid: whether the ticks go through.
    """

    x: ChartAxis
    y: ChartAxis
    lines: tuple[PlotLine, ...] = ()
    bands: tuple[ChartBand, ...] = ()
    bars: tuple[ChartBar, ...] = ()
    dots: tuple[ChartDot, ...] = ()
    whiskers: tuple[tuple[float, float, float], ...] = ()
    tags: tuple[ChartTag, ...] = ()
    marks: tuple[ChartMark, ...] = ()
    message: str = ""
    tag_room: int = 0
    left: int = 0
    grid: bool = True
    legend: bool = field(default=False)

    def plot_box(self, box: QRectF) -> QRectF:
        """Where the axes stand in the box of the chart."""
        words = self.y.words(box.height())
        left = self.left or max((ink(text, 11).width for _, text in words), default=0.0) + 10
        right = self.tag_room or (max(ink(tag.text, 12, 500).width for tag in self.tags) + 26 if self.tags else 12)
        bottom = 22 if self.x.words(box.width()) else 6
        top = 24 if self.y.title else 8
        return box.adjusted(left, top, -right, -(bottom + (15 if self.x.title else 0)))

    def place(self, x: float, y: float, inside: QRectF) -> QPointF:
        """Where a point lies on the screen."""
        across, up = self.x.fraction(np.array([x])), self.y.fraction(np.array([y]))
        return QPointF(inside.left() + float(across[0]) * inside.width(),
                       inside.bottom() - float(up[0]) * inside.height())  # fmt: skip


def paint_chart(painter: QPainter, chart: PlotData, box: QRectF, color: Palette) -> None:
    """Paint a chart into a box with the colours of a theme."""
    inside = chart.plot_box(box)
    if inside.width() < 20 or inside.height() < 20:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_axes(painter, chart, box, color)
    painter.save()
    painter.setClipRect(inside.adjusted(-1, -4, 4, 1))
    for band in chart.bands:
        path = _path(chart, inside, np.concatenate([band.x, band.x[::-1]]), np.concatenate([band.low, band.high[::-1]]))
        painter.fillPath(path, _faint(color(band.token), band.alpha))
    for bar in chart.bars:
        first = chart.place(bar.x - bar.width / 2, bar.base, inside)
        second = chart.place(bar.x + bar.width / 2, bar.top, inside)
        area = QRectF(first, second).normalized()
        painter.fillRect(area, _faint(color(bar.token), 0.2 if bar.hollow else bar.alpha))
        if bar.hollow:
            painter.setPen(QPen(color(bar.token), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(1, 1, -1, 0))
    for line in chart.lines:
        painter.setPen(_pen(color(line.token), line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(_path(chart, inside, *line.points))
    painter.restore()
    for line in chart.lines:
        if line.live and len(line.points.x):
            painter.setPen(QPen(color(line.token), 2))
            painter.setBrush(color("panel"))
            painter.drawEllipse(chart.place(line.points.x[-1], line.points.y[-1], inside), 4, 4)
    _paint_marks(painter, chart, inside, color)
    _paint_dots(painter, chart, inside, color)
    _paint_tags(painter, chart, inside, color)
    if chart.message:
        painter.setPen(color("t2"))
        draw_message(painter, inside, chart.message)
    painter.restore()


def _faint(colour: QColor, alpha: float) -> QColor:
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made


def _pen(colour: QColor, line: PlotLine) -> QPen:
    pen = QPen(_faint(colour, line.alpha), line.width)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    set_dashes(pen, line.dash)
    return pen


def _path(chart: PlotData, inside: QRectF, x: Values, y: Values) -> Any:
    across = inside.left() + chart.x.fraction(np.asarray(x, dtype=np.float64)) * inside.width()
    down = inside.bottom() - chart.y.fraction(np.asarray(y, dtype=np.float64)) * inside.height()
    return pg.arrayToQPath(across, down, connect="finite")


def _paint_axes(painter: QPainter, chart: PlotData, box: QRectF, color: Palette) -> None:
    inside = chart.plot_box(box)
    across, up = chart.x.words(inside.width()), chart.y.words(inside.height())
    grid: list[QLineF] = []
    painter.setPen(color("t3"))
    for value, text in across:
        x = chart.place(value, chart.y.low, inside).x()
        grid.append(QLineF(round(x) + 0.5, inside.top(), round(x) + 0.5, inside.bottom()))
        made = ink(text, 11)
        # The word of the last tick ends with the box.
        middle = min(x, box.right() - made.width / 2)
        made.draw_in(painter, QRectF(middle - 60, inside.bottom() + 5, 120, 14), "centre")
    for value, text in up:
        y = chart.place(chart.x.low, value, inside).y()
        grid.append(QLineF(inside.left(), round(y) + 0.5, inside.right(), round(y) + 0.5))
        ink(text, 11).draw_in(painter, QRectF(inside.left() - 66, y - 7, 60, 14), "right")
    painter.setPen(color("t2"))
    if chart.x.title:
        ink(chart.x.title, 11).draw_in(
            painter, QRectF(inside.left(), inside.bottom() + 20, inside.width(), 14), "centre"
        )
    if chart.y.title:
        ink(chart.y.title, 11).draw_in(
            painter, QRectF(inside.left() - 30, inside.top() - 22, inside.width(), 14), "left"
        )
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    if chart.grid:
        painter.setPen(QPen(color("grid"), 1))
        painter.drawLines(grid)
    painter.setPen(QPen(color("line2"), 1))
    painter.drawLine(inside.bottomLeft(), inside.bottomRight())
    painter.drawLine(inside.topLeft(), inside.bottomLeft())
    painter.restore()


def _paint_marks(painter: QPainter, chart: PlotData, inside: QRectF, color: Palette) -> None:
    for mark in chart.marks:
        pen = QPen(color(mark.token), 1, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([3, 3])
        painter.setPen(pen)
        if mark.level:
            y = chart.place(chart.x.low, mark.at, inside).y()
            painter.drawLine(QPointF(inside.left(), y), QPointF(inside.right(), y))
            ink(mark.text, 11).draw_in(painter, QRectF(inside.left(), y - 16, inside.width() - 4, 14), "right")
        else:
            x = chart.place(mark.at, chart.y.low, inside).x()
            painter.drawLine(QPointF(x, inside.top()), QPointF(x, inside.bottom()))
            ink(mark.text, 11).draw(painter, x + 5, inside.top())


def _paint_dots(painter: QPainter, chart: PlotData, inside: QRectF, color: Palette) -> None:
    painter.setPen(QPen(color("t1"), 1.5))
    for x, low, high in chart.whiskers:
        painter.drawLine(chart.place(x, low, inside), chart.place(x, high, inside))
    for dot in chart.dots:
        painter.setPen(QPen(color(dot.token if dot.hollow else "panel"), 1.5 if dot.hollow else 1))
        painter.setBrush(color("panel" if dot.hollow else dot.token))
        painter.drawEllipse(chart.place(dot.x, dot.y, inside), dot.size / 2 + 0.5, dot.size / 2 + 0.5)


def _paint_tags(painter: QPainter, chart: PlotData, inside: QRectF, color: Palette) -> None:
    wanted = [chart.place(chart.x.high, tag.y, inside).y() for tag in chart.tags]
    wanted = [inside.center().y() if math.isnan(y) else y for y in wanted]
    for tag, y in zip(chart.tags, spread(wanted, TAG_PITCH, inside.top() + 4, inside.bottom() - 2), strict=True):
        painter.setPen(QPen(color(tag.token), 1.5) if tag.hollow else QPen(Qt.PenStyle.NoPen))
        painter.setBrush(color("panel" if tag.hollow else tag.token))
        painter.drawEllipse(QPointF(inside.right() + 11, y), 4, 4)
        painter.setPen(color("t1"))
        ink(tag.text, 12, 500).draw_in(painter, QRectF(inside.right() + 19, y - 9, 200, 18))


def spread(wanted: Sequence[float], pitch: float, low: float, high: float) -> list[float]:
    """Places near those that are wanted, in their order, at least ``pitch`` apart and from ``low`` to ``high``."""
    order = sorted(range(len(wanted)), key=lambda number: wanted[number])
    placed: list[float] = []
    for number in order:
        placed.append(max(wanted[number], placed[-1] + pitch if placed else low))
    limit = high
    for number in reversed(range(len(placed))):
        placed[number] = min(placed[number], limit)
        limit = placed[number] - pitch
    found = [0.0] * len(order)
    for number, place in zip(order, placed, strict=True):
        found[number] = place
    return found
