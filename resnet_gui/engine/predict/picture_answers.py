"""Classify pictures: the first one alone, the others in batches, several of which are worked on at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.engine.data.pictures import PreparedPicture
from resnet_gui.engine.failure_text import failure_sentence
from resnet_gui.engine.predict.classifier import Classifier
from resnet_gui.engine.predict.lanes import in_lanes, lane_count
from resnet_gui.protocol.events import Latency

LEAST: Final = 2
"""Pictures of a batch, unless another lane would have nothing to do: of one a network computes less well."""


class ClassifierAnswer(msgspec.Struct, frozen=True):
    """The answer about one picture, or the reason why there is none.

    Attributes:
        scores: natural logarithm of every class's probability; None where ``error`` says why there are none.
        cut: whether its colours had 16 bits, of which the upper 8 are read.
    """

    path: Path
    size: tuple[int, int]
    scores: NDArray[np.float32] | None
    latency: Latency
    error: str = ""
    cut: bool = False


def classify(
    classifier: Classifier, paths: Iterable[Path], stop: Callable[[], bool] = lambda: False
) -> Iterator[list[ClassifierAnswer]]:
    """Classify pictures in their order, a batch at a time, while others are decoded and computed in other lanes.

    Args:
        classifier: the network.
        paths: files; what cannot be read is answered by a sentence.
        stop: asked before every batch; no further one is begun when it says so.
    """
    rest = tuple(paths)
    if not rest or stop():
        return
    # The first batch is a single picture: somebody is looking at it.
    yield _classified(classifier, rest[:1], alone=True)
    lanes = lane_count(classifier.device)
    most = classifier.batch if classifier.views == 1 else max(1, classifier.batch // 8)
    # On the CPU the lanes together hold as many pictures as one batch that all processors compute.
    size = max(1, most // lanes) if classifier.device.type == "cpu" else most
    batches = shared_batches(rest[1:], size, lanes)
    if stop():
        return
    with closing(in_lanes(partial(_classified, classifier), batches, classifier.device)) as answered:
        for answers in answered:
            yield answers
            if stop():
                return


def shared_batches(paths: Sequence[Path], size: int, lanes: int) -> Iterator[Sequence[Path]]:
    """Pictures in batches of ``size`` and, at the end, smaller and smaller ones, so that the lanes end close together.

    One picture takes a hundred times as long to decode as another. That of the last ones is half of a lane's share of
    what is left (guided self-scheduling: Polychronopoulos and Kuck 1987).
    """
    start = 0
    while (left := len(paths) - start) > 0:
        share = -(-left // lanes)
        count = size if lanes == 1 else min(size, max(-(-share // 2), min(LEAST, share)))
        yield paths[start : start + count]
        start += count


def _classified(classifier: Classifier, paths: Sequence[Path], *, alone: bool = False) -> list[ClassifierAnswer]:
    """Decode a batch and answer it."""
    return _answers(classifier, [(path, _safely(classifier, path, alone=alone)) for path in paths])


def _safely(classifier: Classifier, path: Path, *, alone: bool) -> tuple[PreparedPicture | None, str, float]:
    begun = time.perf_counter()
    try:
        return classifier.prepare(path, alone=alone), "", (time.perf_counter() - begun) * 1000
    except InputError as error:
        return None, str(error), 0.0
    except Exception as error:  # noqa: BLE001, RUF100 (one picture must not cost the others)
        return None, failure_sentence(error), 0.0


def _answers(
    classifier: Classifier, taken: list[tuple[Path, tuple[PreparedPicture | None, str, float]]]
) -> list[ClassifierAnswer]:
    """Compute a batch; where it fails as a whole, one picture after the other."""
    good = [prepared for _, (prepared, _, _) in taken if prepared is not None]
    scores: list[NDArray[np.float32] | str] = []
    begun = time.perf_counter()
    if good:
        try:
            scores = list(classifier.scores(np.stack([prepared.pixels for prepared in good])))
        except Exception as error:  # noqa: BLE001, RUF100 (too large a batch, or a device that fails)
            if len(good) > 1:
                return [one for item in taken for one in _answers(classifier, [item])]
            scores = [failure_sentence(error)]
    each = (time.perf_counter() - begun) * 1000 / max(1, len(good))
    rest = iter(scores)
    answers: list[ClassifierAnswer] = []
    for path, (prepared, sentence, milliseconds) in taken:
        latency = Latency(milliseconds, each, batch=len(good))
        found = next(rest) if prepared is not None else sentence
        size = prepared.size if prepared is not None else (0, 0)
        if not isinstance(found, str) and np.isnan(found).any():
            found = f"The network's answer to {path.name} is no number: its weights are too large for this picture."
        if isinstance(found, str):
            answers.append(ClassifierAnswer(path, size, None, latency, found))
        else:
            answers.append(ClassifierAnswer(path, size, found, latency, cut=prepared is not None and prepared.cut))
    return answers
