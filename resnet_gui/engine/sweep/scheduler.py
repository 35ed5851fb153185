"""Several runs of a sweep at once: one queue, seed by seed, each run in a process of its own.

The run folders are the truth. What was killed, stopped or never begun is found by looking at them, so a sweep that goes
on needs no memory of its own but ``failed.json``: why runs failed that could not say so themselves.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.engine.sweep.capacity import gpus, runs_at_once, threads_of
from resnet_gui.engine.sweep.moved_pictures import check_pictures
from resnet_gui.engine.sweep.run_process import RunProcess
from resnet_gui.engine.train.control import Control
from resnet_gui.protocol.events import SweepProgressed
from resnet_gui.protocol.jobs import Resume, Train
from resnet_gui.protocol.sweep_jobs import RunSweep
from resnet_gui.runs.folder import PAUSE_FILE, RUN_FILE, STOP_FILE, is_being_written
from resnet_gui.runs.lock import writing
from resnet_gui.sweeps.folder import read_failures, write_failures
from resnet_gui.sweeps.state import OVER, RunCell, SweepReader, SweepState, eta
from resnet_gui.sweeps.unchanged import check_unchanged

LOOK_SECONDS: Final = 0.2
"""How often files that ask for a pause or the end are looked for."""

READ_SECONDS: Final = 1.0
"""How often the runs are read for the progress while none of them ends."""

MOST_DEATHS: Final = 2
"""So often a run's process may die before the run is given up: once may be chance, as when memory was short."""

GRACE_SECONDS: Final = 30.0
"""For a step and a checkpoint of runs that have to end."""

Emit = Callable[[SweepProgressed], None]


def run_sweep(job: RunSweep, emit: Emit, control: Control) -> SweepState:
    """Train the runs of a sweep that are not over; returns what there is when all are, or it was stopped.

    A run that fails is left for what it is, and the others go on. Files ``pause`` and ``stop`` in the sweep's folder
    do as ``control`` does. Seeds that are added meanwhile are taken up.

    Args:
        job: the folder, how many at once, and whether failed runs are trained again.
        emit: told how far it is, about once a second.
        control: pauses and stops all runs, each with a checkpoint.

    Raises:
        InputError: it could not begin, or cannot go on, as with a full disk (what is finished is kept), or its runs are
            not those that its file says.
    """
    folder = Path(job.folder)
    reader = SweepReader(folder)
    with writing(folder):
        scheduler = _Scheduler(job, reader, emit, control)
        try:
            scheduler.run()
        except KeyboardInterrupt:
            scheduler.kill()
            raise
        finally:
            scheduler.close()
    state = reader.read()
    check_unchanged(state)  # pictures may have changed between two runs
    return state


class _Scheduler:
    """A sweep on its way."""

    def __init__(self, job: RunSweep, reader: SweepReader, emit: Emit, control: Control) -> None:
        self._job, self._reader, self._emit, self._control = job, reader, emit, control
        self._folder = Path(job.folder)
        self._running: list[RunProcess] = []
        self._deaths: Counter[Path] = Counter()
        self._left: set[Path] = set()
        self._paused = self._stopping = False
        self._trouble = ""
        self._state = reader.read()
        check_unchanged(self._state)
        check_pictures(self._state)
        self._retry = {cell.folder for cell in self._state.failed} if job.retry else set()
        if self._retry:
            self._keep_failures({})
        todo = [cell.configuration for cell in self._waiting()]
        self._gpus = gpus(self._state.sweep)
        self._at_once = runs_at_once(self._state.sweep, todo, job.workers)

    def run(self) -> None:
        """Train until all runs are over, or those that go on have stopped."""
        for name in (STOP_FILE, PAUSE_FILE):
            with contextlib.suppress(OSError):  # a read-only folder is refused by the first run
                (self._folder / name).unlink(missing_ok=True)
        self._look()
        while True:
            self._obey()
            if not self._stopping and not self._paused:
                self._begin_runs()
            if not self._running and (self._stopping or not self._waiting()):
                break
            self._wait()
        if self._trouble:
            raise InputError(self._trouble)

    def close(self) -> None:
        """End what still runs, in order if it can be."""
        for process in self._running:
            process.send("stop")
        until = time.monotonic() + GRACE_SECONDS
        while self._running and time.monotonic() < until:
            wait([process.sentinel for process in self._running], LOOK_SECONDS)
            for process in [one for one in self._running if one.over]:
                self._running.remove(process)
                process.close()
        self.kill()

    def kill(self) -> None:
        """End at once what still runs; last checkpoints stay."""
        while self._running:
            self._running.pop().kill()

    # ---- the queue

    def _waiting(self) -> list[RunCell]:
        """The runs that are still to be trained, in their order."""
        here = {process.cell.folder for process in self._running} | self._left
        return [
            cell
            for cell in self._state.cells
            if (cell.status not in OVER or cell.folder in self._retry) and cell.folder not in here
        ]

    def _begin_runs(self) -> None:
        """Begin the next runs while there are places."""
        for cell in self._waiting():
            if len(self._running) >= self._at_once:
                return
            # One that another process trains is waited for, and so is the last step of one whose process is ending.
            if cell.folder.is_dir() and is_being_written(cell.folder):
                continue
            slot = min(set(range(self._at_once)) - {process.slot for process in self._running})
            self._retry.discard(cell.folder)
            self._running.append(RunProcess(cell, self._job_of(cell, slot), slot))

    def _job_of(self, cell: RunCell, slot: int) -> Train | Resume:
        run = str(cell.folder)
        if (cell.folder / RUN_FILE).is_file():
            return Resume(0, run)
        sweep, configuration = self._state.sweep, cell.configuration
        return Train(
            0,
            run,
            f"{sweep.name}: {configuration.name}",
            configuration.spec,
            msgspec.structs.replace(configuration.recipe, seed=cell.seed),
            self._gpus[slot % len(self._gpus)] if self._gpus else "cpu",
            threads=threads_of(sweep),
        )

    # ---- while runs go on

    def _obey(self) -> None:
        """Pass on what was asked of the sweep."""
        if not self._stopping and (self._control.stopped or (self._folder / STOP_FILE).exists()):
            self._stop()
        paused = self._control.paused or (self._folder / PAUSE_FILE).exists()
        if paused != self._paused:
            self._paused = paused
            for process in self._running:
                process.send("pause" if paused else "unpause")

    def _stop(self, trouble: str = "") -> None:
        """End all runs after their steps; ``trouble`` is why, if nobody asked for it."""
        self._trouble = self._trouble or trouble
        self._stopping = True
        for process in self._running:
            process.send("stop")

    def _wait(self) -> None:
        """Wait until a run is over, or it is time to look at the folders again."""
        if self._running:
            wait([process.sentinel for process in self._running], LOOK_SECONDS)
        else:
            self._control.wait(LOOK_SECONDS)
        over = [process for process in self._running if process.over]
        for process in over:
            self._running.remove(process)
            self._take(process)
            process.close()
        if over or time.monotonic() - self._looked_at > READ_SECONDS:
            self._look()

    def _take(self, process: RunProcess) -> None:
        """Take the end of a run."""
        folder, word = process.cell.folder, process.word()
        if word is None:
            if self._stopping:
                return
            self._deaths[folder] += 1
            if self._deaths[folder] >= MOST_DEATHS:
                self._fail(folder, _death_sentence(process))
        elif word.status == "failed" and word.cause == "disk":
            self._stop(word.message)
        elif word.status == "failed" and not word.kept:
            self._fail(folder, word.message)
        elif word.status == "stopped":
            self._left.add(folder)

    def _fail(self, folder: Path, sentence: str) -> None:
        self._keep_failures(read_failures(self._folder) | {folder.name: sentence})

    def _keep_failures(self, failures: dict[str, str]) -> None:
        try:
            write_failures(self._folder, failures)
        except OSError as error:
            self._stop(f"The sweep folder {self._folder} cannot be written: {error.strerror or error}.")

    def _look(self) -> None:
        """Read the runs' folders, and say how far they are."""
        self._state, self._looked_at = self._reader.read(), time.monotonic()
        over = sum(cell.status in OVER for cell in self._state.cells)
        left = eta(self._state, self._at_once)
        self._emit(SweepProgressed(self._job.job, self._job.folder, over, len(self._state.cells), left))


def _death_sentence(process: RunProcess) -> str:
    died = f"The process of this run {process.death()}, {MOST_DEATHS} times"
    return f"{died}; if memory was short, train fewer runs at once (--workers)."
