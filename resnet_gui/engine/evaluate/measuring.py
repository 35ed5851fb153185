"""A model measured on labelled pictures: every one is answered once, and what was answered is kept."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Container, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.base.file_states import file_state
from resnet_gui.base.files import is_there
from resnet_gui.base.text import is_readable, readable
from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.labels import SETS
from resnet_gui.data.layouts.description import many
from resnet_gui.data.weights_catalogue import SHIPPED, WEIGHTS
from resnet_gui.engine.data.picture_survey import CUT, not_finite_notice
from resnet_gui.engine.data.scaling.flat import check_channels
from resnet_gui.engine.evaluate.class_matching import NOT_COUNTED, ClassMatch, UnmatchedClassesError, match_classes
from resnet_gui.engine.evaluate.depth.features import FeatureCollector, most_pictures
from resnet_gui.engine.evaluate.model_identity import identify_model, learnt_note
from resnet_gui.engine.evaluate.opened import classifier_of
from resnet_gui.engine.evaluate.progress import GoOn, JobProgress, Send
from resnet_gui.engine.evaluate.reading import InputReader, UnreadPicture
from resnet_gui.engine.evaluate.tested_pictures import TestedPictures, find_tested, places_of
from resnet_gui.engine.failure_text import failure_sentence
from resnet_gui.engine.predict.classifier import Classifier
from resnet_gui.engine.predict.lanes import in_lanes
from resnet_gui.engine.predict.models import open_notice, taken_fields
from resnet_gui.evaluation.answers import NEAR
from resnet_gui.evaluation.depth import drawn_places
from resnet_gui.evaluation.depth_files import write_features
from resnet_gui.evaluation.folder import find_evaluation
from resnet_gui.evaluation.record import EvaluationRecord, LeftOutPicture
from resnet_gui.evaluation.writing import EvaluationWriter, disk_sentences, renew_evaluation
from resnet_gui.export.evaluation.command import measure_command
from resnet_gui.protocol.evaluation_events import ClassesUnmatched, EvaluationCounted, EvaluationMeasured
from resnet_gui.protocol.evaluation_messages import MeasureEvaluation
from resnet_gui.protocol.model_request import ModelRequest

LARGER: Final = 4
"""Batches are so many times larger on a GPU than where somebody waits for the first answer. On the CPU pictures take as
long in any batch, and the lanes end closer together."""


def measure_evaluation(job: MeasureEvaluation, send: Send, go_on: GoOn) -> Path:
    """The folder of an evaluation, measured or found again; see MeasureEvaluation.

    Raises:
        InputError: model or data cannot be read, their classes do not fit each other, none of the pictures can be
            read, the disk is full, or it was given up. Nothing is kept then.
    """
    return Path(evaluated(job, send, go_on).folder)


def evaluated(job: MeasureEvaluation, send: Send, go_on: GoOn) -> EvaluationMeasured:
    """``measure_evaluation``, as the answer to a job."""
    progress = JobProgress(job.job, send, go_on)
    if not is_readable(job.model_request.model + job.model_request.labels + job.data):
        raise InputError(f"The name {readable(job.data)} or that of the model is not valid text (UTF-8); rename it.")
    request = placed(job.model_request)
    classifier = classifier_of(request)
    loaded = classifier.loaded
    check_channels(loaded.spec.input[0])
    data = _absolute(job.data, known=KNOWN)
    pictures = find_tested(data, loaded.spec.input, loaded.classes, progress.watch, progress.tell_of(data))
    try:
        match = match_classes(pictures.classes, loaded.classes, job.mapping)
    except UnmatchedClassesError as error:
        counts = np.bincount(pictures.labels, minlength=len(pictures.classes))
        send(
            ClassesUnmatched(
                job=job.job,
                data_classes=tuple(map(readable, pictures.classes)),
                network_classes=error.network_classes,
                suggested=error.suggested,
                pictures=tuple(counts.tolist()),
                sentence=str(error),
            )
        )
        raise
    record = _record(request, classifier, data, pictures, match)
    if not job.again:
        found = find_evaluation(record)
        if found.folder is not None:
            renew_evaluation(found.folder, record)
            return EvaluationMeasured(job.job, str(found.folder), found=True)
        record = msgspec.structs.replace(record, notices=(*record.notices, *map(_anew, found.problems)))
    measurement = _Measurement(job.job, classifier, pictures, match)
    return EvaluationMeasured(job.job, str(measurement.run(record, progress)))


def _anew(problem: str) -> str:
    """What was found damaged, and what was done about it."""
    return f"{problem.removesuffix('; measure the model again.')}; so it was measured anew."


def placed(request: ModelRequest) -> ModelRequest:
    """A request with absolute paths, and the network's own probabilities: any temperature is applied to those later."""
    return msgspec.structs.replace(
        request, model=_absolute(request.model, known={SHIPPED, *WEIGHTS}),
        labels=_absolute(request.labels, known=SETS) if request.labels else "", temperature=1.0,
    )  # fmt: skip


def _absolute(name: str, known: Container[str]) -> str:
    """A path from the root, and a name as it is."""
    path = Path(name)
    return str(path.absolute()) if is_there(path) and not (name in known and not path.is_absolute()) else name


def _record(
    request: ModelRequest, classifier: Classifier, data: str, pictures: TestedPictures, match: ClassMatch
) -> EvaluationRecord:
    """What is known of an evaluation before a picture is answered."""
    loaded = classifier.loaded
    taken = taken_fields(loaded, request)
    notices = (*loaded.notices, *open_notice(taken, loaded), *match.notices)
    if note := learnt_note(request.model, data, len(pictures.labels)):
        notices = (*notices, note)
    record = EvaluationRecord(
        model=identify_model(request, classifier), asked=msgspec.json.decode(msgspec.json.encode(request)), data=data,
        data_name=pictures.name, data_sha=pictures.sha256, labels=loaded.classes,
        data_classes=tuple(map(readable, pictures.classes)), mapping=match.numbers, mapped_by=match.by,
        device=str(classifier.device), computed=classifier.computed, description=pictures.description, spec=loaded.spec,
        preprocess=loaded.preprocess, places=places_of(data, pictures.files), notices=tuple(map(readable, notices)),
        undetermined=taken,
    )  # fmt: skip
    return msgspec.structs.replace(record, command=measure_command(record))


class _AnsweredBatch(NamedTuple):
    """Answers about pictures.

    Attributes:
        numbers: of those that were answered (B,), increasing.
        scores: log-probabilities (B, classes).
        unread: pictures without an answer.
        cut: how many of those that were read had colours of 16 bits.
    """

    numbers: NDArray[np.int64]
    scores: NDArray[np.float32]
    unread: tuple[UnreadPicture, ...] = ()
    cut: int = 0


class _Measurement:
    """The passes of one evaluation, with what is counted meanwhile."""

    def __init__(self, job: int, classifier: Classifier, pictures: TestedPictures, match: ClassMatch) -> None:
        self._job, self._classifier, self._pictures = job, classifier, pictures
        self._reader = InputReader(pictures, classifier)
        self._mapping = np.array(match.numbers, dtype=np.int64)
        self._truth = self._mapping[pictures.labels].astype(np.int32)
        self._counted = np.flatnonzero(self._truth != NOT_COUNTED)
        self._correct = self._near = self._cut = 0
        self._unread: list[UnreadPicture] = []
        self._answered: list[NDArray[np.int64]] = []

    def run(self, record: EvaluationRecord, progress: JobProgress) -> Path:
        """Answer all pictures, and write the evaluation."""
        if not len(self._counted):
            raise InputError(f"{record.data} holds no picture of a class that is counted.")
        plan = self._classifier.loaded.model.plan
        sample = self._counted[drawn_places(self._truth[self._counted], most_pictures(plan))]
        begun = time.perf_counter()
        with (
            EvaluationWriter(record.title, record.labels) as writer,
            FeatureCollector(self._classifier.network, plan, sample, self._classifier.views) as collector,
        ):
            answered = in_lanes(partial(self._answer, collector), self._batches(), self._classifier.device)
            with closing(answered):
                for answers in answered:
                    progress.check()
                    self._count(answers, writer)
                    progress.counted(self._so_far(time.perf_counter() - begun))
            seconds = time.perf_counter() - begun
            if not writer.pictures:
                raise InputError(self._nothing(record.data))
            features = collector.collected()
            places = np.searchsorted(np.concatenate(self._answered), features.numbers)
            with disk_sentences(writer.folder.parent):
                write_features(writer.folder, places, features.by_location)
            return writer.finish(self._finished(record, seconds, len(places)))

    def _batches(self) -> Iterator[NDArray[np.int64]]:
        """Numbers of the pictures that are counted, a batch at a time."""
        size = batch_size(self._classifier)
        return (self._counted[start : start + size] for start in range(0, len(self._counted), size))

    def _answer(self, collector: FeatureCollector, numbers: NDArray[np.int64]) -> _AnsweredBatch:
        """Read and answer a batch; in a lane, so that nothing of this object changes."""
        batch = self._reader.read(numbers)
        found = list(self._computed(collector, batch.numbers, batch.pixels))
        none = np.empty((0, len(self._classifier.loaded.classes)), dtype=np.float32)
        return _AnsweredBatch(
            np.concatenate([np.empty(0, dtype=np.int64), *(each.numbers for each in found)]),
            np.concatenate([none, *(each.scores for each in found)]),
            (*batch.unread, *(one for each in found for one in each.unread)), batch.cut,
        )  # fmt: skip

    def _computed(
        self, collector: FeatureCollector, numbers: NDArray[np.int64], pixels: NDArray[np.uint8]
    ) -> Iterator[_AnsweredBatch]:
        """Compute a batch; where it fails as a whole, its halves, and a picture that fails alone is left out."""
        count = len(numbers)
        if not count:
            return
        try:
            scores = self._classifier.scores(pixels)
        except Exception as error:  # noqa: BLE001, RUF100 (too large a batch, or a device that fails)
            if count == 1:
                nothing = np.empty((0, len(self._classifier.loaded.classes)), dtype=np.float32)
                yield _AnsweredBatch(numbers[:0], nothing, (UnreadPicture(int(numbers[0]), failure_sentence(error)),))
                return
            for half in (slice(0, count // 2), slice(count // 2, count)):
                yield from self._computed(collector, numbers[half], pixels[half])
            return
        known = ~np.isnan(scores).any(axis=1)
        collector.keep(numbers[known])
        unread = tuple(
            UnreadPicture(
                number,
                f"The network's answer to {self._pictures.title(number)} is no number: its weights are too large.",
            )
            for number in numbers[~known].tolist()
        )
        yield _AnsweredBatch(numbers[known], scores[known], unread)

    def _count(self, answers: _AnsweredBatch, writer: EvaluationWriter) -> None:
        self._unread.extend(answers.unread)
        self._cut += answers.cut
        if not len(answers.numbers):
            return
        names = [self._pictures.file_name(number) for number in answers.numbers.tolist()]
        states = self._pictures.states[answers.numbers] if self._pictures.files else None
        figures = writer.add(answers.scores, self._truth[answers.numbers], names, answers.numbers, states)
        self._answered.append(answers.numbers)
        self._correct += int((figures.rank == 0).sum())
        self._near += int((figures.rank < NEAR).sum())

    def _so_far(self, seconds: float) -> EvaluationCounted:
        done = sum(map(len, self._answered))
        return EvaluationCounted(
            job=self._job, done=done, total=len(self._counted), correct=self._correct, near=self._near,
            left_out=len(self._unread), images_per_second=done / seconds if seconds else 0.0,
        )  # fmt: skip

    def _nothing(self, data: str) -> str:
        first = f" The first: {self._unread[0].reason}" if self._unread else ""
        return f"None of the {len(self._counted):,} pictures of {readable(data)} can be read.{first}"

    def _finished(self, record: EvaluationRecord, seconds: float, sampled: int) -> EvaluationRecord:
        """The record with what the passes gave."""
        done = sum(map(len, self._answered))
        notices = list(record.notices)
        if self._cut:
            notices.append(f"{many(self._cut, 'picture')} {CUT if self._cut > 1 else CUT.replace('have', 'has', 1)}.")
        if endless := not_finite_notice([Path(path) for path in self._pictures.files]):
            notices.append(readable(endless))
        if sampled < done:
            notices.append(
                f"Features by depth are kept of {sampled:,} of the {done:,} pictures, drawn evenly from every class: "
                "those of all would take more than 256 MB."
            )
        if changed := self._changed():
            notices.append(f"{many(changed, 'picture')} changed while the model was measured; measure again.")
        left_out = [LeftOutPicture(self._pictures.title(each.number), each.reason) for each in self._unread]
        left_out += self._classes_left_out()
        return msgspec.structs.replace(
            record, seconds=seconds, images_per_second=done / seconds if seconds else 0.0, left_out=tuple(left_out),
            notices=tuple(notices),
        )  # fmt: skip

    def _changed(self) -> int:
        """How many files are others than when they were found."""
        if not self._pictures.files:
            return 0
        numbers = np.concatenate(self._answered)
        now = np.array([file_state(self._pictures.files[number]) for number in numbers.tolist()], dtype=np.int64)
        return int((now != self._pictures.states[numbers]).any(axis=1).sum())

    def _classes_left_out(self) -> Iterator[LeftOutPicture]:
        counts = Counter(self._pictures.labels.tolist())
        for number in np.flatnonzero(self._mapping == NOT_COUNTED).tolist():
            why = f"not counted, as the mapping says: {many(counts[number], 'picture')}"
            yield LeftOutPicture(f"class '{readable(self._pictures.classes[number])}'", why)


def batch_size(classifier: Classifier) -> int:
    """Pictures that are computed at once where nobody waits for the first answer."""
    size = classifier.batch * (1 if classifier.device.type == "cpu" else LARGER)
    return size if classifier.views == 1 else max(1, size // classifier.views)
