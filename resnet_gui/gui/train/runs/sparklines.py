"""Errors by epoch of runs, small enough to stand in a table; read once, a piece at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from resnet_gui.gui.runs.row import RunRow
from resnet_gui.runs.events import EpochDone
from resnet_gui.runs.history import RunReader

POINTS: Final = 48
PIECE: Final = 500_000
"""Bytes of events that are read at once: two milliseconds, as steps are not decoded."""


class Sparklines(QObject):
    """The errors by epoch of runs, for those that are asked for.

    Signals:
        ready: the run whose errors are known now.
    """

    ready = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known: dict[Path, tuple[int, tuple[float, ...]]] = {}
        self._waiting: deque[RunRow] = deque()
        self._reader: RunReader | None = None
        self._errors: list[float] = []
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._read)

    def errors(self, run: RunRow) -> tuple[float, ...]:
        """The test errors of a run's epochs as fractions, thinned; none while they are being read."""
        if run.state is not None and not run.behind:
            curve = run.state.curves["test_error"].y
            kept = self._known.get(run.folder)
            if kept is None or kept[0] != len(curve):
                kept = self._known[run.folder] = len(curve), thinned_errors(curve)
            return kept[1]
        if run.folder in self._known:
            return self._known[run.folder][1]
        if run not in self._waiting and run.status != "queued":
            self._waiting.append(run)
            self._timer.start()
        return ()

    def forget(self, run: RunRow) -> None:
        """A run is not listed any more."""
        self._known.pop(run.folder, None)

    def _read(self) -> None:
        """Read a piece of the first run that waits."""
        if not self._waiting:
            return
        run = self._waiting[0]
        if self._reader is None:
            self._reader, self._errors = RunReader(run.folder), []
        for event in self._reader.read(PIECE, steps=False):
            if isinstance(event, EpochDone):
                # A run that went on from its checkpoint tells an epoch again.
                del self._errors[event.epoch - 1 :]
                self._errors.append(event.test_error)
        if not self._reader.behind:
            self._known[run.folder] = len(self._errors), thinned_errors(self._errors)
            self._reader = None
            self._waiting.popleft()
            self.ready.emit(run)
        if self._waiting:
            self._timer.start()


def thinned_errors(errors: Sequence[float]) -> tuple[float, ...]:
    """At most so many of them as have room, evenly, with the first and the last one."""
    if len(errors) <= POINTS:
        return tuple(errors)
    return tuple(errors[round(number * (len(errors) - 1) / (POINTS - 1))] for number in range(POINTS))
