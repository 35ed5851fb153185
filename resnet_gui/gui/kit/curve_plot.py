"""A plot of curves in the window's colours, with a crosshair that several plots share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QGraphicsItem, QHBoxLayout, QWidget

from resnet_gui.gui.kit.axes import TickedAxis, ValueAxis, unlabelled_plot
from resnet_gui.gui.kit.basic import column, header, icon_button, label
from resnet_gui.gui.kit.charts.curve_notes import CurveNotes
from resnet_gui.gui.kit.charts.dashes import set_dashes
from resnet_gui.gui.kit.charts.plot_menu import put_menu_away
from resnet_gui.gui.kit.curves import Points, bulk_top, points_inside
from resnet_gui.gui.kit.readout import Readout, ReadoutRow
from resnet_gui.gui.kit.theme import Theme, font

LEAST_PIXELS: Final = 200
BELOW_ZERO: Final = -1.0
"""Where an axis of per cent begins that shows nothing below zero: a curve at zero is seen whole."""

UNLIMITED: Final = -1e307
"""As pyqtgraph begins; with None, which it documents, an axis of logarithms fails."""

LONE_POINT: Final = 7
"""Pixels across a curve of one point."""


@dataclass(frozen=True)
class CurveData:
    """One curve as it is drawn.

    Attributes:
        key: stays the same from one drawing to the next.
        points: not more than there are pixels.
        token: of the colour.
        width: of the pen.
        alpha: opacity.
        live: whether it is still growing; its end gets a ring.
        dash: number of its pattern, 0 for a solid line, see ``kit.charts.dashes``.
        order: what lies above what.
        name: written at its end, with the value of a peak that is cut off; empty for neither.
    """

    key: str
    points: Points
    token: str
    width: float
    alpha: float
    live: bool = False
    dash: int = 0
    order: float = 0.0
    name: str = ""


class CurvePlot(QFrame):
    """A titled plot whose curves are set as a whole.

    Attributes:
        bar: right end of the title's row, for controls.
        notes: names at the ends of curves, and values of peaks.

    Signals:
        hovered: x under the mouse, None when it has left.
        enlarge_requested: show this plot alone, or all again.
    """

    hovered = Signal(object)
    enlarge_requested = Signal()

    def __init__(
        self, theme: Theme, title: str, unit: str, *, bulk: bool = False, titled: bool = True, positive: bool = False
    ) -> None:
        """Make a plot.

        Args:
            theme: of the window.
            title: above it.
            unit: beside the title.
            bulk: it shows where most of each curve lies and not its rare peaks.
            titled: it has a title bar.
            positive: it shows nothing below zero, where there are no such values.
        """
        super().__init__()
        self._positive = positive
        self._theme, self._bulk, self._moved_by_hand, self._top = theme, bulk, False, 0.0
        self.setObjectName("panel")
        layout = self._column = column(self)
        bar = self._title_bar(theme, title, unit)
        if not titled:
            bar.hide()
        layout.addWidget(bar)
        self.axis, self._widget = _made_plot()
        self._item: Any = self._widget.getPlotItem()
        layout.addWidget(self._widget)
        self._lines: dict[str, Any] = {}
        self._spare: list[Any] = []
        self._drawn: dict[str, CurveData] = {}
        self._end: Any = pg.ScatterPlotItem(size=8)
        self._end.setZValue(1000)
        self._item.addItem(self._end)
        self._cross: Any = pg.InfiniteLine(angle=90, movable=False)
        self._cross.hide()
        self._cross.setZValue(999)
        self._item.addItem(self._cross, ignoreBounds=True)
        self._marks: list[Any] = []
        self._marked: tuple[bool, tuple[tuple[float, float, str], ...]] = (False, ())
        self._limit, self._log = 0.0, False
        self._limit_below()
        self.notes = CurveNotes(theme, self._widget.viewport(), self._item)
        self.readout = Readout(theme, self._widget)
        self._widget.setAccessibleName(title)
        self._listen()
        theme.follow(self, self._recolour)

    def _listen(self) -> None:
        """Follow the mouse."""
        self._widget.setToolTip("Wheel: zoom, drag: move, double click: everything")
        self._widget.scene().sigMouseClicked.connect(self._reset_range)
        self._widget.scene().sigMouseMoved.connect(self._moved)
        self._item.getViewBox().sigRangeChangedManually.connect(self._take_over)
        self._widget.viewport().installEventFilter(self)

    def _title_bar(self, theme: Theme, title: str, unit: str) -> QFrame:
        bar, line, self.title = header(title, height=34)
        bar.setObjectName("panel")
        self.unit = label(unit, "muted12")
        line.addWidget(self.unit)
        line.addStretch()
        self.bar: QHBoxLayout = line
        self.enlarge = icon_button(theme, "fit", f"Show only {title.casefold()}, or all plots again", size=24)
        self.enlarge.clicked.connect(self.enlarge_requested)
        line.addWidget(self.enlarge)
        return bar

    @property
    def pixels(self) -> int:
        """Columns of pixels that curves are drawn in, as many as without names at their ends."""
        return max(LEAST_PIXELS, round(float(self._item.getViewBox().width())) + self.notes.taken)

    @property
    def item(self) -> Any:
        """Pyqtgraph's plot, for what is drawn beside the curves."""
        return self._item

    def place_above(self, strip: QWidget) -> None:
        """Put a strip between title and plot."""
        self._column.insertWidget(1, strip)

    @property
    def log(self) -> bool:
        """Whether the y axis is logarithmic."""
        return self._log

    @property
    def limit(self) -> float:
        """Right end of the x axis."""
        return self._limit

    def set_curves(self, curves: Sequence[CurveData], *, limit: float | None = None) -> None:
        """Draw these curves and no others, and only what is new; ``limit`` is the right end of the x axis."""
        wanted = {curve.key: curve for curve in curves}
        # A line is drawn up in a fraction of the time that it takes to make one.
        self._spare = [self._lines.pop(key) for key in set(self._lines) - set(wanted)]
        self._drawn = {key: curve for key, curve in self._drawn.items() if key in wanted}
        for key, curve in wanted.items():
            self._draw(key, curve)
        while self._spare:
            self._item.removeItem(self._spare.pop())
        self._show_ends()
        if limit and limit != self._limit:
            self._set_limit(limit)
        if self._bulk and not self._log and not self._moved_by_hand:
            self._show_bulk()
        self.notes.show_curves(curves, log=self._log)

    def _show_ends(self) -> None:
        """Put a ring on the end of each curve that still grows."""
        ends = [curve for curve in self._drawn.values() if curve.live and len(curve.points.x)]
        self._end.setData(
            [
                {
                    "pos": (curve.points.x[-1], np.log10(curve.points.y[-1]) if self._log else curve.points.y[-1]),
                    "pen": pg.mkPen(self._color(curve.token), width=2),
                    "brush": self._color("panel"),
                }
                for curve in ends
                if not self._log or curve.points.y[-1] > 0
            ]
        )

    def _take_over(self, _mouse: object) -> None:
        """The user has chosen what to see."""
        self._moved_by_hand = True

    def _show_bulk(self) -> None:
        """From zero to where most of the curves lie: a few bad points must not flatten all others."""
        curves = [curve.points.y[np.isfinite(curve.points.y)] for curve in self._drawn.values()]
        curves = [values for values in curves if len(values)]
        top = bulk_top(curves) * 1.15 or 1.0
        # Left as it is while it fits: another range draws all words and the grid anew.
        if curves and not 0.8 * self._top < top <= self._top:
            self._top = 1.05 * top
            self._item.setYRange(-0.02 * self._top, self._top, padding=0)

    def _set_limit(self, limit: float) -> None:
        # The whole length from the start, so that the curve grows towards its end; the user may zoom.
        self._limit = limit
        self._item.getViewBox().setLimits(xMin=-limit * 0.02, xMax=limit * 1.02)
        if not self._moved_by_hand:
            self._item.setXRange(0, limit, padding=0.01)

    def _draw(self, key: str, curve: CurveData) -> None:
        line, before = self._lines.get(key), self._drawn.get(key)
        if line is None:
            line = self._lines[key] = self._spare.pop() if self._spare else self._item.plot()
        looks_new = before is None or _look(before) != _look(curve)
        if before is None or before.points is not curve.points:
            _set_points(line, curve, self._color(curve.token))
        elif looks_new:
            self._colour_line(line, curve)
        if looks_new:
            line.setZValue(curve.order)
        self._drawn[key] = curve

    def curves(self) -> list[CurveData]:
        """What is drawn."""
        return list(self._drawn.values())

    def _limit_below(self) -> None:
        """Leave out what lies below zero, but for half of a line's width; a logarithmic axis has no zero."""
        if self._positive:
            self._item.getViewBox().setLimits(yMin=UNLIMITED if self._log else BELOW_ZERO)

    def set_log(self, *, log: bool) -> None:
        """Logarithmic y axis or not."""
        if log == self._log:
            return
        self._log = log
        self._item.getAxis("left").setStyle(maxTextLevel=0 if log else 2)
        self._item.setLogMode(y=log)
        self._limit_below()
        self._moved_by_hand, self._top = False, 0.0
        self._item.enableAutoRange(axis="y")
        self.set_curves(self.curves())

    def set_marks(self, marks: Sequence[tuple[float, float, str]]) -> None:
        """Words beside points of the plot: x, y, text."""
        if (self._log, tuple(marks)) == self._marked:
            return  # told again with every new point
        self._marked = self._log, tuple(marks)
        for mark in self._marks:
            self._item.removeItem(mark)
        self._marks = []
        for x, y, text in marks:
            item = pg.TextItem(text, color=self._color("t2"), anchor=(-0.05, 1.1))
            item.setFont(font(11))
            item.setPos(x, np.log10(y) if self._log and y > 0 else y)
            self._item.addItem(item, ignoreBounds=True)
            self._marks.append(item)

    def set_ticks(self, ticks: Sequence[float], *, times: bool) -> None:
        """Ticks of the x axis beside the usual ones; ``times`` for seconds."""
        if (tuple(ticks), times) != (self.axis.extra, self.axis.times):
            self.axis.extra, self.axis.times = tuple(ticks), times
            self.axis.picture = None
            self.axis.update()

    # ---- the crosshair

    def show_cross(self, x: float | None, readings: Callable[[], tuple[str, Sequence[str], list[ReadoutRow]]]) -> None:
        """Put the crosshair at ``x`` and tell what curves are worth there; None takes it away."""
        self._cross.setVisible(x is not None)
        if x is None:
            self.readout.hide()
            return
        self._cross.setPos(x)
        place, columns, rows = readings()
        area = self._widget.viewport().rect()
        self.readout.show_rows(place, columns, rows, most=max(1, (area.height() - 60) // 15))
        self._put_readout()

    def _put_readout(self) -> None:
        """Move the box to the corner with the least data."""
        view = self._item.getViewBox().sceneBoundingRect()
        box, gap = self.readout.size(), 6
        left, right = view.left() + gap, view.right() - box.width() - gap
        top, bottom = view.top() + gap, view.bottom() - box.height() - gap
        places = [(right, top), (left, bottom), (right, bottom), (left, top)]
        crowd = [self._points_in(x, y, box.width(), box.height()) for x, y in places]
        x, y = places[crowd.index(min(crowd))]
        self.readout.move(int(x), int(max(y, view.top())))

    def _points_in(self, left: float, top: float, width: float, height: float) -> int:
        view = self._item.getViewBox()
        box = QRectF(left, top, width, height)
        area, ranges = view.sceneBoundingRect(), view.viewRange()
        return sum(points_inside(curve.points, box, area, ranges, log=self._log) for curve in self._drawn.values())

    def _moved(self, place: Any) -> None:
        view = self._item.getViewBox()
        inside = view.sceneBoundingRect().contains(place)
        self.hovered.emit(float(view.mapSceneToView(place).x()) if inside else None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the crosshair away when the mouse leaves, and keep the notes over the plot."""
        if event.type() == QEvent.Type.Resize:
            self.notes.fit()
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(None)
        return super().eventFilter(watched, event)

    def _reset_range(self, event: Any) -> None:
        if event.double():
            # The first time everything, peaks too; the next time the usual part again.
            self._moved_by_hand = self._bulk and not self._moved_by_hand
            self._item.enableAutoRange(axis="y")
            if self._bulk and not self._moved_by_hand and not self._log:
                self._top = 0.0
                self._show_bulk()
            self._item.setXRange(0, self._limit or 1.0, padding=0.01)

    # ---- colours

    def _colour_line(self, line: Any, curve: CurveData) -> None:
        """Give a line that is drawn another look; pyqtgraph's own setters would draw it up anew for each part of it."""
        style = _style(self._color(curve.token), curve)
        line.opts.update(style)
        if line.opts["symbol"] is not None:
            line.updateItems()
        else:
            line.curve.setPen(style["pen"])

    def _color(self, token: str) -> QColor:
        return self._theme.color(token)

    def _recolour(self) -> None:
        self._widget.setBackground(self._color("panel"))
        for side in ("left", "bottom"):
            axis = self._item.getAxis(side)
            axis.setPen(pg.mkPen(self._color("line2")))
            axis.setTextPen(pg.mkPen(self._color("t3")))
            axis.setTickFont(font(11))
            axis.setStyle(tickLength=0, tickTextOffset=6)
            # Words and grid are drawn once and then copied: they were two thirds of the cost of a new point.
            axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._item.getAxis("left").setWidth(44)
        self._item.getAxis("left").setTickDensity(0.6)
        self._item.getAxis("bottom").setHeight(26)
        self._cross.setPen(pg.mkPen(self._color("t2"), style=Qt.PenStyle.DashLine))
        for mark in self._marks:
            mark.setColor(self._color("t2"))
        for key, curve in self._drawn.items():
            self._colour_line(self._lines[key], curve)
        self._show_ends()


def _made_plot() -> tuple[TickedAxis, Any]:
    """The x axis, and pyqtgraph's widget with it."""
    axis = TickedAxis()
    widget: Any = pg.PlotWidget(axisItems={"bottom": axis, "left": ValueAxis("left")}, enableMenu=False)
    item: Any = unlabelled_plot(widget)
    put_menu_away(widget)
    item.showGrid(x=True, y=True, alpha=0.15)
    item.getViewBox().setDefaultPadding(0.02)
    item.layout.setContentsMargins(0, 2, 14, 0)
    return axis, widget


def _set_points(line: Any, curve: CurveData, colour: QColor) -> None:
    """Draw a curve as a line of pyqtgraph, in one call: each draws up everything anew."""
    # Through one point no line is drawn.
    lone = int(np.isfinite(curve.points.y).sum()) == 1
    line.setData(
        *curve.points,
        connect="finite",
        # The raw curve behind a smoothed one is faint; it need not be smooth as well.
        antialias=curve.width >= 1,
        symbol="o" if lone else None,
        **_style(colour, curve),
    )


def _style(colour: QColor, curve: CurveData) -> dict[str, Any]:
    """What pyqtgraph takes for the look of a line and of the dot that a lone point is."""
    colour = QColor(colour)
    colour.setAlphaF(curve.alpha)
    pen = pg.mkPen(colour, width=curve.width)
    set_dashes(pen, curve.dash, 1.4)
    return {"pen": pen, "symbolPen": pg.mkPen(None), "symbolBrush": pg.mkBrush(colour), "symbolSize": LONE_POINT}


def _look(curve: CurveData) -> tuple[object, ...]:
    return curve.token, curve.width, curve.alpha, curve.dash, curve.order
