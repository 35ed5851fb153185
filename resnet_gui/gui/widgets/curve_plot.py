"""A plot of curves in the window's colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame

from resnet_gui.gui.theme import Theme, font
from resnet_gui.gui.widgets.basic import column, header, label

Values = NDArray[np.float64]
PIXELS = 1500
"""Points that are drawn at most for a curve: more than a plot has columns of pixels."""


@dataclass(frozen=True)
class CurveData:
    """One curve: a key that stays, its points, a colour token, pen width, opacity, and whether it is still growing."""

    key: str
    x: Values
    y: Values
    token: str
    width: float
    alpha: float
    live: bool = False


def thinned(x: Values, y: Values, pixels: int = PIXELS) -> tuple[Values, Values]:
    """At most two points a pixel: the lowest and the highest of each bin, so that no peak is lost.

    Wide pens are slow in Qt; drawing a million points with them takes seconds, drawing these takes milliseconds.
    """
    if len(x) <= 2 * pixels:
        return x, y
    size = -(-len(x) // pixels)
    bins = len(x) // size
    body = y[: bins * size].reshape(bins, size)
    offset = np.arange(bins) * size
    clean = np.where(np.isfinite(body), body, 0.0)
    picks = np.sort(np.stack([clean.argmin(1) + offset, clean.argmax(1) + offset], axis=1), axis=1).ravel()
    picks = np.unique(np.concatenate([picks, [len(x) - 1]]))
    return x[picks], y[picks]


class CurvePlot(QFrame):
    """A titled plot whose curves are set as a whole."""

    def __init__(self, theme: Theme, title: str, unit: str) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("panel")
        layout = column(self)
        bar, line, _ = header(title, height=34)
        bar.setObjectName("panel")
        line.addWidget(label(unit, "muted12"))
        line.addStretch()
        layout.addWidget(bar)
        self._widget: Any = pg.PlotWidget()
        layout.addWidget(self._widget)
        self._item: Any = self._widget.getPlotItem()
        # pyqtgraph's own menu holds an SVG export that raises on this Qt.
        self._item.setMenuEnabled(False)
        self._item.hideButtons()
        self._item.showGrid(x=True, y=True, alpha=0.15)
        self._item.getViewBox().setDefaultPadding(0.02)
        self._lines: dict[str, Any] = {}
        self._end: Any = pg.ScatterPlotItem(size=8)
        self._item.addItem(self._end)
        self._data: list[CurveData] = []
        self._limit = 0.0
        self._widget.setAccessibleName(title)
        self._widget.setToolTip("Wheel: zoom, drag: move, double click: everything")
        self._widget.scene().sigMouseClicked.connect(self._reset_range)
        theme.changed.connect(self._recolour)
        self._recolour()

    def set_curves(self, curves: Sequence[CurveData], *, limit: float | None = None) -> None:
        """Draw these curves and no others; ``limit`` is the right end of the x axis."""
        self._data = list(curves)
        for key in set(self._lines) - {curve.key for curve in curves}:
            self._item.removeItem(self._lines.pop(key))
        ends = []
        for curve in curves:
            line = self._lines.get(curve.key)
            if line is None:
                line = self._lines[curve.key] = self._item.plot()
            x, y = thinned(curve.x, curve.y)
            line.setData(x, y, connect="finite", antialias=True)
            line.setPen(self._pen(curve))
            line.setZValue(curve.width)
            if curve.live and len(curve.x):
                ends.append({"pos": (curve.x[-1], curve.y[-1]), "pen": self._pen(curve), "brush": self._color("panel")})
        self._end.setData(ends)
        self._end.setZValue(10)
        if limit and limit != self._limit:
            # The whole length from the start, so that the curve grows towards its end; the user may zoom.
            self._limit = limit
            self._item.getViewBox().setLimits(xMin=-limit * 0.02, xMax=limit * 1.02)
            self._item.setXRange(0, limit, padding=0.01)

    def curves(self) -> list[CurveData]:
        """What is drawn."""
        return list(self._data)

    def set_log(self, *, log: bool) -> None:
        """Logarithmic y axis or not."""
        self._item.setLogMode(y=log)
        self._item.enableAutoRange(axis="y")

    def _reset_range(self, event: Any) -> None:
        if event.double():
            self._item.enableAutoRange(axis="y")
            self._item.setXRange(0, self._limit or 1.0, padding=0.01)

    def _pen(self, curve: CurveData) -> Any:
        color = QColor(self._color(curve.token))
        color.setAlphaF(curve.alpha)
        return pg.mkPen(color, width=curve.width)

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
        self._item.getAxis("left").setWidth(44)
        self._item.getAxis("bottom").setHeight(26)
        if self._data:
            self.set_curves(self._data)
