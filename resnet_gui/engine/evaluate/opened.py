"""Evaluations that are asked about again: their model, and their pictures by number."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.cache import LruCache
from resnet_gui.base.errors import InputError
from resnet_gui.base.file_states import GONE, file_state
from resnet_gui.engine.data.loaders import resized
from resnet_gui.engine.data.opened import untold, unwatched
from resnet_gui.engine.data.pictures import read_pixels
from resnet_gui.engine.evaluate.tested_pictures import TestedPictures, find_tested
from resnet_gui.engine.predict.classifier import Classifier, ClassifierCache
from resnet_gui.evaluation.folder import Evaluation, mark_opened, read_evaluation, read_record
from resnet_gui.protocol.model_request import ModelRequest

KEPT: Final = 2
"""Evaluations that stay open: the one that is looked at, and the one beside it."""


class OpenedEvaluation:
    """An evaluation with what it was measured with, each loaded when it is first asked for.

    Attributes:
        evaluation: as it lies in its folder.
    """

    def __init__(self, evaluation: Evaluation, classifiers: ClassifierCache) -> None:
        self.evaluation = evaluation
        self._classifiers = classifiers

    @cached_property
    def request(self) -> ModelRequest:
        """The model as it was asked for.

        Raises:
            InputError: the record does not say.
        """
        record = self.evaluation.record
        try:
            return msgspec.convert(record.asked, ModelRequest)
        except msgspec.ValidationError as error:
            raise InputError(f"{self.evaluation.folder} does not say how it was measured; measure again.") from error

    @cached_property
    def classifier(self) -> Classifier:
        """The model, ready to answer; the weights are those that were measured.

        Raises:
            InputError: it is gone or has changed.
        """
        found = self._classifiers.get(self.request)
        record, loaded = self.evaluation.record, found.loaded
        if found.weights_sha256 != record.model.weights_sha256:
            raise InputError(
                f"The weights of {record.model.path} have changed since this evaluation; measure it again."
            )
        if (loaded.spec, loaded.preprocess, loaded.classes) != (record.spec, record.preprocess, record.labels):
            raise InputError(
                f"Design, preprocessing or classes of {record.model.path} have changed since this evaluation; measure "
                "it again."
            )
        return found

    @cached_property
    def _arrays(self) -> TestedPictures:
        """The pictures of a set in arrays."""
        record = self.evaluation.record
        found = find_tested(record.data, self.classifier.loaded.spec.input, record.labels, unwatched, untold)
        if found.files or found.sha256 != record.data_sha:
            raise InputError(f"The pictures of {record.data} have changed since this evaluation; measure it again.")
        numbers = self.evaluation.answers.sources.numbers
        if not 0 <= numbers.min() <= numbers.max() < len(found.labels):
            raise InputError(f"{self.evaluation.folder} does not fit its pictures; measure it again.")
        return found

    def check(self, number: int) -> None:
        """Refuse a number that no picture has.

        Raises:
            InputError: it has none.
        """
        count = len(self.evaluation.answers)
        if not 0 <= number < count:
            raise InputError(f"There is no picture {number}; the evaluation has 0 to {count - 1}.")

    def path(self, number: int) -> Path | None:
        """The file of a picture, as it was when it was measured; None of a set in arrays.

        Raises:
            InputError: there is no such picture, or its file is gone or has changed.
        """
        self.check(number)
        sources = self.evaluation.answers.sources
        path, before = sources.paths[number], tuple(sources.states[number].tolist())
        if not path:
            return None
        now = file_state(path)
        if now == GONE:
            raise InputError(f"There is no picture {sources.files[number]} any more.")
        if before not in {GONE, now}:
            raise InputError(
                f"The picture {sources.files[number]} has changed since this evaluation; measure it again."
            )
        return Path(path)

    def data_number(self, number: int) -> int:
        """Number of a picture in its data set, of a set in arrays.

        Raises:
            InputError: there is no such picture, or the set is gone or has changed.
        """
        self.check(number)
        self._arrays  # noqa: B018 (which refuses a set that is gone or has changed)
        return int(self.evaluation.answers.sources.numbers[number])

    def prepare_reading(self) -> None:
        """Load what is needed to read pictures, before several threads do.

        Raises:
            InputError: the model or the set is gone or has changed.
        """
        if not self.evaluation.answers.sources.paths[0]:
            self._arrays  # noqa: B018 (kept by the property)
        else:
            self.classifier  # noqa: B018

    def array(self, number: int) -> NDArray[np.uint8]:
        """A picture of a set in arrays at its own size (C, H, W).

        Raises:
            InputError: there is no such picture, or the set is gone or has changed.
        """
        pixels: NDArray[np.uint8] = self._arrays.images[self.data_number(number)].numpy()
        return pixels

    def pixels(self, number: int) -> NDArray[np.uint8]:
        """A picture as the network's input, one central crop (C, H, W).

        Raises:
            InputError: there is no such picture, or it is gone or cannot be read.
        """
        loaded, path = self.classifier.loaded, self.path(number)
        if path is not None:
            return read_pixels(path, loaded.spec.input, loaded.preprocess)
        at = self.data_number(number)
        made: NDArray[np.uint8] = resized(self._arrays.images[at : at + 1], loaded.spec.input, loaded.preprocess)[
            0
        ].numpy()
        return made

    def inputs(self, numbers: Sequence[int]) -> NDArray[np.uint8]:
        """Pictures as the network's input, one central crop each (N, C, H, W).

        Raises:
            InputError: there is no such picture, or it is gone or cannot be read.
        """
        shape = self.classifier.loaded.spec.input
        self.prepare_reading()
        made = np.empty((len(numbers), *shape), dtype=np.uint8)
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as threads:
            for place, pixels in enumerate(threads.map(self.pixels, numbers)):
                made[place] = pixels
        return made


_classifiers = ClassifierCache()
_opened = LruCache[tuple[str, bytes], OpenedEvaluation](KEPT)


def open_evaluated(folder: str | Path) -> OpenedEvaluation:
    """An evaluation with its model and pictures; of the last ones, which stay open, only the record is read again.

    Raises:
        InputError: the folder holds none, or it is damaged.
    """
    path = Path(folder)
    # Its record is written anew where it is asked by other names.
    key = (str(folder), msgspec.json.encode(read_record(path)))
    opened = _opened.get_or_make(key, lambda: OpenedEvaluation(read_evaluation(path), _classifiers))
    mark_opened(path)
    return opened


def classifier_of(request: ModelRequest) -> Classifier:
    """A model, ready to answer; those of the last evaluations stay ready.

    Raises:
        InputError: it cannot be loaded.
    """
    return _classifiers.get(request)
