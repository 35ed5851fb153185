"""The boxes at the top of the form: recipes by name, and devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt

from resnet_gui.gui.kit.basic import ElidingCombo
from resnet_gui.gui.kit.form import prepare
from resnet_gui.protocol.events import Device
from resnet_gui.training.named_recipes import RECIPES, recipe_of
from resnet_gui.training.recipe import Recipe

CUSTOM: Final = "custom"


class NamedRecipeCombo(ElidingCombo):
    """A box of the recipes that have a name, which says "Custom" of any other."""

    def __init__(self) -> None:
        super().__init__()
        for named in RECIPES.values():
            self.addItem(named.title, named.name)
            self.setItemData(self.count() - 1, named.source, Qt.ItemDataRole.ToolTipRole)
        prepare(self, "Recipe", "")

    def show_recipe(self, recipe: Recipe) -> None:
        """Say which recipe it is, without telling anybody."""
        named = recipe_of(recipe)
        at = self.findData(CUSTOM)
        if named is None and at < 0:
            self.addItem("Custom", CUSTOM)
        elif named is not None and at >= 0:
            self.removeItem(at)
        self.setCurrentIndex(self.findData(named.name if named is not None else CUSTOM))
        self.setToolTip(named.source if named is not None else "Your own")


class DeviceCombo(ElidingCombo):
    """A box of what there is to compute on."""

    def __init__(self) -> None:
        super().__init__()
        prepare(self, "Device", "Where the run is computed")

    def show_devices(self, devices: Sequence[Device], chosen: str) -> None:
        """Offer devices, and show which is chosen, without telling anybody."""
        self.clear()
        self.addItem("Automatic", "auto")
        for device in devices:
            self.addItem(device.name.upper(), device.name)
            self.setItemData(self.count() - 1, device.title, Qt.ItemDataRole.ToolTipRole)
        self.setCurrentIndex(max(0, self.findData(chosen)))
