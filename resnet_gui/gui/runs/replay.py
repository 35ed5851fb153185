"""A replay of finished runs: their events again, in the order of their epochs, at any pace."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.runs.rows import RunRows
from resnet_gui.runs.events import RunEvent, RunStarted
from resnet_gui.runs.history import RunReader, RunState

TICK_MS: Final = 100
WHOLE_SECONDS: Final = 20.0
"""How long a replay takes at its own speed."""


class _ReplayedRun:
    """One run of a replay: its events, and how many of them have happened by now."""

    def __init__(self, row: RunRow) -> None:
        self.row = row
        self.events: list[RunEvent] = RunReader(row.folder).read()
        started = next((event for event in self.events if isinstance(event, RunStarted)), None)
        self.steps_per_epoch = started.steps_per_epoch if started is not None else 1
        self.epochs = float(started.epochs) if started is not None else 0.0
        self.state = RunState()
        self._applied = 0

    def move(self, epoch: float) -> RunState:
        """Its state at an epoch."""
        step = round(epoch * self.steps_per_epoch)
        if self._applied and self.events[self._applied - 1].step > step:
            self.state, self._applied = RunState(), 0
        while self._applied < len(self.events) and self.events[self._applied].step <= step:
            self.state.apply(self.events[self._applied])
            self._applied += 1
        return self.state


class RunReplay(QObject):
    """The replay of several runs at once.

    Attributes:
        epoch: where it is.
        epochs: where it ends.
        playing: whether it goes on by itself.
        speed: times its own pace.

    Signals:
        changed: it is at another moment, plays or holds, or replays fewer runs.
    """

    changed = Signal()

    def __init__(self, runs: RunRows, rows: Sequence[RunRow], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._replayed = [_ReplayedRun(row) for row in rows]
        self.epochs = max((each.epochs for each in self._replayed), default=0.0)
        self.epoch, self.speed = 0.0, 1.0
        self._moved = 0.0
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._go_on)
        for signal in (runs.rowsRemoved, runs.modelReset):
            signal.connect(self._leave_removed)

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    @property
    def rows(self) -> list[RunRow]:
        """The runs that are replayed."""
        return [each.row for each in self._replayed]

    def play(self) -> None:
        """Go on, from the beginning where it is at its end."""
        if self.epoch >= self.epochs:
            self.seek(0.0)
        self._moved = time.monotonic()
        self._timer.start()
        self.changed.emit()

    def pause(self) -> None:
        """Hold."""
        self._timer.stop()
        self.changed.emit()

    def seek(self, epoch: float) -> None:
        """Go to a moment; at the end it holds."""
        self.epoch = min(max(0.0, epoch), self.epochs)
        if self.epoch >= self.epochs:
            self._timer.stop()
        for each in self._replayed:
            self._runs.show_moment(each.row, each.move(self.epoch))
        self.changed.emit()

    def _go_on(self) -> None:
        now = time.monotonic()
        passed, self._moved = now - self._moved, now
        self.seek(self.epoch + passed * self.speed * self.epochs / WHOLE_SECONDS)

    def _leave_removed(self) -> None:
        """A run that was taken off the list is replayed no more."""
        listed = self._runs.rows()
        kept = [each for each in self._replayed if each.row in listed]
        if len(kept) == len(self._replayed):
            return
        self._replayed = kept
        if not kept:
            self._timer.stop()
        self.changed.emit()
