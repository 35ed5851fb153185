"""What lies in the trash, with what it was, to be had back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QDialog, QListWidget, QListWidgetItem, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.gui.kit.basic import button, column, label, row
from resnet_gui.gui.kit.format import percent
from resnet_gui.gui.kit.window.screen_room import resize_within_screen
from resnet_gui.gui.runs.row import RunRow, progress_text
from resnet_gui.runs.folder import RUN_FILE, summarise
from resnet_gui.runs.notes import trashed_runs

ROW_HEIGHT: Final = 44
WIDE, HIGH = 560, 420


class TrashedEntry(NamedTuple):
    """Something in the trash.

    Attributes:
        folder: where it lies there.
        name: of the run, or of the folder of something else.
        about: what it is and when it was begun and thrown away, in words.
    """

    folder: Path
    name: str
    about: str


def trashed_entries() -> list[TrashedEntry]:
    """What lies in the trash, what was thrown away last first."""
    return [_entry(folder) for folder in sorted(trashed_runs(), key=_thrown_away, reverse=True)]


def _thrown_away(folder: Path) -> float:
    """When a folder was moved, in seconds since 1970: moving changes a folder's own time of change."""
    try:
        return folder.stat().st_ctime
    except OSError:
        return 0.0


def _entry(folder: Path) -> TrashedEntry:
    moved = f"deleted {datetime.fromtimestamp(_thrown_away(folder)):%Y-%m-%d %H:%M}"  # noqa: DTZ006
    if not (folder / RUN_FILE).is_file():
        return TrashedEntry(folder, folder.name, f"a sweep with its runs, {moved}")
    try:
        run = RunRow.of(summarise(folder))
    except InputError as error:
        return TrashedEntry(folder, folder.name, f"{moved}; {error}")
    begun = run.info.created.replace("T", " ")[:16] if run.info is not None else ""
    error_words = "" if run.error is None else f"{percent(run.error, 2)} error"
    parts = (progress_text(run), error_words, f"begun {begun}" if begun else "", moved)
    return TrashedEntry(folder, run.name, ", ".join(filter(None, parts)))


class TrashDialog(QDialog):
    """The dialog that lists the trash and gives back one thing, some, or all.

    Attributes:
        list: of what lies there.
        chosen: gives back what is selected.
        every: gives back all.
        note: what became of it.
    """

    def __init__(self, parent: QWidget, restore: Callable[[Sequence[Path]], str]) -> None:
        """Make it; ``restore`` moves folders back and says in words what became of that."""
        super().__init__(parent)
        self._restore = restore
        self.setWindowTitle("Restore from the trash")
        resize_within_screen(self, WIDE, HIGH)
        layout = column(self, (20, 16, 20, 16), 10)
        layout.addWidget(label("What was deleted lies here until the trash is emptied.", "muted12", wrap=True))
        self.list = QListWidget()
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setAccessibleName("Trash")
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.itemSelectionChanged.connect(self._show_buttons)
        layout.addWidget(self.list, 1)
        self.note = label("", "muted12", wrap=True)
        layout.addWidget(self.note)
        foot = row(gap=8)
        self.every = button("Restore all", "", "Move everything back to where it was")
        self.chosen = button("Restore", "primary", "Move what is selected back to where it was")
        close = button("Close")
        foot.addWidget(self.every)
        foot.addStretch()
        for made in (close, self.chosen):
            foot.addWidget(made)
        self.every.clicked.connect(lambda: self._take_back(self._folders(self.list.count())))
        self.chosen.clicked.connect(lambda: self._take_back(self._selected()))
        close.clicked.connect(self.accept)
        layout.addLayout(foot)
        self._fill()

    def _fill(self) -> None:
        self.list.clear()
        for entry in trashed_entries():
            item = QListWidgetItem(f"{entry.name}\n{entry.about}")
            item.setData(Qt.ItemDataRole.UserRole, entry.folder)
            item.setToolTip(f"{entry.name}\n{entry.about}\n{entry.folder}")
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            self.list.addItem(item)
        if self.list.count():
            self.list.setCurrentRow(0)
        self._show_buttons()

    def _show_buttons(self) -> None:
        self.chosen.setEnabled(bool(self.list.selectedItems()))
        self.every.setEnabled(bool(self.list.count()))

    def _folders(self, count: int) -> list[Path]:
        return [self.list.item(number).data(Qt.ItemDataRole.UserRole) for number in range(count)]

    def _selected(self) -> list[Path]:
        return [item.data(Qt.ItemDataRole.UserRole) for item in self.list.selectedItems()]

    def _take_back(self, folders: Sequence[Path]) -> None:
        self.note.setText(self._restore(folders))
        self._fill()
