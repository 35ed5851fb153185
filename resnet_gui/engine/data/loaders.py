"""Where a training gets its batches from: pictures that stay on the device, or files that workers read ahead."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from resnet_gui.base.errors import InputError
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data.pictures import read_pixels
from resnet_gui.engine.process import end_with_parent

Batch = tuple[Tensor, Tensor]
"""Pictures (N, C, H, W) uint8 and labels (N,) int64 on the device; ``IGNORED`` labels a picture that is none."""

IGNORED: Final = -100
MOST_WORKERS: Final = 8
MOST_PROBLEMS: Final = 1000
"""Pictures that are told one by one; a folder that is gone would else be told in whole."""


class Source(Protocol):
    """A split of a data set."""

    labels: Tensor

    def batches(self, parts: Iterable[Tensor]) -> Iterator[Batch]:
        """The pictures of each tensor of numbers (int64, on the CPU), in order."""
        ...


class Resident:
    """Pictures and labels that stay on the device."""

    def __init__(self, images: Tensor, labels: Tensor, device: torch.device) -> None:
        self.labels = labels
        self._device = device
        self._images, self._labels = images.to(device), labels.to(device)

    def batches(self, parts: Iterable[Tensor]) -> Iterator[Batch]:
        """Gathered on the device."""
        for part in parts:
            indices = part.to(self._device)
            yield self._images[indices], self._labels[indices]


class _Files(Dataset[tuple[Tensor, int, str]]):
    """A data set of files that are read one by one; one that cannot be read is black, with the reason beside it."""

    def __init__(self, files: Sequence[Path], labels: Tensor, shape: Shape) -> None:
        self._files, self._labels, self._shape = files, labels, shape

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> tuple[Tensor, int, str]:
        try:
            return torch.from_numpy(read_pixels(self._files[index], self._shape)), int(self._labels[index]), ""
        except InputError as error:
            return torch.zeros(self._shape, dtype=torch.uint8), IGNORED, str(error)


def _collate(items: list[tuple[Tensor, int, str]]) -> tuple[Tensor, Tensor, list[str]]:
    images, labels, problems = zip(*items, strict=True)
    return torch.stack(images), torch.tensor(labels), [problem for problem in problems if problem]


def _workers() -> int:
    """Processes that decode: the cores, shared with the other ranks of this computer."""
    return min(MOST_WORKERS, max(2, (os.cpu_count() or 2) // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))))


def _end_with_training(_number: int) -> None:
    """A worker of a killed training must not hold its lock and its pipes; Ctrl+C is for the training alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(signal.SIGKILL)


class Streamed:
    """Files that workers decode ahead of the training.

    Attributes:
        labels: of all files.
    """

    def __init__(
        self, files: Sequence[Path], labels: Tensor, shape: Shape, device: torch.device, skipped: Callable[[str], None]
    ) -> None:
        """Read files; ``skipped`` is called with a sentence for each picture that cannot be read, once."""
        self.labels = labels
        self._skipped = skipped
        self._files = _Files(files, labels, shape)
        self._device = device
        self._known: set[str] = set()

    def batches(self, parts: Iterable[Tensor]) -> Iterator[Batch]:
        """Read by workers; the order, and what is in a batch, do not depend on how many they are."""
        loader = DataLoader(
            self._files,
            batch_sampler=[part.tolist() for part in parts],
            num_workers=_workers(),
            collate_fn=_collate,
            pin_memory=self._device.type == "cuda",
            # Of its own: the iterator would draw from the global generator, and a resumed run would differ.
            generator=torch.Generator().manual_seed(0),
            worker_init_fn=_end_with_training,
        )
        for images, labels, problems in loader:
            for sentence in problems:
                if sentence not in self._known and len(self._known) < MOST_PROBLEMS:
                    self._known.add(sentence)
                    self._skipped(sentence)
            yield (
                images.to(self._device, non_blocking=True),
                labels.to(self._device, non_blocking=True),
            )
