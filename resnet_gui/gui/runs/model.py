"""The runs as rows of a list: read from their folders, followed while they go on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import runs_folder
from resnet_gui.gui.kit.format import told_apart
from resnet_gui.gui.runs.colours import RunColours
from resnet_gui.gui.runs.row import RunRow, progress_text
from resnet_gui.protocol.jobs import Train
from resnet_gui.runs.folder import (
    RUN_FILE,
    is_being_written,
    list_runs,
    run_folders,
    summarise,
)
from resnet_gui.runs.notes import notes_stamp

Index = QModelIndex | QPersistentModelIndex
POLL_MS: Final = 100
"""How often the file of a run of another process is read; an engine of this window says when there is something."""

CATCH_UP_MS: Final = 15
"""How often while a long file is being read in pieces."""

IDLE_MS: Final = 2000
"""How often new runs are looked for while none of them is going."""


class RunModel(QAbstractListModel):
    """The model of all runs, the newest first; one of the session, which every page reads.

    Attributes:
        problems: sentences about run folders that could not be read.

    Signals:
        run_changed: a row has new events or another state.
        problem_found: a sentence about a run folder that cannot be read, once for each; ``load`` finds without it.
    """

    run_changed = Signal(object)
    problem_found = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[RunRow] = []
        self._owned: set[str] = set()
        self._looked = 0.0
        self._foreign: dict[str, bool] = {}
        self._followed: list[Path] = []
        self._colours = RunColours()
        self._loaded = False
        self.problems: list[str] = []
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.poll)

    def load(self, followed: Sequence[str] = ()) -> None:
        """Read the folder of runs, and those elsewhere that are followed.

        Whichever page comes first reads them all; after that only what is new is taken up, and known rows stay.
        """
        if self._loaded:
            self._look_around()
            self.watch()
            return
        self._loaded = True
        summaries, self.problems = list_runs()
        self._followed = [Path(text) for text in followed]
        for path in self._followed:
            try:
                summaries.append(summarise(path))
            except InputError as error:
                self.problems.append(str(error))
        rows = [RunRow.of(summary) for summary in summaries]
        self._colours.give(rows[::-1], ())
        for row in rows[4:]:
            # Old runs are a click away; drawing all of them at once would show none.
            row.shown = False
        self.beginResetModel()
        self._rows = rows
        self._name_all()
        self.endResetModel()
        self._keep_colours()
        self.watch()

    def rows(self) -> list[RunRow]:
        """All rows."""
        return list(self._rows)

    def row(self, folder: str | Path) -> RunRow | None:
        """The row of a folder."""
        return next((row for row in self._rows if str(row.folder) == str(folder)), None)

    def add(self, job: Train, *, queued: bool = False) -> RunRow:
        """Show a run that has just been asked for; a queued one waits for its turn."""
        row = RunRow(Path(job.run), job.name, job.spec, job.recipe)
        row.start = job.start
        if queued:
            row.status = "queued"
        self._insert([row])
        if not queued:
            self.own(job.run)
        return row

    def follow(self, folder: Path) -> RunRow:
        """Show a run that lies elsewhere, whoever writes it.

        Raises:
            InputError: it is no run.
        """
        known = self.row(folder)
        if known is not None:
            return known
        row = RunRow.of(summarise(folder))
        self._followed.append(folder)
        self._insert([row])
        self.watch()
        return row

    def find(self, folder: Path) -> RunRow | None:
        """The row of a run that another process may have begun just now; None where there is none."""
        if self.row(folder) is None:
            self._look_around()
        return self.row(folder)

    @property
    def followed(self) -> list[str]:
        """Folders elsewhere that are followed."""
        return [str(path) for path in self._followed]

    def own(self, folder: str) -> None:
        """An engine of this window trains the run."""
        self._owned.add(folder)
        row = self.row(folder)
        if row is not None:
            row.begin()
            self._tell(row)
        self.watch()

    def disown(self, folder: str, sentence: str = "") -> None:
        """That engine is gone; ``sentence`` says how if it was not wanted."""
        self._owned.discard(folder)
        row = self.row(folder)
        if row is None:
            return
        if not (row.folder / RUN_FILE).is_file():
            self.remove(row)
            return
        row.end(sentence)
        self._tell(row)
        self._keep_colours()
        self.watch()

    def remove(self, row: RunRow) -> None:
        """Take a row off the list."""
        number = self._rows.index(row)
        self.beginRemoveRows(QModelIndex(), number, number)
        self._rows.remove(row)
        self.endRemoveRows()
        self._followed = [path for path in self._followed if path != row.folder]

    def drop_below(self, folder: Path) -> None:
        """Take the runs of a folder that is gone off the list."""
        for row in [row for row in self._rows if folder in row.folder.parents]:
            self.remove(row)

    def put_back(self, folder: Path) -> None:
        """Show a run that was taken out of the trash."""
        self._take_up([folder])
        if folder.parent != runs_folder() and self.row(folder) is not None:
            self._followed.append(folder)

    def set_shown(self, row: RunRow, *, shown: bool) -> None:
        """Draw a run's curves or not."""
        if shown != row.shown:
            row.shown = shown
            self._tell(row)
            self.watch()

    def show_only(self, folders: Sequence[str]) -> list[RunRow]:
        """Draw the curves of these runs and of no others; what is not in the list yet is taken up.

        Returns:
            Their rows; a folder that is no run has none.
        """
        self.load()
        self._take_up([Path(folder) for folder in folders if self.row(folder) is None])
        for row in self._rows:
            self.set_shown(row, shown=str(row.folder) in folders)
        return [row for row in map(self.row, folders) if row is not None]

    def set_message(self, row: RunRow, message: str) -> None:
        """Say something else of a run; empty for nothing."""
        if message != row.message:
            row.message = message
            self._tell(row)

    def take_begun(self, row: RunRow) -> None:
        """A run that waited here was begun by another window: read on what that writes."""
        row.status = "starting"
        self._tell(row)
        self.poll()

    def renamed(self, row: RunRow) -> None:
        """A row has another name."""
        row.read_notes()
        self._name_all()
        self._tell(row)

    def poll(self) -> None:
        """Read what going runs have written, and now and then look for runs of other processes."""
        now = time.monotonic()
        look_at_foreign = now - self._looked > 1.0
        if look_at_foreign:
            self._looked = now
            self._look_around()
        for row in list(self._rows):
            folder = str(row.folder)
            if row.status == "queued" or not (row.going or row.behind):
                continue
            alive = folder in self._owned
            if not alive and row.going:
                if look_at_foreign or folder not in self._foreign:
                    self._foreign[folder] = is_being_written(row.folder)
                alive = self._foreign[folder]
            if row.refresh(alive=alive):
                self._tell(row)
        self._keep_colours()
        self.watch()

    def read(self, folder: str) -> None:
        """An engine of this window has written into a run's folder."""
        row = self.row(folder)
        if row is not None and row.refresh(alive=folder in self._owned):
            self._tell(row)
            self.watch()

    def _look_around(self) -> None:
        """Take up what other processes have begun, gone on with or named since the list was read."""
        known = {row.folder for row in self._rows}
        for row in list(self._rows):
            if notes_stamp(row.folder) != row.notes_stamp:
                self._read_notes(row)
            waits = row.going or row.status == "queued"
            if not waits and str(row.folder) not in self._owned and is_being_written(row.folder):
                row.status = "running"
                self._tell(row)
        self._take_up([path for path in reversed(run_folders()) if path not in known])

    def _take_up(self, folders: Sequence[Path]) -> None:
        """Show runs, the last one on top, and say once of each folder that cannot be read why."""
        rows = []
        for folder in folders:
            try:
                row = RunRow.of(summarise(folder))
                # The runs of a sweep are drawn there; here each is a click away.
                row.shown = folder.parent == runs_folder()
                rows.append(row)
            except InputError as error:
                if str(error) not in self.problems:
                    self.problems.append(str(error))
                    self.problem_found.emit(str(error))
        self._insert(rows)

    def _read_notes(self, row: RunRow) -> None:
        """Another window may have named a run, or given it a colour."""
        before = row.own_name, row.note, row.colour
        row.read_notes()
        self._name_all()
        if before != (row.own_name, row.note, row.colour):
            self._tell(row)

    def _name_all(self) -> None:
        """Tell runs of one name apart, the older ones first."""
        rows = list(reversed(self._rows))
        for row, name in zip(rows, told_apart([row.own_name for row in rows]), strict=True):
            row.name = name

    def watch(self) -> None:
        """Read on as often as there is something to read."""
        if any(row.behind for row in self._rows):
            pace = CATCH_UP_MS
        else:
            foreign = any(row.going and str(row.folder) not in self._owned for row in self._rows)
            pace = POLL_MS if foreign else IDLE_MS
        if not self._timer.isActive() or self._timer.interval() != pace:
            self._timer.start(pace)

    def _keep_colours(self) -> None:
        for row in self._colours.keep(self._rows):
            self._tell(row)

    def _insert(self, rows: Sequence[RunRow]) -> None:
        """Put new rows on top, the last one uppermost."""
        self._colours.give(rows, self._rows)
        for row in rows:
            self.beginInsertRows(QModelIndex(), 0, 0)
            self._rows.insert(0, row)
            self._name_all()
            self.endInsertRows()
        self._keep_colours()

    def _tell(self, row: RunRow) -> None:
        index = self.index(self._rows.index(row))
        self.dataChanged.emit(index, index)
        self.run_changed.emit(row)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of runs."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row object under UserRole; its name and state in words for readers."""
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.UserRole:
                return row
            case Qt.ItemDataRole.DisplayRole:
                return row.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{row.name}, {row.status}, {progress_text(row)}"
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(filter(None, (str(row.folder), row.message, row.note)))
            case _:
                return None
