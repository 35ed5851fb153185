"""What an engine has still to do: questions that were given up leave it, and short ones overtake long ones."""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path
from typing import TypeGuard, TypeVar

from resnet_gui.protocol.jobs import Estimate, Job, Predict, Quick

J = TypeVar("J", bound=Job | None)


def _is_quick(job: Job | None) -> TypeGuard[Quick | Predict]:
    """Whether somebody waits for it who should not wait for a thousand pictures: a single one is answered soon too."""
    return isinstance(job, Quick) or (
        isinstance(job, Predict) and len(job.images) == 1 and not Path(job.images[0]).is_dir()
    )


class JobQueue:
    """A queue between the thread that listens and the one that works."""

    def __init__(self) -> None:
        self._jobs: deque[Job | None] = deque()
        self._begun: set[int] = set()
        self._dropped: set[int] = set()
        self._change = threading.Condition()

    def put(self, job: Job | None) -> None:
        """Append a job; None is the end."""
        with self._change:
            self._jobs.append(job)
            self._change.notify()

    def drop(self, job: int) -> None:
        """Give up a job, whether it waits or is being done; a number that is over is left alone."""
        with self._change:
            if job in self._begun or any(waits is not None and waits.job == job for waits in self._jobs):
                self._dropped.add(job)

    def wait(self, seconds: float) -> bool:
        """Whether there is a job, or the end, within so much time."""
        with self._change:
            return self._change.wait_for(lambda: bool(self._jobs), seconds)

    def take(self) -> Job | None:
        """The next job, waited for; None at the end."""
        with self._change:
            while not self._jobs:
                self._change.wait()
            return self._begin(self._jobs.popleft())

    def take_quick(self) -> Quick | Predict | None:
        """The first question that waits and is answered soon, if there is one; the others keep their places."""
        with self._change:
            return self._take(next((job for job in self._jobs if _is_quick(job)), None))

    def take_question(self) -> Job | None:
        """The first that waits and measures no training: whatever it is, somebody wants it more than a measurement."""
        with self._change:
            return self._take(next((job for job in self._jobs if not isinstance(job, Estimate)), None))

    def _take(self, found: J) -> J:
        if found is not None:
            self._jobs.remove(found)
        return self._begin(found)

    def _begin(self, job: J) -> J:
        if job is not None:
            self._begun.add(job.job)
        return job

    def dropped(self, job: int) -> bool:
        """Whether a job was given up."""
        with self._change:
            return job in self._dropped

    def ended(self) -> bool:
        """Whether nobody will read answers any more."""
        with self._change:
            return bool(self._jobs) and self._jobs[-1] is None

    def forget(self, job: int) -> None:
        """A job is over: its number is not needed any more."""
        with self._change:
            self._begun.discard(job)
            self._dropped.discard(job)
