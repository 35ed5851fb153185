"""The reliability diagram with the temperature that is shown, the best one, and its use in Predict."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from resnet_gui.evaluation.calibration import TEMPERATURES, Temperature
from resnet_gui.evaluation.calibrations import Calibration
from resnet_gui.gui.evaluate.panel import EvaluationPanel
from resnet_gui.gui.evaluate.reliability.diagram import ReliabilityDiagram, hatch
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.kit.basic import button, label, row
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.controls.slider import AbsoluteSlider
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.throttle import Throttle

FRAME_MS: Final = 16
NOTE: Final = (
    "Bars: of the answers of about this confidence, so many are right. Hatched: surer than right. The line is the "
    "same at the temperature below (Guo et al. 2017), by which the outputs are divided; the order of the classes stays."
)

USE_TIP: Final = "Predict divides this model's outputs by the best temperature."


class ReliabilityLegend(QWidget):
    """The legend of hatch and line, drawn beside the title."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._temperature = theme, ""
        self.setFixedHeight(16)
        theme.changed.connect(self.update)

    def show_temperature(self, words: str) -> None:
        """Name the temperature of the line; empty for no line."""
        self._temperature = words
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """The signs and their words."""
        wide = 17 + ink("too sure", 11).width
        wide += 26 + ink(self._temperature, 11).width if self._temperature else 0
        return QSize(int(wide) + 2, 16)

    minimumSizeHint = sizeHint

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw signs and words."""
        painter, color = QPainter(self), self._theme.color
        painter.setPen(QPen(color("ctl"), 1))
        painter.setBrush(hatch(self._theme))
        painter.drawRect(QRectF(0.5, 3.5, 11, 9))
        painter.setPen(color("t2"))
        word = ink("too sure", 11)
        word.draw_in(painter, QRectF(17, 0, word.width, 16))
        if self._temperature:
            left = 17 + word.width + 5
            painter.fillRect(QRectF(left, 7, 15, 2), color("t1"))
            ink(self._temperature, 11).draw_in(painter, QRectF(left + 20, 0, 100, 16))


class ReliabilityPanel(EvaluationPanel):
    """The panel of the reliability diagram.

    Attributes:
        slider: steps of the grid of temperatures.
        use: whether Predict divides this model's outputs by the temperature that was fitted.

    Signals:
        use_toggled: the user wants Predict to use the fitted temperature, or no more.
    """

    use_toggled = Signal(bool)

    def __init__(self, theme: Theme, state: EvaluateState) -> None:
        super().__init__("Reliability")
        self.setToolTip(NOTE)
        self._state = state
        self.legend = ReliabilityLegend(theme)
        self.tools.addWidget(self.legend)
        self.diagram = ReliabilityDiagram(theme)
        self.body.addWidget(self.diagram, 1)
        line = row(margins=(16, 0, 16, 0), gap=8)
        line.addWidget(label("Temperature", "muted12"))
        self.slider = AbsoluteSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, len(TEMPERATURES) - 1)
        self.slider.setAccessibleName("Temperature")
        self.slider.setMinimumWidth(48)
        line.addWidget(self.slider, 1)
        self.value = label("1.00", "plain12")
        self.value.setStyleSheet("font-weight: 600;")
        line.addWidget(self.value)
        self.best = button("Best", "link")
        line.addWidget(self.best)
        self.body.addLayout(line)
        second = row(margins=(16, 0, 16, 6), gap=8)
        self.use = ToggleSwitch(theme, "Use in Predict", USE_TIP)
        second.addWidget(self.use, 1)
        self.body.addLayout(second)
        self._drawing = Throttle(self, FRAME_MS, self._draw)
        self.slider.valueChanged.connect(self._slid)
        self.best.clicked.connect(self._take_best)
        self.use.clicked.connect(self.use_toggled)
        state.evaluation_changed.connect(self._changed)
        state.temperature_changed.connect(self._drawing.request)
        self._changed()

    def show_use(self, *, on: bool, other: Calibration | None = None) -> None:
        """Show whether Predict uses this temperature, without telling anybody.

        Args:
            on: whether it does.
            other: what it uses for this model instead; None for nothing.
        """
        words = "Use in Predict" if other is None else f"Use in Predict (now T {other.temperature:.2f})"
        more = f" Now it uses another: {other.sentence}" if other is not None else ""
        with QSignalBlocker(self.use):
            self.use.setChecked(on)
        self.use.setText(words)
        self.use.setAccessibleName(words)
        self.use.setToolTip(f"{USE_TIP}{more}")

    @property
    def fitted(self) -> Temperature | None:
        """The temperature that was fitted."""
        answers = self._state.answers
        return answers.temperature if answers is not None else None

    def _changed(self) -> None:
        """Another evaluation: its fitted temperature is the first that is shown."""
        fitted = self.fitted
        there = self._state.answers is not None
        self.slider.setEnabled(there)
        self.best.setEnabled(fitted is not None)
        self.use.setEnabled(fitted is not None)
        self.diagram.words = "" if there else "Appears when it is measured."
        if fitted is not None:
            edge = " It is an end of what is searched: the best may lie beyond." if fitted.at_edge else ""
            self.best.setToolTip(
                f"{fitted.value:.2f}, fitted on {fitted.pictures:,} of the pictures by their likelihood; on the other "
                f"{fitted.held_out:,} the calibration error goes from {100 * fitted.ece_before:.1f} to "
                f"{100 * fitted.ece_after:.1f} %.{edge}"
            )
            self._take_best()
        self._draw()

    def _take_best(self) -> None:
        fitted = self.fitted
        if fitted is not None:
            nearest = min(range(len(TEMPERATURES)), key=lambda step: abs(TEMPERATURES[step] - fitted.value))
            with QSignalBlocker(self.slider):
                self.slider.setValue(nearest)
            self._state.set_temperature(fitted.value)

    def _slid(self, step: int) -> None:
        self._state.set_temperature(TEMPERATURES[step])

    def _draw(self) -> None:
        answers, temperature = self._state.answers, self._state.temperature
        self.value.setText(f"{temperature:.2f}")
        if answers is None:
            self.legend.show_temperature("")
            self.diagram.show_reliability(None, None)
            return
        heated = answers.reliability(temperature) if temperature != 1 else None
        self.legend.show_temperature(f"at T {temperature:.2f}" if heated is not None else "")
        self.diagram.show_reliability(answers.reliability(), heated)
