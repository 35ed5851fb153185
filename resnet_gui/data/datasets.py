"""Data sets that are known by name: what they hold, what they cost to fetch, and where they lie."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from resnet_gui.base.files import data_folder
from resnet_gui.data.labels import CIFAR10

CIFAR10_PARTS: Final = ("train", "test")
"""Folders of CIFAR-10 as pictures, each with a folder for each class."""

DIGITS: Final = "digits"
"""The data set inside the program."""


class KnownData(msgspec.Struct, frozen=True):
    """A public data set.

    Attributes:
        name: for the command line.
        title: for people.
        shape: channels, height, width of its pictures.
        classes: how many.
        train_images, test_images: how many pictures.
        megabytes: size of the download in MB (10^6 bytes); 0 for what is inside.
        source: where it is described.
        checksum: what the download is checked by.
    """

    name: str
    title: str
    shape: tuple[int, int, int]
    classes: int
    train_images: int
    test_images: int
    megabytes: float
    source: str
    checksum: str = "MD5"


_ALL: Final = (
    KnownData(DIGITS, "Digits", (1, 8, 8), 10, 1_438, 359, 0, "Alpaydin and Kaynak, UCI 1998"),
    KnownData("mnist", "MNIST", (1, 28, 28), 10, 60_000, 10_000, 11.6, "LeCun et al. 1998"),
    KnownData("fashion-mnist", "Fashion-MNIST", (1, 28, 28), 10, 60_000, 10_000, 30.9, "Xiao et al. 2017"),
    KnownData("cifar10", "CIFAR-10", (3, 32, 32), 10, 50_000, 10_000, 170.5, "Krizhevsky 2009"),
    KnownData("cifar100", "CIFAR-100", (3, 32, 32), 100, 50_000, 10_000, 169.0, "Krizhevsky 2009"),
)
KNOWN: Final = {known.name: known for known in _ALL}


def datasets_folder() -> Path:
    """Where downloaded data sets lie."""
    return data_folder() / "datasets"


def known_folder(name: str) -> Path:
    """Where a known data set lies, or would."""
    return datasets_folder() / name


MARKS: Final = {
    "cifar10": ("cifar-10-batches-py", "cifar-10-python.tar.gz"),
    "cifar100": ("cifar-100-python", "cifar-100-python.tar.gz"),
    "mnist": ("train-images-idx3-ubyte", "train-images-idx3-ubyte.gz", "MNIST"),
    "fashion-mnist": ("FashionMNIST",),
}
"""Names inside a folder that tell which data set it holds, as torchvision and the authors name them."""


def held_by(folder: Path) -> str:
    """Name of the known data set that a folder holds; empty for a folder of pictures.

    MNIST and Fashion-MNIST use the same file names; the folder's own name tells them apart.
    """
    if folder.name in {"cifar-10-batches-py", "cifar-100-python"}:
        return "cifar10" if "100" not in folder.name else "cifar100"
    if folder.name in {"MNIST", "FashionMNIST"} and (folder / "raw").is_dir():
        return "mnist" if folder.name == "MNIST" else "fashion-mnist"
    for name, marks in MARKS.items():
        if any((folder / mark).exists() for mark in marks):
            fashion = any("fashion" in part.casefold() for part in folder.parts[-3:])
            return "fashion-mnist" if name == "mnist" and fashion else name
    return ""


def holds_cifar10(folder: Path) -> bool:
    """Whether a folder can take the place of CIFAR-10: as it is published, or ``train`` and ``test`` of its classes."""
    if held_by(folder) == "cifar10":
        return True
    try:
        found = [
            {path.name.casefold() for path in (folder / part).iterdir() if path.is_dir()} for part in CIFAR10_PARTS
        ]
    except OSError:
        return False
    return all(names == set(CIFAR10) for names in found)


def is_here(name: str) -> bool:
    """Whether a known data set can be used without a download."""
    return name == DIGITS or (known_folder(name) / "complete").is_file()


def data_title(data: str) -> str:
    """How people call a recipe's data."""
    return KNOWN[data].title if data in KNOWN else Path(data).name or data
