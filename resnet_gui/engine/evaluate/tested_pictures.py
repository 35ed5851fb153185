"""The labelled pictures that a model is measured on: all of a folder, a table's, the test part of a set in parts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from resnet_gui.base.file_states import GONE, FileState, file_state
from resnet_gui.base.text import is_readable, readable
from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data.opened import Tell, Watch
from resnet_gui.engine.data.set_figures import split_digest
from resnet_gui.engine.data.test_sets import TestSet, load_test

MOST_PLACES: Final = 5000


class TestedPictures(NamedTuple):
    """Pictures with their classes, in files or in arrays; a picture is known by its number among them.

    Attributes:
        name: of the set, for people.
        classes: names, in the order of the numbers in ``labels``.
        labels: class of each picture (N,) int64.
        files: absolute paths; empty for a set in arrays.
        images: uint8 (N, C, H, W) at their own size, of a set in arrays.
        description: what the set holds.
        states: of the files (N, 4), as FileState has them; empty for a set in arrays.
        sha256: of the files' places, classes and states, or of the arrays.
    """

    name: str
    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    files: tuple[str, ...]
    images: Tensor
    description: DataDescription
    states: NDArray[np.int64]
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
    files = found.files
    states = np.array([file_state(path) for path in files], dtype=np.int64).reshape(len(files), len(GONE))
    labels = found.split.labels.numpy()
    digest = files_digest(found.classes, files, labels, states) if files else arrays_digest(found)
    name = KNOWN[found.name].title if found.name in KNOWN else readable(found.name)
    return TestedPictures(
        name,
        found.classes,
        labels,
        files,
        found.split.images,
        found.description,
        states,
        digest,
    )


def files_digest(
    classes: Sequence[str], files: Sequence[str], labels: NDArray[np.int64], states: NDArray[np.int64]
) -> str:
    """The digest of pictures in files: classes, paths, labels (N,) and states (N, 4); no file is read."""
    digest = hashlib.sha256("\0".join((*classes, "", *files)).encode(errors="surrogateescape"))
    for numbers in (labels, states):
        digest.update(np.ascontiguousarray(numbers, dtype="<i8").tobytes())
    return digest.hexdigest()


def arrays_digest(found: TestSet) -> str:
    """The digest of pictures in arrays: classes, labels and every byte."""
    digest = hashlib.sha256("\0".join(found.classes).encode(errors="surrogateescape"))
    digest.update(split_digest(found.split).encode())
    return digest.hexdigest()


def places_of(data: str, files: Sequence[str]) -> dict[str, FileState]:
    """What shows, without a look at every picture, that data were changed: path -> state.

    Args:
        data: a path from the root, or a name.
        files: of the pictures; none for a set in arrays.

    Returns:
        The folders of the pictures, in whose state names are that come and go; of arrays their files. A few thousand at
        most, and none whose name is no valid text.
    """
    root = Path(data)
    found = {os.path.dirname(file) for file in files}  # noqa: PTH120 (of a million files)
    if root.is_absolute():
        found.add(data)
        if not files and root.is_dir():
            found.update(map(str, root.iterdir()))
    return {path: file_state(path) for path in sorted(found)[:MOST_PLACES] if is_readable(path)}
