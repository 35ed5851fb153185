"""The state of a sweep: what the folders of its runs say, read again cheaply while it goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import msgspec

from resnet_gui.runs.events import EpochDone, RunStarted
from resnet_gui.runs.folder import PAUSE_FILE, RUN_FILE, is_being_written
from resnet_gui.runs.history import EVENTS_FILE, RunReader, RunState, Status
from resnet_gui.sweeps.figures import RunFigures, figures_of
from resnet_gui.sweeps.folder import SWEEP_FILE, is_running, read_failures, read_sweep, run_folder
from resnet_gui.sweeps.sweep import Configuration, Expansion, Sweep, expanded

SweepStatus = Literal["queued", "running", "paused", "stopped", "finished"]
LIVE: Final = frozenset(["starting", "running", "paused"])
"""States of a run that a process is training."""

OVER: Final = frozenset(["finished", "failed"])
"""States of a run that a sweep does not run again by itself."""

EXTENDED: Final = "It was given other epochs before it had those of the sweep, so it is left out."
"""Of a run that cannot be averaged with the others: its learning rate went another way."""


class RunCell(msgspec.Struct, frozen=True):
    """One run of a sweep: a configuration with a seed.

    Attributes:
        configuration: what is trained.
        seed: of this run.
        folder: where it lies, or will.
        status: "queued" while it has no folder yet.
        fraction: of its steps that are behind, 0 to 1.
        figures: of its last epoch so far; None before the end of the first.
        message: why it failed, or ended before its last epoch; a sentence, empty for nothing.
        epochs: those that are over, for curves; the rest is in ``runs.history``.
        extended: whether it was given other epochs before it had those of the sweep; it has no figures and no epochs
            then. A run that was extended after them has theirs.
    """

    configuration: Configuration
    seed: int
    folder: Path
    status: Status
    fraction: float = 0.0
    figures: RunFigures | None = None
    message: str = ""
    epochs: tuple[EpochDone, ...] = ()
    extended: bool = False


class SweepState(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a sweep at a moment, from its folders.

    Attributes:
        folder: of the sweep.
        sweep: as its file says.
        expansion: its configurations, and what was left out.
        cells: its runs, seed by seed, in the order of running.
        status: "queued" before its first run, "stopped" where runs are left and no process runs it, "finished" where
            each run is finished or failed.
    """

    folder: Path
    sweep: Sweep
    expansion: Expansion
    cells: tuple[RunCell, ...]
    status: SweepStatus

    @property
    def done(self) -> int:
        """Runs that are finished."""
        return sum(cell.status == "finished" for cell in self.cells)

    @property
    def failed(self) -> tuple[RunCell, ...]:
        """Runs that failed."""
        return tuple(cell for cell in self.cells if cell.status == "failed")

    @property
    def fraction(self) -> float:
        """Share of all runs' steps that is behind, 0 to 1; a failed run counts as behind."""
        return sum(1.0 if cell.status in OVER else cell.fraction for cell in self.cells) / len(self.cells)

    def cells_of(self, number: int) -> tuple[RunCell, ...]:
        """The runs of the configuration of a number, in the order of their seeds."""
        return tuple(cell for cell in self.cells if cell.configuration.number == number)


def run_cells(folder: Path, sweep: Sweep, expansion: Expansion) -> tuple[RunCell, ...]:
    """The runs of a sweep in the order of running, seed by seed, as if none had begun."""
    return tuple(
        RunCell(configuration, seed, run_folder(folder, configuration, seed), "queued")
        for seed in sweep.seeds
        for configuration in expansion.configurations
    )


def eta(state: SweepState, at_once: int = 0) -> float | None:
    """Seconds until a sweep is over, from the pace of its own runs; None while there is no pace yet.

    A run that has not begun takes as long as those of its configuration have taken, or else as all have on average.

    Args:
        state: of the sweep.
        at_once: runs that go on beside each other; 0 for as many as there are now.
    """
    whole: dict[int, list[float]] = {}
    for cell in state.cells:
        if cell.epochs and cell.fraction > 0:
            behind = cell.epochs[-1].seconds * (cell.fraction / _fraction_tested(cell))
            whole.setdefault(cell.configuration.number, []).append(behind / cell.fraction)
    if not whole:
        return None
    means = {number: sum(taken) / len(taken) for number, taken in whole.items()}
    usual = sum(means.values()) / len(means)
    left = [
        means.get(cell.configuration.number, usual) * (1 - cell.fraction)
        for cell in state.cells
        if cell.status not in OVER
    ]
    if not left:
        return 0.0
    live = at_once or sum(cell.status in LIVE for cell in state.cells)
    return max(*left, sum(left) / max(1, live))


def _fraction_tested(cell: RunCell) -> float:
    """The share of a run's steps that was behind at the end of its last epoch."""
    return min(cell.fraction, cell.epochs[-1].epoch / cell.configuration.recipe.epochs) or cell.fraction


class _CellReader:
    """A reader of one run: a finished one is read once, one that goes on from where it was read last."""

    def __init__(self, cell: RunCell) -> None:
        self._queued = self._last = cell
        self._begin()

    def _begin(self) -> None:
        self._reader, self._state = RunReader(self._queued.folder), RunState()
        self._stamp: tuple[int, int] | None = None
        self._extended = False

    def read(self, failure: str) -> RunCell:
        """The run as it is now; ``failure`` is why it failed where it could not say so itself, empty for nothing."""
        folder = self._queued.folder
        if not (folder / RUN_FILE).is_file():
            self._begin()
            alive = folder.is_dir() and is_being_written(folder)
            status: Status = "starting" if alive else "failed" if failure else "queued"
            return msgspec.structs.replace(self._queued, status=status, message="" if alive else failure)
        stamp = _stamp(folder / EVENTS_FILE)
        if self._last.status == "finished" and stamp == self._stamp:
            return self._last
        if self._last.status == "finished" or _is_other(stamp, self._stamp):
            self._begin()  # it goes on, or was begun anew in this place
        alive = is_being_written(folder)
        # Steps say how far a run is; of one that rests, its epochs are enough.
        for event in self._reader.read(steps=alive):
            self._state.apply(event)
            if isinstance(event, RunStarted):
                self._extended |= self._goes_another_way(event)
        self._last, self._stamp = self._cell(alive, failure), stamp
        if self._last.status == "finished":
            self._reader, self._state = RunReader(folder), RunState()
        return self._last

    def _goes_another_way(self, event: RunStarted) -> bool:
        """Whether a run goes on to another end than its sweep's before it is there: its rates are others then."""
        planned = self._queued.configuration.recipe.epochs
        return event.epochs != planned and event.step < planned * event.steps_per_epoch

    def _cell(self, alive: bool, failure: str) -> RunCell:
        state, planned = self._state, self._queued.configuration.recipe.epochs
        status, message = state.status(alive=alive), state.ended.message if state.ended else ""
        if status == "interrupted" and failure:
            status, message = "failed", failure
        elif status == "failed" and state.ended is not None and state.ended.cause == "disk":
            status = "interrupted"  # the others would fail alike, and this one goes on when there is room
        total = state.total_steps
        cell = msgspec.structs.replace(
            self._queued,
            status=status,
            fraction=1.0 if status == "finished" else min(1.0, state.step / total) if total else 0.0,
            message="" if alive else message,
        )
        if self._extended:
            return msgspec.structs.replace(cell, message="" if alive else message or EXTENDED, extended=True)
        epochs = tuple(epoch for epoch in state.epochs if epoch.epoch <= planned)
        return msgspec.structs.replace(cell, figures=figures_of(state, planned), epochs=epochs)


def _stamp(path: Path) -> tuple[int, int] | None:
    """What differs when a file has grown or is another one; None while there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size


def _is_other(now: tuple[int, int] | None, before: tuple[int, int] | None) -> bool:
    """Whether a file was replaced since it was read."""
    return before is not None and (now is None or now[0] != before[0] or now[1] < before[1])


class SweepReader:
    """A reader of a sweep's folder, to be asked again and again: what is finished is read once.

    Args:
        folder: of the sweep.

    Raises:
        InputError: it is not a sweep.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamp: tuple[int, int, int] | None = None
        self._readers: dict[Path, _CellReader] = {}
        self._load()

    def _load(self) -> None:
        """Read the sweep's own file, if it is another one than before: seeds may have been added."""
        try:
            found = (self._folder / SWEEP_FILE).stat()
            stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        except OSError:
            stamp = None
        if stamp is not None and stamp == self._stamp:
            return
        self._sweep = read_sweep(self._folder)
        self._expansion = expanded(self._sweep)
        cells = run_cells(self._folder, self._sweep, self._expansion)
        known = self._readers if self._stamp is not None else {}
        self._readers = {cell.folder: known.get(cell.folder) or _CellReader(cell) for cell in cells}
        self._stamp = stamp

    def read(self) -> SweepState:
        """The sweep as it is now.

        Raises:
            InputError: its folder is gone, or its file cannot be read any more.
        """
        self._load()
        failures = read_failures(self._folder)
        cells = tuple(reader.read(failures.get(folder.name, "")) for folder, reader in self._readers.items())
        return SweepState(
            folder=self._folder,
            sweep=self._sweep,
            expansion=self._expansion,
            cells=cells,
            status=_sweep_status(cells, is_running(self._folder), (self._folder / PAUSE_FILE).exists()),
        )


def read_state(folder: Path) -> SweepState:
    """The state of a sweep, read once.

    Raises:
        InputError: the folder is not a sweep.
    """
    return SweepReader(folder).read()


def _sweep_status(cells: tuple[RunCell, ...], alive: bool, asked_to_pause: bool) -> SweepStatus:
    if alive:
        live = {cell.status for cell in cells if cell.status in LIVE}
        return "paused" if live == {"paused"} or (asked_to_pause and not live) else "running"
    if all(cell.status in OVER for cell in cells):
        return "finished"
    return "queued" if all(cell.status == "queued" for cell in cells) else "stopped"
