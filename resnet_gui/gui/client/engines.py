"""The engines of a window: one that stays for verify and predict, and one for each training that it started."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import QObject, Signal

from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.client.trainings import TrainingEngines
from resnet_gui.gui.kit.throttle import Debounce
from resnet_gui.protocol.answers import ANSWERS
from resnet_gui.protocol.events import (
    Event,
    Failed,
    Heartbeat,
    JobDone,
    JobEvent,
    Matched,
    Mismatch,
    Ready,
    Verified,
)
from resnet_gui.protocol.jobs import (
    Cancel,
    Drop,
    Keep,
    Predict,
    Question,
    Stop,
    Verify,
    encode_message,
)
from resnet_gui.runs.events import RunEnded, RunStarted

if TYPE_CHECKING:
    from resnet_gui.gui.client.process import EngineProcess

LOG = logging.getLogger(__name__)
State = Literal["starting", "ready", "stopped"]
VERIFY_DELAY_MS: Final = 150
"""A form that is being typed into asks once, when it rests."""

MAX_DEATHS: Final = 3
DEATHS_WITHIN: Final = 60.0
"""An engine that dies more often than this is not started again by itself."""


class Engines(TrainingEngines):
    """The owner of the engines, which starts, watches and replaces them, and hands their answers on.

    Attributes:
        state: of the engine that stays.

    Signals:
        state_changed: "starting", "ready" or "stopped".
        ready: what the engine can do (``Ready``).
        verified: ``Verified``, ``Mismatch`` or None while it is not known; ``Matched`` may follow.
        answered: a question other than a prediction, and its answer.
        predicted: ``FolderListed``, ``Predicted``, ``PredictFailed``, ``JobDone`` or ``Failed`` of a prediction.
            A signal of its own: thousands come, and one listener wants them.
    """

    state_changed = Signal(str)
    ready = Signal(object)
    verified = Signal(object)
    predicted = Signal(object)
    answered = Signal(object, object)

    def __init__(self, parent: QObject | None = None, *, patience: float | None = None) -> None:
        super().__init__(parent, patience=patience)
        self.state: State = "stopped"
        self._main: EngineProcess | None = None
        self._spec: ResNetSpec | None = None
        self._verify_job = 0
        self._verifying = 0
        self._pending: dict[int, Question] = {}
        self._sent: set[int] = set()
        self._retried: set[int] = set()
        self._given_up: set[int] = set()
        self._deaths: list[float] = []
        self._verify_debounce = Debounce(self, VERIFY_DELAY_MS, self._send_verify)

    # ---- the engine that stays

    @property
    def main_pid(self) -> int | None:
        """Process number of the engine that stays."""
        return self._main.pid if self._main is not None else None

    def start(self) -> None:
        """Start the engine that stays; called when the window is painted, or by hand after too many deaths."""
        # Here and not above: the first paint does without it.
        from resnet_gui.gui.client.process import EngineProcess

        if self._main is not None:
            return
        self._main = EngineProcess(self, patience=self._patience)
        self._main.answered.connect(self._take)
        self._main.ended.connect(self._main_ended)
        self._main.silent.connect(self._main_silent)
        self._set_state("starting")

    def restart(self) -> None:
        """Start again after too many deaths."""
        self._deaths.clear()
        self.start()

    def verify(self, spec: ResNetSpec) -> None:
        """Ask whether the built model equals the plan; only the newest question is answered."""
        self._spec = spec
        self._verify_job = 0
        self.verified.emit(None)
        self._verify_debounce.request()

    def ask(self, make: Callable[[int], Question]) -> int:
        """Ask a question that is made with the number of its job; returns the number."""
        return self._ask(make(next(self._numbers)))

    def drop(self, number: int) -> None:
        """Give up a question: one that waits here is never asked, and the engine ends what it is doing for it."""
        if number in self._sent and self._main is not None:
            self._given_up.add(number)
            self._main.send(Drop(number))
        elif number in self._pending:
            self._finish(JobDone(number))

    def _ask(self, job: Question) -> int:
        if self._main is not None and self._main.ready:
            self._main.send(job)
            self._sent.add(job.job)
        else:
            encode_message(job)  # a name that no encoding knows must fail here, and not when the engine is ready
        self._pending[job.job] = job
        if self.state == "stopped":
            self.restart()
        return job.job

    def _send_verify(self) -> None:
        # One question at a time: the engine of a slow design must not have to work off a queue of old ones.
        if self._spec is None or self._verifying or self._main is None or not self._main.ready:
            return
        self._verify_job = next(self._numbers)
        self._verifying = self._verify_job
        self._main.send(Verify(self._verify_job, self._spec))

    def _take(self, event: Event) -> None:
        match event:
            case Ready():
                self._take_ready(event)
            case RunStarted() | RunEnded() | Heartbeat():
                LOG.error("The engine that stays sent %s, which is of a training", type(event).__name__)
            case _ if event.job == self._verifying:
                self._take_verification(event)
            case _ if event.job in self._pending:
                self._take_answer(event)
            case Failed():
                self.message.emit(event.message, "error")
            case _:
                LOG.warning("%s answers job %d, which nobody waits for", type(event).__name__, event.job)

    def _take_ready(self, event: Ready) -> None:
        self._set_state("ready")
        self.ready.emit(event)
        self._send_verify()
        for number, job in self._pending.items():
            if self._main is not None:
                self._sent.add(number)
                self._main.send(job)

    def _take_verification(self, event: JobEvent) -> None:
        """Hand on what is said of the newest design, and ask about the next when it has all been said."""
        if isinstance(event, Verified | Mismatch | Matched):
            if event.job == self._verify_job:
                self.verified.emit(event)
            return
        if isinstance(event, Failed):
            self.message.emit(event.message, "error")
        self._verifying = 0
        if self._verify_job == 0 and not self._verify_debounce.is_pending():
            self._send_verify()

    def _take_answer(self, event: JobEvent) -> None:
        """Hand on what answers a question, as the question itself names it."""
        job = self._pending[event.job]
        answers = ANSWERS[type(job)]
        # A question that was given up is answered by JobDone, whatever it was.
        if isinstance(event, (answers.last, Failed)) or (isinstance(event, JobDone) and event.job in self._given_up):
            self._finish(event)
        elif isinstance(event, answers.pieces):
            self._hand_on(job, event)
        else:
            LOG.error("%s is no answer to %s", type(event).__name__, type(job).__name__)

    def _finish(self, event: JobEvent) -> None:
        """Hand the last answer to a job on to those who asked."""
        job = self._pending.pop(event.job)
        self._sent.discard(event.job)
        self._given_up.discard(event.job)
        self._hand_on(job, event)

    def _hand_on(self, job: Question, event: JobEvent) -> None:
        if isinstance(job, Predict):
            self.predicted.emit(event)
        else:
            self.answered.emit(job, event)

    def _main_ended(self, how: str, wanted: bool) -> None:
        if self._main is not None:
            self._main.deleteLater()
        self._main, self._verifying = None, 0
        self._sent.clear()
        for number in self._given_up & set(self._pending):
            self._finish(JobDone(number))
        if wanted:
            self._set_state("stopped")
            return
        now = time.monotonic()
        self._deaths = [death for death in self._deaths if now - death < DEATHS_WITHIN] + [now]
        self._drop_repeated()
        if len(self._deaths) > MAX_DEATHS:
            self._set_state("stopped")
            self.message.emit(f"The engine {how} again and again; click 'Engine stopped' to try once more.", "error")
            return
        self.message.emit(f"The engine {how}; a new one is starting. Your design is unchanged.", "warn")
        self.start()

    def _drop_repeated(self) -> None:
        """What was asked of a dead engine is asked of the new one, but only once: it may be what killed it."""
        for number in list(self._pending):
            if number in self._retried:
                what = "these pictures" if isinstance(self._pending[number], Predict) else "this job"
                self._finish(Failed(number, f"The engine died twice over {what}."))
            self._retried.add(number)

    def _main_silent(self) -> None:
        if self._main is not None:
            self.message.emit("The engine does not answer; it is being replaced.", "warn")
            self._main.kill(wanted=False)

    def _set_state(self, state: State) -> None:
        self.state = state
        self.state_changed.emit(state)

    def _make_way(self) -> None:
        """Measuring would disturb a training that begins."""
        if self._main is not None and self._main.ready:
            self._main.send(Cancel())

    # ---- the end

    def kill_all(self) -> None:
        """End every engine at once, whatever it is doing."""
        for engine in (self._main, *self._runs.values()):
            if engine is not None:
                engine.kill()

    def shutdown(self, *, keep_runs: bool) -> None:
        """Close every engine; trainings go on if they are to be kept, else they write their checkpoint and end."""
        if self._main is not None:
            self._main.close()
        for engine in self._runs.values():
            if keep_runs:
                engine.send(Keep())
            else:
                # Told to keep its run as well, it ends after its step however long that takes: the checkpoint that
                # the user was promised must not be cut off by the end of the window.
                engine.send(Stop())
                engine.send(Keep())
            engine.close()
        for engine in self._runs.values():
            engine.flush(0.5)
