"""The confusion matrix of an epoch; a cell opens its pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.common.confusion_matrix import ConfusionMatrix
from resnet_gui.gui.kit.basic import column, label, row
from resnet_gui.gui.kit.controls.slider import AbsoluteSlider
from resnet_gui.gui.kit.theme import Theme


def confusion(labels: NDArray[np.uint16], answers: NDArray[np.uint16], classes: int) -> NDArray[np.int64]:
    """Counts (true class, given class)."""
    sound = (labels < classes) & (answers < classes)
    flat = labels[sound].astype(np.int64) * classes + answers[sound]
    return np.bincount(flat, minlength=classes * classes).reshape(classes, classes)


class ConfusionView(QWidget):
    """The view of a confusion matrix with the choice of its epoch.

    Signals:
        cell_chosen: epoch, and numbers of the true and the given class.
        epoch_chosen: the user has moved to another epoch.
    """

    cell_chosen = Signal(int, int, int)
    epoch_chosen = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        layout = column(self)
        self.matrix = ConfusionMatrix(theme)
        layout.addWidget(self.matrix, 1)
        line = row(gap=8)
        line.setContentsMargins(14, 0, 14, 6)
        self._epoch = label("", "muted12")
        self._epoch.setFixedWidth(96)
        self.slider = AbsoluteSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Epoch of the confusion matrix")
        self.slider.setRange(1, 1)
        line.addWidget(self._epoch)
        line.addWidget(self.slider, 1)
        layout.addLayout(line)
        self._last = True
        self.slider.valueChanged.connect(self._moved)
        self.matrix.cell_chosen.connect(lambda true, given: self.cell_chosen.emit(self.slider.value(), true, given))

    def sizeHint(self) -> QSize:
        """Not more than its share."""
        return QSize(400, 300)

    @property
    def epoch(self) -> int:
        """Number of the epoch that is shown, from 1."""
        return self.slider.value()

    def set_epochs(self, count: int) -> None:
        """There are so many epochs; whoever looks at the last one sees the next as well."""
        self.slider.blockSignals(True)
        self.slider.setRange(1, max(1, count))
        self.slider.setEnabled(count > 1)
        if self._last:
            self.slider.setValue(count)
        self.slider.blockSignals(False)
        self._epoch.setText(f"epoch {self.slider.value()} of {count}" if count else "")

    def _moved(self, value: int) -> None:
        self._last = value == self.slider.maximum()
        self._epoch.setText(f"epoch {value} of {self.slider.maximum()}")
        self.epoch_chosen.emit()
