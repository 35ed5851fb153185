"""How many threads a training on the CPU computes with: fewer while other programs want the cores.

Threads of one operation wait for each other at its end. Where another program takes a core away from one of them, all
wait for it, in every layer: ResNet-56 on 8×8 pictures made 3 images a second with two threads where one made 75, on two
cores that fourteen other programs wanted as well. Sums of another count of threads are rounded otherwise, so a change
is part of the run: it is written into ``run.json`` with the step that it begins at, and a run that goes on makes it at
that step again.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import torch

from resnet_gui.engine.processor_load import Load, LoadMeter
from resnet_gui.runs.events import THREADS_VERSION, RunEvent, ThreadChange, ThreadsChanged
from resnet_gui.runs.folder import RunInfo, write_run_info

LOG = logging.getLogger(__name__)

LEAST_SECONDS: Final = 1.0
"""Training time over which a pace is measured, by two steps at least."""

LONG_STEP: Final = 3.0
"""Seconds of a step that is judged alone, and although it is the first one."""

GAIN: Final = 1.2
"""How many times faster a trial must be to be kept."""

FIRST_WAIT: Final = 15.0
LONGEST_WAIT: Final = 240.0
"""Training time between trials: twice as long after each that was no use."""


class Span(NamedTuple):
    """Steps that were made with one count of threads.

    Attributes:
        steps: how many.
        load: what the process had of the computer meanwhile.
    """

    steps: int
    load: Load

    @property
    def step_seconds(self) -> float:
        """Seconds a step."""
        return self.load.seconds / self.steps


class ThreadPolicy:
    """The decision how many threads are the fastest now, from what was measured; it measures nothing itself.

    Attributes:
        threads: to make the next steps with.
    """

    def __init__(self, most: int, now: int) -> None:
        """Begin with a count; ``most`` is the count of a computer that has nothing else to do."""
        self._most, self.threads = most, now
        self._before: tuple[int, float] | None = None
        self._rested, self._wait = 0.0, FIRST_WAIT

    def take(self, span: Span) -> str:
        """Take in what the last steps took; returns why the count is another from now on, empty if it is not."""
        if self._before is not None:
            return self._judge(span)
        self._rested += span.load.seconds
        kept_off = self.threads > 1 and span.load.is_kept_off(self.threads)
        if kept_off and (self._rested >= self._wait or self._wait == FIRST_WAIT):
            return self._try(max(1, self.threads // 2), span, "the computer is busy")
        more = min(self._most, 2 * self.threads)
        if more > self.threads and self._rested >= self._wait and span.load.idle > 0.8 * (more - self.threads):
            return self._try(more, span, "cores are idle")
        return ""

    def forget(self) -> None:
        """Compare with nothing that was measured before."""
        self._before = None

    def _try(self, threads: int, span: Span, why: str) -> str:
        self._before = self.threads, span.step_seconds
        self.threads = threads
        return f"{why}: trying {_threads(threads)}"

    def _judge(self, span: Span) -> str:
        if self._before is None:
            return ""
        (threads, seconds), self._before = self._before, None
        self._rested = 0.0
        if seconds >= GAIN * span.step_seconds:
            self._wait = FIRST_WAIT
            return ""
        self._wait = min(LONGEST_WAIT, 2 * self._wait)
        tried, self.threads = self.threads, threads
        return f"{_threads(tried)} {'was' if tried == 1 else 'were'} no faster than {threads}"


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


class StepMeter:
    """A clock of steps: what comes between them, such as tests and checkpoints, does not count."""

    def __init__(self) -> None:
        self._load = LoadMeter()
        self.restart()

    def restart(self) -> None:
        """Count anew: the next step is the first with its count of threads."""
        self._steps, self._sums, self._warm = 0, (0.0, 0.0, 0.0), False

    def begin(self) -> None:
        """A step begins."""
        self._load.restart()

    def end(self) -> Span | None:
        """A step is over; returns what the last ones took once they are enough to judge by, and counts anew."""
        load = self._load.read()
        if not self._warm and load.seconds < LONG_STEP:
            # The first one chooses kernels.
            self._warm = True
            return None
        seconds, processor, idle = self._sums
        self._sums = seconds + load.seconds, processor + load.processor, idle + load.idle * load.seconds
        self._steps, self._warm = self._steps + 1, True
        seconds, processor, idle = self._sums
        if seconds < LEAST_SECONDS or (self._steps < 2 and seconds < LONG_STEP):
            return None
        span = Span(self._steps, Load(seconds, processor, idle / seconds))
        self._steps, self._sums = 0, (0.0, 0.0, 0.0)
        return span


class ThreadControl:
    """The threads of a run: those that its record names for the steps that were made, and then what is fastest.

    A run whose user has chosen a count, of several processes, on a GPU, or with features that are kept (which are those
    of one count) has the same one throughout; so has one of a single thread from the start.
    """

    def __init__(self, folder: Path, info: RunInfo) -> None:
        """Begin with a run as it is written in its folder."""
        self._folder, self._info, self._meter = folder, info, StepMeter()
        self._adapts = may_adapt(info)
        # A run that goes on with its last checkpoint has made more steps before: their changes are made again.
        self._recorded = info.thread_changes[-1].first if info.thread_changes else 0
        last = info.threads_of_step(self._recorded)
        self._policy = ThreadPolicy(min(info.threads, os.cpu_count() or 1), last)
        self._why = ""

    def restore(self, step: int) -> None:
        """Compute as after so many steps."""
        if self._info.thread_changes:
            torch.set_num_threads(self._info.threads_of_step(step))

    def begin_phase(self) -> None:
        """Steps cost something else from now on: what was measured before is no measure of them."""
        self._meter.restart()
        self._policy.forget()

    def begin_step(self, step: int, emit: Callable[[RunEvent], object]) -> None:
        """Before a step, counted from 1: make the change that it begins with, if there is one, and tell it."""
        if step <= self._recorded:
            change = next((each for each in self._info.thread_changes if each.first == step), None)
        elif not self._adapts:
            return
        else:
            change = self._decided(step) if self._why else None
            self._meter.begin()
        if change is not None:
            torch.set_num_threads(change.threads)
            emit(ThreadsChanged(step - 1, change.threads, change.why))

    def end_step(self, step: int) -> None:
        """After a step, counted from 1."""
        if not self._adapts or step <= self._recorded:
            return
        span = self._meter.end()
        if span is not None:
            self._why = self._policy.take(span)

    def _decided(self, step: int) -> ThreadChange | None:
        """What was decided, written down before it is made; None if that cannot be done, which ends all deciding."""
        change = ThreadChange(first=step, threads=self._policy.threads, why=self._why)
        self._why = ""
        changes = (*self._info.thread_changes, change)
        info = msgspec.structs.replace(self._info, thread_changes=changes, version=THREADS_VERSION)
        try:
            write_run_info(self._folder, info)
        except OSError as error:
            LOG.warning("The count of threads stays, as %s cannot be written: %s", self._folder, error)
            self._adapts = False
            return None
        self._info = info
        self._meter.restart()
        return change


def may_adapt(info: RunInfo) -> bool:
    """Whether the count of a run's threads may follow what else the computer does."""
    return (
        info.threads > 1
        and not info.threads_chosen
        and info.processes == 1
        and info.device == "cpu"
        and not any(phase.cached for phase in info.recipe.phases)
    )
