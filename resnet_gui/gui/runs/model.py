"""The runs as rows of a list: read from their folders, followed while they go on."""

from __future__ import annotations

import time
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from resnet_gui.base.files import runs_folder
from resnet_gui.gui.runs.reading import RunReading
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.runs.rows import RunRows
from resnet_gui.protocol.jobs import Train
from resnet_gui.runs.folder import (
    RUN_FILE,
    RunSummary,
    is_being_written,
    run_folders,
    summarise,
)
from resnet_gui.runs.notes import notes_stamp
from resnet_gui.runs.scan import read_summary, recorded_folders

DRAWN: Final = 4
"""Runs whose curves are drawn of those that come into the list together."""

POLL_MS: Final = 100
"""How often the file of a run of another process is read; an engine of this window says when there is something."""

CATCH_UP_MS: Final = 15
"""How often while a long file is being read in pieces."""

IDLE_MS: Final = 2000
"""How often new runs are looked for while none of them is going."""


class RunModel(RunRows):
    """The model of all runs, the newest first; one of the session, which every page reads.

    Attributes:
        problems: sentences about run folders that could not be read.
        hidden: folders of runs whose curves the user does not want to see.

    Signals:
        problem_found: a sentence about a run folder that cannot be read, once for each; ``load`` finds without it.
        loaded: all runs are in the list.
    """

    problem_found = Signal(str)
    loaded = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._owned: set[str] = set()
        self._looked = 0.0
        self._foreign: dict[str, bool] = {}
        self._followed: list[Path] = []
        self._loaded = False
        self._reading = RunReading(self._take_scanned, self)
        self.problems: list[str] = []
        self.hidden: set[Path] = set()
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
        self._expect(followed)
        self._reading.finish()

    @property
    def is_loaded(self) -> bool:
        """Whether all runs are in the list."""
        return self._loaded

    def load_in_slices(self, followed: Sequence[str] = ()) -> None:
        """The same, a few folders at a time, so that the window answers meanwhile; ``loaded`` says when it is done.

        Whoever needs the runs before has them at once by ``load``.
        """
        if not self._loaded:
            self._expect(followed)
            self._reading.begin()

    def _expect(self, followed: Sequence[str]) -> None:
        """Read these folders elsewhere too, beside those that somebody has asked for already."""
        self._followed += [path for path in map(Path, followed) if path not in self._followed]

    def _take_scanned(self, summaries: list[RunSummary], problems: list[str]) -> None:
        """Show what was read, and what lies elsewhere and is followed."""
        self._loaded, self.problems = True, problems
        for found in map(read_summary, self._followed):
            if isinstance(found, RunSummary):
                summaries.append(found)
            else:
                self.problems.append(found)
        rows = [RunRow.of(summary) for summary in summaries]
        self._colours.give(rows[::-1], self._rows)
        for row in rows[DRAWN:]:
            # Old runs are a click away; drawing all of them at once would show none.
            row.shown = False
        self.beginResetModel()
        # What was asked for meanwhile is the newest.
        known = {row.folder for row in self._rows}
        self._rows += [row for row in rows if row.folder not in known]
        self._name_all()
        self.endResetModel()
        self._keep_colours()
        self.watch()
        self.loaded.emit()

    # ---- runs that ship with the program

    def show_recorded(self) -> list[RunRow]:
        """List the runs that ship with the program, below all others; nothing is written into their folders.

        Returns:
            Their rows; none where none shipped, or none of them can be read.
        """
        self.load()
        rows = []
        for folder in recorded_folders():
            if self.row(folder) is None:
                found = read_summary(folder)
                if not isinstance(found, RunSummary):
                    self._tell_problem(found)
                    continue
                row = RunRow.of(found)
                row.recorded, row.shown = True, False
                rows.append(row)
        if rows:
            self._append(rows)
        return [row for row in self._rows if row.recorded]

    def hide_recorded(self) -> None:
        """Take the runs that ship with the program off the list."""
        self.remove_all([row for row in self._rows if row.recorded])

    # ---- rows

    def remove_all(self, rows: Sequence[RunRow]) -> None:
        """Take rows off the list, in one go where they stand beside each other."""
        super().remove_all(rows)
        gone = {row.folder for row in rows}
        self._followed = [path for path in self._followed if path not in gone]

    def set_shown(self, row: RunRow, *, shown: bool) -> None:
        """Draw a run's curves or not, as the user wants it."""
        (self.hidden.discard if shown else self.hidden.add)(row.folder)
        super().set_shown(row, shown=shown)
        self.watch()

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
        self._followed = list(dict.fromkeys((*self._followed, folder)))
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

    @followed.setter
    def followed(self, folders: list[str]) -> None:
        self._followed = [Path(folder) for folder in folders]

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

    def put_back(self, *folders: Path, drawn: Container[Path] | None = None) -> None:
        """Show runs that were taken out of the trash, each where it was: in the order in which they were begun.

        Args:
            folders: of the runs.
            drawn: those whose curves are drawn; None for the first few, as of runs that are read at the start.
        """
        self._take_up(folders, drawn=folders[:DRAWN] if drawn is None else drawn)
        self._followed += [each for each in folders if each.parent != runs_folder() and self.row(each) is not None]

    def show_only(self, folders: Sequence[str]) -> list[RunRow]:
        """Draw the curves of these runs and of no others; what is not in the list yet is taken up.

        Returns:
            Their rows; a folder that is no run has none.
        """
        self.load()
        self._take_up([Path(folder) for folder in folders if self.row(folder) is None])
        for row in self._rows:
            # The others are out of the way for a while: nobody has hidden them for good.
            super().set_shown(row, shown=str(row.folder) in folders)
        self.watch()
        return [row for row in map(self.row, folders) if row is not None]

    def take_begun(self, row: RunRow) -> None:
        """A run that waited here was begun by another window: read on what that writes."""
        row.status = "starting"
        self._tell(row)
        self.poll()

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
        for row in [row for row in self._rows if not row.recorded]:
            if notes_stamp(row.folder) != row.notes_stamp:
                self._read_notes(row)
            if row.status != "queued" and row.look_for_folder():
                self._tell(row)
            waits = row.gone or row.going or row.status == "queued"
            if not waits and str(row.folder) not in self._owned and is_being_written(row.folder):
                row.status = "running"
                self._tell(row)
        self.remove_thrown_away()
        self._take_up([path for path in reversed(run_folders()) if path not in known])

    def _take_up(self, folders: Sequence[Path], *, drawn: Container[Path] | None = None) -> None:
        """Show runs, the last one on top, and say once of each folder that cannot be read why.

        Args:
            folders: of the runs.
            drawn: of runs that were in the list before, which go where their age says: those whose curves are drawn.
        """
        rows = []
        for folder in folders:
            found = read_summary(folder)
            if not isinstance(found, RunSummary):
                self._tell_problem(found)
                continue
            row = RunRow.of(found)
            # The runs of a sweep are drawn there; here each is a click away.
            row.shown = folder.parent == runs_folder() and (drawn is None or folder in drawn)
            rows.append(row)
        if drawn is None:
            self._insert(rows)
        else:
            self._insert_by_age(rows)

    def _tell_problem(self, sentence: str) -> None:
        """Say once why a folder cannot be read."""
        if sentence not in self.problems:
            self.problems.append(sentence)
            self.problem_found.emit(sentence)

    def watch(self) -> None:
        """Read on as often as there is something to read."""
        if any(row.behind for row in self._rows):
            pace = CATCH_UP_MS
        else:
            foreign = any(row.going and str(row.folder) not in self._owned for row in self._rows)
            pace = POLL_MS if foreign else IDLE_MS
        if not self._timer.isActive() or self._timer.interval() != pace:
            self._timer.start(pace)
