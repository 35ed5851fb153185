"""The second model beside the first: the comparison, and who is right where as a selection of all panels."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation.comparison import (
    Group,
    PairedComparison,
    PairedPictures,
    compare,
    paired_pictures,
    right_where,
)
from resnet_gui.evaluation.selection import Selection
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.kit.basic import literal

GROUPS: Final[tuple[Group, ...]] = ("first", "second", "neither", "both")


class ShownComparison(QObject):
    """The comparison of the two evaluations that are on show.

    Attributes:
        found: what it says; None where there are not two, or they share no picture.
        problem: a sentence why there is none though there are two.

    Signals:
        changed: it says something else.
    """

    changed = Signal()

    def __init__(self, state: EvaluateState) -> None:
        super().__init__(state)
        self._state = state
        self._pairs: PairedPictures | None = None
        self.found: PairedComparison | None = None
        self.problem = ""
        state.evaluation_changed.connect(self._compare)
        state.other_changed.connect(self._compare)

    @property
    def same(self) -> bool:
        """Whether both give the same answer about every picture that they share, as a model beside itself does."""
        first, second = self._state.answers, self._state.other
        if self._pairs is None or first is None or second is None or first.labels != second.labels:
            return False
        return np.array_equal(first.answer[self._pairs.first], second.answer[self._pairs.second])

    @property
    def sentence(self) -> str:
        """The outcome with both names; empty where there is none."""
        return self.found.sentence(self._state.name, self._state.other_name) if self.found is not None else ""

    def _compare(self) -> None:
        first, second = self._state.answers, self._state.other
        self._pairs, self.found, self.problem = None, None, ""
        if first is not None and second is not None:
            try:
                self._pairs = paired_pictures(first, second)
                self.found = compare(first, second, self._pairs)
            except InputError as error:
                self.problem = str(error)
        self.changed.emit()

    def select(self, group: Group) -> None:
        """Select the pictures that both, one alone or neither answers rightly."""
        first, second = self._state.answers, self._state.other
        if self._pairs is not None and first is not None and second is not None:
            numbers = right_where(first, second, self._pairs, group)
            self._state.select(Selection(numbers=tuple(numbers.tolist())))

    def menu(self, parent: QWidget) -> QMenu:
        """Who is right where, each with its count."""
        menu = QMenu(parent)
        found = self.found
        if found is None:
            return menu
        names = {
            "first": f"Only {self._state.name} is right", "second": f"Only {self._state.other_name} is right",
            "neither": "Both are wrong", "both": "Both are right",
        }  # fmt: skip
        counts = {"first": found.first, "second": found.second, "neither": found.neither, "both": found.both}
        for group in GROUPS:
            action = menu.addAction(literal(f"{names[group]}: {counts[group]:,}"))
            action.setEnabled(counts[group] > 0)
            action.triggered.connect(lambda _=False, group=group: self.select(group))
        menu.addSeparator()
        menu.addAction("Select all (Esc)").triggered.connect(lambda _=False: self._state.clear_selection())
        return menu

    def open_menu(self, card: QWidget) -> None:
        """Open the menu below the card."""
        if self.found is not None:
            self.menu(card).popup(card.mapToGlobal(QPoint(12, card.height() - 4)))
