"""The controls of a recipe's fields: made from one table, read as one recipe, shown as another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from resnet_gui.base.errors import RecipeError
from resnet_gui.gui.kit.basic import restyle
from resnet_gui.gui.kit.form import FormField, make_control, show_value, value_of
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.recipe.fields import ALL
from resnet_gui.gui.train.recipe.words import USUAL
from resnet_gui.training.named_recipes import OWN
from resnet_gui.training.rates import RateMemory
from resnet_gui.training.recipe import Recipe

BATCHES: Final = 65_536
"""The largest batch: any number of parts fits into it."""

FIELD_OF: Final = {field.name: field for field in ALL}


class RecipeControls(QObject):
    """The controls of all fields of a recipe but its data.

    Signals:
        changed: the user has changed a field.
    """

    changed = Signal()

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._controls: dict[str, QWidget] = {}
        self._rates = RateMemory(USUAL)

    def __getitem__(self, name: str) -> QWidget:
        """The control of a field."""
        return self._controls[name]

    def make(self, field: FormField) -> QWidget:
        """Make the control of a field."""
        edited = self._optimiser_changed if field.name == "optimizer" else self.changed.emit
        return self.add(field, make_control(self._theme, field, edited, while_typing=True))

    def add(self, field: FormField, control: QWidget) -> QWidget:
        """Take a control that was made elsewhere as that of a field."""
        control.setAccessibleName(field.title)
        control.setToolTip(field.tip)
        self._controls[field.name] = control
        show_value(control, getattr(USUAL, field.name))
        return control

    def titled(self, fields: Sequence[FormField]) -> list[tuple[str, QWidget]]:
        """Titles and controls of fields, for a grid."""
        return [(field.title, self._controls[field.name]) for field in fields]

    def read(self, data: str) -> Recipe:
        """The recipe as it stands, on some data.

        Raises:
            RecipeError: a value cannot be.
        """
        values = {name: self._value(name) for name in self._controls}
        return Recipe(data=data, **values)  # type: ignore[arg-type]

    def own(self, data: str) -> Recipe:
        """What a named recipe leaves as it is, whatever may be wrong in the other fields."""
        kept = {name: self._value(name) for name in OWN if name in self._controls}
        try:
            # Any number of parts may be asked for; whether the batch has room for them is seen later.
            return Recipe(data=data, batch_size=BATCHES, **kept)  # type: ignore[arg-type]
        except RecipeError:
            return Recipe(data=data)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show a recipe without telling anybody."""
        self._rates = RateMemory(recipe)
        for name, control in self._controls.items():
            show_value(control, getattr(recipe, name))

    def show_field(self, name: str, value: object) -> None:
        """Show one value without telling anybody."""
        show_value(self._controls[name], value)

    def mark(self, wrong: str) -> None:
        """Mark one field as wrong and no other; empty for none."""
        for name, control in self._controls.items():
            restyle(control, invalid="true" if name == wrong else "false")

    def _value(self, name: str) -> object:
        try:
            return value_of(self._controls[name], FIELD_OF[name])
        except ValueError as error:
            raise RecipeError(name, str(error)) from None

    def _optimiser_changed(self) -> None:
        """Give an optimiser a rate that fits it, unless the user has said another that may."""
        try:
            rate = self._rates.rate_for(self.read(Recipe().data))
        except RecipeError:
            pass
        else:
            self.show_field("lr", rate)
        self.changed.emit()
