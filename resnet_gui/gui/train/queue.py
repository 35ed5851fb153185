"""Runs that wait for their turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from resnet_gui.protocol.jobs import Train


class RunQueue(QObject):
    """The queue of runs that wait and start one after the other.

    Attributes:
        held: nothing is started by itself until somebody starts something; so a new window does not begin to train.

    What another window has put into its own queue waits here too, and is started by itself only there.

    Signals:
        changed: another run waits, or one fewer.
    """

    changed = Signal()

    def __init__(self, start: Callable[[Train], None], busy: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._start, self._busy = start, busy
        self._jobs: list[Train] = []
        self._elsewhere: set[str] = set()
        self.held = False

    @property
    def jobs(self) -> tuple[Train, ...]:
        """What waits, the next one first."""
        return tuple(self._jobs)

    @property
    def goes_on(self) -> bool:
        """Whether what waits begins by itself."""
        return self._next() is not None and not self.held

    def _next(self) -> Train | None:
        """What this window is to start next."""
        return next((job for job in self._jobs if job.run not in self._elsewhere), None)

    def restore(self, jobs: Sequence[Train]) -> None:
        """What waited in an earlier window waits on, and is not started by itself."""
        self._jobs = list(jobs)
        self.held = bool(jobs)
        self.changed.emit()

    def take_over(self, jobs: Sequence[Train]) -> None:
        """Let wait what waits in another window, and no longer what waits there no more."""
        known = {job.run for job in self._jobs}
        self._jobs = list(jobs)
        self._elsewhere |= {job.run for job in jobs} - known
        self.changed.emit()

    def add(self, job: Train) -> bool:
        """Start a run, or let it wait while another one is going; whether it was started."""
        if self._busy():
            self._jobs.append(job)
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
        job = self.take(run)
        if job is not None:
            self.held = False
            self._start(job)

    def proceed(self) -> None:
        """Start the next run if none is going."""
        job = self._next()
        if job is not None and not self._busy() and not self.held:
            self._jobs.remove(job)
            self.changed.emit()
            self._start(job)

    def release(self) -> None:
        """Go on with what waits."""
        self.held = False
        self.proceed()
