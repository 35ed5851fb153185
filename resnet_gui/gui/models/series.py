"""A run's curves as arrays that are ready to be drawn: grown with the run, thinned to pixels, smoothed."""

from __future__ import annotations

from array import array
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resnet_gui.spec.history import RunState

Values = NDArray[np.float64]
Axis = Literal["step", "epoch", "time"]


FULL = 300
"""From so many points a curve is smoothed by the whole weight."""


class Points(NamedTuple):
    """A curve: x and y of one length."""

    x: Values
    y: Values


NOTHING = Points(np.empty(0), np.empty(0))


def thinned(points: Points, pixels: int) -> Points:
    """At most two points a pixel: the lowest and the highest of each bin, so that no peak is lost."""
    x, y = points
    if len(x) <= 2 * pixels:
        return points
    size = -(-len(x) // pixels)
    bins = -(-len(x) // size)
    # What is no number is neither lowest nor highest; nor is what fills the last bin.
    filled = np.full(bins * size, np.nan)
    filled[: len(y)] = y
    body = filled.reshape(bins, size)
    offset = np.arange(bins) * size
    sound = np.isfinite(body)
    low, high = np.where(sound, body, np.inf).argmin(1), np.where(sound, body, -np.inf).argmax(1)
    picks = np.unique(np.concatenate([low + offset, high + offset, [len(x) - 1]]))
    return Points(x[picks], y[picks])


def averaged(points: Points, pixels: int) -> Points:
    """Means of at most so many bins; few points stay as they are."""
    x, y = points
    if len(x) <= pixels:
        return points
    size = -(-len(x) // pixels)
    edges = np.arange(0, len(x), size)
    counts = np.diff(np.append(edges, len(x)))
    return Points(np.add.reduceat(x, edges) / counts, np.add.reduceat(y, edges) / counts)


def smoothed(points: Points, weight: float, pixels: int) -> Points:
    """An exponential average over the points as they are drawn, without a bias towards its start.

    A curve of few points is smoothed less: twenty epochs would else lag behind their own fall.

    Args:
        points: raw.
        weight: of what came before, 0 to 1; 0 leaves the points.
        pixels: columns that there are to draw in.
    """
    if weight <= 0 or not len(points.x):
        return thinned(points, pixels)
    x, y = averaged(points, pixels)
    weight **= max(1.0, FULL / len(x))
    out = np.empty_like(y)
    last, scale = 0.0, 0.0
    for number, value in enumerate(y.tolist()):
        last = weight * last + (1 - weight) * value
        scale = weight * scale + (1 - weight)
        out[number] = last / scale
    return Points(x, out)


def value_at(points: Points, x: float) -> float | None:
    """The value of the last point that is not right of ``x``; None before the first and beyond the last."""
    if not len(points.x) or x > points.x[-1]:
        return None
    number = int(np.searchsorted(points.x, x, side="right")) - 1
    return float(points.y[number]) if number >= 0 else None


class _Column:
    """A copy of a growing array as numpy's, of which only the new end is copied."""

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
        self._columns: dict[str, _Column] = {}
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
        column = self._columns.setdefault(name, _Column())
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
