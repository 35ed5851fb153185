"""The bar of the page: model, data, the model beside, which weights of a run, report, measure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QMenu

from resnet_gui.gui.common.network_model import NetworkModel
from resnet_gui.gui.evaluate.bar.data_choice import TestSetCombo
from resnet_gui.gui.evaluate.bar.model_choice import ModelCombo
from resnet_gui.gui.kit.basic import button, label, restyle, row, set_icon, vertical_line
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.theme import Theme

WIDTHS: Final = (262, 268, 200)
NARROW_WIDTHS: Final = (220, 220, 190)
LEAST: Final = 84
"""Pixels of model, data and the model beside, and what each keeps where there is little room."""

COMBO_FRAME: Final = 52
"""Pixels of a small combo box around its text."""

MEASURE, AGAIN, STOP = "Measure", "Measure again", "Stop"


class EvaluationBar(QFrame):
    """The choices of what is measured, and what is done with it.

    Attributes:
        model, data, other: what is chosen.
        weights: the best weights of a run, or its last.
        report: a menu of what is written.
        measure: Measure, Measure again, or Stop.

    Signals:
        weights_chosen: "best" or "last".
    """

    weights_chosen = Signal(str)

    def __init__(self, theme: Theme, networks: NetworkModel, refresh: Callable[[], object]) -> None:
        super().__init__()
        self.setObjectName("panelHeader")
        self.setFixedHeight(44)
        self._theme, self._words = theme, MEASURE
        line = row(self, (16, 0, 16, 0))
        self.model = ModelCombo(theme, networks, refresh, "Model", "Choose a model")
        self.data = TestSetCombo(theme)
        self.other = ModelCombo(theme, networks, refresh, "Beside", "none", can_be_none=True)
        line.addWidget(label("Model", "label"))
        line.addWidget(self.model, WIDTHS[0])
        line.addWidget(label("on", "muted"))
        line.addWidget(self.data, WIDTHS[1])
        self._lines = [vertical_line(), vertical_line()]
        line.addSpacing(6)
        line.addWidget(self._lines[0])
        line.addSpacing(6)
        line.addWidget(label("Beside", "label"))
        line.addWidget(self.other, WIDTHS[2])
        self._weights_label: QLabel = label("Weights", "label")
        self.weights = SmallCombo("Weights of the run")
        self.weights.setToolTip("Weights of the epoch with the best validation error, or of the last one")
        self.weights.activated.connect(lambda: self.weights_chosen.emit(str(self.weights.currentData())))
        line.addWidget(self._lines[1])
        line.addWidget(self._weights_label)
        line.addWidget(self.weights)
        line.addStretch(1)
        self.report = button("Report", "", "Write down what was measured: a report, a table of the answers")
        set_icon(theme, self.report, "report", "t1")
        self.report_menu = QMenu(self.report)
        line.addWidget(self.report)
        self.measure = button(MEASURE, "primary")
        self.measure.setStyleSheet("min-height: 26px; padding: 0 12px;")
        line.addWidget(self.measure)
        self.report.clicked.connect(self._open_report_menu)
        self.show_weights((), "")
        self.show_measure(MEASURE, enabled=False)
        self.set_narrow(narrow=False)
        theme.changed.connect(self._show_icon)

    def show_weights(self, entries: Sequence[tuple[str, str]], chosen: str) -> None:
        """Offer the weights of a run, a line and a key each; none for a model that has only these."""
        self.weights.show_entries(entries)
        self.weights.show_key(chosen)
        # Qt measures the entries once, when the box is shown first; and the epoch, at the end, tells them apart.
        self.weights.ensurePolished()
        texts = [self.weights.fontMetrics().horizontalAdvance(text) for text, _ in entries]
        self.weights.setMinimumWidth(max(texts, default=0) + COMBO_FRAME)
        for widget in (self._lines[1], self._weights_label, self.weights):
            widget.setVisible(bool(entries))

    def show_measure(self, words: str, *, enabled: bool, filled: bool = False, tip: str = "") -> None:
        """Show what the last button does; it is filled where it is what is to be done next, and nothing else is."""
        self._words = words
        self.measure.setText(words)
        self.measure.setToolTip(tip)
        self.measure.setEnabled(enabled)
        restyle(self.measure, kind="primary" if filled else "")
        self._show_icon()

    def _show_icon(self) -> None:
        icon, token = {MEASURE: ("play", "onacc"), AGAIN: ("refresh", "t1"), STOP: ("stop", "t1")}[self._words]
        token = token if self.measure.property("kind") else "t1"
        self.measure.setIcon(self._theme.icon(icon, token))

    def set_narrow(self, *, narrow: bool) -> None:
        """Give way in a narrow window: smaller boxes, and no words on the report's button."""
        widths = NARROW_WIDTHS if narrow else WIDTHS
        for combo, width in zip((self.model, self.data, self.other), widths, strict=True):
            combo.setMaximumWidth(width)
            combo.setMinimumWidth(LEAST)
        self.report.setText("" if narrow else "Report")
        self.report.setAccessibleName("Report")
        self._weights_label.setVisible(not narrow and self.weights.count() > 0)

    def _open_report_menu(self) -> None:
        self.report_menu.popup(self.report.mapToGlobal(self.report.rect().bottomLeft()))
