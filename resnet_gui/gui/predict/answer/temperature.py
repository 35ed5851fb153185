"""The temperature of the softmax: entered by hand, or the one that was fitted to this network."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from resnet_gui.evaluation.calibrations import Calibration
from resnet_gui.gui.kit.basic import ElidedLabel, column, label, row
from resnet_gui.gui.kit.form import indent
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.kit.theme import Theme

STEP_NOTE: Final = (
    "Softmax turns logits into numbers that add up to one. They are no chances: networks trained in the usual way are "
    "surer than they are right (Guo et al. 2017). A temperature above 1 makes them less sure; the order stays."
)
FIELD: Final = 96
HOW: Final = "The Evaluate page fits a temperature on labelled pictures, which is then offered here."


class TemperatureRow(QWidget):
    """The row of the temperature.

    Attributes:
        temperature: that the logits are divided by.
        calibrated: whether that is the fitted one; it is hidden where none was fitted.
        plain: says so.

    Signals:
        changed: the temperature.
    """

    changed = Signal(float)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._calibration: Calibration | None = None
        lines = column(self, (16, 0, 16, 10), gap=4)
        line = row(gap=6)
        lines.addLayout(line)
        note = label("Temperature", "label")
        note.setToolTip(STEP_NOTE)
        line.addWidget(note)
        self.temperature = QDoubleSpinBox()
        self.temperature.setRange(0.1, 10.0)
        self.temperature.setSingleStep(0.1)
        self.temperature.setDecimals(2)
        self.temperature.setValue(1.0)
        self.temperature.setAccessibleName("Temperature of the softmax")
        self.temperature.setToolTip(STEP_NOTE)
        self.temperature.setKeyboardTracking(False)
        self.temperature.setFixedWidth(FIELD)
        indent(self.temperature)
        line.addWidget(self.temperature)
        line.addStretch()
        self.plain = ElidedLabel("not calibrated", "caption", least=20)
        self.plain.setToolTip(f"{STEP_NOTE} {HOW}")
        line.addWidget(self.plain)
        self.calibrated = ToggleSwitch(theme, "", "")
        # A line of its own: beside the field, a narrow window would cut the words.
        lines.addWidget(self.calibrated)
        self.temperature.valueChanged.connect(self._entered)
        self.calibrated.clicked.connect(self._switched)
        self.show_calibration(None)

    @property
    def calibration(self) -> Calibration | None:
        """The fitted temperature of the network; None for none."""
        return self._calibration

    def show_calibration(self, calibration: Calibration | None) -> None:
        """Take the temperature that was fitted to a network and use it; None where none was, which puts it back to 1.

        A temperature that was entered by hand stays where the network has none of its own.
        """
        if calibration == self._calibration and calibration is not None:
            return
        was_calibrated = self._calibration is not None and self.calibrated.isChecked()
        self._calibration = calibration
        self.plain.setVisible(calibration is None)
        self.calibrated.setVisible(calibration is not None)
        if calibration is not None:
            words = f"calibrated, T {calibration.temperature:.2f}"
            self.calibrated.setText(words)
            self.calibrated.setAccessibleName(words)
            self.calibrated.setToolTip(f"{calibration.sentence} Off: the network's own figures.")
            self.calibrated.setChecked(True)
            self._set(calibration.temperature)
        elif was_calibrated:
            self._set(1.0)

    def _set(self, temperature: float) -> None:
        """Show a temperature and say it unrounded."""
        with QSignalBlocker(self.temperature):
            self.temperature.setValue(temperature)
        self.changed.emit(temperature)

    def _entered(self, temperature: float) -> None:
        self.calibrated.setChecked(False)
        self.changed.emit(temperature)

    def _switched(self, on: bool) -> None:
        if self._calibration is not None:
            self._set(self._calibration.temperature if on else 1.0)
