"""Names of classes: the sets that are known, and text files of the user's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import assets, read_text

CIFAR10: Final = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
"""Krizhevsky 2009, chapter 3, in the order of its labels."""

SETS: Final = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100", "imagenet": "ImageNet", "numbers": "Numbers"}
"""Name of a set of labels -> how people call it; "numbers" fits every network."""


def known_labels(name: str, count: int) -> tuple[str, ...]:
    """The labels of a set by its name.

    Raises:
        InputError: there is no such set, or it has not so many classes.
    """
    if name == "numbers":
        return tuple(f"class {number}" for number in range(count))
    if name not in SETS:
        raise InputError(f"There are no labels '{name}'; choose {', '.join(SETS)} or a text file.")
    labels = CIFAR10 if name == "cifar10" else read_labels(assets() / "labels" / f"{name}.txt")
    if len(labels) != count:
        raise InputError(f"{SETS[name]} has {len(labels)} classes, but the network has {count}.")
    return labels


def read_labels(path: Path) -> tuple[str, ...]:
    """Class labels from a text file, one a line.

    Raises:
        InputError: the file cannot be read.
    """
    return tuple(line.strip() for line in read_text(path, "file of class labels").splitlines() if line.strip())


def suggest_labels(count: int) -> str:
    """Name of the likeliest set for a network with so many classes: ImageNet has 1,000, CIFAR 10 and 100."""
    return {1000: "imagenet", 100: "cifar100", 10: "cifar10"}.get(count, "numbers")


def unique_names(network: Sequence[str]) -> tuple[str, ...]:
    """Names of a network's classes, with their number where several have the same: ``crane (134)``."""
    counts = Counter(network)
    return tuple(
        f"{name} ({number})" if counts[name] > 1 else name for number, name in enumerate(network)
    )  # fmt: skip
