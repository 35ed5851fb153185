"""What is wrong with a recipe, or far off what learns, below its fields."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame

from resnet_gui.gui.kit.basic import button, column, label
from resnet_gui.training.rates import SMALLER_RATE, few_steps_warning, rate_warning
from resnet_gui.training.recipe import Recipe


class FormProblem(QFrame):
    """A sentence about the recipe, and a smaller rate where that would help.

    Attributes:
        error: the sentence.
        smaller_rate: asks for the smaller rate.
    """

    def __init__(self) -> None:
        super().__init__()
        self._warns = False
        layout = column(self)
        self.error = label("", "error", wrap=True)
        self.smaller_rate = button(f"Use a learning rate of {SMALLER_RATE:g}", "link", "Change this field alone")
        for widget in (self.error, self.smaller_rate):
            widget.hide()
            layout.addWidget(widget)

    def show_error(self, message: str) -> None:
        """Say what is wrong; empty for nothing."""
        self.error.setText(message)
        self.error.setVisible(bool(message))
        self.smaller_rate.hide()
        self._warns = False

    def show_recipe(self, recipe: Recipe | None, pictures: int) -> None:
        """Warn of a recipe that hardly learns, unless something is wrong.

        Args:
            recipe: as it stands; None while a value cannot be.
            pictures: that it learns from by random weights; 0 where that is not known, or it begins from others.
        """
        if recipe is None or not (self._warns or self.error.isHidden()):
            return
        few = few_steps_warning(recipe, pictures) if pictures else ""
        warning = rate_warning(recipe) or few
        self.show_error(warning)
        self._warns = bool(warning)
        self.smaller_rate.setVisible(bool(few))
