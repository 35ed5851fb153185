"""What is said while data are looked through and pictures are answered, a few times a second at most."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.protocol.evaluation_events import EvaluationCounted
from resnet_gui.protocol.events import DataSetListed, Event, Progressed

Send = Callable[[Event], None]
"""Takes the events that come before the answer of a job."""

GoOn = Callable[[], bool]
"""Asked between two batches: answers short questions, and says whether to go on."""

PAUSE_SECONDS: Final = 0.1
GIVEN_UP: Final = "Not measured: it was given up."


class JobProgress:
    """The words about a job's data and pictures.

    Args:
        job: its number.
        send: takes the events.
        go_on: whether to go on.
    """

    def __init__(self, job: int, send: Send, go_on: GoOn) -> None:
        self._job, self._send, self._go_on = job, send, go_on
        self._sent_at = 0.0
        self._note = ""

    def check(self) -> None:
        """Answer short questions, and break off what was given up.

        Raises:
            InputError: it was given up.
        """
        if not self._go_on():
            raise InputError(GIVEN_UP)

    def tell_of(self, data: str) -> Callable[[str | DataDescription], None]:
        """A Tell that passes on what is said of some data before they are read."""

        def tell(news: str | DataDescription) -> None:
            self._note = news if isinstance(news, str) else ""
            if isinstance(news, str):
                self._send(Progressed(self._job, "looking for pictures", 0, 0, news))
            else:
                self._send(DataSetListed(self._job, data, news))

        return tell

    def watch(self, done: int, total: int) -> None:
        """A Watch: so many files are found, of so many where that is known.

        Raises:
            InputError: the job was given up.
        """
        self.check()
        self.reached("bytes unpacked" if self._note and total else "files found", done, total, self._note)

    def reached(self, what: str, done: int, total: int, note: str = "") -> None:
        """Say how far something is."""
        if self._due(done == total):
            self._send(Progressed(self._job, what, done, total, note))

    def counted(self, event: EvaluationCounted) -> None:
        """Say what is counted so far."""
        if self._due(event.done + event.left_out >= event.total):
            self._send(event)

    def _due(self, last: bool) -> bool:
        now = time.monotonic()
        if now - self._sent_at < PAUSE_SECONDS and not last:
            return False
        self._sent_at = now
        return True
