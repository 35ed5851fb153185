"""The parts of a data set: pictures in memory or in files, and the batches of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import torch
from torch import Tensor

from resnet_gui.data.preprocessing import Scaling
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data.loaders import Resident, Resized, Source, Streamed
from resnet_gui.runs.folder import DataIdentity


class Split(msgspec.Struct, frozen=True):
    """The pictures (N, C, H, W) uint8, with labels (N,) int64; ``files`` of a folder.

    There are no pictures where they are streamed; they have their own size where they are resized a batch at a time.
    """

    images: Tensor
    labels: Tensor
    files: tuple[Path, ...] = ()

    @property
    def streamed(self) -> bool:
        """Whether the pictures are read from their files while the training goes on."""
        return not len(self.images) and bool(self.files)


class DataSet(msgspec.Struct, frozen=True):
    """The pictures of a data set, and what they are.

    Attributes:
        train: what is learnt from.
        test: what is tested after every epoch, and what the best weights are selected on.
        scaling: how pictures are brought to the network's input.
        skipped: "path: reason" of each picture that cannot be read.
        notes: sentences about how pictures are read, to be said before a training.
        final: what is tested once, at the end, where a set has a validation and a test part.
    """

    train: Split
    test: Split
    identity: DataIdentity
    scaling: Scaling
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    final: Split | None = None

    def source(
        self, split: Split, shape: Shape, device: torch.device, skipped: Callable[[str], None] = lambda _sentence: None
    ) -> Source:
        """Batches of a split.

        Args:
            split: training or test pictures.
            shape: channels, height, width of the network's input.
            device: where the batches are.
            skipped: called with a sentence for each picture that is read while the training goes on and cannot be.
        """
        if split.streamed:
            return Streamed(split.files, split.labels, (shape, self.scaling), device, skipped)
        # What is tested at the end is held at its own size, the others have been brought to the input's if that fits.
        if tuple(split.images.shape[1:]) != shape or (split is self.final and self.scaling.resize):
            return Resized(split.images, split.labels, (shape, self.scaling), device)
        return Resident(split.images, split.labels, device)
