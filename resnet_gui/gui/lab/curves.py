"""Curves of the runs of an experiment, read on as they grow."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from resnet_gui.gui.kit.curves import NOTHING, Points, smoothed
from resnet_gui.gui.lab.figures.figure import RunCurves
from resnet_gui.runs.history import RunReader, RunState
from resnet_gui.sweeps.state import LIVE, RunCell, SweepState

PIXELS: Final = 400
SMOOTHING: Final = 0.95
MOST_STEPS: Final = 4000
"""Runs of more steps are drawn by epoch: decoding every step of twenty long runs would hold up the window."""

AT_ONCE: Final = 262_144
"""Bytes that are read of a run at a time."""


class _RunCurveReader:
    """A reader of one run's curves."""

    def __init__(self, folder: Path) -> None:
        self._reader, self._state = RunReader(folder), RunState()
        self._kept: RunCurves | None = None

    def read(self, cell: RunCell) -> RunCurves | None:
        """The curves by now; None before the first step."""
        epochs = cell.configuration.recipe.epochs
        state, by_step = self._state, self._state.total_steps <= MOST_STEPS
        events = self._reader.read(AT_ONCE, steps=by_step)
        for event in events:
            state.apply(event)
        live = cell.status in LIVE
        if not events and self._kept is not None and self._kept.live == live:
            return self._kept
        per_epoch = max(1.0, state.total_steps / epochs)
        train = _points(state, "train_error", per_epoch) if by_step else _by_epoch(state, "train_error")
        if not len(train.x):
            return None
        shown = smoothed(train, SMOOTHING, PIXELS) if by_step else train
        loss = smoothed(_points(state, "train_loss", per_epoch), SMOOTHING, PIXELS) if by_step else NOTHING
        self._kept = RunCurves(shown, _points(state, "test_error", per_epoch), loss, live)
        return self._kept


def _points(state: RunState, name: str, per_epoch: float) -> Points:
    curve = state.curves.get(name)
    if curve is None:
        return NOTHING
    count = min(len(curve.x), len(curve.y))
    return Points(np.array(curve.x[:count]) / per_epoch, np.array(curve.y[:count]))


def _by_epoch(state: RunState, name: str) -> Points:
    x = [float(epoch.epoch) for epoch in state.epochs]
    return Points(np.array(x), np.array([getattr(epoch, name) for epoch in state.epochs], dtype=np.float64))


class CurveReader:
    """A reader of all curves of a sweep; what has not grown is not read again."""

    def __init__(self) -> None:
        self._readers: dict[Path, _RunCurveReader] = {}

    def read(self, state: SweepState) -> dict[str, dict[int, RunCurves]]:
        """Network -> seed -> curves, of the runs that have begun."""
        found: dict[str, dict[int, RunCurves]] = {}
        for cell in state.cells:
            if cell.status == "queued":
                self._readers.pop(cell.folder, None)  # it may be begun anew in this place
                continue
            reader = self._readers.setdefault(cell.folder, _RunCurveReader(cell.folder))
            curves = reader.read(cell)
            if curves is not None:
                found.setdefault(cell.configuration.labels[0], {})[cell.seed] = curves
        return found
