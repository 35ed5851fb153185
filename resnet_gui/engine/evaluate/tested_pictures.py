"""The labelled pictures that a model is measured on: all of a folder, a table's, the test part of a set in parts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from resnet_gui.base.text import readable
from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data.opened import Tell, Watch
from resnet_gui.engine.data.set_figures import split_digest
from resnet_gui.engine.data.test_sets import TestSet, load_test


class TestedPictures(NamedTuple):
    """Pictures with their classes, in files or in arrays; a picture is known by its number among them.

    Attributes:
        name: of the set, for people.
        classes: names, in the order of the numbers in ``labels``.
        labels: class of each picture (N,) int64.
        files: absolute paths; empty for a set in arrays.
        images: uint8 (N, C, H, W) at their own size, of a set in arrays.
        description: what the set holds.
        sha256: of the files' places, classes, sizes and times of change, or of the arrays.
    """

    name: str
    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    files: tuple[str, ...]
    images: Tensor
    description: DataDescription
    sha256: str

    def file_name(self, number: int) -> str:
        """Path of a picture; empty for one in an array."""
        return self.files[number] if self.files else ""

    def title(self, number: int) -> str:
        """A picture in words: its path, or its number."""
        return readable(self.files[number]) if self.files else f"picture {number}"

    def array_picture(self, number: int) -> Image.Image:
        """A picture of a set in arrays, at its own size."""
        return as_picture(self.images[number].numpy())


def as_picture(array: NDArray[np.uint8]) -> Image.Image:
    """A picture (C, H, W) of one or three channels, grey or RGB."""
    return Image.fromarray(array[0] if len(array) == 1 else np.ascontiguousarray(array.transpose(1, 2, 0)))


def find_tested(data: str, shape: Shape, known: Collection[str], watch: Watch, tell: Tell) -> TestedPictures:
    """Find the pictures of a data set, without decoding those in files.

    Args:
        data: name of a known set, a folder in any layout or of one class alone, an archive, a table, arrays.
        shape: channels, height, width of the network's input.
        known: the network's classes, for a folder that is one of them.
        watch: told how far the look through files is; may raise to break off.
        tell: told before an archive is unpacked, and what the set holds.

    Raises:
        InputError: there is no such data, or nothing tells its classes.
    """
    found = load_test(data, shape, known, watch, tell)
    digest = hashlib.sha256("\0".join(found.classes).encode(errors="surrogateescape"))
    if found.files:
        _add_states(digest, found)
    else:
        digest.update(split_digest(found.split).encode())
    name = KNOWN[found.name].title if found.name in KNOWN else readable(found.name)
    return TestedPictures(
        name,
        found.classes,
        found.split.labels.numpy(),
        found.files,
        found.split.images,
        found.description,
        digest.hexdigest(),
    )


def _add_states(digest: hashlib._Hash, found: TestSet) -> None:
    """Add places, classes, sizes and times of files: a picture that was changed since is another one."""
    for path, label in zip(found.files, found.split.labels.tolist(), strict=True):
        try:
            state = os.stat(path)  # noqa: PTH116 (of a million files)
            size, moment = state.st_size, state.st_mtime_ns
        except OSError:
            size, moment = -1, 0  # Whoever reads it says so.
        digest.update(f"{path}\0{label}\0{size}\0{moment}\n".encode(errors="surrogateescape"))
