"""A small combo box for the title's row of a view."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker, Qt

from resnet_gui.gui.kit.basic import ElidingCombo


class SmallCombo(ElidingCombo):
    """A small combo box whose entries have keys.

    Args:
        name: for a screen reader.
        letters: that it has room for at least; 0 for the longest entry.
        least: pixels that a layout leaves it at least; 0 for what the letters need.
        list_width: pixels of the list that opens; 0 for the box's own.
    """

    def __init__(self, name: str, letters: int = 0, *, least: int = 0, list_width: int = 0) -> None:
        super().__init__()
        self.setProperty("small", "true")
        self.setAccessibleName(name)
        self.setMaxVisibleItems(24)
        if letters:
            self.setSizeAdjustPolicy(ElidingCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            self.setMinimumContentsLength(letters)
        if least:
            self.setMinimumWidth(least)
        if list_width:
            self.view().setMinimumWidth(list_width)

    def show_entries(self, entries: Iterable[tuple[str, object]]) -> None:
        """Offer others, a text and a key each, without telling anybody."""
        with QSignalBlocker(self):
            self.clear()
            for text, key in entries:
                self.addItem(text, key)

    def show_keyed(self, entries: Iterable[tuple[str, str]]) -> None:
        """Offer others, a text and a key each; a key that the text does not have is in its tooltip."""
        self.show_entries(entries)
        for number in range(self.count()):
            key = str(self.itemData(number))
            if key not in self.itemText(number):
                self.setItemData(number, key, Qt.ItemDataRole.ToolTipRole)

    def show_key(self, key: object) -> None:
        """Show the entry of a key, none if there is none, without telling anybody."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(key))
