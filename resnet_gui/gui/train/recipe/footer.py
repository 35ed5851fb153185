"""The foot of the form of a new run: what it will cost, and the buttons that keep the recipe and start the run."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame

from resnet_gui.gui.kit.basic import button, column, label, panel, row, set_icon
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.recipe.caution import RecipeCaution

SAVE: Final = "Save recipe"
START_TIP: Final = "Train the design with this recipe (Ctrl+R)"
NARROW: Final = 380
HEIGHT: Final = 32


class RecipeFooter(QFrame):
    """The foot of the form, which stays in view.

    Attributes:
        note: what the run will cost.
        warning: why it will not fit, or cannot begin.
        memory_fix: changes the recipe so that it fits.
        caution: of a recipe that hardly learns.
        save: writes the recipe to a file.
        start: starts the run.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        bar = panel("topLine")
        column(self).addWidget(bar)
        outer = column(bar, (16, 1, 16, 0))
        self.warning = label("", "error", wrap=True)
        self.memory_fix = button("", "link", "Change the recipe so that it fits")
        for widget in (self.warning, self.memory_fix):
            widget.hide()
            outer.addWidget(widget)
        self.caution = RecipeCaution()
        outer.addWidget(self.caution)
        inner = panel()
        inner.setMinimumHeight(52)
        line = row(inner, gap=12)
        self.note = label("", "small", wrap=True)
        line.addWidget(self.note, 1)
        self.save = button(SAVE, "", "Write this recipe to a file, for --recipe of the command line too")
        self.save.setAccessibleName(SAVE)
        set_icon(theme, self.save, "download", "t1")
        line.addWidget(self.save)
        self.start = button("Start run", "primary", START_TIP)
        self.start.setShortcut("Ctrl+R")
        set_icon(theme, self.start, "play", "onacc")
        line.addWidget(self.start)
        for pressed in (self.save, self.start):
            # One height for both: the style makes the one that starts larger.
            pressed.setFixedHeight(HEIGHT)
        outer.addWidget(inner)
        self._cost_warning, self._refusal, self._data_refusal = "", "", ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the text of the lesser button out where there is little room."""
        super().resizeEvent(event)
        self.save.setText(SAVE if self.width() > NARROW else "")

    def show_repeats(self, count: int) -> None:
        """Say how many runs will start."""
        self.start.setText("Start run" if count == 1 else f"Start {count} runs")

    def show_cost(self, note: str, warning: str = "", memory_fix: str = "", *, why: str = "") -> None:
        """Say what the run will cost; where it does not fit, what would; ``why`` more is not known, in the tooltip."""
        self.note.setText(note)
        self.note.setToolTip(why)
        self._cost_warning = warning
        self._show_warning()
        self.memory_fix.setText(memory_fix)
        self.memory_fix.setVisible(bool(memory_fix))

    def refuse(self, sentence: str) -> None:
        """Let nothing start, and say why; an empty sentence lets it again."""
        self._refusal = sentence
        self._show_refusals()
        self._show_warning()

    def refuse_data(self, sentence: str) -> None:
        """The same of the data set, beside which the sentence stands already; here it is the tooltip alone."""
        self._data_refusal = sentence
        self._show_refusals()

    def _show_refusals(self) -> None:
        refused = self._data_refusal or self._refusal
        self.start.setEnabled(not refused)
        self.start.setToolTip(refused or START_TIP)

    def _show_warning(self) -> None:
        text = self._refusal or self._cost_warning
        self.warning.setText(text)
        self.warning.setVisible(bool(text))
