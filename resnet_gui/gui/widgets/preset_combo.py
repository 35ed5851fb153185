"""The list of published designs, grouped by family."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox

from resnet_gui.gui.widgets.stage_grid import WheelGuard
from resnet_gui.spec.presets import PRESETS, Preset


class PresetCombo(QComboBox):
    """A combo box of the presets.

    Signals:
        preset_chosen: the user chose one.
    """

    preset_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        model = QStandardItemModel(self)
        family = ""
        for preset in PRESETS.values():
            if preset.family != family:
                family = preset.family
                heading = QStandardItem(family)
                heading.setEnabled(False)
                model.appendRow(heading)
            item = QStandardItem(preset.title)
            item.setData(preset.name, Qt.ItemDataRole.UserRole)
            item.setToolTip(preset.source)
            model.appendRow(item)
        self.setModel(model)
        self.setMaxVisibleItems(24)
        # As wide as its place; the list is as wide as its longest title.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 24)
        self.setAccessibleName("Preset")
        self.setToolTip("A published design to begin with")
        # A wheel over a list that has no focus scrolls the form and chooses nothing.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.installEventFilter(WheelGuard(self))
        self.activated.connect(self._tell)

    def show_preset(self, preset: Preset) -> None:
        """Show a preset without telling anybody."""
        self.setCurrentIndex(self.findData(preset.name))

    def _tell(self, index: int) -> None:
        name = self.itemData(index)
        if name in PRESETS:
            self.preset_chosen.emit(PRESETS[name])
