"""Names of folders and tables that say which part of a data set they hold, or that say nothing about classes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final, Literal

PartRole = Literal["training", "validation", "test", "unlabelled"]
"""What a part is for; "unlabelled" is of pictures that a network shall name."""

_ROLES: Final[dict[str, PartRole]] = {
    **dict.fromkeys(("train", "training", "trn", "trains", "trainval"), "training"),
    **dict.fromkeys(("val", "valid", "validation", "validate", "validating", "eval", "evaluation"), "validation"),
    **dict.fromkeys(("dev", "devel", "development"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "tests", "holdout"), "test"),
    **dict.fromkeys(("pred", "predict", "prediction", "predictions", "inference"), "unlabelled"),
    **dict.fromkeys(("unlabeled", "unlabelled", "unsup"), "unlabelled"),
}  # fmt: skip

_FILLERS: Final = frozenset(
    {
        *("set", "sets", "data", "dataset", "datasets", "seg", "split", "part", "folder", "dir", "samples", "sample"),
        *("image", "images", "img", "imgs", "picture", "pictures", "pic", "pics", "photo", "photos", "jpg", "png"),
        *("my", "the", "new", "raw", "full", "small", "resized", "cropped", "original", "processed", "color", "jpeg"),
    }
)
"""Words beside a part's that change nothing: ``seg_train``, ``training_set``, ``test_images``."""

_ENDS: Final = ("images", "image", "imgs", "img", "dataset", "data", "set", "pictures", "pics")
_PIECES: Final = frozenset(
    {
        *("image", "images", "img", "imgs", "picture", "pictures", "pic", "pics", "photo", "photos"),
        *("jpg", "jpeg", "png", "jpegimages", "jpegs", "batch", "chunk", "shard", "fold", "files"),
    }
)  # fmt: skip
_MASKS: Final = frozenset(
    {"mask", "masks", "annotation", "annotations", "groundtruth", "gt", "segmentation", "trimaps", "labels", "label"}
)


def _words(name: str) -> list[str]:
    """The words of a name in small letters, numbers left out: ``Seg_Train2`` gives seg, train."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = re.findall(r"[^\W\d_]+", parted.casefold())
    return [_bare(word) for word in words]


def _bare(word: str) -> str:
    """``trainset`` as ``train``."""
    for end in _ENDS:
        if word.endswith(end) and word.removesuffix(end) in _ROLES:
            return word.removesuffix(end)
    return word


def role_of(name: str) -> PartRole | None:
    """The part that a name names: ``train``, ``Training``, ``seg_test``, ``test1``, ``val2017``; None for any other."""
    words = [word for word in _words(name) if word not in _FILLERS]
    return _ROLES.get(words[0]) if len(words) == 1 else None


def role_in(name: str) -> PartRole | None:
    """The part that a longer name speaks of: ``trainLabels``, ``LOC_val_solution``; None for none or several."""
    roles = {_ROLES[word] for word in _words(name) if word in _ROLES}
    return next(iter(roles)) if len(roles) == 1 else None


def roles_of(names: Sequence[str]) -> dict[str, PartRole]:
    """Which of the names in one folder name parts.

    Where none does by itself, names that differ in that word alone do: ``alphabet_train`` beside ``alphabet_test``.
    """
    found = {name: role for name in names if (role := role_of(name)) is not None}
    if found:
        return found
    mixed = mixed_names(names)
    if len(mixed) == 1 and len(parts := next(iter(mixed.values()))) >= 2:
        return parts
    return {}


def mixed_names(names: Sequence[str]) -> dict[tuple[str, ...], dict[str, PartRole]]:
    """Names that hold a part's word beside others, by those others: ``cats_train`` and ``cats_test`` under ``cats``."""
    mixed: dict[tuple[str, ...], dict[str, PartRole]] = defaultdict(dict)
    for name in names:
        words = [word for word in _words(name) if word not in _FILLERS]
        roles = [word for word in words if word in _ROLES]
        if len(roles) == 1 and len(words) > 1:
            mixed[tuple(word for word in words if word not in _ROLES)][name] = _ROLES[roles[0]]
    return dict(mixed)


def is_piece(name: str) -> bool:
    """Whether a folder's name says that it holds pictures, and nothing about them: ``images``, ``images_002``."""
    words = [word for word in _words(name) if word != "part"]
    return bool(words) and all(word in _PIECES for word in words)


def are_pieces(names: Sequence[str]) -> bool:
    """Whether names of folders side by side say nothing about what is in them.

    They are pieces each, or differ in numbers alone: ``HAM10000_images_part_1`` and ``HAM10000_images_part_2``.
    """
    if any(map(is_piece, names)) and all(is_piece(name) or is_mask(name) for name in names):
        return True
    words = {tuple(_words(name)) for name in names}
    return len(names) > 1 and len(words) == 1 and not {*_PIECES, "part"}.isdisjoint(words.pop())


def holds_lists(name: str) -> bool:
    """Whether a folder's name says that tables about the pictures beside it may lie in it: ``annotations``."""
    return is_mask(name) or name.casefold() in {"splits", "split", "lists", "meta", "metadata", "info", "csv", "tables"}


def is_mask(name: str) -> bool:
    """Whether a folder's name is that of the answers to another task: ``masks``, ``ground_truth``."""
    return bool({*_words(name), "".join(_words(name))} & _MASKS)
