"""The panel of the confusion matrix: counts or shares, sorted by confusion where there are many classes."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QPushButton

from resnet_gui.evaluation.answers import Answers
from resnet_gui.evaluation.confusion import order_by_confusion
from resnet_gui.evaluation.selection import Selection
from resnet_gui.gui.common.confusion_matrix import ConfusionMatrix, Normalisation
from resnet_gui.gui.evaluate.panel import EvaluationPanel
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.kit.basic import icon_button
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.theme import Theme

FEW: Final = 20
"""Up to so many classes stand in the network's order by themselves; more are sorted by confusion."""

SHOWN: Final[tuple[tuple[str, Normalisation], ...]] = (
    ("counts", "counts"), ("% of rows", "rows"), ("% of columns", "columns"),
)  # fmt: skip
ABOUT: Final = "rows are true"
FULL_ABOUT: Final = "Rows are true classes, columns answers"


class MatrixPanel(EvaluationPanel):
    """The panel of the confusion matrix.

    Attributes:
        matrix: the matrix.
        shown: counts, or shares of rows (recall on the diagonal) or columns (precision).
        sorting: whether classes that are taken for each other stand side by side.
    """

    def __init__(self, theme: Theme, state: EvaluateState) -> None:
        super().__init__("Confusion", ABOUT)
        self._state = state
        self.sorting: QPushButton = icon_button(
            theme, "sort", "Classes that are taken for each other side by side", size=24
        )
        self.sorting.setCheckable(True)
        self.shown = SmallCombo("Counts or shares", 5, list_width=120)
        self.shown.show_entries(SHOWN)
        self.shown.setToolTip("Pictures, or shares of the true class (recall) or of the answer (precision)")
        self.tools.addWidget(self.sorting)
        self.tools.addWidget(self.shown)
        self.matrix = ConfusionMatrix(theme, standing_names=True)
        self.matrix.set_words("Which class is taken for which appears here.")
        self.body.addWidget(self.matrix, 1)
        self.shown.activated.connect(lambda: self.matrix.set_normalisation(self.shown.currentData()))
        self.sorting.toggled.connect(self._sort)
        self.matrix.cell_chosen.connect(self._choose)
        state.evaluation_changed.connect(self._changed)
        state.selection_changed.connect(self._selected)
        self._changed()

    def _changed(self) -> None:
        answers = self._state.answers
        many = answers is not None and answers.classes > FEW
        if answers is None:
            self.matrix.set_counts(self.matrix.counts()[:0, :0], ())
        else:
            self.matrix.set_counts(answers.counts, answers.labels, _order(answers, by_confusion=many))
        self.show_about(ABOUT, f"{FULL_ABOUT}; {len(answers):,} pictures" if answers is not None else FULL_ABOUT)
        self.shown.setEnabled(answers is not None)
        self.sorting.setVisible(answers is not None and answers.classes > 2)
        self.sorting.blockSignals(True)
        self.sorting.setChecked(many)
        self.sorting.blockSignals(False)
        self._selected()

    @property
    def order(self) -> NDArray[np.int64]:
        """Numbers of the classes as they stand; empty before there are any."""
        answers = self._state.answers
        if answers is None:
            return np.zeros(0, dtype=np.int64)
        return _order(answers, by_confusion=self.sorting.isChecked())

    def _sort(self, on: bool) -> None:
        answers = self._state.answers
        if answers is not None:
            self.matrix.set_order(_order(answers, by_confusion=on))

    def _choose(self, true: int, given: int) -> None:
        chosen = Selection(truth=true, answer=given)
        # The same cell once more selects everything again.
        self._state.select(Selection() if chosen == self._state.selection else chosen)

    def _selected(self) -> None:
        selection = self._state.selection
        if selection.truth is not None and selection.answer is not None:
            self.matrix.select((selection.truth, selection.answer))
        else:
            self.matrix.select(None, selection.truth)


def _order(answers: Answers, *, by_confusion: bool) -> NDArray[np.int64]:
    """Numbers of the classes as they stand: those that are taken for each other side by side, or as they are."""
    return order_by_confusion(answers.counts) if by_confusion else np.arange(answers.classes)
