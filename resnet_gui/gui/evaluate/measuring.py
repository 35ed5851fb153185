"""Evaluations measured by the engine, and those that were measured before found again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import is_readable
from resnet_gui.evaluation.folder import Evaluation, has_changed, list_evaluations, read_evaluation
from resnet_gui.evaluation.record import EvaluationRecord
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.evaluate.question import EvaluationQuestion
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.session import Session
from resnet_gui.protocol.evaluation_events import ClassesUnmatched, EvaluationCounted, EvaluationMeasured
from resnet_gui.protocol.evaluation_messages import MeasureEvaluation
from resnet_gui.protocol.events import Event, Failed, Progressed
from resnet_gui.protocol.jobs import ModelRequest

MODEL, OTHER = "model", "other"
Mapping = dict[str, str]
NEUTRAL: Final = ModelRequest(model="")
"""Fields that change no probability that is kept are those of this request."""


def asks_same(record: EvaluationRecord, request: ModelRequest, data: str) -> bool:
    """Whether an evaluation was asked for with a model and data: where it computed does not matter."""
    try:
        asked = msgspec.convert(record.asked, ModelRequest)
    except msgspec.ValidationError:
        return False

    def plain(one: ModelRequest) -> ModelRequest:
        return msgspec.structs.replace(one, device=NEUTRAL.device, temperature=NEUTRAL.temperature)

    return record.data == data and plain(asked) == plain(request)


class EvaluationMeasuring(QObject):
    """The measuring of what the bar asks for.

    Attributes:
        doing: what is being done before pictures are counted, in words; empty for nothing.
        unmatched: the classes that do not fit, after a failure for that reason.

    Signals:
        changed: a measurement has begun, goes on or has ended.
        failed: a sentence; ``unmatched`` is set if another choice of classes would help.
        measured: an evaluation has just been measured, not found again.
    """

    changed = Signal()
    failed = Signal(str)
    measured = Signal(object)

    def __init__(self, engines: Engines, state: EvaluateState, question: EvaluationQuestion, session: Session) -> None:
        super().__init__(state)
        self._state, self._question, self._session = state, question, session
        self._requests = LatestRequests(engines, self)
        self._requests.answered.connect(self._take)
        self.doing = ""
        self.unmatched: ClassesUnmatched | None = None
        self._again = False
        self._mapping: Mapping | None = None
        question.changed.connect(self._ask_anew)
        question.other_changed.connect(self._other_changed)

    @property
    def busy(self) -> bool:
        """Whether something is being measured."""
        return self._requests.asking(MODEL) or self._requests.asking(OTHER)

    @property
    def missing(self) -> bool:
        """Whether something that is asked for has not been measured yet."""
        return self._state.answers is None or (self._question.other is not None and self._state.other is None)

    # ---- found again

    def _ask_anew(self) -> None:
        """Another question: what is going on is given up, and what was measured before is shown."""
        self._mapping = None
        self.stop()
        question = self._question
        self._state.show_evaluation(self._find(question.model), question.name)
        self._state.show_other(self._find(question.other), question.other_name)
        self.changed.emit()

    def look_again(self) -> None:
        """Forget what is on show where weights or pictures have changed since: a run may have learnt on."""
        if self._is_outdated(self._state.evaluation, self._question.model):
            self._ask_anew()
        elif self._is_outdated(self._state.other_evaluation, self._question.other):
            self._other_changed()

    def _is_outdated(self, evaluation: Evaluation | None, request: ModelRequest | None) -> bool:
        """Whether an evaluation that answers the bar's question is of weights or pictures that have changed since."""
        if evaluation is None or request is None or not asks_same(evaluation.record, request, self._question.data):
            return False
        return has_changed(evaluation)

    def _other_changed(self) -> None:
        self._requests.forget(OTHER)
        self._state.show_other(self._find(self._question.other), self._question.other_name)
        if not self.busy:
            self._state.show_progress(None)
        self.changed.emit()

    def _find(self, request: ModelRequest | None) -> Evaluation | None:
        """The evaluation that was measured last with a model and the data as they are; None where there is none."""
        data = self._question.data
        if request is None or not data:
            return None
        for one in list_evaluations()[0]:
            if asks_same(one.record, request, data):
                try:
                    found = read_evaluation(one.folder)
                except InputError as error:
                    self._session.say(str(error), "warn")
                    continue
                if not has_changed(found):
                    return found
        return None

    def open(self, evaluation: Evaluation) -> None:
        """Show an evaluation that was not asked for by the bar, as one that was dropped."""
        self.stop()
        self._state.show_evaluation(evaluation, evaluation.record.model.name)
        self.changed.emit()

    # ---- measured

    def measure(self, *, again: bool) -> None:
        """Measure what the bar asks for; ``again`` also what was measured before."""
        self._again, self.unmatched = again, None
        if again or self._state.answers is None:
            self._ask(MODEL, self._question.model)
        else:
            self._ask(OTHER, self._question.other)

    def measure_with(self, mapping: Mapping) -> None:
        """Measure with another choice of classes."""
        self._mapping = mapping
        self.measure(again=True)

    def stop(self) -> None:
        """Give up what is going on; nothing of it is kept."""
        self._requests.forget(MODEL, OTHER)
        self._end()

    def _ask(self, kind: str, request: ModelRequest | None) -> None:
        if request is None:
            self._end()
            return
        if not is_readable(request.model + self._question.data):
            self._end()
            self.failed.emit("The name of this file is not valid text (UTF-8); rename it.")
            return
        request = msgspec.structs.replace(request, device=self._session.device)
        again, data, mapping = self._again, self._question.data, self._mapping
        make: Callable[[int], MeasureEvaluation] = lambda job: MeasureEvaluation(  # noqa: E731
            job=job, model_request=request, data=data, mapping=mapping, again=again
        )
        self.doing = f"Reading {self._question.name if kind == MODEL else self._question.other_name}"
        self._requests.ask(kind, make)
        self._state.show_progress(None)
        self.changed.emit()

    def _take(self, kind: str, event: Event) -> None:
        match event:
            case EvaluationCounted():
                self.doing = ""
                if kind == MODEL:
                    self._state.show_progress(event)
                else:
                    self.doing = f"{self._question.other_name}: {event.done:,} of {event.total:,}"
                self.changed.emit()
            case Progressed():
                self.doing = event.sentence
                self.changed.emit()
            case ClassesUnmatched():
                self.unmatched = event
            case EvaluationMeasured():
                self._show(kind, event)
            case Failed():
                self._end()
                self.failed.emit(event.message)

    def _show(self, kind: str, event: EvaluationMeasured) -> None:
        try:
            evaluation = read_evaluation(Path(event.folder))
        except InputError as error:
            self._end()
            self.failed.emit(str(error))
            return
        if kind == MODEL:
            self._state.show_progress(None)
            self._state.show_evaluation(evaluation, self._question.name)
        else:
            self._state.show_other(evaluation, self._question.other_name)
        if not event.found:
            self.measured.emit(evaluation)
        if kind == MODEL and self._question.other is not None and (self._again or self._state.other is None):
            self._ask(OTHER, self._question.other)
        else:
            self._end()

    def _end(self) -> None:
        self.doing = ""
        self._state.show_progress(None)
        self.changed.emit()
