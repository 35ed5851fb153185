"""``resnet-gui predict`` and ``evaluate``: pictures classified in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.base.text import readable
from resnet_gui.data.weights_catalogue import WEIGHTS
from resnet_gui.engine.data.datasets import Split, load
from resnet_gui.engine.data.folders import list_folder
from resnet_gui.engine.data.pictures import pictures_in
from resnet_gui.engine.predict.classifier import Classifier, ClassifierAnswer, ClassifierCache, classify
from resnet_gui.export.predictions_csv import PictureAnswer, answers_csv
from resnet_gui.export.text_report import scores_line
from resnet_gui.protocol.jobs import ModelRequest

BATCH: Final = 256


class PredictRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The order that ``predict`` was given; ``table`` is a CSV file to write."""

    model_request: ModelRequest
    images: tuple[Path, ...]
    top: int = 5
    table: Path | None = None


def predict_here(order: PredictRequest, tell: Callable[[str], None], complain: Callable[[str], None]) -> dict[str, Any]:
    """Classify pictures; what cannot be read is complained of one by one and changes no other answer.

    Args:
        order: network and pictures.
        tell: takes a line for each answer.
        complain: takes a sentence for each failure.

    Returns:
        The document of ``predict --json``.

    Raises:
        InputError: the network cannot be loaded, or the table cannot be written.
    """
    if order.table is not None and (order.table.is_dir() or not order.table.absolute().parent.is_dir()):
        raise InputError(f"{order.table} cannot be written: it is a folder, or its folder is not there.")
    classifier = ClassifierCache().get(order.model_request)
    if order.model_request.model in WEIGHTS and not classifier.loaded.own:
        complain(classifier.loaded.notes[0])
    notices = [readable(notice) for notice in classifier.loaded.notices]
    for notice in notices:
        complain(notice)
    results: list[PictureAnswer] = []
    found = pictures_in(order.images)

    def fail(path: Path, sentence: str) -> None:
        complain(readable(sentence))
        results.append(PictureAnswer(readable(str(path)), error=readable(sentence)))

    for folder, sentence in found.unreadable:
        fail(folder, sentence)
    for answer in (answer for answers in classify(classifier, found.paths) for answer in answers):
        if answer.scores is None:
            fail(answer.path, answer.error)
            continue
        known = PictureAnswer(readable(str(answer.path)), classifier.top(answer.scores, order.top))
        results.append(known)
        tell(f"{known.image}  {scores_line(known.top)}")
    if order.table is not None:
        write_out(order.table, answers_csv(results).encode())
    document = {"model": readable(order.model_request.model), "results": list(map(_document, results))}
    return document | ({"notices": notices} if notices else {})


def _document(answer: PictureAnswer) -> dict[str, Any]:
    if answer.error:
        return {"image": answer.image, "error": answer.error}
    return {"image": answer.image, "top": answer.top}


class TestResult(msgspec.Struct, frozen=True, kw_only=True):
    """The document that ``evaluate --json`` prints; accuracies are fractions of the pictures that could be read.

    ``notices`` are what one should know first about the network.
    """

    model: str
    data: str
    pictures: int
    correct: int
    top1: float
    top5: float
    unreadable: int
    seconds: float
    images_per_second: float
    computed: str
    notices: tuple[str, ...] = ()


def evaluate_here(model_request: ModelRequest, data: str) -> TestResult:
    """Classify the test pictures of a data set and count.

    Raises:
        InputError: network or data cannot be read, or their classes do not fit each other.
    """
    classifier = ClassifierCache().get(model_request)
    loaded = classifier.loaded
    test_set = load(data, loaded.spec.input)
    names = test_set.identity.classes
    labels = _labels(names, loaded.classes)
    begun = time.perf_counter()
    correct, near, count = 0, 0, 0
    for truth, scores in _answers(classifier, test_set.test):
        order = np.argsort(-scores, axis=1, kind="stable")[:, :5]
        wanted = labels[truth]
        correct += int((order[:, 0] == wanted).sum())
        near += int((order == wanted[:, None]).any(axis=1).sum())
        count += len(wanted)
    seconds = time.perf_counter() - begun
    unreadable = _asked(data, test_set.test) - count
    return TestResult(
        model=readable(model_request.model), data=readable(data), pictures=count, correct=correct,
        top1=correct / max(1, count), top5=near / max(1, count), unreadable=unreadable, seconds=seconds,
        images_per_second=count / seconds if seconds else 0.0, computed=classifier.computed,
        notices=tuple(map(readable, loaded.notices)),
    )  # fmt: skip


def _asked(data: str, test: Split) -> int:
    """Number of test pictures with those that could not be read, which a loaded folder leaves out."""
    return len(list_folder(Path(data)).test) if test.files else len(test.labels)


def _labels(data: Sequence[str], network: Sequence[str]) -> NDArray[np.int64]:
    """Number that the network has for each class of the data: by name, or by place where no name is known."""
    places = {name.casefold(): number for number, name in enumerate(network)}
    if all(name.casefold() in places for name in data):
        return np.array([places[name.casefold()] for name in data])
    if len(data) != len(network):
        raise InputError(
            f"The data has {len(data)} classes ({', '.join(data[:3])}, …) and the network {len(network)} "
            f"({', '.join(network[:3])}, …); they do not fit each other."
        )
    numbers = tuple(f"class {number}" for number in range(len(network)))
    if tuple(network) != numbers:
        missing = next(name for name in data if name.casefold() not in places)
        raise InputError(
            f"The network has no class '{missing}'; rename the folder, or have its classes matched by place with "
            "--classes numbers."
        )
    return np.arange(len(data))


def _answers(classifier: Classifier, split: Split) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Batches of true classes with log-probabilities."""
    labels = split.labels.numpy()
    how = classifier.loaded.preprocess
    plain = classifier.views == 1 and not how.resize and how.interpolation == "bilinear"
    if plain and not split.streamed:
        for start in range(0, len(labels), BATCH):
            pictures: torch.Tensor = split.images[start : start + BATCH]
            yield labels[start : start + BATCH], classifier.scores(pictures.numpy()[:, None])
        return
    if not split.files:
        raise InputError("Ten crops, or a resize of its own, need picture files; name a folder of class folders.")
    place = 0
    for answers in classify(classifier, split.files):
        good: list[tuple[int, ClassifierAnswer]] = [(place + number, answer) for number, answer in enumerate(answers)]
        place += len(answers)
        pairs = [(labels[number], answer.scores) for number, answer in good if answer.scores is not None]
        if pairs:
            yield np.array([truth for truth, _ in pairs]), np.stack([scores for _, scores in pairs])
