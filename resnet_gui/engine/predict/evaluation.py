"""``resnet-gui evaluate``: the test pictures of a data set classified in this process, and what came of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.base.text import readable
from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.engine.data.datasets import Split
from resnet_gui.engine.data.loaders import resized
from resnet_gui.engine.data.opened import Tell, unwatched
from resnet_gui.engine.data.picture_survey import cut_notice
from resnet_gui.engine.data.pictures import check_channels
from resnet_gui.engine.data.test_sets import load_test
from resnet_gui.engine.predict.classifier import Classifier, ClassifierCache, classify
from resnet_gui.engine.predict.models import open_notice, taken_fields
from resnet_gui.export.test_report import ClassResult, TestResult, WrongAnswer, wrong_csv
from resnet_gui.protocol.jobs import ModelRequest
from resnet_gui.runs.folder import RUN_FILE, read_run_info

BATCH: Final = 256
TOLD: Final = 10
"""Pictures that cannot be read and are told one by one."""


class EvaluateRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The order that ``evaluate`` was given; ``table`` is a CSV file to write."""

    model_request: ModelRequest
    data: str
    table: Path | None = None


class _AnswerBatch(NamedTuple):
    """A batch of pictures: their numbers in the test set, and log-probabilities (N, classes)."""

    numbers: NDArray[np.int64]
    scores: NDArray[np.float32]


class _Tally:
    """The counts of answers as they come."""

    def __init__(self, split: Split, truth: NDArray[np.int64], labels: Sequence[str]) -> None:
        self._split, self._truth, self._labels = split, truth, labels
        self.confusion = np.zeros((len(labels), len(labels)), dtype=np.int64)
        self.near = 0
        self.wrong: list[WrongAnswer] = []

    def add(self, answers: _AnswerBatch) -> None:
        """Count some answers."""
        order = np.argsort(-answers.scores, axis=1, kind="stable")[:, :5]
        wanted = self._truth[answers.numbers]
        np.add.at(self.confusion, (wanted, order[:, 0]), 1)
        self.near += int((order == wanted[:, None]).any(axis=1).sum())
        for at in np.flatnonzero(order[:, 0] != wanted).tolist():
            number, answer = int(answers.numbers[at]), int(order[at, 0])
            files = self._split.files
            image = readable(str(files[number])) if files else f"test picture {number}"
            likely = float(np.exp(np.float64(answers.scores[at, answer])))
            self.wrong.append(WrongAnswer(image, self._labels[wanted[at]], self._labels[answer], likely))

    @property
    def pictures(self) -> int:
        """How many were counted."""
        return int(self.confusion.sum())

    @property
    def correct(self) -> int:
        """How many were answered rightly."""
        return int(np.trace(self.confusion))

    def classes(self) -> tuple[ClassResult, ...]:
        """Results of each class that has pictures."""
        counts, right = self.confusion.sum(axis=1).tolist(), np.diagonal(self.confusion).tolist()
        return tuple(
            ClassResult(label, count, good, good / count)
            for label, count, good in zip(self._labels, counts, right, strict=True)
            if count
        )


def evaluate_here(order: EvaluateRequest, tell: Tell, complain: Callable[[str], None]) -> TestResult:
    """Classify the test pictures of a data set and count.

    Args:
        order: network, data, and a table to write.
        tell: told what is tested on, before it is done.
        complain: takes a sentence for each picture that cannot be read, of the first few.

    Raises:
        InputError: network or data cannot be read, or their classes do not fit each other.
    """
    if order.table is not None and (order.table.is_dir() or not order.table.absolute().parent.is_dir()):
        raise InputError(f"{order.table} cannot be written: it is a folder, or its folder is not there.")
    classifier = ClassifierCache().get(order.model_request)
    loaded = classifier.loaded
    taken = taken_fields(loaded, order.model_request)
    check_channels(loaded.spec.input[0])

    def tell_sentence(news: str | DataDescription) -> None:
        if isinstance(news, str):
            tell(news)

    tests = load_test(order.data, loaded.spec.input, loaded.classes, unwatched, tell_sentence)
    numbers = class_numbers(tests.classes, loaded.classes)
    # Only now: what is refused is one line on standard error.
    tell(tests.description)
    if note := learnt_note(order, len(tests.split.labels)):
        complain(note)
    cut = cut_notice(tests.split.files)
    notices = (*loaded.notices, *open_notice(taken, loaded), *filter(None, (cut,)))
    tally = _Tally(tests.split, numbers[tests.split.labels.numpy()], loaded.classes)
    begun = time.perf_counter()
    for answers in _answers(classifier, tests.split, complain):
        tally.add(answers)
    seconds = time.perf_counter() - begun
    count = tally.pictures
    if not count:
        raise InputError(f"None of the {len(tests.split.labels):,} pictures of {order.data} can be read.")
    if order.table is not None:
        write_out(order.table, wrong_csv(tally.wrong).encode())
    return TestResult(
        model=readable(order.model_request.model), data=readable(order.data), pictures=count, correct=tally.correct,
        top1=tally.correct / count, top5=tally.near / count, unreadable=len(tests.split.labels) - count,
        seconds=seconds, images_per_second=count / seconds if seconds else 0.0, computed=classifier.computed,
        description=tests.description, labels=loaded.classes, classes=tally.classes(),
        confusion=tuple(map(tuple, tally.confusion.tolist())), wrong=tuple(tally.wrong),
        notices=tuple(map(readable, notices)), undetermined=taken,
    )  # fmt: skip


def learnt_note(order: EvaluateRequest, count: int) -> str:
    """A sentence if a run is tested on pictures that it has learnt from, else empty."""
    run = Path(order.model_request.model)
    if order.data in KNOWN or not (run / RUN_FILE).is_file():
        return ""
    info = read_run_info(run)
    held = info.data.test_images + info.data.final_images
    if Path(info.recipe.data).resolve() != Path(order.data).resolve() or count <= held:
        return ""
    return (
        f"This run has learnt from {info.data.train_images:,} of these {count:,} pictures, so the accuracy says "
        "little: name a folder that it has not seen."
    )


def class_numbers(data: Sequence[str], network: Sequence[str]) -> NDArray[np.int64]:
    """Number that the network has for each class of the data: by name, or by place where no name is known.

    Names that differ only in case are the same where that confuses none with another.

    Raises:
        InputError: a class of the data is none of the network's.
    """
    places = {name: number for number, name in enumerate(network)}
    if all(name in places for name in data):
        return np.array([places[name] for name in data], dtype=np.int64)
    folded = Counter(name.casefold() for name in network)
    near = {name.casefold(): number for number, name in enumerate(network) if folded[name.casefold()] == 1}
    known = [places.get(name, near.get(name.casefold(), -1)) for name in data]
    if min(known) >= 0 and len(set(known)) == len(known):
        return np.array(known, dtype=np.int64)
    if tuple(network) == tuple(f"class {number}" for number in range(len(network))) and len(data) == len(network):
        return np.arange(len(data))
    if len(data) > len(network) or (max(known) < 0 and len(data) != len(network)):
        raise InputError(
            f"The data has {len(data)} classes ({', '.join(data[:3])}, …) and the network {len(network)} "
            f"({', '.join(network[:3])}, …); they do not fit each other."
        )
    missing = next(name for name, number in zip(data, known, strict=True) if number < 0 or known.count(number) > 1)
    raise InputError(
        f"The network has no class '{missing}'; rename the folder, or have its classes matched by place with "
        "--classes numbers."
    )


def _answers(classifier: Classifier, split: Split, complain: Callable[[str], None]) -> Iterator[_AnswerBatch]:
    """Batches of answers; pictures that cannot be read are in none of them."""
    if split.files:
        yield from _of_files(classifier, split.files, complain)
        return
    how = classifier.loaded.preprocess
    if classifier.views != 1:
        raise InputError("Ten crops need picture files; name a folder of class folders.")
    for start in range(0, len(split.labels), BATCH):
        pictures = resized(split.images[start : start + BATCH], classifier.loaded.spec.input, how).numpy()
        yield _AnswerBatch(np.arange(start, start + len(pictures)), classifier.scores(pictures[:, None]))


def _of_files(classifier: Classifier, files: Sequence[Path], complain: Callable[[str], None]) -> Iterator[_AnswerBatch]:
    place, failed = 0, 0
    for answers in classify(classifier, files):
        numbers: list[int] = []
        scores: list[NDArray[np.float32]] = []
        for number, answer in enumerate(answers, start=place):
            if answer.scores is not None:
                numbers.append(number)
                scores.append(answer.scores)
                continue
            failed += 1
            if failed <= TOLD:
                complain(readable(answer.error))
        place += len(answers)
        if numbers:
            yield _AnswerBatch(np.array(numbers, dtype=np.int64), np.stack(scores))
    if failed > TOLD:
        complain(f"{failed - TOLD:,} more pictures could not be read")
