"""A sweep without a window: a line for each run that is over, signals that stop in order. Loads torch late."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from resnet_gui.engine.process import stop_on_signals
from resnet_gui.engine.sweep.forks import end_without_collection, start_loading
from resnet_gui.engine.train.terminal_bar import clock
from resnet_gui.protocol.events import SweepProgressed
from resnet_gui.protocol.sweep_jobs import RunSweep
from resnet_gui.sweeps.state import OVER, SweepReader, SweepState
from resnet_gui.sweeps.table_text import shown


def sweep_here(job: RunSweep, complain: Callable[[str], None]) -> SweepState:
    """Train the runs of a sweep; returns what there is when all are over, or it was stopped.

    The first Ctrl+C, or SIGTERM, ends the runs after their steps, with checkpoints; a second one ends them at once.

    Args:
        job: what to run.
        complain: writes a line to standard error.

    Raises:
        InputError: it could not begin, or cannot go on.
    """
    start_loading()
    end_without_collection()
    from resnet_gui.engine.sweep.scheduler import run_sweep
    from resnet_gui.engine.train.control import Control

    control = Control()
    stop_on_signals(control.stop, "stopping all runs after their steps")
    lines = _Lines(Path(job.folder), complain)
    return run_sweep(job, lines.follow, control)


class _Lines:
    """The lines of a sweep that goes on."""

    def __init__(self, folder: Path, complain: Callable[[str], None]) -> None:
        self._reader, self._complain = SweepReader(folder), complain
        self._said = {cell.folder for cell in self._reader.read().cells if cell.status in OVER}

    def follow(self, event: SweepProgressed) -> None:
        """Say which runs are over since the last time."""
        if event.done == len(self._said):
            return
        state = self._reader.read()
        for cell in state.cells:
            if cell.status not in OVER or cell.folder in self._said:
                continue
            self._said.add(cell.folder)
            text = f"run {len(self._said)} of {len(state.cells)}: {cell.configuration.name}, seed {cell.seed}: "
            if cell.status == "failed":
                text += f"failed: {cell.message.rstrip('.')}"
            elif cell.figures is not None:
                error = shown(cell.figures.test_error, "test_error")
                text += f"test error {error} % after {cell.figures.seconds:.1f} s"
            self._complain(text + (f"; about {clock(event.seconds_left)} left" if event.seconds_left else ""))
