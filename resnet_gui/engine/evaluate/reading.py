"""Labelled pictures as a network's input."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import readable
from resnet_gui.data.preprocessing import is_kept
from resnet_gui.engine.data.loaders import resized
from resnet_gui.engine.data.plain_jpegs import MODES, read_batch
from resnet_gui.engine.data.scaling.crops import crops
from resnet_gui.engine.data.scaling.flat import flat_image
from resnet_gui.engine.evaluate.tested_pictures import TestedPictures
from resnet_gui.engine.failure_text import failure_sentence
from resnet_gui.engine.predict.classifier import SMALL, Classifier


class UnreadPicture(NamedTuple):
    """A picture that was not read: its number, and why in a sentence."""

    number: int
    reason: str


class PixelBatch(NamedTuple):
    """Pictures as a network's input.

    Attributes:
        numbers: of those that could be read (B,), increasing.
        pixels: (B, crops, C, H, W) bytes, in any order in memory.
        unread: the others.
        cut: how many had colours of 16 bits, of which the upper 8 are read.
    """

    numbers: NDArray[np.int64]
    pixels: NDArray[np.uint8]
    unread: tuple[UnreadPicture, ...] = ()
    cut: int = 0


class InputReader:
    """A reader that brings labelled pictures to a classifier's input, in its crops."""

    def __init__(self, pictures: TestedPictures, classifier: Classifier) -> None:
        self._pictures, self._classifier = pictures, classifier
        shape, how = classifier.loaded.spec.input, classifier.loaded.preprocess
        self._crop_shape = (classifier.views, *shape)
        # Whether pictures that are the input already are worth looking for; the batches say whether there are any.
        self._at_once = (
            classifier.mode == "exact" and classifier.views == 1 and shape[0] in MODES
            and shape[1] * shape[2] <= SMALL and is_kept(shape, how)
        )  # fmt: skip

    def read(self, numbers: NDArray[np.int64]) -> PixelBatch:
        """Read some pictures.

        Args:
            numbers: of the pictures (B,), increasing.

        Raises:
            MemoryError: there is too little of it, which is not the fault of a picture.
        """
        if not self._pictures.files:
            return PixelBatch(numbers, self._of_arrays(numbers))
        if not self._at_once:
            return self._one_by_one(numbers)
        channels, height, width = self._crop_shape[1:]
        files = [self._pictures.files[number] for number in numbers.tolist()]
        found, read = read_batch(files, MODES[channels], (width, height))
        pixels = found.transpose(0, 3, 1, 2)[:, None]
        if read.all():
            return PixelBatch(numbers, pixels)
        self._at_once = bool(2 * read.sum() >= len(read))
        others = self._one_by_one(numbers[~read])
        places = np.searchsorted(numbers, others.numbers)
        pixels[places] = others.pixels
        read[places] = True
        return others._replace(numbers=numbers[read], pixels=pixels[read])

    def _one_by_one(self, numbers: NDArray[np.int64]) -> PixelBatch:
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
        flat = (flat_image(self._pictures.array_picture(number), shape[0]) for number in numbers.tolist())
        return np.stack([crops(each, shape, how, views) for each in flat])
