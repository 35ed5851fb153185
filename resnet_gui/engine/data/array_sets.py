"""Data sets that come as arrays: MNIST's idx files under any name, and ``.npz`` as MedMNIST and Keras write it."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.data.layouts.array_names import ArrayFiles
from resnet_gui.data.layouts.describe import PARTS, describe_known
from resnet_gui.data.layouts.description import DataDescription, PartName
from resnet_gui.data.layouts.holding_out import SplitPictures, check_held_out, hold_out
from resnet_gui.data.layouts.splitting import EVERY_FIFTH, NO_EFFECT, SplitRule

Part = tuple[NDArray[np.uint8], NDArray[np.int64]]
KEYS: Final[dict[PartName, tuple[tuple[str, str], ...]]] = {
    "training": (("train_images", "train_labels"), ("x_train", "y_train")),
    "validation": (("val_images", "val_labels"), ("x_val", "y_val"), ("x_valid", "y_valid")),
    "test": (("test_images", "test_labels"), ("x_test", "y_test")),
}
"""Names of the arrays of pictures and labels: of MedMNIST, and of Keras' sets."""

TESTED: Final[tuple[PartName, ...]] = ("test", "validation", "training")
"""The part that a network is tested on: the first of these that a set has."""

UNSIGNED_BYTE: Final = 8
"""The kind of numbers in an idx file that pictures and labels have."""

MAX_VALUES: Final = 2**34


class ArraySet(NamedTuple):
    """A data set as arrays.

    Attributes:
        classes: in the order of their numbers.
        parts: pictures (N, H, W) or (N, H, W, 3) and labels (N,) of "training", "validation" and "test".
        where: each part is from, in words.
        notes: what deserves a look, a sentence each.
    """

    classes: tuple[str, ...]
    parts: dict[PartName, Part]
    where: dict[PartName, str]
    notes: tuple[str, ...] = ()


def describe_arrays(name: str, held: ArraySet) -> DataDescription:
    """The description of a set that is trained on."""
    labels = {part: held.parts[part][1].tolist() for part in PARTS if part in held.parts}
    return describe_known(name, held.classes, labels, held.where, held.notes)


def read_arrays(root: Path, files: ArrayFiles, split: SplitRule | None) -> ArraySet:
    """Read a set.

    Args:
        root: folder of its files.
        files: which they are.
        split: what is held out of a set without a test part; None where nothing is learnt from it, so that one class
            or a test part alone is enough.

    Raises:
        InputError: a file is damaged, or holds something else than pictures of one class each.
    """
    raw, where = _npz(root / files.npz, files.npz) if files.npz else _idx_parts(root, files)
    if "training" not in raw and split is not None:
        raise InputError(f"{root / files.npz} has no training part.")
    values = sorted({value for _, labels in raw.values() for value in np.unique(labels).tolist()})
    if len(values) < 2 and split is not None:
        raise InputError(f"{root / (files.npz or files.prefix)} holds one class; a data set needs at least two.")
    numbers = np.array(values)
    parts: dict[PartName, Part] = {
        part: (images, np.searchsorted(numbers, labels).astype(np.int64)) for part, (images, labels) in raw.items()
    }
    names = _mapping(root / files.mapping) if files.mapping else {}
    classes = tuple(names.get(value, str(value)) for value in values)
    upright = files.prefix.casefold().startswith("emnist")
    if upright:
        parts = {part: (images.swapaxes(1, 2), labels) for part, (images, labels) in parts.items()}
    notes = ("EMNIST's files hold letters on their side; they are turned upright.",) if upright else ()
    found = ArraySet(classes, parts, where, notes)
    return found if split is None else split_arrays(found, split, str(root / (files.npz or files.prefix)))


def split_arrays(held: ArraySet, rule: SplitRule, named: str) -> ArraySet:
    """Hold pictures out of a set that has training pictures alone; one that has parts keeps them.

    Args:
        held: the set.
        rule: how they are chosen.
        named: the set, for sentences.

    Raises:
        InputError: there are too few pictures, or the rule has groups, which arrays have not.
    """
    if list(held.parts) != ["training"]:
        return held if rule == EVERY_FIFTH else held._replace(notes=(*held.notes, NO_EFFECT))
    if rule.groups:
        raise InputError(f"{named} has neither folders nor names of pictures, so split_groups must be empty.")
    images, labels = held.parts["training"]
    out = hold_out(SplitPictures([str(number) for number in range(len(labels))], labels.tolist(), held.classes), rule)
    check_held_out(out, rule, named)
    numbers: dict[PartName, list[int]] = {"validation": out.validation, "test": out.test}
    shares: dict[PartName, float] = {"validation": rule.validation, "test": rule.test}
    if not rule.test:
        numbers, shares = {"test": out.validation}, {"test": rule.validation}
    kept = np.ones(len(labels), dtype=bool)
    kept[[*out.validation, *out.test]] = False
    parts: dict[PartName, Part] = {"training": (images[kept], labels[kept])}
    parts |= {part: (images[which], labels[which]) for part, which in numbers.items()}
    where = held.where | {part: rule.words(share) for part, share in shares.items()}
    return held._replace(parts=parts, where=where, notes=(*held.notes, *out.notes))


Raw = dict[PartName, tuple[NDArray[np.uint8], NDArray[np.generic]]]


def _npz(path: Path, name: str) -> tuple[Raw, dict[PartName, str]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            raw: Raw = {}
            for part, pairs in KEYS.items():
                for images, labels in pairs:
                    if images in arrays and labels in arrays:
                        raw[part] = _pictures(arrays[images], path), _classes(arrays[labels], path)
                        break
            held = ", ".join(list(arrays)[:6])
    except InputError:
        raise
    except Exception as error:  # (zipfile, zlib, numpy: each has its own)
        raise InputError(f"{path} cannot be read as .npz: {str(error).rstrip('.') or type(error).__name__}.") from error
    if not raw:
        wanted = "train_images and train_labels (or x_train, y_train) are read"
        raise InputError(f"{path} holds {held or 'nothing'}; {wanted}.")
    _check_counts(raw, path)
    return raw, dict.fromkeys(raw, Path(name).name)


def _pictures(images: NDArray[np.generic], path: Path) -> NDArray[np.uint8]:
    """Pictures as (N, H, W) or (N, H, W, 3)."""
    if images.dtype != np.uint8:
        raise InputError(f"{path} holds pictures of {images.dtype}; whole numbers from 0 to 255 (uint8) are read.")
    if images.ndim == 4 and images.shape[1] in {1, 3} and images.shape[3] not in {1, 3}:
        images = np.ascontiguousarray(images.transpose(0, 2, 3, 1))
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim == 3 or (images.ndim == 4 and images.shape[3] == 3):
        return cast("NDArray[np.uint8]", images)
    shape = "×".join(map(str, images.shape[1:]))
    raise InputError(f"{path} holds pictures of {shape}; grey or colour pictures are read, no volumes.")


def _classes(labels: NDArray[np.generic], path: Path) -> NDArray[np.generic]:
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise InputError(f"{path} gives each picture {labels.shape[-1]} labels; here a picture has one class.")
    if labels.dtype.kind not in "iuU":
        raise InputError(f"{path} has labels of {labels.dtype}; whole numbers or names are read.")
    return labels


def _check_counts(raw: Raw, path: Path) -> None:
    for part, (images, labels) in raw.items():
        if len(images) != len(labels):
            raise InputError(f"{path} holds {len(images):,} {part} pictures and {len(labels):,} labels.")


def _idx_parts(root: Path, files: ArrayFiles) -> tuple[Raw, dict[PartName, str]]:
    raw: Raw = {}
    for part, (images, labels) in files.parts.items():
        raw[part] = _pictures(read_idx(root / images), root / images), _classes(read_idx(root / labels), root / labels)
    _check_counts(raw, root)
    return raw, {part: Path(images).name for part, (images, _) in files.parts.items()}


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array of an idx file (LeCun: two zeros, kind, dimensions, sizes, values), packed by gzip or not.

    Raises:
        InputError: it is missing, damaged, or holds other numbers than bytes.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            return _idx_values(cast("BinaryIO", gzip.open(file)) if packed else file, path)
    except (OSError, EOFError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {str(error).rstrip('.') or type(error).__name__}.") from error
    except zlib.error as error:
        raise InputError(f"{path} is damaged: {error}.") from error


def _idx_values(file: BinaryIO, path: Path) -> NDArray[np.uint8]:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or not 1 <= head[3] <= 4:
        raise InputError(f"{path} is no idx file; it does not begin as one.")
    if head[2] != UNSIGNED_BYTE:
        raise InputError(f"{path} holds other numbers than bytes.")
    sizes = np.frombuffer(file.read(4 * head[3]), dtype=">u4").tolist()
    wanted = int(np.prod(sizes, dtype=np.float64)) if len(sizes) == head[3] else -1
    if not 0 <= wanted <= MAX_VALUES:
        raise InputError(f"{path} is damaged: its head asks for {wanted:,} values.")
    data = file.read(wanted)
    if len(data) < wanted:
        raise InputError(f"{path} is cut off: {len(data):,} of {wanted:,} values are there.")
    return np.frombuffer(bytearray(data), dtype=np.uint8).reshape(sizes)


def _mapping(path: Path) -> dict[object, str]:
    """EMNIST's table: number of a class, and the codes of its characters, the first of which names it."""
    names: dict[object, str] = {}
    try:
        for line in io.StringIO(path.read_text(encoding="utf-8")):
            number, code, *_ = map(int, line.split())
            names[number] = chr(code)
    except (OSError, ValueError):
        return {}
    return names
