"""Mean, deviation and size by hand, for networks whose file does not tell them."""

from __future__ import annotations

import math

import msgspec
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QSpinBox, QWidget

from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.gui.kit.basic import column, label
from resnet_gui.gui.kit.form import indent


class ValuesDialog(QDialog):
    """A dialog that asks for the values of a preprocessing."""

    def __init__(self, parent: QWidget, start: Preprocess) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preprocessing")
        self.setMinimumWidth(380)
        self._start = start
        layout = column(self, (24, 18, 24, 16), 10)
        layout.addWidget(label("How a picture becomes the network's input", "run"))
        layout.addWidget(
            label(
                "Mean and deviation are on the scale 0 to 1, one number a channel, with commas between.",
                "muted12",
                wrap=True,
            )
        )
        form = QFormLayout()
        self.mean, self.std = (QLineEdit(", ".join(f"{one:g}" for one in values)) for values in (start.mean, start.std))
        self.resize_to = QSpinBox()
        self.resize_to.setRange(0, 4096)
        indent(self.resize_to)
        self.resize_to.setValue(start.resize)
        self.resize_to.setSpecialValueText("fit the picture")
        self.interpolation = QComboBox()
        self.interpolation.addItems(["bilinear", "bicubic"])
        self.interpolation.setCurrentText(start.interpolation)
        for words, field in (
            ("Mean", self.mean), ("Deviation", self.std), ("Short side before the crop", self.resize_to),
            ("Resampling", self.interpolation),
        ):  # fmt: skip
            field.setAccessibleName(words)
            form.addRow(words, field)
        layout.addLayout(form)
        self.problem = label("", "error", wrap=True)
        layout.addWidget(self.problem)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.values = start

    def _accept(self) -> None:
        channels = len(self._start.mean)
        found: dict[str, tuple[float, ...]] = {}
        for name, words, field in (("mean", "Mean", self.mean), ("std", "Deviation", self.std)):
            try:
                values = tuple(float(part) for part in field.text().replace(";", ",").split(","))
            except ValueError:
                self.problem.setText(f"{words} is not a list of numbers, such as 0.5, 0.5, 0.5.")
                return
            if len(values) != channels or not all(math.isfinite(one) and abs(one) < 1e6 for one in values):
                self.problem.setText(f"{words} needs {channels} numbers, one a channel of the network.")
                return
            found[name] = values
        if min(found["std"]) < 1e-6:
            self.problem.setText("Deviation must be above 0 in every channel.")
            return
        interpolation = "bicubic" if self.interpolation.currentText() == "bicubic" else "bilinear"
        self.values = msgspec.structs.replace(
            self._start,
            mean=found["mean"],
            std=found["std"],
            resize=self.resize_to.value(),
            interpolation=interpolation,
        )
        self.accept()
