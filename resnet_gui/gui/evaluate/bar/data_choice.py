"""The choice of the data that a model is measured on: known sets, and folders and files of the user's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal

from resnet_gui.data.datasets import KNOWN, is_here
from resnet_gui.gui.kit.basic import ElidingCombo
from resnet_gui.gui.kit.field_guard import FieldGuard
from resnet_gui.gui.kit.theme import Theme

FOLDER: Final = "folder …"
FILE: Final = "file …"
"""Keys of the last lines, which are no names of data: those have no space and no ellipsis."""

PART_NAMES: Final = frozenset(["test", "val", "valid", "validation", "train", "images"])
MOST_RECENT: Final = 6
"""Folders and files of earlier times that are offered."""


def data_words(data: str) -> str:
    """The test pictures of a data set in few words; of a folder its name."""
    known = KNOWN.get(data)
    if known is None:
        path = Path(data)
        # "test" alone says little; of a set in parts the folder above has its name.
        return f"{path.parent.name}/{path.name}" if path.name.casefold() in PART_NAMES else path.name or data
    return f"{known.title} test, {known.test_images:,} pictures"


class TestSetCombo(ElidingCombo):
    """A combo box of data sets.

    Attributes:
        data: the chosen set as the command line names it; empty for none.

    Signals:
        chosen: another data set.
        folder_requested: ask for a folder.
        file_requested: ask for an archive, a table or a file of arrays.
    """

    chosen = Signal(str)
    folder_requested = Signal()
    file_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.data = ""
        self._theme, self._own = theme, ""
        self._recent: list[str] = []
        self.setAccessibleName("Data")
        self.setSizeAdjustPolicy(ElidingCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setIconSize(QSize(14, 14))
        self.setPlaceholderText("Choose pictures")
        self.installEventFilter(FieldGuard(self))
        self.activated.connect(self._take)
        theme.changed.connect(self._fill)
        self._fill()

    def set_recent(self, recent: Sequence[str]) -> None:
        """Offer folders and files of earlier times."""
        self._recent = list(dict.fromkeys(one for one in recent if one not in KNOWN))[:MOST_RECENT]
        self._fill()

    @property
    def recent(self) -> tuple[str, ...]:
        """Folders and files that are offered, the latest first."""
        return tuple(self._recent)

    def set_own(self, own: str) -> None:
        """Offer the set that the model was tested on when it was trained first; empty where there is none."""
        self._own = own
        self._fill()

    def show_data(self, data: str) -> None:
        """Show a data set without telling anybody."""
        self.data = data
        if data and data not in KNOWN:
            self._recent = [data, *(one for one in self._recent if one != data)][:MOST_RECENT]
        self._fill()

    def _fill(self) -> None:
        self.blockSignals(True)
        self.clear()
        order = [self._own] if self._own else []
        order += [name for name in (*self._recent, *KNOWN) if name != self._own]
        for data in order:
            known = KNOWN.get(data)
            missing = f", {known.megabytes:.0f} MB to fetch" if known is not None and not is_here(data) else ""
            self.addItem(self._theme.icon("image", size=14), f"{data_words(data)}{missing}", data)
            own = "The model's own test pictures. " if data == self._own else ""
            tip = f"{own}{known.source if known is not None else data}"
            self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.insertSeparator(self.count())
        self.addItem(self._theme.icon("folder", size=14), "Folder of pictures …", FOLDER)
        self.addItem(self._theme.icon("file", size=14), "Archive, table or arrays …", FILE)
        self.setCurrentIndex(self.findData(self.data) if self.data else -1)
        self.setToolTip(KNOWN[self.data].source if self.data in KNOWN else self.data)
        self.blockSignals(False)

    def _take(self, _index: int) -> None:
        data = str(self.currentData() or "")
        self.setCurrentIndex(self.findData(self.data) if self.data else -1)
        if data == FOLDER:
            self.folder_requested.emit()
        elif data == FILE:
            self.file_requested.emit()
        elif data and data != self.data:
            self.show_data(data)
            self.chosen.emit(data)
