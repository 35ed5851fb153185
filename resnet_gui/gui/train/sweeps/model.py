"""The sweeps as rows of a list: found in their folder, read again while they go on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final, Literal

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import sweeps_folder
from resnet_gui.sweeps.folder import SWEEP_FILE, read_sweep
from resnet_gui.sweeps.state import LIVE, SweepReader, SweepState, eta
from resnet_gui.sweeps.sweep import Sweep
from resnet_gui.sweeps.words import data_words

Index = QModelIndex | QPersistentModelIndex
GOING_MS: Final = 500
IDLE_MS: Final = 2000
UNREAD_MS: Final = 20
"""How often a sweep is read that goes on, new ones are looked for, and one that nobody has read yet is read."""

RowStatus = Literal["queued", "running", "paused", "stopped", "finished", "failed"]


class SweepItem:
    """One sweep of the list.

    Attributes:
        folder: of the sweep.
        sweep: as its file says.
        state: of its runs; None until it has been read.
        waiting: whether it waits for its turn.
        owned: whether an engine of this window runs it.
        stopping: whether it has been asked to end.
        held: whether the engine of this window has been asked to pause, which may not have begun a run yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sweep: Sweep = read_sweep(folder)
        self.state: SweepState | None = None
        self.waiting = self.owned = self.stopping = self.held = False
        self._reader: SweepReader | None = None

    @property
    def name(self) -> str:
        """The user's for it."""
        return self.sweep.name

    @property
    def status(self) -> RowStatus:
        """How it stands."""
        if self.waiting:
            return "queued"
        if self.state is None:
            return ("paused" if self.held else "running") if self.owned else "stopped"
        if self.owned and self.state.status != "finished" and self.held:
            return "paused"
        if self.state.status in {"queued", "stopped"}:
            # None of its runs has begun: it waits only where this window is to begin it.
            return "running" if self.owned else "stopped"
        if self.state.status == "finished" and self.state.done == 0:
            return "failed"
        return self.state.status

    @property
    def going(self) -> bool:
        """Whether more of it may come."""
        return self.owned or (self.state is not None and self.state.status in {"running", "paused"})

    @property
    def about(self) -> str:
        """What it learns from, and how often: ``digits, 3 seeds``."""
        count = len(self.sweep.seeds)
        return f"{data_words(self.sweep)}, {count} seed{'s' if count != 1 else ''}"

    @property
    def counts(self) -> tuple[int, int]:
        """Runs that are over, and all."""
        if self.state is None:
            return 0, self.sweep.combinations * len(self.sweep.seeds)
        return self.state.done + len(self.state.failed), len(self.state.cells)

    def seconds_left(self) -> float | None:
        """Until it is over; None while nobody knows."""
        return eta(self.state) if self.state is not None and self.going else None

    def live(self) -> int:
        """How many of its runs are being trained."""
        return sum(cell.status in LIVE for cell in self.state.cells) if self.state is not None else 0

    def read(self) -> bool:
        """Read it again; whether anything is new.

        Raises:
            InputError: its folder is gone, or cannot be read any more.
        """
        if self._reader is None:
            self._reader = SweepReader(self.folder)
        before, self.state = self.state, self._reader.read()
        self.sweep = self.state.sweep
        if not self.going:
            self.stopping = False
        return before != self.state


class SweepModel(QAbstractListModel):
    """The model of all sweeps, the newest first.

    Attributes:
        chosen: the one that the page is about; None while there is none.
        problems: sentences about folders that cannot be read, each once.

    Signals:
        sweep_changed: something of a sweep is new.
        chosen_changed: another one is chosen, or none.
        problem_found: a sentence about a folder that cannot be read.
    """

    sweep_changed = Signal(object)
    chosen_changed = Signal()
    problem_found = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[SweepItem] = []
        self._looked = 0.0
        self.chosen: SweepItem | None = None
        self.problems: list[str] = []
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.poll)

    def load(self) -> None:
        """Find the sweeps; they are read one after the other."""
        self._look_around()
        self._watch()

    def items(self) -> list[SweepItem]:
        """All sweeps."""
        return list(self._items)

    def item(self, folder: str | Path) -> SweepItem | None:
        """The sweep of a folder."""
        return next((item for item in self._items if str(item.folder) == str(folder)), None)

    def choose(self, item: SweepItem | None) -> None:
        """Look at another sweep, which is read at once; None for none."""
        if item is self.chosen:
            return
        self.chosen = item
        if item is not None:
            self._read(item)
        self.chosen_changed.emit()

    def add(self, folder: Path) -> SweepItem:
        """Show a sweep that lies in a folder.

        Raises:
            InputError: it is none.
        """
        known = self.item(folder)
        if known is not None:
            return known
        item = SweepItem(folder)
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._items.insert(0, item)
        self.endInsertRows()
        self._watch()
        return item

    def remove(self, item: SweepItem) -> None:
        """Take a sweep off the list; its neighbour is chosen where it was."""
        number = self._items.index(item)
        self.beginRemoveRows(QModelIndex(), number, number)
        self._items.remove(item)
        self.endRemoveRows()
        if item is self.chosen:
            self.choose(self._items[min(number, len(self._items) - 1)] if self._items else None)

    def changed(self, item: SweepItem) -> None:
        """Something of a sweep that is not in its folder is another: whether it waits, or is being stopped."""
        self._tell(item)
        self._watch()

    def poll(self) -> None:
        """Read on what goes on, one that has not been read yet, and now and then look for new ones."""
        if time.monotonic() - self._looked > IDLE_MS / 1000:
            self._look_around()
        unread = next((item for item in self._items if item.state is None), None)
        for item in list(self._items):
            if item.going or item is unread:
                self._read(item)
        self._watch()

    def read(self, folder: str) -> None:
        """Something has happened in a sweep."""
        item = self.item(folder)
        if item is not None:
            self._read(item)
            self._watch()

    def _read(self, item: SweepItem) -> None:
        try:
            if item.read():
                self._tell(item)
        except InputError as error:
            self._say(str(error))
            if item in self._items:
                self.remove(item)

    def _look_around(self) -> None:
        self._looked = time.monotonic()
        known = {item.folder for item in self._items}
        folder = sweeps_folder()
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            if path in known or not (path / SWEEP_FILE).is_file():
                continue
            try:
                self.add(path)
            except InputError as error:
                self._say(str(error))
        for item in list(self._items):
            if not item.going and item.state is not None and item.state.status != "finished":
                self._read(item)  # another process may have gone on with it

    def _say(self, sentence: str) -> None:
        if sentence not in self.problems:
            self.problems.append(sentence)
            self.problem_found.emit(sentence)

    def _watch(self) -> None:
        going = any(item.going for item in self._items)
        unread = any(item.state is None for item in self._items)
        pace = UNREAD_MS if unread else GOING_MS if going else IDLE_MS
        if not self._timer.isActive() or self._timer.interval() != pace:
            self._timer.start(pace)

    def _tell(self, item: SweepItem) -> None:
        if item in self._items:
            index = self.index(self._items.index(item))
            self.dataChanged.emit(index, index)
        self.sweep_changed.emit(item)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of sweeps."""
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The sweep itself under UserRole; its name and state in words for readers."""
        if not index.isValid() or not 0 <= index.row() < len(self._items):
            return None
        item = self._items[index.row()]
        done, total = item.counts
        match role:
            case Qt.ItemDataRole.UserRole:
                return item
            case Qt.ItemDataRole.DisplayRole:
                return item.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{item.name}, {item.status}, {done} of {total} runs"
            case Qt.ItemDataRole.ToolTipRole:
                return str(item.folder)
            case _:
                return None
