"""The pictures that a network is tested on: every one of a folder, or the test part of a set that has parts."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import torch

from resnet_gui.data.datasets import DIGITS, KNOWN
from resnet_gui.data.layouts.array_names import ArrayFiles
from resnet_gui.data.layouts.describe import describe_known
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.data.layouts.tables import TABLE_SUFFIXES
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data.array_sets import TESTED, read_arrays
from resnet_gui.engine.data.datasets import Split, array_split, load
from resnet_gui.engine.data.folders import Listing, list_table_looked, list_test_looked, look
from resnet_gui.engine.data.opened import Tell, Watch, open_data


class TestSet(NamedTuple):
    """Pictures to test a network on.

    Attributes:
        name: of the set.
        classes: names, in the order of the numbers in the split's labels.
        split: labels, and the pictures of a set in arrays.
        description: what they are and where from.
        files: absolute paths, of pictures that are in their files still.
    """

    name: str
    classes: tuple[str, ...]
    split: Split
    description: DataDescription
    files: tuple[str, ...] = ()


def load_test(data: str, shape: Shape, known: Collection[str], watch: Watch, tell: Tell) -> TestSet:
    """The test pictures of a data set.

    Args:
        data: as ``load`` takes it, or a table of pictures and classes beside its pictures.
        shape: channels, height, width of the network's input; arrays keep their own.
        known: the network's classes, for a folder that is one of them.
        watch: told how far the reading is.
        tell: told what is tested on.

    Raises:
        InputError: there is no such data, or nothing tells its classes.
    """
    if is_table(Path(data)):
        table = Path(data)
        return _of_files(list_table_looked(look(table.parent, lambda count: watch(count, 0)), table), shape, tell)
    opened = open_data(data, watch, tell)
    if opened.known == DIGITS:
        found = load(DIGITS, KNOWN[DIGITS].shape)
        name, classes, split = found.identity.name, found.identity.classes, found.test
        where = "the test part as it is published"
    elif opened.known:
        from resnet_gui.engine.data.torchvision_sets import read_known

        name, (classes, (_, test)) = opened.known, read_known(opened.known, opened.root)
        split = array_split(test)
        where = "the test part as it is published"
    elif opened.arrays is not None or opened.scan is None:
        held = read_arrays(opened.root, opened.arrays or ArrayFiles(), None)
        part = next(each for each in TESTED if each in held.parts)
        name, classes, split = opened.named.name, held.classes, array_split(held.parts[part])
        where = f"the {part} part, {held.where[part]}"
    else:
        return _of_files(list_test_looked(opened.scan, opened.named, known), shape, tell)
    description = describe_known(name, classes, {"test": split.labels.tolist()}, {"test": where})
    tell(description)
    return TestSet(name, classes, split, description)


def is_table(path: Path) -> bool:
    """Whether a path is that of a file which may be a table of pictures and classes."""
    return path.suffix.casefold() in TABLE_SUFFIXES and path.is_file()


def _of_files(listing: Listing, shape: Shape, tell: Tell) -> TestSet:
    """Pictures that are in their files still."""
    tell(listing.description)
    none = Split(torch.empty((0, *shape), dtype=torch.uint8), listing.test.labels)
    return TestSet(listing.name, listing.classes, none, listing.description, listing.test.absolute_paths())
