"""A pair of axes as a figure: titles with units, names at line ends or a legend, bands about means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from resnet_gui.gui.kit.axes import log_ticks, plain_number
from resnet_gui.gui.kit.cached_text import draw_message
from resnet_gui.gui.kit.charts.bands import BandData
from resnet_gui.gui.kit.charts.chart import ChartAxis, ChartBand, ChartTag, PlotData, PlotLine, spread
from resnet_gui.gui.kit.charts.dashes import SAMPLE
from resnet_gui.gui.kit.figures.figure import FigureLook
from resnet_gui.gui.kit.figures.legend import (
    LINE,
    SMALL,
    LegendEntry,
    faint,
    legend_rows,
    line_pen,
    paint_legend,
    paint_sign,
)
from resnet_gui.gui.kit.figures.peaks import CutPeak, paint_peaks
from resnet_gui.gui.kit.figures.title import paint_title, title_height

Values = NDArray[np.float64]
Ticks = Sequence[tuple[float, str]]

TAG_PITCH: Final = 12.0
TAG_GAP: Final = 17.0
SHARE: Final = 0.58
"""Height of the axes over the figure's width."""

LOWEST, HIGHEST = 130.0, 250.0
MOST_TAGS: Final = 0.36
"""Of the width, that names at line ends may take; longer ones go into a legend."""


@dataclass(frozen=True)
class PlotFigure:
    """A pair of axes.

    Attributes:
        data: what stands in them; its tags are written at the line ends where they have room, and else in the legend.
        title: above it.
        legend: signs that have no name at a line end.
        share: height of the axes over the width.
        left: units left of the axes at least, so that those of several figures stand below each other.
        peaks: that the axes cut off.
    """

    threaded: ClassVar[bool] = True

    data: PlotData
    title: str = ""
    legend: tuple[LegendEntry, ...] = ()
    share: float = SHARE
    left: float = 0.0
    peaks: tuple[CutPeak, ...] = ()

    def height(self, width: float) -> float:
        """The axes keep their shape; titles and legend come on top."""
        axes = min(HIGHEST, max(LOWEST, self.share * width)) if self.share == SHARE else self.share * width
        return axes + self._above(width) + self._below()

    def paint(self, painter: QPainter, box: QRectF, look: FigureLook) -> None:
        """Paint title, legend, axes and what stands in them."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_title(painter, self.title, box, look)
        head = title_height(self.title, box.width(), 4.0)
        paint_legend(painter, self._entries(box.width()), box.adjusted(0, head, 0, 0), look)
        inside = self.inside(box, look)
        _paint_axes(painter, self.data, inside, box, look)
        _paint_data(painter, self.data, inside, look)
        paint_peaks(painter, self.peaks, self.data, inside, look)
        self._paint_tags(painter, inside, box, look)
        painter.restore()

    # ---- room

    def _tagged(self, width: float) -> bool:
        """Whether the names have room at the line ends."""
        return _tag_room(self.data.tags) <= MOST_TAGS * width

    def _entries(self, width: float) -> tuple[LegendEntry, ...]:
        named = () if self._tagged(width) else tuple(
            LegendEntry(tag.text, tag.token, "ring" if tag.hollow and not tag.dash else "line", 2.0, dash=tag.dash)
            for tag in self.data.tags
        )  # fmt: skip
        return (*named, *self.legend)

    def _above(self, width: float) -> float:
        return title_height(self.title, width, 4.0) + LINE * len(legend_rows(self._entries(width), width))

    def _below(self) -> float:
        return (16.0 if self.data.x.words(200) else 4.0) + (15.0 if self.data.x.title else 0.0)

    def inside(self, box: QRectF, look: FigureLook) -> QRectF:
        """Where the axes stand in the box of the figure."""
        top = self._above(box.width()) + 4
        bottom = self._below()
        words = ticks_of(self.data.y, box.height() - top - bottom)
        wide = max((look.ink(text, SMALL).width for _, text in words), default=0.0)
        left = max(self.left, wide + 6 + (LINE + 2 if self.data.y.title else 0))
        right = _tag_room(self.data.tags) if self.data.tags and self._tagged(box.width()) else 8.0
        return box.adjusted(left, top, -right, -bottom)

    # ---- words

    def _paint_tags(self, painter: QPainter, inside: QRectF, box: QRectF, look: FigureLook) -> None:
        if not self.data.tags or not self._tagged(box.width()):
            return
        tags = sorted(self.data.tags, key=lambda tag: -tag.y)
        wanted = [min(max(self.data.place(self.data.x.high, tag.y, inside).y(), inside.top()), inside.bottom())
                  for tag in tags]  # fmt: skip
        places = spread(wanted, TAG_PITCH, inside.top(), inside.bottom())
        for tag, at, y in zip(tags, wanted, places, strict=True):
            painter.setPen(QPen(look.color(tag.token), 1))
            if abs(at - y) > 2:
                painter.drawLine(QLineF(inside.right() + 2, at, inside.right() + 9, y))
            sign = LegendEntry("", tag.token, "ring" if tag.hollow else "dot")
            if _patterned(tags):
                sign = LegendEntry("", tag.token, width=2.0, dash=tag.dash)
            gap = _tag_gap(tags)
            paint_sign(painter, sign, QRectF(inside.right() + 4, y - 6, gap - 5, 12), look)
            painter.setPen(look.color("t1"))
            look.ink(tag.text, SMALL, 500).draw_in(painter, QRectF(inside.right() + gap, y - 7, 10, 14))


def bands_figure(
    bands: Sequence[BandData], x: ChartAxis, y: ChartAxis, title: str = "", *, members: bool = True
) -> PlotFigure:
    """Means with their bands and, thin, what they are of; each has its name at its end."""
    lines, areas, tags = list[PlotLine](), list[ChartBand](), list[ChartTag]()
    several = False
    for band in bands:
        if not len(band.mean.x):
            continue
        if len(band.members) > 1:
            several = True
            areas.append(ChartBand(band.mean.x, band.low, band.high, band.token))
            lines += [PlotLine(each, band.token, 0.6, 0.5) for each in band.members if members]
        lines.append(PlotLine(band.mean, band.token, 1.5, dash=band.dash, name=band.name))
        tags.append(ChartTag(band.name, band.token, _last(band.mean.y), band.dash > 0, band.dash))
    legend = (LegendEntry("mean", "t1"), LegendEntry("± sd", "t1", "area")) if several else ()
    more = (LegendEntry("single runs", "t1", "line", 0.6, 0.5),) if several and members else ()
    message = "" if lines else "Nothing was measured yet"
    data = PlotData(x, y, tuple(lines), tuple(areas), tags=tuple(tags), message=message)
    return PlotFigure(data, title, (*legend, *more))


def _last(values: Values) -> float:
    sound = values[np.isfinite(values)]
    return float(sound[-1]) if len(sound) else float("nan")


def axis_over(
    values: Sequence[Values], title: str, *, log: bool = False, zero: bool = False, top: float = 1.0
) -> ChartAxis:
    """An axis on which values have room.

    Args:
        values: arrays; what is no number, or on a logarithmic axis not above zero, is left out.
        title: of the axis, with its unit.
        log: whether equal distances are equal factors.
        zero: whether it begins at zero, where all values lie above it.
        top: the share of the values that have room; the highest others are cut.
    """
    known = np.concatenate([np.asarray(each, dtype=np.float64).ravel() for each in values]) if values else np.empty(0)
    known = known[np.isfinite(known) & ((known > 0) | (not log))]
    if not len(known):
        return ChartAxis(0.1 if log else 0.0, 1.0, log=log, title=title)
    low, high = float(known.min()), float(np.quantile(known, top))
    if log:
        return ChartAxis(low / 1.15, max(high * 1.15, low * 1.5), log=True, title=title)
    room = 0.04 * (high - low) or 0.5 * abs(high) or 1.0
    return ChartAxis(0.0 if zero and low >= 0 else low - room, high + room, title=title)


def ticks_of(axis: ChartAxis, room: float) -> Ticks:
    """Ticks and words of an axis on so many units; a short logarithmic one has more than its powers of ten."""
    words = axis.words(room * (1.0 if axis.log else 1.4))
    if axis.log and len(words) < 3 and not axis.ticks:
        found = log_ticks(float(np.log10(axis.low)), float(np.log10(axis.high)), room)
        return [(10.0**value, plain_number(10.0**value)) for value in found]
    return [(value, text) for value, text in words if _between(axis, value)]


def _between(axis: ChartAxis, value: float) -> bool:
    share = float(axis.fraction(np.array([value]))[0])
    return -1e-6 <= share <= 1 + 1e-6


# ---- signs and their words


def _tag_room(tags: Sequence[ChartTag]) -> float:
    look = FigureLook(QColor)
    return max((look.ink(tag.text, SMALL, 500).width for tag in tags), default=0.0) + _tag_gap(tags) + 2


def _patterned(tags: Sequence[ChartTag]) -> bool:
    """Whether dots and rings do not tell the lines apart, and a piece of each stands before its name."""
    return any(tag.dash > 1 for tag in tags)


def _tag_gap(tags: Sequence[ChartTag]) -> float:
    return SAMPLE + 8 if _patterned(tags) else TAG_GAP


# ---- the axes


def _paint_axes(painter: QPainter, data: PlotData, inside: QRectF, box: QRectF, look: FigureLook) -> None:
    across, up = ticks_of(data.x, inside.width()), ticks_of(data.y, inside.height())
    painter.setPen(QPen(look.color("grid"), 0.6))
    if data.grid:
        for value, _ in up:
            y = data.place(data.x.low, value, inside).y()
            painter.drawLine(QLineF(inside.left(), y, inside.right(), y))
    painter.setPen(QPen(look.color("t2"), 0.8))
    painter.drawPolyline([inside.topLeft(), inside.bottomLeft(), inside.bottomRight()])
    for value, _ in across:
        x = data.place(value, data.y.low, inside).x()
        painter.drawLine(QLineF(x, inside.bottom(), x, inside.bottom() + 3))
    for value, _ in up:
        y = data.place(data.x.low, value, inside).y()
        painter.drawLine(QLineF(inside.left() - 3, y, inside.left(), y))
    painter.setPen(look.color("t2"))
    free = -1e9
    for value, text in across:
        made, x = look.ink(text, SMALL), data.place(value, data.y.low, inside).x()
        left = min(x - made.width / 2, box.right() - made.width)
        if left > free + 3:
            made.draw_in(painter, QRectF(left, inside.bottom() + 4, made.width, 13))
            free = left + made.width
    for value, text in up:
        y = data.place(data.x.low, value, inside).y()
        look.ink(text, SMALL).draw_in(painter, QRectF(inside.left() - 66, y - 7, 61, 14), "right")
    painter.setPen(look.color("t1"))
    if data.x.title:
        look.ink(data.x.title, 11).draw_in(
            painter, QRectF(inside.left(), box.bottom() - 15, inside.width(), 14), "centre"
        )
    if data.y.title:
        painter.save()
        painter.translate(box.left(), inside.bottom())
        painter.rotate(-90)
        look.ink(data.y.title, 11).draw_in(painter, QRectF(0, 0, inside.height(), LINE), "centre")
        painter.restore()


# ---- what stands in them


def _paint_data(painter: QPainter, data: PlotData, inside: QRectF, look: FigureLook) -> None:
    for band in data.bands:
        low, high = (np.clip(each, data.y.low, data.y.high) for each in (band.low, band.high))
        sound = np.isfinite(low) & np.isfinite(high) & (band.x >= data.x.low) & (band.x <= data.x.high)
        x = np.concatenate([band.x[sound], band.x[sound][::-1]])
        painter.fillPath(
            _path(data, inside, x, np.concatenate([low[sound], high[sound][::-1]])),
            faint(look.color(band.token), band.alpha),
        )
    _paint_bars(painter, data, inside, look)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for line in data.lines:
        painter.setPen(line_pen(faint(look.color(line.token), line.alpha), line.width, line.dash))
        if len(line.points.x) == 1:
            _dots_path(painter, [data.place(float(line.points.x[0]), float(line.points.y[0]), inside)], 2.0)
        else:
            painter.drawPath(_cut_path(data, inside, *line.points))
    _paint_marks(painter, data, inside, look)
    _paint_dots(painter, data, inside, look)
    if data.message:
        painter.setPen(look.color("t2"))
        draw_message(painter, inside, data.message)


def _paint_bars(painter: QPainter, data: PlotData, inside: QRectF, look: FigureLook) -> None:
    for bar in data.bars:
        corners = (
            data.place(bar.x - bar.width / 2, bar.base, inside),
            data.place(bar.x + bar.width / 2, bar.top, inside),
        )
        area = QRectF(*corners).normalized().intersected(inside)
        painter.fillRect(area, faint(look.color(bar.token), 0.2 if bar.hollow else bar.alpha))
        if bar.hollow:
            painter.setPen(QPen(look.color(bar.token), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(0.5, 0.5, -0.5, 0))


def _paint_marks(painter: QPainter, data: PlotData, inside: QRectF, look: FigureLook) -> None:
    for mark in data.marks:
        place = data.place(data.x.low if mark.level else mark.at, mark.at if mark.level else data.y.low, inside)
        if not inside.adjusted(-1, -1, 1, 1).contains(place):
            continue
        colour = look.color(mark.token)
        painter.setPen(line_pen(colour, 0.8, 1))
        end = QPointF(inside.right(), place.y()) if mark.level else QPointF(place.x(), inside.top())
        painter.drawLine(place, end)
        painter.setPen(colour)
        made = look.ink(mark.text, SMALL)
        if mark.level:
            made.draw_in(painter, QRectF(inside.left(), place.y() - 14, inside.width() - 3, 13), "right")
        else:
            made.draw(painter, min(place.x() + 4, inside.right() - made.width), inside.top())


def _paint_dots(painter: QPainter, data: PlotData, inside: QRectF, look: FigureLook) -> None:
    painter.setPen(QPen(look.color("t1"), 1))
    for x, low, high in data.whiskers:
        painter.drawLine(data.place(x, low, inside), data.place(x, high, inside))
    kinds = dict.fromkeys((dot.token, dot.size, dot.hollow) for dot in data.dots)
    for token, size, hollow in kinds:
        colour = look.color(token)
        painter.setPen(QPen(colour, 1) if hollow else QPen(Qt.PenStyle.NoPen))
        painter.setBrush(Qt.BrushStyle.NoBrush if hollow else colour)
        same = [dot for dot in data.dots if (dot.token, dot.size, dot.hollow) == (token, size, hollow)]
        _dots_path(painter, [data.place(dot.x, dot.y, inside) for dot in same], size / 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _dots_path(painter: QPainter, places: Sequence[QPointF], radius: float) -> None:
    """Draw dots of one kind as one path, which keeps files of thousands of them small."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for place in places:
        path.addEllipse(place, radius, radius)
    painter.drawPath(path)


def _path(data: PlotData, inside: QRectF, x: Values, y: Values) -> Any:
    across = inside.left() + data.x.fraction(np.asarray(x, dtype=np.float64)) * inside.width()
    down = inside.bottom() - data.y.fraction(np.asarray(y, dtype=np.float64)) * inside.height()
    return pg.arrayToQPath(across, down, connect="finite")


def _cut_path(data: PlotData, inside: QRectF, x: Values, y: Values) -> Any:
    """A line inside the axes; what lies beyond them is cut off there: not every reader of SVG knows clips."""
    across = data.x.fraction(np.asarray(x, dtype=np.float64))
    up = data.y.fraction(np.asarray(y, dtype=np.float64))
    for level in (0.0, 1.0):
        across, up = _crossed(across, up, level)
        up, across = _crossed(up, across, level)
    out = (up < -1e-9) | (up > 1 + 1e-9) | (across < -1e-9) | (across > 1 + 1e-9)
    up = np.where(out, np.nan, up)
    return pg.arrayToQPath(
        inside.left() + across * inside.width(), inside.bottom() - up * inside.height(), connect="finite"
    )


def _crossed(x: Values, y: Values, level: float) -> tuple[Values, Values]:
    """The same line with a point more wherever y passes a level."""
    with np.errstate(invalid="ignore"):
        at = np.flatnonzero((y[:-1] - level) * (y[1:] - level) < 0)
    if not len(at):
        return x, y
    share = (level - y[at]) / (y[at + 1] - y[at])
    return np.insert(x, at + 1, x[at] + share * (x[at + 1] - x[at])), np.insert(y, at + 1, level)
