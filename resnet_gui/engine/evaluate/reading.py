"""Pictures as a network's input, decoded by threads a few batches ahead of the network."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import readable
from resnet_gui.engine.data.loaders import resized
from resnet_gui.engine.data.pictures import crops
from resnet_gui.engine.evaluate.labelled_pictures import LabelledPictures
from resnet_gui.engine.failure_text import failure_sentence
from resnet_gui.engine.predict.classifier import Classifier

MOST_THREADS: Final = 8
AHEAD: Final = 2
"""Batches that are decoded while another one is computed."""


class UnreadPicture(NamedTuple):
    """A picture that was not read: its number, and why in a sentence."""

    number: int
    reason: str


class PixelBatch(NamedTuple):
    """Pictures as a network's input.

    Attributes:
        numbers: of those that could be read (B,), increasing.
        pixels: (B, crops, C, H, W) bytes.
        unread: the others.
        cut: how many had colours of 16 bits, of which the upper 8 are read.
    """

    numbers: NDArray[np.int64]
    pixels: NDArray[np.uint8]
    unread: tuple[UnreadPicture, ...] = ()
    cut: int = 0


class PictureReader:
    """A reader that brings labelled pictures to a classifier's input, in its crops."""

    def __init__(self, pictures: LabelledPictures, classifier: Classifier) -> None:
        self._pictures, self._classifier = pictures, classifier
        self._crop_shape = (classifier.views, *classifier.loaded.spec.input)

    def read(self, numbers: NDArray[np.int64]) -> PixelBatch:
        """Read some pictures in this thread.

        Raises:
            MemoryError: there is too little of it, which is not the fault of a picture.
        """
        if not self._pictures.files:
            return PixelBatch(numbers, self._of_arrays(numbers))
        pixels = np.empty((len(numbers), *self._crop_shape), dtype=np.uint8)
        good: list[int] = []
        unread: list[UnreadPicture] = []
        cut = 0
        for number in numbers.tolist():
            try:
                prepared = self._classifier.prepare(Path(self._pictures.files[number]))
            except InputError as error:
                if isinstance(error.__cause__, MemoryError):
                    raise MemoryError(str(error)) from error
                unread.append(UnreadPicture(number, readable(str(error))))
                continue
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001, RUF100 (one picture must not cost the others)
                unread.append(UnreadPicture(number, failure_sentence(error)))
                continue
            pixels[len(good)] = prepared.pixels
            good.append(number)
            cut += prepared.cut
        return PixelBatch(np.array(good, dtype=np.int64), pixels[: len(good)], tuple(unread), cut)

    def _of_arrays(self, numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
        loaded = self._classifier.loaded
        shape, how, views = loaded.spec.input, loaded.preprocess, self._classifier.views
        if views == 1:
            images = self._pictures.images[numbers]
            made: NDArray[np.uint8] = resized(images, shape, how).numpy()[:, None]
            return made
        return np.stack([crops(self._pictures.array_picture(number), shape, how, views) for number in numbers.tolist()])

    def batches(self, numbers: NDArray[np.int64], size: int) -> Generator[PixelBatch, None, None]:
        """Read pictures in their order, ``size`` at a time, while the ones before them are used.

        Raises:
            MemoryError: there is too little of it.
        """
        threads = min(MOST_THREADS, os.cpu_count() or 1)
        waiting: deque[list[Future[PixelBatch]]] = deque()
        with ThreadPoolExecutor(threads, "evaluated") as pool:
            try:
                for start in range(0, len(numbers), size):
                    part = numbers[start : start + size]
                    pieces = np.array_split(part, min(threads, len(part)))
                    waiting.append([pool.submit(self.read, piece) for piece in pieces])
                    if len(waiting) > AHEAD:
                        yield _joined(waiting.popleft())
                while waiting:
                    yield _joined(waiting.popleft())
            finally:
                pool.shutdown(cancel_futures=True)


def _joined(pieces: list[Future[PixelBatch]]) -> PixelBatch:
    found = [piece.result() for piece in pieces]
    if len(found) == 1:
        return found[0]
    return PixelBatch(
        np.concatenate([each.numbers for each in found]), np.concatenate([each.pixels for each in found]),
        tuple(one for each in found for one in each.unread), sum(each.cut for each in found),
    )  # fmt: skip
