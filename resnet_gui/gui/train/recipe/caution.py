"""What of a recipe is far off what learns, beside the button that starts it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame

from resnet_gui.gui.kit.basic import button, column, label
from resnet_gui.training.rates import SMALLER_RATE, few_steps_note, few_steps_warning, rate_warning
from resnet_gui.training.recipe import Recipe


class RecipeCaution(QFrame):
    """A short sentence about a recipe that hardly learns, and a smaller rate where that would help.

    Attributes:
        words: the sentence; all that there is to say is its tooltip.
        smaller_rate: asks for the smaller rate.
    """

    def __init__(self) -> None:
        super().__init__()
        layout = column(self, (0, 4, 0, 0), 0)
        self.words = label("", "warn", wrap=True)
        self.smaller_rate = button(f"Use a learning rate of {SMALLER_RATE:g}", "link", "Change this field alone")
        layout.addWidget(self.words)
        layout.addWidget(self.smaller_rate)
        self.hide()

    def show_recipe(self, recipe: Recipe | None, pictures: int) -> None:
        """Warn of a recipe that hardly learns.

        Args:
            recipe: as it stands; None while a value cannot be.
            pictures: that it learns from by random weights; 0 where that is not known, or it begins from others.
        """
        rate = rate_warning(recipe) if recipe is not None else ""
        few = few_steps_warning(recipe, pictures) if recipe is not None and pictures else ""
        note = few_steps_note(recipe, pictures) if recipe is not None and few else ""
        self.words.setText(rate or note)
        self.words.setToolTip(rate or few)
        self.smaller_rate.setVisible(bool(few))
        self.setVisible(bool(rate or few))
