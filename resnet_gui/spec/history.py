"""What has happened in a run: its events read as they are appended, and added up."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec

from resnet_gui.spec.events import (
    EpochDone,
    RunEnded,
    RunEvent,
    RunPaused,
    RunStarted,
    RunUnpaused,
    StepDone,
    decode_run_event,
)

EVENTS_FILE: Final = "events.jsonl"
Status = Literal["starting", "running", "paused", "finished", "stopped", "failed", "interrupted"]


class RunReader:
    """Reads a run's events as they are appended; a torn last line waits, a line that is no event is counted and left.

    Attributes:
        bad_lines: lines that could not be read.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / EVENTS_FILE
        self._offset = 0
        self.bad_lines = 0

    def read(self) -> list[RunEvent]:
        """The events since the last call; none while the file is missing."""
        try:
            with self._path.open("rb") as file:
                if file.seek(0, os.SEEK_END) < self._offset:
                    # A resumed writer cut a torn line that had not been handed out; its start is still right.
                    self._offset = file.tell()
                file.seek(self._offset)
                data = file.read()
        except OSError:
            return []
        whole = data.rfind(b"\n") + 1
        self._offset += whole
        return list(self._decode(data[:whole].splitlines()))

    def _decode(self, lines: list[bytes]) -> Iterator[RunEvent]:
        for line in lines:
            try:
                yield decode_run_event(line)
            except msgspec.MsgspecError:
                self.bad_lines += 1


class Curve:
    """Points of a curve as two arrays of doubles."""

    def __init__(self) -> None:
        self.x = array("d")
        self.y = array("d")

    def add(self, x: float, y: float) -> None:
        """Append a point."""
        self.x.append(x)
        self.y.append(y)

    def cut(self, x: float) -> None:
        """Drop the points after ``x``."""
        while self.x and self.x[-1] > x:
            self.x.pop()
            self.y.pop()


class RunState:
    """What the events so far add up to.

    Attributes:
        started: the last start, None before the first.
        ended: the last word, None while the run goes on.
        step: last optimiser step, counted from 1.
        curves: "train_loss" and "train_error" at every step, "test_loss" and "test_error" at the end of epochs;
            x is the step, errors are fractions.
        epochs: those that are over.
        resuming: an engine has been asked to go on and has not begun yet; its last word is an old one.
        step_seconds: training time at every step (x the step).
    """

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.ended: RunEnded | None = None
        self.paused = False
        self.step = 0
        self.epochs: list[EpochDone] = []
        self.resuming = False
        self.best_error: float | None = None
        self.curves = {name: Curve() for name in ("train_loss", "train_error", "test_loss", "test_error")}
        self.step_seconds = Curve()

    def apply(self, event: RunEvent) -> None:
        """Take one event in."""
        match event:
            case RunStarted():
                self._restart(event)
            case StepDone():
                self.step = event.step
                self.curves["train_loss"].add(event.step, event.loss)
                self.curves["train_error"].add(event.step, event.error)
                self.step_seconds.add(event.step, event.seconds)
            case EpochDone():
                self.epochs.append(event)
                self.curves["test_loss"].add(event.step, event.test_loss)
                self.curves["test_error"].add(event.step, event.test_error)
                if self.best_error is None or event.test_error < self.best_error:
                    self.best_error = event.test_error
            case RunPaused():
                self.paused = True
            case RunUnpaused():
                self.paused = False
            case RunEnded():
                self.ended = event
                self.paused = False

    def _restart(self, event: RunStarted) -> None:
        self.started, self.ended, self.paused, self.step = event, None, False, event.step
        for curve in (*self.curves.values(), self.step_seconds):
            curve.cut(event.step)
        errors = self.curves["test_error"].y
        self.best_error = min(errors) if errors else None
        self.epochs = [epoch for epoch in self.epochs if epoch.step <= event.step]
        self.resuming = False

    @property
    def last_epoch(self) -> EpochDone | None:
        """The last epoch that is over."""
        return self.epochs[-1] if self.epochs else None

    @property
    def total_steps(self) -> int:
        """Steps of the whole training; 0 before the first start."""
        return self.started.epochs * self.started.steps_per_epoch if self.started else 0

    def seconds_left(self) -> float | None:
        """Training time to go, from the pace of the last steps; None while there is no pace yet."""
        taken = self.step_seconds
        if len(taken.x) < 2 or not self.total_steps:
            return None
        # The last two epochs, so that the tests at their ends are in the pace.
        window = 2 * self.started.steps_per_epoch if self.started else 0
        first = max(0, len(taken.x) - 1 - max(window, 20))
        pace = (taken.y[-1] - taken.y[first]) / (taken.x[-1] - taken.x[first])
        return max(0.0, (self.total_steps - self.step) * pace)

    def status(self, *, alive: bool) -> Status:
        """The run's state in one word; ``alive`` says whether a process is training it."""
        if alive and self.resuming:
            return "starting"
        if alive and (self.ended is None or self.started is None):
            return "paused" if self.paused else ("running" if self.started else "starting")
        return self.ended.status if self.ended else "interrupted"


def replay(folder: Path) -> RunState:
    """Add up all events of a run."""
    state = RunState()
    for event in RunReader(folder).read():
        state.apply(event)
    return state
