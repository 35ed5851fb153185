"""Work that many requests ask for and that is done once for them: when they rest, or every so often.

As ``misc/throttle.py`` of qutebrowser, but here a first request waits as well: a burst is one call, not one at its
beginning and one at its end. superqt's ``qdebounced`` and ``qthrottled`` would do, but importing superqt takes
196 ms where the whole of QtWidgets takes 95 ms, and brings qtpy and pygments: much for what Qt's own timer nearly is.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class _Postponed(QObject):
    """Work that waits; the classes below differ in what a further request does meanwhile.

    Args:
        parent: with its end nothing waits any more.
        interval: milliseconds that the work waits; 0 waits until the event loop turns.
        work: what is done.

    Attributes:
        interval: may be changed, for the next request.
    """

    def __init__(self, parent: QObject, interval: int, work: Callable[[], object]) -> None:
        super().__init__(parent)
        self.interval = interval
        self._work = work
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.call_now)

    def is_pending(self) -> bool:
        """Whether a request waits for its call."""
        return self._timer.isActive()

    def call_now(self) -> None:
        """Do the work at once; a request that waits is answered by it."""
        self._timer.stop()
        self._work()


class Debounce(_Postponed):
    """A postponement until no request has come for the interval."""

    def request(self) -> None:
        """Ask for the work; whatever waits begins to wait anew."""
        self._timer.start(self.interval)


class Throttle(_Postponed):
    """A postponement by an interval from the first request; those that come meanwhile are answered by the same call."""

    def request(self) -> None:
        """Ask for the work."""
        if not self._timer.isActive():
            self._timer.start(self.interval)

    def request_soon(self) -> None:
        """Ask for the work when the event loop turns; a request that waits is answered by it."""
        self._timer.start(0)
