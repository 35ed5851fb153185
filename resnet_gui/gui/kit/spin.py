"""What number fields of every form share."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QSpinBox,
)

from resnet_gui.gui.kit.field_guard import DESIGNS


def indent(spin: QAbstractSpinBox, left: int = 6) -> None:
    """Move the figures off the frame; a style sheet's padding does not reach a spin box's own line edit."""
    spin.lineEdit().setTextMargins(left, 0, 0, 0)


def put_number(spin: QSpinBox, value: int) -> None:
    """Show a number without telling anybody; the same number again would be painted again."""
    if spin.value() != value or spin.lineEdit().text() != spin.textFromValue(value):
        spin.blockSignals(True)
        spin.setValue(value)
        spin.blockSignals(False)
    if spin.property(DESIGNS) != value:
        spin.setProperty(DESIGNS, value)
    if spin.property("small"):
        # Four figures need the place of the arrows; the keys and the wheel step as before.
        plain = value > LARGEST_BESIDE_ARROWS
        spin.setButtonSymbols(
            QAbstractSpinBox.ButtonSymbols.NoButtons if plain else QAbstractSpinBox.ButtonSymbols.UpDownArrows
        )


LARGEST_BESIDE_ARROWS = 999
