"""Evaluations measured by the engine, and those that were measured before found again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Qt, Signal

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import is_there
from resnet_gui.base.text import is_readable
from resnet_gui.data.weights_catalogue import SHIPPED, WEIGHTS
from resnet_gui.evaluation.class_choice import class_choice
from resnet_gui.evaluation.folder import Evaluation, list_evaluations, read_evaluation, sources_changed
from resnet_gui.evaluation.record import EvaluationRecord
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.evaluate.change_check import ChangeCheck
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


def asked_model(record: EvaluationRecord) -> ModelRequest | None:
    """The model as it was asked when it was measured; None where the record does not tell, as of another program."""
    try:
        return msgspec.convert(record.asked, ModelRequest)
    except msgspec.ValidationError:
        return None


def asks_same(record: EvaluationRecord, request: ModelRequest, data: str) -> bool:
    """Whether an evaluation was asked for with a model and data: where it computed does not matter."""
    asked = asked_model(record)
    if asked is None:
        return False

    def plain(one: ModelRequest) -> ModelRequest:
        return msgspec.structs.replace(one, device=NEUTRAL.device, temperature=NEUTRAL.temperature)

    return record.data == data and plain(asked) == plain(request)


class EvaluationMeasuring(QObject):
    """The measuring of what the bar asks for.

    Attributes:
        doing: what is being done before pictures are counted, in words; empty for nothing.
        unmatched: the classes that do not fit, after a failure for that reason.
        unmatched_kind: of the model that they are of: the first, or the one beside.

    Signals:
        changed: a measurement has begun, goes on or has ended.
        failed: a sentence; ``unmatched`` is set if another choice of classes would help.
        measured: an evaluation has just been measured, not found again.
        outdated: what was opened, and is on show, is of weights or pictures that have changed since.
    """

    changed = Signal()
    failed = Signal(str)
    measured = Signal(object)
    outdated = Signal()

    def __init__(self, engines: Engines, state: EvaluateState, question: EvaluationQuestion, session: Session) -> None:
        super().__init__(state)
        self._state, self._question, self._session = state, question, session
        self._requests = LatestRequests(engines, self)
        self._requests.answered.connect(self._take)
        self.doing = ""
        self.unmatched: ClassesUnmatched | None = None
        self.unmatched_kind = MODEL
        self._again: frozenset[str] = frozenset()
        self._mappings: dict[str, Mapping] = {}
        self._before: dict[str, Evaluation] = {}
        self._opened: Evaluation | None = None
        self._outdated: set[Path] = set()
        self._checks = ChangeCheck(self)
        self._checks.checked.connect(self._take_check, Qt.ConnectionType.QueuedConnection)
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
        self._opened, self._outdated = None, set()
        self._show_found()

    def _show_found(self) -> None:
        """Show what was measured before of what is asked for, but for what is known to be outdated."""
        self._mappings, self._before, self.unmatched = {}, {}, None
        self.stop()
        question = self._question
        self._state.show_evaluation(self._find(question.model), question.name)
        self._state.show_other(self._find(question.other), question.other_name)
        self.changed.emit()

    def look_again(self) -> None:
        """Forget what is on show where weights or pictures have changed since: a run may have learnt on."""
        self._opened, self._outdated = None, set()
        question = self._question
        for evaluation, request in (
            (self._state.evaluation, question.model), (self._state.other_evaluation, question.other),
        ):  # fmt: skip
            if evaluation is not None and request is not None and asks_same(evaluation.record, request, question.data):
                self._check(evaluation)

    def _check(self, evaluation: Evaluation) -> None:
        """Look at weights and folders now, and at the pictures, of which there may be many, on a thread."""
        if sources_changed(evaluation):
            self._take_check(evaluation, changed=True)
        else:
            self._checks.look_at(evaluation)

    def _take_check(self, evaluation: Evaluation, changed: bool) -> None:
        """Show another evaluation than one of weights or pictures that have changed; of an opened one say it."""
        if not changed:
            return
        if evaluation is self._opened:
            if evaluation is self._state.evaluation:
                self.outdated.emit()
            return
        self._outdated.add(evaluation.folder)
        self._before = {kind: one for kind, one in self._before.items() if one is not evaluation}
        if evaluation is self._state.evaluation:
            self._show_found()
        elif evaluation is self._state.other_evaluation:
            self._other_changed()

    def _other_changed(self) -> None:
        self._requests.forget(OTHER)
        self.unmatched = None
        self._mappings.pop(OTHER, None)
        self._before.pop(OTHER, None)
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
            if one.folder not in self._outdated and asks_same(one.record, request, data):
                try:
                    found = read_evaluation(one.folder)
                except InputError as error:
                    self._session.say(str(error), "warn")
                    continue
                if not sources_changed(found):
                    self._checks.look_at(found)
                    return found
        return None

    def open(self, evaluation: Evaluation) -> None:
        """Show an evaluation that was dropped, though another was measured later; the bar asks the same by now."""
        self.stop()
        self._opened = evaluation
        self._state.show_evaluation(evaluation, self._question.name)
        self.changed.emit()
        self._check(evaluation)

    def leave(self) -> None:
        """The window closes."""
        self._checks.stop()

    # ---- measured

    def measure(self, *, again: bool) -> None:
        """Measure what the bar asks for; ``again`` also what was measured before."""
        self._again, self.unmatched = frozenset((MODEL, OTHER) if again else ()), None
        if again or self._state.answers is None:
            self._ask(MODEL, self._question.model)
        else:
            self._ask(OTHER, self._question.other)

    def measure_with(self, mapping: Mapping, kind: str = MODEL) -> None:
        """Measure one of the models with another choice of its classes; the other keeps its own."""
        self._mappings[kind] = mapping
        self.unmatched, self._again = None, frozenset((kind,))
        self._ask(kind, self._question.model if kind == MODEL else self._question.other)

    def name_of(self, kind: str) -> str:
        """What the first model, or the one beside, is called."""
        return self._question.name if kind == MODEL else self._question.other_name

    def _mapping_of(self, kind: str) -> Mapping | None:
        """The classes that a person has chosen for a model, now or when it was measured; None for none."""
        shown = self._state.evaluation if kind == MODEL else self._state.other_evaluation
        if kind in self._mappings or shown is None or shown.record.mapped_by != "user":
            return self._mappings.get(kind)
        return class_choice(shown.record)

    def _set_aside(self, kind: str) -> None:
        """Take the old figures of a model off the page while new ones are counted; they come back if none do."""
        state = self._state
        shown = state.evaluation if kind == MODEL else state.other_evaluation
        if shown is None:
            return
        self._before[kind] = shown
        if kind == MODEL:
            state.show_evaluation(None, self._question.name)
        else:
            state.show_other(None, self._question.other_name)

    def _bring_back(self) -> None:
        before, self._before = self._before, {}
        if MODEL in before:
            self._state.show_evaluation(before[MODEL], self._question.name)
        if OTHER in before:
            self._state.show_other(before[OTHER], self._question.other_name)

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
        again, data, mapping = kind in self._again, self._question.data, self._mapping_of(kind)
        if mapping is not None:
            self._mappings[kind] = mapping
        make: Callable[[int], MeasureEvaluation] = lambda job: MeasureEvaluation(  # noqa: E731
            job=job, model_request=request, data=data, mapping=mapping, again=again
        )
        self.doing = f"Reading {self.name_of(kind)}"
        self._set_aside(kind)
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
                self.unmatched, self.unmatched_kind = event, kind
            case EvaluationMeasured():
                self._show(kind, event)
            case Failed():
                self._end()
                self.failed.emit(self._failure_of(kind, event.message))

    def _failure_of(self, kind: str, message: str) -> str:
        """Why a model was not measured, with its name where there are two."""
        request = self._question.model if kind == MODEL else self._question.other
        if request is not None and not is_there(Path(request.model)) and request.model not in {SHIPPED, *WEIGHTS}:
            message = f"{request.model} is not there; choose another model."
        return f"{self.name_of(kind)}: {message}" if self._question.other is not None else message

    def _show(self, kind: str, event: EvaluationMeasured) -> None:
        try:
            evaluation = read_evaluation(Path(event.folder))
        except InputError as error:
            self._end()
            self.failed.emit(str(error))
            return
        self._before.pop(kind, None)
        if kind == MODEL:
            self._state.show_progress(None)
            self._state.show_evaluation(evaluation, self._question.name)
        else:
            self._state.show_other(evaluation, self._question.other_name)
        if not event.found:
            self.measured.emit(evaluation)
        if kind == MODEL and self._question.other is not None and (OTHER in self._again or self._state.other is None):
            self._ask(OTHER, self._question.other)
        else:
            self._end()

    def _end(self) -> None:
        self.doing = ""
        self._bring_back()
        self._state.show_progress(None)
        self.changed.emit()
