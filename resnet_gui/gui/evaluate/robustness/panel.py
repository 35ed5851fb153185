"""The panel "Corruption": how a network answers pictures that are made worse, or changed against it."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QMenu, QStackedWidget

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation.corruptions import CORRUPTIONS, PICTURES
from resnet_gui.evaluation.robustness import RobustnessRecord, read_robustness
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.evaluate.notice import PanelNotice
from resnet_gui.gui.evaluate.panel import EvaluationPanel
from resnet_gui.gui.evaluate.robustness.attack_tab import AttackTab
from resnet_gui.gui.evaluate.robustness.corruption_tab import SHOWN, CorruptionTab
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.kit.basic import button, icon_button, set_icon
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.format import count
from resnet_gui.gui.kit.theme import Theme

SEED: Final = 0
"""Of the order in which pictures are shown."""

NOTHING: Final = "How accuracy falls as pictures are made worse appears here when a model is measured."


class RobustnessPanel(EvaluationPanel):
    """The panel "Corruption".

    Attributes:
        corruption: sliders and curves of corruptions.
        attack: the same for attacks by the gradient.
        notice: what is shown where there is nothing of it.
    """

    def __init__(self, theme: Theme, state: EvaluateState, engines: Engines) -> None:
        super().__init__("Corruption")
        self._state = state
        self._order: tuple[int, ...] = ()
        self._at = 0
        self.tabs = SegmentedControl(theme, [("corruption", "Corruption", ""), ("attack", "Attack", "")],
                                     height=24, fitted=True)  # fmt: skip
        self.tabs.setAccessibleName("Corruptions, or attacks by the gradient")
        self.tabs.chosen.connect(self._show_tab)
        self.kinds = icon_button(theme, "filter", "Which corruptions are on show", size=24)
        self.kinds.setMenu(self._menu())
        self.next = button("Next picture", "small")
        set_icon(theme, self.next, "image", "t1")
        self.next.clicked.connect(self.show_next)
        for tool in (self.tabs, self.kinds, self.next):
            self.tools.addWidget(tool)
        self.notice = PanelNotice()
        self.corruption, self.attack = CorruptionTab(theme, engines), AttackTab(theme, engines)
        for tab in (self.corruption, self.attack):
            tab.measured.connect(self._read_record)
        self.stack = QStackedWidget()
        for page in (self.notice, self.corruption, self.attack):
            self.stack.addWidget(page)
        self.body.addWidget(self.stack, 1)
        state.evaluation_changed.connect(self.reload)
        state.selection_changed.connect(self._order_pictures)
        self.reload()

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        for key, corruption in CORRUPTIONS.items():
            action = menu.addAction(corruption.title)
            action.setData(key)
            action.setCheckable(True)
            action.setChecked(key in SHOWN)
            action.setToolTip(corruption.what)
            action.toggled.connect(self._show_kinds)
        return menu

    def _show_kinds(self) -> None:
        """Show the corruptions that are ticked; the last one stays."""
        actions = self.kinds.menu().actions()
        ticked = [action for action in actions if action.isChecked()]
        for action in actions:
            action.setEnabled(len(ticked) > 1 or not action.isChecked())
        self.corruption.show_keys(tuple(action.data() for action in ticked))

    # ---- what there is

    def reload(self) -> None:
        """Show the evaluation on show."""
        evaluation = self._state.evaluation
        folder, pictures = "", 0
        labels: tuple[str, ...] = ()
        if evaluation is not None:
            folder, pictures = str(evaluation.folder), len(evaluation.answers)
            labels = evaluation.answers.labels
        self.corruption.show_evaluation(folder, pictures, labels)
        self.attack.show_evaluation(folder, pictures, labels)
        if evaluation is None:
            self._show_notice(NOTHING)
        elif self._read_record():
            self._show_tab(self.tabs.key)
            self._order_pictures()

    def _read_record(self) -> bool:
        """Read what is measured; whether that could be read."""
        folder = self._state.folder
        if folder is None:
            return False
        try:
            record = read_robustness(folder)
        except InputError as error:
            self._show_notice(str(error), failed=True)
            return False
        self.corruption.show_record(record)
        self.attack.show_record(record)
        self._show_words(record)
        return True

    def _show_words(self, record: RobustnessRecord | None) -> None:
        pictures = len(self._state.answers) if self._state.answers is not None else 0
        if record is None:
            self.show_about(f"top-1 accuracy %, {count(min(PICTURES, pictures))} pictures")
            return
        attacks = f"; attacks: {record.attacks_computed}" if record.attacks_computed else ""
        self.show_about(
            f"top-1 accuracy %, {count(record.sample.pictures)} pictures",
            f"Top-1 accuracy on {record.sample.words}; {record.computed}{attacks}",
        )

    def _show_notice(self, sentence: str, *, failed: bool = False) -> None:
        self.notice.show_sentence(sentence, failed=failed)
        self._show_stack(0)
        self.show_about("")

    def _show_stack(self, number: int) -> None:
        self.stack.setCurrentIndex(number)
        self.tabs.setVisible(number > 0)
        self.next.setVisible(number > 0)
        self.kinds.setVisible(number == 1)

    def _show_tab(self, key: str) -> None:
        if self._state.evaluation is None:
            return
        self.tabs.set_key(key)
        self.title.setText("Corruption" if key == "corruption" else "Attack")
        self._show_stack(1 if key == "corruption" else 2)
        self._show_picture()

    # ---- which picture

    def _order_pictures(self) -> None:
        """Go through the selected pictures, or through all, in an order that was drawn once."""
        answers = self._state.answers
        if answers is None:
            return
        pictures = self._state.selection.pictures(answers)
        if not len(pictures):
            pictures = np.arange(len(answers))
        drawn = np.random.default_rng(SEED).permutation(pictures)
        self._order, self._at = tuple(drawn.tolist()), 0
        self._show_picture()

    def show_next(self) -> None:
        """Show the next picture; after the last, the first."""
        self._at = (self._at + 1) % max(1, len(self._order))
        self._show_picture()

    def _show_picture(self) -> None:
        """Ask for the picture in the tab that is seen."""
        if self._order and self.stack.currentWidget() is self.corruption:
            self.corruption.show_picture(self._order[self._at])
        elif self._order and self.stack.currentWidget() is self.attack:
            self.attack.show_picture(self._order[self._at])

    def showEvent(self, event: QShowEvent) -> None:
        """A panel that is not seen asks the engine nothing; now it does."""
        super().showEvent(event)
        self._show_picture()
