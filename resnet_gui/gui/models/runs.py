"""The runs as rows of a list: read from their folders, followed while they go on."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from resnet_gui.spec.arch import ResNetSpec
from resnet_gui.spec.errors import InputError
from resnet_gui.spec.files import runs_folder
from resnet_gui.spec.history import RunReader, RunState, Status
from resnet_gui.spec.jobs import Train
from resnet_gui.spec.recipe import Recipe
from resnet_gui.spec.runs import (
    BEST_FILE,
    LAST_FILE,
    RUN_FILE,
    DataIdentity,
    RunSummary,
    is_being_written,
    list_runs,
    read_run_info,
    summarise,
)

Index = QModelIndex | QPersistentModelIndex
POLL_MS: Final = 100
"""How often a going run's file is read: new points show within a quarter of a second and cost next to nothing."""

IDLE_MS: Final = 2000
"""How often new runs are looked for while none is going."""

COLOURS: Final = 8


class RunRow:
    """One run.

    Attributes:
        folder: of the run.
        name: of its design.
        token: its colour, kept for its life.
        status: in one word.
        shown: whether its curves are drawn.
        state: its events added up; None until somebody looks.
    """

    def __init__(self, folder: Path, name: str, spec: ResNetSpec, recipe: Recipe, token: str) -> None:
        self.folder, self.name, self.spec, self.recipe, self.token = folder, name, spec, recipe, token
        self.status: Status = "starting"
        self.epoch = 0
        self.error: float | None = None
        self.message = ""
        self.shown = True
        self.data: DataIdentity | None = None
        self.state: RunState | None = None
        self._reader: RunReader | None = None

    @property
    def going(self) -> bool:
        """Whether more events may come."""
        return self.status in {"starting", "running", "paused"}

    @property
    def usable(self) -> bool:
        """Whether its best weights can classify pictures."""
        return (self.folder / BEST_FILE).is_file()

    @property
    def resumable(self) -> bool:
        """Whether it has a checkpoint and is not at its end."""
        return self.status in {"stopped", "failed", "interrupted"} and (self.folder / LAST_FILE).is_file()

    @property
    def top1(self) -> float | None:
        """Best test accuracy as a fraction."""
        return None if self.error is None else 1 - self.error

    def take_summary(self, summary: RunSummary) -> None:
        """Take what the folder says."""
        self.status, self.epoch, self.error = summary.status, summary.epoch, summary.error
        self.message, self.data, self.spec = summary.message, summary.info.data, summary.info.spec

    def look(self) -> RunState:
        """The events so far; reads what has come since the last look."""
        if self.state is None or self._reader is None:
            self.state, self._reader = RunState(), RunReader(self.folder)
        for event in self._reader.read():
            self.state.apply(event)
        return self.state

    def refresh(self, *, alive: bool) -> bool:
        """Read on; whether anything has changed."""
        if self.data is None and (self.folder / RUN_FILE).is_file():
            with contextlib.suppress(InputError):
                info = read_run_info(self.folder)
                self.data, self.spec = info.data, info.spec
        if self._reader is not None and self._reader.bad_lines and not self.message:
            self.message = f"{self._reader.bad_lines} lines of its events could not be read and were left out."
        before = (self.status, self.epoch, self.error, self.state.step if self.state else -1)
        state = self.look()
        self.status = state.status(alive=alive)
        self.epoch = state.last_epoch.epoch if state.last_epoch else 0
        self.error = state.best_error
        if state.ended is not None:
            self.message = state.ended.message
        return before != (self.status, self.epoch, self.error, state.step)


class RunModel(QAbstractListModel):
    """All runs, the newest first.

    Signals:
        run_changed: a row has new events or another state.
        problem: a sentence about a run folder that cannot be read.
    """

    run_changed = Signal(object)
    problem = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[RunRow] = []
        self._owned: set[str] = set()
        self._looked = 0.0
        self._foreign: dict[str, bool] = {}
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.poll)

    def load(self) -> None:
        """Read the folder of runs."""
        summaries, problems = list_runs()
        self.beginResetModel()
        self._rows = []
        for number, summary in enumerate(reversed(summaries)):
            info = summary.info
            row = RunRow(summary.folder, info.name, info.spec, info.recipe, f"r{number % COLOURS}")
            row.take_summary(summary)
            # Old runs are a click away; drawing all of them at once would show none.
            row.shown = number >= len(summaries) - 4
            self._rows.insert(0, row)
        self.endResetModel()
        for sentence in problems:
            self.problem.emit(sentence)
        self._watch()

    def rows(self) -> list[RunRow]:
        """All rows."""
        return list(self._rows)

    def row(self, folder: str | Path) -> RunRow | None:
        """The row of a folder."""
        return next((row for row in self._rows if str(row.folder) == str(folder)), None)

    def add(self, job: Train) -> RunRow:
        """Show a run that has just been asked for."""
        row = RunRow(Path(job.run), job.name, job.spec, job.recipe, self._next_token())
        self._insert(row)
        self.own(job.run)
        return row

    def own(self, folder: str) -> None:
        """An engine of this window trains the run."""
        self._owned.add(folder)
        row = self.row(folder)
        if row is not None:
            row.status, row.message = "starting", ""
            if row.state is not None:
                row.state.resuming = True
            self._tell(row)
        self._watch()

    def disown(self, folder: str, sentence: str = "") -> None:
        """That engine is gone; ``sentence`` says how if it was not wanted."""
        self._owned.discard(folder)
        row = self.row(folder)
        if row is None:
            return
        if not (row.folder / RUN_FILE).is_file():
            self.remove(row)
            return
        if row.state is not None:
            row.state.resuming = False
        row.refresh(alive=False)
        if sentence:
            row.message = sentence
        self._tell(row)
        self._watch()

    def remove(self, row: RunRow) -> None:
        """Take a run that never began off the list."""
        number = self._rows.index(row)
        self.beginRemoveRows(QModelIndex(), number, number)
        self._rows.remove(row)
        self.endRemoveRows()

    def set_shown(self, row: RunRow, *, shown: bool) -> None:
        """Draw a run's curves or not."""
        row.shown = shown
        self._tell(row)

    def poll(self) -> None:
        """Read what going runs have written, and now and then look for runs of other processes."""
        now = time.monotonic()
        look_at_foreign = now - self._looked > 1.0
        if look_at_foreign:
            self._looked = now
            self._look_around()
        for row in self._rows:
            folder = str(row.folder)
            if not row.going:
                continue
            if folder in self._owned:
                alive = True
            else:
                if look_at_foreign or folder not in self._foreign:
                    self._foreign[folder] = is_being_written(row.folder)
                alive = self._foreign[folder]
            if row.refresh(alive=alive):
                self._tell(row)
        self._watch()

    def _look_around(self) -> None:
        """Take up runs that another process has begun, or has gone on with, since the list was read."""
        known = {row.folder for row in self._rows}
        for row in self._rows:
            if not row.going and str(row.folder) not in self._owned and is_being_written(row.folder):
                row.status = "running"
        folder = runs_folder()
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            if path in known or not (path / RUN_FILE).is_file():
                continue
            with contextlib.suppress(InputError):
                summary = summarise(path)
                row = RunRow(path, summary.info.name, summary.info.spec, summary.info.recipe, self._next_token())
                row.take_summary(summary)
                self._insert(row)

    def _watch(self) -> None:
        pace = POLL_MS if any(row.going for row in self._rows) else IDLE_MS
        if not self._timer.isActive() or self._timer.interval() != pace:
            self._timer.start(pace)

    def _next_token(self) -> str:
        return f"r{len(self._rows) % COLOURS}"

    def _insert(self, row: RunRow) -> None:
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._rows.insert(0, row)
        self.endInsertRows()

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
                return f"{row.name}, {row.status}, {describe(row)}"
            case Qt.ItemDataRole.ToolTipRole:
                return f"{row.folder}\n{row.message}".strip()
            case _:
                return None


def describe(row: RunRow) -> str:
    """What a run has come to, in a few words."""
    if row.going and row.status != "starting":
        return f"epoch {row.epoch} / {row.recipe.epochs}"
    if row.status == "failed" and row.message:
        return row.message.split(";")[0].split(".")[0]
    data = row.data.name if row.data is not None else row.recipe.data
    return f"{row.epoch} epochs, {data}" if row.epoch != 1 else f"1 epoch, {data}"
