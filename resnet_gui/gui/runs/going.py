"""What goes on, for status bar and title: an experiment before its sweep, a sweep before a run of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Signal

from resnet_gui.base.errors import InputError
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.sweeps.folder import SWEEP_FILE
from resnet_gui.sweeps.state import LIVE, SweepReader, eta

LAB, TRAIN = "lab", "train"
SOURCES: Final = (LAB, TRAIN)
"""The pages that tell of what goes on, the one with the widest view first: an experiment trains runs of its own."""

WAYS: Final = {LAB: "Go on in the Lab", TRAIN: "Resume on the Train page"}
"""What goes on with the work of each page when it was broken off."""

READ_SECONDS: Final = 0.5
"""A sweep's folder is read so often at most."""

DEEP: Final = 3
"""So many folders above a run its sweep is looked for."""


class GoingWork(NamedTuple):
    """Work that goes on, as the status bar shows it.

    Attributes:
        name: of it; empty for nothing that goes on.
        token: of its colour.
        fraction: how far the whole is, 0 to 1.
        seconds_left: None while nobody knows.
    """

    name: str = ""
    token: str = "r0"
    fraction: float = 0.0
    seconds_left: float | None = None


class GoingSweeps:
    """The sweeps that runs are parts of, read again while they go on; also those of experiments that run elsewhere."""

    def __init__(self) -> None:
        self._readers: dict[Path, SweepReader] = {}
        self._read: dict[Path, tuple[float, GoingWork]] = {}

    def work_of(self, run: RunRow) -> GoingWork:
        """What a going run is a part of: its sweep, or the run itself where it is none of a sweep's."""
        folder = next((one for one in run.folder.parents[:DEEP] if (one / SWEEP_FILE).is_file()), None)
        if folder is not None:
            try:
                return self._sweep(folder)
            except InputError:
                # It has just been deleted, or is of another version: the run is all that can be said.
                self._readers.pop(folder, None)
        state = run.state or run.look()
        return GoingWork(run.name, run.token, state.step / max(1, state.total_steps), state.seconds_left())

    def _sweep(self, folder: Path) -> GoingWork:
        now = time.monotonic()
        known = self._read.get(folder)
        if known is not None and now - known[0] < READ_SECONDS:
            return known[1]
        if folder not in self._readers:
            self._readers[folder] = SweepReader(folder)
        state = self._readers[folder].read()
        over = state.done + len(state.failed)
        live = sum(cell.status in LIVE for cell in state.cells)
        number, total = min(over + max(1, live), len(state.cells)), len(state.cells)
        work = GoingWork(f"{state.sweep.name}: run {number:,} of {total:,}", "acc", state.fraction, eta(state))
        self._read[folder] = (now, work)
        return work


class WindowProgress(QObject):
    """The progress that a window shows: of all that its pages tell, that of which the rest is a part.

    Signals:
        progress: name, colour token, fraction and seconds left of it; an empty name where nothing goes on.
    """

    progress = Signal(str, str, float, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._works: dict[str, GoingWork] = {}

    def take_from(self, source: str) -> Callable[[str, str, float, object], None]:
        """What one of the ``SOURCES`` tells its progress to."""

        def take(name: str, token: str, fraction: float, seconds_left: object) -> None:
            left = seconds_left if isinstance(seconds_left, float | int) else None
            self._works[source] = GoingWork(name, token, fraction, left)
            self.progress.emit(*self.work)

        return take

    @property
    def source(self) -> str:
        """The page that tells what is shown; the last of the ``SOURCES`` where nothing goes on."""
        return next((one for one in SOURCES if one in self._works and self._works[one].name), SOURCES[-1])

    @property
    def sentence(self) -> str:
        """What goes on and, should the window be killed, how it goes on then; empty for nothing."""
        work = self.work
        if not work.name:
            return ""
        return f"In progress was {work.name}, {work.fraction * 100:.0f} % done; {WAYS[self.source]} goes on with it."

    @property
    def work(self) -> GoingWork:
        """What is shown."""
        return self._works.get(self.source, GoingWork())


class GoingRun(QObject):
    """The run that goes on, whoever trains it, until a page tells more of it.

    Signals:
        progress: name, colour token, fraction and seconds left of the going run, or of the sweep that it is a part of;
            an empty name for none.
    """

    progress = Signal(str, str, float, object)

    def __init__(self, runs: RunModel, followed: Sequence[str], parent: QObject) -> None:
        super().__init__(parent)
        self._runs, self._sweeps = runs, GoingSweeps()
        self._shown = False
        runs.loaded.connect(self.tell)
        runs.run_changed.connect(self._changed)
        self._followed = followed

    def begin(self) -> None:
        """Read the runs, a few at a time."""
        self._runs.load_in_slices(self._followed)

    def end(self) -> None:
        """Tell no more: a page does."""
        self._runs.loaded.disconnect(self.tell)
        self._runs.run_changed.disconnect(self._changed)

    def _changed(self, _run: object) -> None:
        if self._shown or any(run.going for run in self._runs.rows()):
            self.tell()

    def tell(self) -> None:
        """Say which run goes on."""
        going = next((run for run in self._runs.rows() if run.going), None)
        self._shown = going is not None
        self.progress.emit(*(self._sweeps.work_of(going) if going is not None else GoingWork()))
