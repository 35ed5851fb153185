"""An experiment of the Lab without a window: how far it is on standard error, signals that stop in order."""

from __future__ import annotations

import sys
from collections.abc import Callable

from resnet_gui.engine.process import stop_on_signals
from resnet_gui.engine.sweep.forks import start_loading
from resnet_gui.engine.train.terminal_bar import bar, clock
from resnet_gui.lab.experiments import find_experiment
from resnet_gui.protocol.events import SweepProgressed
from resnet_gui.protocol.lab_events import MeasureProgressed, SeedMeasured
from resnet_gui.protocol.lab_messages import MeasureExperiment


def experiment_here(job: MeasureExperiment, complain: Callable[[str], None]) -> None:
    """Run an experiment; returns when all is there, or it was stopped.

    The first Ctrl+C, or SIGTERM, ends it in order, and what is finished is kept; a second one ends it at once.

    Raises:
        InputError: it could not begin, or cannot go on.
    """
    scale = find_experiment(job.experiment).scale(job.scale)
    if scale is not None and scale.sweep is not None and not job.runs:
        start_loading()
    from resnet_gui.engine.lab.runner import measure_experiment
    from resnet_gui.engine.train.control import Control

    control = Control()
    stop_on_signals(control.stop, "stopping in order")
    measure_experiment(job, _ExperimentLines(complain).follow, control, lambda: False)


class _ExperimentLines:
    """The lines of an experiment that goes on: a bar where somebody looks, else a line a seed or run."""

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain, self._live = complain, sys.stderr.isatty()
        self._done = -1

    def follow(self, event: SweepProgressed | MeasureProgressed | SeedMeasured) -> None:
        """Say what has become known."""
        match event:
            case SweepProgressed() if event.done != self._done:
                self._done = event.done
                left = f"; about {clock(event.seconds_left)} left" if event.seconds_left else ""
                self._clear()
                self._complain(f"{event.done} of {event.total} networks trained{left}")
            case SeedMeasured() if event.whole:
                self._clear()
                self._complain(f"seed {event.seed} measured")
            case MeasureProgressed() if self._live:
                seed = f", seed {event.seed}" if event.seed else ""
                sys.stderr.write(f"\r{bar(event.fraction)} {event.fraction:4.0%} {event.doing}{seed} \x1b[K")
                sys.stderr.flush()

    def _clear(self) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[K")
