"""Questions of a page of which only the newest of each kind matters."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from resnet_gui.gui.client.engines import Engines
from resnet_gui.protocol.answers import ANSWERS
from resnet_gui.protocol.events import Event
from resnet_gui.protocol.jobs import Question


class LatestRequests(QObject):
    """Requests to the engine; a new one of a kind gives up the one before, whose answer is not told any more.

    Signals:
        answered: kind of the question, its answer (``Failed`` too, and what comes before the last answer).
    """

    answered = Signal(str, object)

    def __init__(self, engines: Engines, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engines = engines
        self._current: dict[str, int] = {}
        engines.answered.connect(self._take)

    def ask(self, kind: str, make: Callable[[int], Question]) -> int:
        """Ask; ``make`` gets the number of the job."""
        self.forget(kind)
        number = self._engines.ask(make)
        self._current[kind] = number
        return number

    def forget(self, *kinds: str) -> None:
        """Give up the questions of some kinds."""
        for kind in kinds:
            number = self._current.pop(kind, None)
            if number is not None:
                self._engines.drop(number)

    def asking(self, kind: str) -> bool:
        """Whether a question of a kind is open."""
        return kind in self._current

    def _take(self, job: Question, event: Event) -> None:
        kind = next((kind for kind, number in self._current.items() if number == job.job), None)
        if kind is not None:
            if not isinstance(event, ANSWERS[type(job)].pieces):
                del self._current[kind]
            self.answered.emit(kind, event)
