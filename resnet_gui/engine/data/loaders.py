"""Where a training gets its batches from: pictures on the device, pictures that are resized on the way, or files."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import repeat
from math import prod
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from resnet_gui.data.preprocessing import Scaling
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data.file_readers import IGNORED, FileReaders, FilesRead, FilesWanted, LabelledFiles
from resnet_gui.engine.data.pictures import PLAIN, pixels

__all__ = ["IGNORED", "Batch", "Resident", "Resized", "Source", "Streamed", "are_features", "resized"]

Batch = tuple[Tensor, Tensor]
"""Pictures (N, C, H, W) uint8 and labels (N,) int64 on the device; ``IGNORED`` labels a picture that is none.

In a phase of cached features these stand for the pictures, (N, D) float32.
"""

MOST_WORKERS: Final = 8
MOST_PROBLEMS: Final = 1000
"""Pictures that are told one by one; a folder that is gone would else be told in whole."""

PIECE: Final = 2**24
"""Bytes of pictures that a process decodes at once: large batches are shared between processes."""

AHEAD: Final = 2
"""Batches that are resized while others still wait."""


WHOLE: Final = repeat(None)
"""No crops."""


def are_features(images: Tensor) -> bool:
    """Whether what stands for the pictures of a batch are features."""
    return images.ndim == 2


class Source(Protocol):
    """A split of a data set."""

    labels: Tensor
    cuts: bool
    """Whether ``crops`` are cut from pictures as they are on disk; others pay no attention to them."""

    def batches(self, parts: Iterable[Tensor], crops: Iterable[Tensor | None] = WHOLE, /) -> Iterator[Batch]:
        """The pictures of each tensor of numbers (int64, on the CPU), in order.

        Args:
            parts: numbers of the pictures of each batch.
            crops: for each batch the (N, 4) numbers that say which part of each picture is cut out and brought to the
                size of the input, see ``random_crop``; None for the picture as it is otherwise read.
        """
        ...


class Resident:
    """Pictures and labels that stay on the device."""

    cuts = False

    def __init__(self, images: Tensor, labels: Tensor, device: torch.device) -> None:
        self.labels = labels
        self._device = device
        self._images, self._labels = images.to(device), labels.to(device)

    def batches(self, parts: Iterable[Tensor], _crops: Iterable[Tensor | None] = WHOLE, /) -> Iterator[Batch]:
        """Gathered on the device."""
        for part in parts:
            indices = part.to(self._device)
            yield self._images[indices], self._labels[indices]


def _workers() -> int:
    """Processes or threads that make batches: the cores, shared with the other ranks of this computer."""
    return min(MOST_WORKERS, max(2, (os.cpu_count() or 2) // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))))


def resized(images: Tensor, shape: Shape, how: Scaling = PLAIN) -> Tensor:
    """Pictures (N, c, h, w) uint8, grey or colour, at the size and with the channels of a network's input.

    Raises:
        InputError: pictures do not have that number of channels.
    """
    if tuple(images.shape[1:]) == shape and not how.resize:
        return images
    made = np.empty((len(images), *shape), dtype=np.uint8)
    for number, image in enumerate(images.numpy()):
        made[number] = pixels(Image.fromarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0)), shape, how)
    return torch.from_numpy(made)


class Resized:
    """Pictures in memory at their own size, brought to the network's by threads ahead of the training.

    Attributes:
        labels: of all pictures.
    """

    cuts = False

    def __init__(self, images: Tensor, labels: Tensor, read_as: tuple[Shape, Scaling], device: torch.device) -> None:
        self.labels = labels
        self._images, self._read_as, self._device = images, read_as, device

    def batches(self, parts: Iterable[Tensor], _crops: Iterable[Tensor | None] = WHOLE, /) -> Iterator[Batch]:
        """The threads share each batch, so that the first one comes soon."""
        workers = _workers()
        waiting: deque[tuple[Tensor, list[Future[Tensor]]]] = deque()

        def first() -> Batch:
            part, pieces = waiting.popleft()
            images = torch.cat([piece.result() for piece in pieces])
            return images.to(self._device), self.labels[part].to(self._device)

        with ThreadPoolExecutor(workers, "resized") as threads:
            for part in parts:
                pieces = part.tensor_split(min(workers, max(1, len(part))))
                waiting.append((part, [threads.submit(resized, self._images[each], *self._read_as) for each in pieces]))
                if len(waiting) > AHEAD:
                    yield first()
            while waiting:
                yield first()


class Streamed:
    """Files that processes decode ahead of the training.

    Attributes:
        labels: of all files.
    """

    cuts = True

    def __init__(
        self, files: Sequence[Path], labels: Tensor, read_as: tuple[Shape, Scaling], device: torch.device,
        skipped: Callable[[str], None],
    ) -> None:  # fmt: skip
        """Read files.

        Args:
            files: paths.
            labels: (N,) int64.
            read_as: shape of the network's input, and how pictures are brought to it.
            device: where the batches are.
            skipped: called with a sentence for each picture that cannot be read, once.
        """
        self.labels = labels
        self._skipped = skipped
        self._files = LabelledFiles(files, labels.numpy(), *read_as)
        self._device = device
        self._known: set[str] = set()

    def batches(self, parts: Iterable[Tensor], crops: Iterable[Tensor | None] = WHOLE, /) -> Iterator[Batch]:
        """Read by processes; the order, and what is in a batch, do not depend on how many they are.

        Raises:
            ReaderGoneError: one of them has ended, or none can be started.
            MemoryError: there was too little of it in one of them.
        """
        size = max(1, PIECE // prod(self._files.shape))
        counts: deque[int] = deque()

        def questions() -> Iterator[FilesWanted]:
            for part, crop in zip(parts, crops, strict=False):
                pieces = torch.split(part, size)
                counts.append(len(pieces))
                cut = repeat(None) if crop is None else (each.tolist() for each in torch.split(crop, size))
                yield from (FilesWanted(piece.tolist(), each) for piece, each in zip(pieces, cut, strict=False))

        found: list[tuple[Tensor, Tensor]] = []
        with (
            FileReaders(self._files, _workers()) as readers,
            closing(readers.read(questions(), self._tensors)) as answers,
        ):
            for images, labels, problems in answers:
                self._tell(problems)
                found.append((images, labels))
                if len(found) < counts[0]:
                    continue
                counts.popleft()
                whole, theirs = found[0] if len(found) == 1 else tuple(map(torch.cat, zip(*found, strict=True)))
                found.clear()
                yield whole.to(self._device, non_blocking=True), theirs.to(self._device, non_blocking=True)

    def _tensors(self, read: FilesRead) -> tuple[Tensor, Tensor, list[str]]:
        images, labels = torch.from_numpy(read.images), torch.from_numpy(read.labels)
        if self._device.type == "cuda":
            images, labels = images.pin_memory(), labels.pin_memory()
        return images, labels, read.problems

    def _tell(self, problems: Sequence[str]) -> None:
        for sentence in problems:
            if sentence not in self._known and len(self._known) < MOST_PROBLEMS:
                self._known.add(sentence)
                self._skipped(sentence)
