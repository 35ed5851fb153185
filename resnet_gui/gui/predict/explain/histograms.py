"""Histograms of a layer: of its weights, and of what it makes of the picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.analysis.locations import all_layers
from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.basic import column, row
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.format import count
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.map_grid import number
from resnet_gui.gui.predict.explain.widget import ExplainWidget
from resnet_gui.gui.predict.state import PredictState
from resnet_gui.protocol.explain_events import Histogram, Histograms
from resnet_gui.protocol.jobs import ShowHistograms

TOP, BOTTOM, SIDE = 38, 18, 4


class HistogramPlot(QWidget):
    """A plot of one histogram: bars from the smallest to the largest value.

    Painted by hand: a plot of pyqtgraph with a ``BarGraphItem`` takes 32 ms to make where this takes 0.04 ms, draws no
    faster, and of its axes only the two ends are wanted.
    """

    def __init__(self, theme: Theme, title: str, token: str) -> None:
        super().__init__()
        self._theme, self._title, self._token = theme, title, token
        self._histogram: Histogram | None = None
        self._words = ""
        self._log = False
        self._hover = -1
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(140, 90)
        self.setAccessibleName(title)
        theme.changed.connect(self.update)

    def show_histogram(self, histogram: Histogram | None, words: str = "") -> None:
        """Show counts, or why there are none."""
        self._histogram, self._words, self._hover = histogram, words, -1
        self.setAccessibleDescription(self._stats() if histogram is not None else words)
        self.update()

    def set_log(self, on: bool) -> None:
        """Draw the logarithm of the counts, so that rare values can be seen."""
        self._log = on
        self.update()

    def _stats(self) -> str:
        one = self._histogram
        if one is None:
            return ""
        return (
            f"{count(one.count)} values, mean {number(one.mean)}, deviation {number(one.deviation)}, "
            f"{100 * one.zeros:.0f}\u2009% zero"
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the bar under the mouse."""
        one = self._histogram
        if one is None or not one.counts:
            return
        wide = self.width() - 2 * SIDE
        place = int((event.position().x() - SIDE) / max(1, wide) * len(one.counts))
        self._hover = place if 0 <= place < len(one.counts) else -1
        if self._hover >= 0:
            step = (one.high - one.low) / len(one.counts)
            low = one.low + place * step
            self.setToolTip(f"{count(one.counts[place])} values from {number(low)} to {number(low + step)}")
        self.update()

    def leaveEvent(self, _event: object) -> None:
        """Nothing is under the mouse."""
        self._hover = -1
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw title, statistics, bars and the ends of the axis."""
        painter = QPainter(self)
        color, one = self._theme.color, self._histogram
        painter.setPen(color("t1"))
        ink(self._title, 12, 500).draw(painter, SIDE, 0)
        painter.setPen(color("t2"))
        room = self.width() - 2 * SIDE
        ink(elided(self._stats() if one is not None else self._words, room, 11), 11).draw(painter, SIDE, 18)
        area = QRectF(SIDE, TOP, room, max(1, self.height() - TOP - BOTTOM))
        painter.setPen(QPen(color("line2"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        if one is None or not one.count:
            return
        counts = np.array(one.counts, dtype=np.float64)
        heights = np.log1p(counts) if self._log else counts
        heights /= max(heights.max(), 1e-9)
        wide = area.width() / len(heights)
        for place, high in enumerate(heights.tolist()):
            if high > 0:
                shown = color("acc" if place == self._hover else self._token)
                tall = max(1.0, high * area.height())
                painter.fillRect(
                    QRectF(area.left() + place * wide, area.bottom() - tall, max(1.0, wide - 1), tall), shown
                )
        if one.low < 0 < one.high:
            zero = area.left() + area.width() * -one.low / (one.high - one.low)
            painter.setPen(QPen(color("t2"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(int(zero), int(area.top()), int(zero), int(area.bottom()))
        painter.setPen(color("t3"))
        ink(number(one.low), 11).draw(painter, area.left(), area.bottom() + 3)
        ink(number(one.high), 11).draw_in(painter, QRectF(area.left(), area.bottom() + 3, area.width(), 14), "right")


def request_histograms(state: PredictState) -> ShowHistograms | None:
    """The question about the values of the chosen layer."""
    request, layer = state.explained_request, state.histogram_layer
    if request is None or not state.image or not layer:
        return None
    return ShowHistograms(0, request, state.image, layer)


class HistogramView(ExplainWidget):
    """The view of a layer's two histograms: its weights, and its output on the picture."""

    def __init__(self, theme: Theme, state: PredictState) -> None:
        super().__init__(theme, state)
        layout = column(self, (16, 6, 16, 8), 8)
        line = row(gap=8)
        self.layer = SmallCombo("Layer", least=150)
        self.layer.activated.connect(lambda _: state.set_histogram_layer(self.layer.currentData()))
        state.histogram_layer_changed.connect(self._show_layer)
        state.naming_changed.connect(self.list_anew)
        line.addWidget(self.layer)
        line.addStretch()
        self.log = ToggleSwitch(
            theme, "Logarithmic", "Show the logarithm of the counts, so that rare values can be seen"
        )
        line.addWidget(self.log)
        layout.addLayout(line)
        body = row(gap=20)
        self.weights = HistogramPlot(theme, "Weights", "s2")
        self.activations = HistogramPlot(theme, "Output on this picture", "s1")
        for plot in (self.weights, self.activations):
            self.log.toggled.connect(plot.set_log)
            body.addWidget(plot, 1)
        layout.addLayout(body, 1)
        self.clear("Distributions appear here with the first picture.")

    def show_network(self, planned: Plan) -> None:
        """List the layers of a network."""
        places = all_layers(planned, self.state.naming)
        self.layer.show_keyed((location.title, location.name) for location in places)
        self._show_layer()

    def _show_layer(self) -> None:
        self.layer.show_key(self.state.histogram_layer)

    def clear(self, sentence: str) -> None:
        """Show nothing, but why."""
        self.weights.show_histogram(None, sentence)
        self.activations.show_histogram(None)

    def show_answer(self, answer: Histograms) -> None:
        """Show what the engine has counted."""
        self.weights.show_histogram(answer.weights, "This layer has no weights.")
        self.activations.show_histogram(answer.activations)
