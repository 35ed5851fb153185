"""Runs that wait for their turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import Protocol

import msgspec
from PySide6.QtCore import QObject, Signal

from resnet_gui.base.errors import InputError
from resnet_gui.protocol.jobs import Train


class QueueKeeper(Protocol):
    """A keeper of the queues of all windows in one place.

    Attributes:
        mark: of this window, as it stands in its jobs.
    """

    mark: str

    def claim(self, job: Train) -> bool:
        """Whether this window is the one that begins a waiting run.

        Raises:
            InputError: it cannot be known at the moment.
        """

    def has_other(self, window: str) -> bool:
        """Whether a mark is that of another window, which lives."""


class RunQueue(QObject):
    """The queue of runs that wait and start one after the other.

    Attributes:
        held: nothing is started by itself until somebody starts something; so a new window does not begin to train.

    What another window has put into its own queue waits here too, and is started by itself only there. What a window
    has left that is gone is this one's, and is started when somebody says so.

    Signals:
        changed: another run waits, or one fewer.
        lost: folder of a run that waits no more since another window has begun it.
        refused: a sentence that says why nothing can be started at the moment.
    """

    changed = Signal()
    lost = Signal(str)
    refused = Signal(str)

    def __init__(self, start: Callable[[Train], None], busy: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._start, self._busy = start, busy
        self._keeper: QueueKeeper | None = None
        self._jobs: list[Train] = []
        self._asleep: set[str] = set()
        self.held = False

    def share(self, keeper: QueueKeeper) -> None:
        """Share the queue with other windows; before anything waits."""
        self._keeper = keeper

    @property
    def _mark(self) -> str:
        return self._keeper.mark if self._keeper is not None else ""

    @property
    def jobs(self) -> tuple[Train, ...]:
        """What waits, the next one first."""
        return tuple(self._jobs)

    @property
    def own(self) -> tuple[Train, ...]:
        """What of it waits in no other window."""
        return tuple(job for job in self._jobs if job.window in {"", self._mark})

    @property
    def goes_on(self) -> bool:
        """Whether what waits begins by itself."""
        return self._next() is not None and not self.held

    def _next(self) -> Train | None:
        """What this window is to start next."""
        return next((job for job in self._jobs if job.run not in self._asleep), None)

    def restore(self, jobs: Sequence[Train]) -> None:
        """What waited in an earlier window waits on, and is not started by itself; nor what waits in one that lives."""
        keeper = self._keeper
        others = {job.window for job in jobs if keeper is not None and keeper.has_other(job.window)}
        self._jobs = [job if job.window in others else _moved(job, self._mark) for job in jobs]
        self._asleep = {job.run for job in jobs if job.window in others}
        self.held = bool(self.own)
        self.changed.emit()

    def take_over(self, jobs: Sequence[Train]) -> None:
        """Let wait what waits in another window, and no longer what waits there no more."""
        known = {job.run for job in self._jobs}
        elsewhere = {job.run for job in jobs if job.window not in {"", self._mark}}
        self._asleep |= elsewhere | {job.run for job in jobs} - known
        self._jobs = list(jobs)
        self.changed.emit()

    def adopt(self, windows: Set[str]) -> int:
        """Let wait here what waits in windows that are gone, until ``release``; how many runs that are."""
        left = {job.run for job in self._jobs if job.window in windows}
        self._jobs = [_moved(job, self._mark) if job.run in left else job for job in self._jobs]
        self._asleep |= left
        if left:
            self.changed.emit()
        return len(left)

    def add(self, job: Train) -> bool:
        """Start a run, or let it wait while another one is going; whether it was started."""
        if self._busy():
            self._jobs.append(_moved(job, self._mark))
            self.changed.emit()
            return False
        self.held = False
        self._start(job)
        return True

    def take(self, run: str) -> Train | None:
        """Take a run out of the queue."""
        for job in self._jobs:
            if job.run == run:
                self._jobs.remove(job)
                self.changed.emit()
                return job
        return None

    def start_now(self, run: str) -> None:
        """Start a run beside those that are going."""
        job = next((job for job in self._jobs if job.run == run), None)
        if job is not None:
            self.held = False
            self._begin(job)

    def proceed(self) -> None:
        """Start the next run if none is going."""
        while (job := self._next()) is not None and not self._busy() and not self.held:
            if self._begin(job):
                return

    def release(self) -> None:
        """Go on with what waits."""
        self.held = False
        self._asleep -= {job.run for job in self.own}
        self.proceed()

    def _begin(self, job: Train) -> bool:
        """Start a run that waits, if no other window has begun it; whether that one was started."""
        try:
            is_own = self._keeper is None or self._keeper.claim(job)
        except InputError as error:
            self.held = True
            self.refused.emit(str(error))
            return False
        self._jobs.remove(job)
        self._asleep.discard(job.run)
        self.changed.emit()
        if is_own:
            self._start(job)
        else:
            self.lost.emit(job.run)
        return is_own


def _moved(job: Train, window: str) -> Train:
    """A run that waits, in another window."""
    return job if job.window == window else msgspec.structs.replace(job, window=window)
