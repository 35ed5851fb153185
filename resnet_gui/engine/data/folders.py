"""A folder of class folders as lists of files, before any of them is read."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec
import torch
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.data.datasets import KNOWN
from resnet_gui.engine.data.pictures import pictures_below

TRAIN_NAMES: Final = ("train", "training")
TEST_NAMES: Final = ("test", "val", "valid", "validation")
TEST_EVERY: Final = 5
"""Where a folder has no test part, every fifth picture of each class is held out."""


class Listing(msgspec.Struct, frozen=True):
    """Files with the number of their class.

    Attributes:
        folder: that was named.
        classes: names of the class folders, sorted.
        train, test: files and labels.
    """

    folder: Path
    classes: tuple[str, ...]
    train: tuple[tuple[Path, int], ...]
    test: tuple[tuple[Path, int], ...]

    @property
    def name(self) -> str:
        """Of the folder."""
        return self.folder.resolve().name

    def part(self, which: Literal["train", "test"]) -> tuple[list[Path], Tensor]:
        """Files and labels (N,) int64 of a part."""
        entries = self.train if which == "train" else self.test
        return [path for path, _ in entries], torch.tensor([label for _, label in entries], dtype=torch.int64)

    def fingerprint(self, *, times: bool = False) -> str:
        """SHA-256 over names and sizes of the files, and with ``times`` when they were changed."""
        digest = hashlib.sha256()
        for part in (self.train, self.test):
            for path, label in part:
                state = path.stat()
                moment = state.st_mtime_ns if times else 0
                text = f"{path.relative_to(self.folder).as_posix()}\0{label}\0{state.st_size}\0{moment}\n"
                digest.update(text.encode(errors="surrogateescape"))
            digest.update(b"\n")
        return digest.hexdigest()


def list_folder(folder: Path) -> Listing:
    """The files of a data set.

    Raises:
        InputError: there is no such folder, or it is no data set.
    """
    train_folder, test_folder = _parts(folder)
    classes = _classes(train_folder)
    files = _listing(train_folder, classes)
    if test_folder is not None:
        if _classes(test_folder) != classes:
            raise InputError(f"{test_folder} does not have the same class folders as {train_folder}.")
        return Listing(folder, tuple(classes), tuple(files), tuple(_listing(test_folder, classes)))
    order: dict[int, int] = {}
    train: list[tuple[Path, int]] = []
    test: list[tuple[Path, int]] = []
    for path, label in files:
        number = order[label] = order.get(label, 0) + 1
        (test if number % TEST_EVERY == 0 else train).append((path, label))
    if not test:
        raise InputError(f"{folder} holds too few pictures: a class needs at least {TEST_EVERY} to hold one out.")
    return Listing(folder, tuple(classes), tuple(train), tuple(test))


def _parts(folder: Path) -> tuple[Path, Path | None]:
    """The folders of training and test classes; the second is None where one folder serves for both."""
    if not folder.exists():
        near = difflib.get_close_matches(str(folder), KNOWN, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "name 'digits' or a folder that holds one folder a class."
        raise InputError(f"There is no data set '{folder}'; {hint}")
    if not folder.is_dir():
        raise InputError(f"{folder} is a file; a data set is a folder that holds one folder a class.")
    names = {child.name.casefold(): child for child in folder.iterdir() if child.is_dir()}
    train = next((names[name] for name in TRAIN_NAMES if name in names), None)
    test = next((names[name] for name in TEST_NAMES if name in names), None)
    if train is not None and _classes_in(train):
        return train, test if test is not None and _classes_in(test) else None
    return folder, None


def _classes_in(folder: Path) -> list[str]:
    return sorted(child.name for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))


def _classes(folder: Path) -> list[str]:
    classes = _classes_in(folder)
    if len(classes) < 2:
        has = "has no folder inside" if not classes else f"has only the folder '{classes[0]}'"
        raise InputError(f"{folder} {has}; a data set needs one folder of pictures for each of at least two classes.")
    return classes


def _listing(folder: Path, classes: Sequence[str]) -> list[tuple[Path, int]]:
    found: list[tuple[Path, int]] = []
    for label, name in enumerate(classes):
        pictures = pictures_below(folder / name)
        if not pictures:
            raise InputError(f"{folder / name} holds no pictures; fill the class folder or remove it.")
        found.extend((path, label) for path in pictures)
    return found
