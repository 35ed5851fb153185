"""What a file says beside its weights: names of classes, mean and deviation of the pictures, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

import msgspec

V = TypeVar("V")

CLASSES: Final = (
    "classes", "class_names", "classnames", "labels", "label_names", "categories", "class_to_idx", "idx_to_class",
    "label2id", "id2label",
)  # fmt: skip
MEAN: Final = ("mean", "means", "pixel_mean", "image_mean")
STD: Final = ("std", "stds", "stdev", "pixel_std", "image_std")
OPTIONS: Final = (
    "meta",
    "args",
    "config",
    "cfg",
    "hyper_parameters",
    "hparams",
    "data",
    "dataset",
    "normalize",
    "norm",
)
"""Dictionaries beside the weights that are looked into."""

MOST: Final = 100_000
LONGEST: Final = 1_000
CHANNELS: Final = 64


class BesideValues(msgspec.Struct, frozen=True):
    """The values that a file has beside its weights.

    Attributes:
        classes: names of the outputs in their order; empty if the file has none.
        mean, std: of each channel, or one of all, as they stand there; empty if the file has not both.
        keys: under which the classes stand, and the mean and the deviation.
    """

    classes: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    keys: tuple[str, str, str] = ("", "", "")


def values_beside(root: object, trail: Sequence[str]) -> BesideValues:
    """Look through the dictionaries that a network lies in, the nearest to it first.

    Args:
        root: what the file holds.
        trail: keys that lead to the network.
    """
    places = list(_places(root, trail))
    classes_key, classes = _first(places, CLASSES, _names)
    mean_key, mean = _first(places, MEAN, _figures)
    std_key, std = _first(places, STD, _figures)
    if not mean or not std or len(mean) != len(std):
        mean_key, std_key, mean, std = "", "", (), ()
    return BesideValues(classes or (), mean or (), std or (), (classes_key, mean_key, std_key))


def _places(root: object, trail: Sequence[str]) -> Iterator[dict[object, object]]:
    around: list[dict[object, object]] = []
    at = root
    for key in (*trail, None):
        if not isinstance(at, dict):
            break
        around.append(at)
        at = at.get(key)
    for place in reversed(around):
        yield place
        yield from (inner for key in OPTIONS if isinstance(inner := place.get(key), dict))


def _first(
    places: Sequence[dict[object, object]], keys: Sequence[str], read: Callable[[object], V | None]
) -> tuple[str, V | None]:
    for place in places:
        for key in keys:
            found = read(place.get(key))
            if found is not None:
                return key, found
    return "", None


def _names(value: object) -> tuple[str, ...] | None:
    """Names in order: of a list of them, of name -> number, or of number -> name; None if it is neither."""
    if isinstance(value, list | tuple) and 0 < len(value) <= MOST:
        return tuple(value) if all(_is_name(name) for name in value) else None
    if not isinstance(value, dict) or not 0 < len(value) <= MOST:
        return None
    pairs = list(value.items())
    if all(_is_name(key) and type(number) is int for key, number in pairs):
        pairs = [(number, key) for key, number in pairs]
    numbered: dict[int, str] = {}
    for key, name in pairs:
        number = int(key) if type(key) is str and key.isascii() and key.isdecimal() and len(key) < 7 else key
        if type(number) is not int or not _is_name(name):
            return None
        numbered[number] = name
    return tuple(numbered[place] for place in range(len(numbered))) if set(numbered) == set(range(len(pairs))) else None


def _is_name(value: object) -> bool:
    return type(value) is str and len(value) <= LONGEST


def _figures(value: object) -> tuple[float, ...] | None:
    if not isinstance(value, list | tuple) or not 0 < len(value) <= CHANNELS:
        return None
    return tuple(map(float, value)) if all(type(figure) in {int, float} for figure in value) else None
