"""A scatter of designs on logarithmic axes: bubbles or dots with their names beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QWidget

from resnet_gui.gui.compare.names import NamedPoint, NamePlacement
from resnet_gui.gui.kit.bars.folding import Folding, hiding
from resnet_gui.gui.kit.basic import ElidedLabel, column, header, icon_button
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.charts.plot_menu import put_menu_away
from resnet_gui.gui.kit.format import scaled
from resnet_gui.gui.kit.theme import Theme, font
from resnet_gui.gui.kit.throttle import Debounce

BUBBLE = 30.0
"""Radius in pixels of the largest bubble."""

DOT = 5.5
STEPS = (1, 2, 5)
LEAST_TICKS = 2
"""Of 1, 2 and 5 times powers of ten; where fewer are seen, ticks stand at even steps."""

WIDEST_HALF = 0.35
"""Of the plot's width, the most that is kept free beside the outermost points for halves of their names."""

LABEL_MARGIN = 1.0
LONGEST = 170
"""Pixels of a name beside its point; the tooltip has all of it."""


@dataclass(frozen=True)
class ScatterPoint:
    """A design: name, place, area of its bubble (0 for a dot), colour token.

    ``solid`` is one to look at, the others are there for orientation; ``dashed`` tells two of one colour apart.
    """

    name: str
    x: float
    y: float
    area: float
    token: str
    solid: bool
    dashed: bool = False


class _LogAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis with ticks at 1, 2 and 5 times powers of ten, in the window's numbers; values are logarithms."""

    def tickValues(self, low: float, high: float, _size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """One level of ticks; only powers of ten where there would be too many."""
        decades = range(math.floor(low), math.ceil(high) + 1)
        steps = STEPS if high - low < 2.2 else (1,)
        every = max(1, int((high - low) // 8))
        places = [
            decade + math.log10(step) for decade in decades if decade % every == 0 or len(steps) > 1 for step in steps
        ]
        seen = [place for place in places if low <= place <= high]
        return [(1.0, seen if len(seen) >= LEAST_TICKS else _even_ticks(low, high))]

    def tickStrings(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:
        """``20 M`` for 7.301."""
        texts = []
        for value in values:
            number, unit = scaled(round(10**value, -math.floor(value) + 2))
            texts.append(f"{float(number.replace(',', '')):g} {unit}".strip())
        return texts


def _even_ticks(low: float, high: float) -> list[float]:
    """Logarithms of some round numbers between two logarithms that lie close together."""
    first, last = 10**low, 10**high
    rough = (last - first) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [
        math.log10(step * number) for number in range(math.ceil(first / step), math.floor(last / step) + 1) if number
    ]


class _Areas(QWidget):
    """The legend of the bubbles' areas: two or three circles, each with its figure."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._circles: list[tuple[float, str]] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)

    def show_areas(self, most: float) -> None:
        """Show round figures up to the largest area, none if there is none."""
        self._circles = []
        for share in (0.12, 0.4, 0.95):
            if most > 0:
                figure = rounded(most * share)
                self._circles.append((BUBBLE * math.sqrt(figure / most), " ".join(scaled(figure)).replace(".00", "")))
        self.setVisible(bool(self._circles))
        self.setAccessibleName("Areas: " + ", ".join(text for _, text in self._circles))
        self.resize(int(2 * BUBBLE) + 62, int(2 * BUBBLE) + 16)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw circles that stand on one line, and from the top of each a line to its figure."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, foot = self.width() - BUBBLE - 2, self.height() - 2.0
        for radius, text in self._circles:
            painter.setPen(QPen(self._theme.color("t3"), 1))
            painter.drawEllipse(QPointF(middle, foot - radius), radius, radius)
            pen = QPen(self._theme.color("t3"), 1)
            pen.setDashPattern([2, 2])
            painter.setPen(pen)
            top = foot - 2 * radius
            painter.drawLine(QPointF(middle, top), QPointF(middle - BUBBLE - 8, top))
            made = ink(text, 11)
            painter.setPen(self._theme.color("t2"))
            made.draw(painter, middle - BUBBLE - 12 - made.width, top - made.height / 2)


def rounded(value: float) -> float:
    """A figure of one digit near a value."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(1, round(value / power)) * power


class Scatter(QFrame):
    """A plot of designs as points, with its title bar.

    Signals:
        enlarge_requested: the user wants to see only this plot, or all again.
        chosen: name of a point that was clicked.
    """

    enlarge_requested = Signal()
    chosen = Signal(str)

    def __init__(self, theme: Theme, title: str, unit: str, axes: tuple[str, str], *, log_y: bool) -> None:
        super().__init__()
        self._theme, self._log_y = theme, log_y
        self._points: list[ScatterPoint] = []
        self._labels: list[pg.TextItem] = []
        self._best = False
        self.setObjectName("panel")
        layout = column(self)
        bar, line, _ = header(title)
        about = ElidedLabel(unit, "muted12")
        line.addWidget(about, 1)
        Folding(bar, line, (hiding(about),))
        self.enlarge = icon_button(theme, "fit", "Only this plot, or both again", size=24)
        self.enlarge.clicked.connect(self.enlarge_requested)
        line.addWidget(self.enlarge)
        layout.addWidget(bar)
        y_axis = _LogAxis("left") if log_y else pg.AxisItem("left")
        self.plot = pg.PlotWidget(axisItems={"bottom": _LogAxis("bottom"), "left": y_axis}, enableMenu=False)
        put_menu_away(self.plot)
        self.plot.setAccessibleName(title)
        self.plot.setMinimumHeight(120)
        self._axes = axes
        self._what_up = title.split(" against ", maxsplit=1)[0]
        self._front = pg.PlotDataItem()
        self._scatter = pg.ScatterPlotItem(pxMode=True, hoverable=True, tip=self._tip)
        self._leaders = pg.PlotDataItem(connect="pairs")
        self._scatter.sigClicked.connect(self._tell)
        self._scatter.setZValue(2)
        self.plot.addItem(self._front)
        self.plot.addItem(self._leaders)
        self.plot.addItem(self._scatter)
        # The view box maps anew only after it has told of its size.
        self._placing = Debounce(self, 0, self._place_labels)
        self.plot.getViewBox().sigResized.connect(lambda *_: self._placing.request())
        self.plot.getViewBox().sigRangeChanged.connect(lambda *_: self._placing.request())
        layout.addWidget(self.plot, 1)
        self.areas = _Areas(theme, self.plot)
        theme.follow(self, self._recolour)

    def show_points(self, points: Sequence[ScatterPoint], *, best: bool = False) -> None:
        """Show other designs; ``best`` joins those that no cheaper one beats."""
        self._points, self._best = list(points), best
        self.areas.show_areas(max((point.area for point in points), default=0.0))
        self._paint_points()
        self._make_labels()
        self._fit()
        # Placing takes longest, and both plots of a page are shown at once.
        self._placing.request()

    @property
    def log_y(self) -> bool:
        """Whether the y axis is logarithmic."""
        return self._log_y

    @property
    def best(self) -> bool:
        """Whether those that no cheaper one beats are joined."""
        return self._best

    def points(self) -> list[ScatterPoint]:
        """What is shown."""
        return list(self._points)

    # ---- drawing

    def _place(self, point: ScatterPoint) -> tuple[float, float]:
        return math.log10(point.x), math.log10(point.y) if self._log_y else point.y

    def _radius(self, point: ScatterPoint) -> float:
        most = max((other.area for other in self._points), default=0)
        if not most:
            return DOT if point.solid else DOT - 1
        return max(4.0, BUBBLE * math.sqrt(point.area / most))

    def _recolour(self) -> None:
        theme = self._theme
        self.plot.setBackground(theme.color("panel"))
        for side in ("bottom", "left"):
            axis = self.plot.getAxis(side)
            axis.setPen(theme.color("line2"))
            axis.setTextPen(theme.color("t3"))
            axis.setTickFont(font(11))
            axis.setStyle(tickLength=0)
            axis.setGrid(28)
        self.plot.getAxis("left").setWidth(46)
        for side, text in zip(("bottom", "left"), self._axes, strict=True):
            if text:
                axis = self.plot.getAxis(side)
                axis.setLabel(text, color=theme.hex("t2"), **{"font-size": "11px"})
        self._paint_points()
        for point, made in zip(self._points, self._labels, strict=True):
            made.setColor(self._label_colour(point))
        self._leaders.setPen(self._leader_pen())

    def _label_colour(self, point: ScatterPoint) -> QColor:
        return self._theme.color("t1" if point.solid else "t2")

    def _leader_pen(self) -> Any:
        return pg.mkPen(self._theme.color("t2"), width=1)

    def _paint_points(self) -> None:
        """Draw the points, and the line that joins the best."""
        theme = self._theme
        spots = []
        for point in sorted(self._points, key=lambda point: -point.area):
            hue = QColor(theme.color(point.token))
            fill = QColor(hue)
            fill.setAlphaF(0.28 if point.area else 1.0)
            spots.append(
                {
                    "pos": self._place(point), "size": 2 * self._radius(point), "data": point.name,
                    "pen": self._pen(point, hue),
                    "brush": self._brush(point, fill),
                }
            )  # fmt: skip
        self._scatter.setData(spots)
        self._paint_front()

    def _pen(self, point: ScatterPoint, hue: QColor) -> QPen:
        pen = QPen(hue, 1.6) if point.solid else QPen(self._theme.color("ctl"), 1.2)
        # The symbols are drawn in units of their size; the pen is not.
        pen.setCosmetic(True)
        if point.dashed or (point.area and not point.solid):
            pen.setDashPattern([6, 3] if point.dashed else [3, 2.5])
        return pen

    def _brush(self, point: ScatterPoint, fill: QColor) -> QBrush:
        if point.solid and (point.area or not point.dashed):
            return QBrush(fill)
        return QBrush(Qt.BrushStyle.NoBrush) if point.area else QBrush(self._theme.color("panel"))

    def _paint_front(self) -> None:
        """Join the points that no cheaper one beats."""
        front: list[tuple[float, float]] = []
        for point in sorted(self._points, key=lambda point: (point.x, -point.y)):
            if self._best and (not front or point.y > front[-1][1]):
                front.append(self._place(point))
        pen = pg.mkPen(self._theme.color("t3"), width=1.2)
        pen.setDashPattern([4, 3])
        self._front.setData(*(np.array(front).T if front else ([], [])))
        self._front.setPen(pen)

    def _fit(self) -> None:
        """Show every point, with room for its bubble and its name."""
        if not self._points:
            return
        xs, ys = zip(*map(self._place, self._points), strict=True)
        view = self.plot.getViewBox()
        spread_x, spread_y = max(max(xs) - min(xs), 0.3), max(max(ys) - min(ys), 0.3)
        pad = 0.16 if any(point.area for point in self._points) else 0.12
        least = [self._half_name(xs.index(end(xs))) / max(1.0, view.width()) for end in (min, max)]
        before, behind = (max(usual * pad, min(WIDEST_HALF, half)) for usual, half in zip((1, 1.4), least, strict=True))
        view.setRange(
            xRange=(min(xs) - before * spread_x, max(xs) + behind * spread_x),
            yRange=(min(ys) - pad * spread_y, max(ys) + pad * spread_y), padding=0,
        )  # fmt: skip

    def _half_name(self, number: int) -> float:
        """Pixels of half a name that is to be seen: with so much room beside its point it can stand above or below."""
        point = self._points[number]
        return ink(elided(point.name, LONGEST, 12, 600), 12, 600).width / 2 if point.solid else 0.0

    def _make_labels(self) -> None:
        for made in self._labels:
            self.plot.removeItem(made)
        self._labels = []
        for point in self._points:
            made = pg.TextItem(elided(point.name, LONGEST, 12, 600), color=self._label_colour(point))
            # Qt keeps 4 pixels free around the letters, for which there is no room here.
            made.textItem.document().setDocumentMargin(LABEL_MARGIN)
            made.setFont(font(12 if point.solid else 11, 600 if point.solid else 400))
            made.setZValue(3)
            self.plot.addItem(made)
            made.setPos(*self._place(point))
            made.hide()  # until it has a place
            self._labels.append(made)

    def _place_labels(self) -> None:
        """Put each name beside its point, where it covers the least; pinned ones choose first."""
        view = self.plot.getViewBox()
        area = QRectF(view.rect())
        # The lower right corner is free: more parameters come with more MACs.
        corner = self.plot.mapFromScene(view.mapRectToScene(area).bottomRight())
        self.areas.move(corner.x() - self.areas.width() - 8, corner.y() - self.areas.height() - 8)
        legend = view.mapRectFromScene(self.plot.mapToScene(self.areas.geometry()).boundingRect())
        placement = self._placement(area)
        placement.taken += [QRectF(legend)] * self.areas.isVisibleTo(self.plot)
        leaders: list[QPointF] = []
        # Of those that are there for orientation, a name that would cover others is left to the tooltip.
        names = placement.place_all([point.solid for point in self._points])
        for made, named, place in zip(self._labels, placement.points, names, strict=True):
            made.setVisible(place is not None)
            if place is None:
                continue
            at, box = named.at, place.box
            made.setAnchor(pg.Point((at.x() - box.x()) / named.width, (at.y() - box.y()) / named.height))
            if place.leader is not None:
                leaders += [view.mapToView(place.leader.p1()), view.mapToView(place.leader.p2())]
        self._leaders.setData([place.x() for place in leaders], [place.y() for place in leaders])
        self._leaders.setPen(self._leader_pen())

    def _named(self, number: int) -> NamedPoint:
        """A point in the view's pixels with the size of its name."""
        point = self._points[number]
        whole = self._labels[number].textItem.boundingRect()
        at = self.plot.getViewBox().mapFromView(QPointF(*self._place(point)))
        return NamedPoint(at, self._radius(point), whole.width(), whole.height())

    def _placement(self, area: QRectF) -> NamePlacement:
        view = self.plot.getViewBox()
        x, y = self._front.getData()
        corners = [] if x is None else [view.mapFromView(QPointF(*place)) for place in zip(x, y, strict=True)]
        lines = [QLineF(*pair) for pair in pairwise(corners)]
        return NamePlacement(area, [self._named(number) for number in range(len(self._points))], lines)

    def labels(self) -> list[QRectF]:
        """Where the names stand, in the plot's own pixels."""
        if self._placing.is_pending():
            self._placing.call_now()
        return [made.mapRectToScene(made.boundingRect()) for made in self._labels]

    def _tip(self, *, x: float, y: float, data: object) -> str:
        across = " ".join(scaled(10**x)).strip()
        up = " ".join(scaled(10**y)).strip() if self._log_y else f"{y:.2f} %"
        return f"{data}\n{self._axes[0].split(',')[0]} {across}, {self._what_up} {up}"

    def _tell(self, _scatter: object, spots: Sequence[pg.SpotItem], *_: object) -> None:
        if len(spots):
            self.chosen.emit(str(spots[-1].data()))
