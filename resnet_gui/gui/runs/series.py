"""A run's curves as arrays that are ready to be drawn: grown with the run, thinned to pixels, smoothed."""

from __future__ import annotations

from array import array
from typing import Literal

import numpy as np

from resnet_gui.gui.kit.curves import NOTHING, Points, Values
from resnet_gui.runs.history import RunState

Axis = Literal["step", "epoch", "time"]


class _GrowingArray:
    """A numpy copy of an array that grows, of which only the new end is copied."""

    def __init__(self) -> None:
        self._buffer = np.empty(1024)
        self._count = 0

    def take(self, source: array[float]) -> Values:
        """The values so far."""
        count = len(source)
        start = 0 if count < self._count else self._count
        if count > len(self._buffer):
            grown = np.empty(max(count, 2 * len(self._buffer)))
            grown[:start] = self._buffer[:start]
            self._buffer = grown
        if count > start:
            self._buffer[start:count] = source[start:]
        self._count = count
        return self._buffer[:count]


class Series:
    """The curves of one run, kept up with its state."""

    def __init__(self) -> None:
        self._columns: dict[str, _GrowingArray] = {}
        self._start: object = None

    def curve(self, state: RunState, name: str, axis: Axis, batch: int) -> Points:
        """A curve of the state.

        Args:
            state: of the run.
            name: "train_loss", "train_error", "test_loss", "test_error", "lr" or "speed" (pictures a second).
            axis: what x counts; time in seconds of training.
            batch: pictures a step.
        """
        if self._start is not state.started:
            # A run that goes on from its checkpoint has lost the points after it.
            self._columns.clear()
            self._start = state.started
        seconds = self._values(state, "seconds")
        points = _speed(seconds, batch) if name == "speed" else self._values(state, name)
        x = self._values(state, "x test_loss" if name in {"test_loss", "test_error", "pace"} else "x seconds")
        if not len(points):
            return NOTHING
        return Points(self._along(state, x[: len(points)], axis, seconds), points)

    def _values(self, state: RunState, name: str) -> Values:
        column = self._columns.setdefault(name, _GrowingArray())
        if name.startswith("x "):
            return column.take(state.curves[name[2:]].x)
        return column.take(state.curves[name].y)

    def _along(self, state: RunState, steps: Values, axis: Axis, seconds: Values) -> Values:
        if axis == "step" or state.started is None:
            return steps
        if axis == "epoch":
            return steps / state.started.steps_per_epoch
        every = self._values(state, "x seconds")
        if not len(every):
            return steps
        return seconds[np.clip(np.searchsorted(every, steps), 0, len(every) - 1)]


def _speed(seconds: Values, batch: int) -> Values:
    """Pictures a second of each step."""
    if len(seconds) < 2:
        return np.empty(0)
    taken = np.diff(seconds, prepend=seconds[0] - (seconds[1] - seconds[0]))
    return batch / np.maximum(taken, 1e-4)


def end_of(state: RunState, axis: Axis) -> float:
    """Where the x axis of a run ends: the whole training, as far as that is known."""
    if state.started is None:
        return 0.0
    if axis == "step":
        return float(state.total_steps)
    if axis == "epoch":
        return state.total_steps / state.started.steps_per_epoch
    seconds = state.curves["seconds"].y
    return (seconds[-1] if seconds else 0.0) + (state.seconds_left() or 0.0 if state.ended is None else 0.0)
