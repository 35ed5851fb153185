"""Data sets: the digits inside, and any folder of class folders; small enough to stay in memory as uint8."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from resnet_gui.engine.pictures import pictures_below, pixels, read_pixels
from resnet_gui.spec.choices import Shape
from resnet_gui.spec.errors import InputError
from resnet_gui.spec.files import assets
from resnet_gui.spec.recipe import DIGITS
from resnet_gui.spec.runs import DataIdentity

MAX_BYTES: Final = 4 * 2**30
"""Pictures are held in memory; more than this is refused before the first is read."""

TRAIN_NAMES: Final = ("train", "training")
TEST_NAMES: Final = ("test", "val", "valid", "validation")
TEST_EVERY: Final = 5
"""Where a folder has no test part, every fifth picture of each class is held out."""


class Split(msgspec.Struct, frozen=True):
    """Pictures (N, C, H, W) uint8 with labels (N,) int64."""

    images: Tensor
    labels: Tensor


class DataSet(msgspec.Struct, frozen=True):
    """Training and test pictures as a network reads them, and what they are; ``skipped`` says "path: reason"."""

    train: Split
    test: Split
    identity: DataIdentity
    skipped: tuple[str, ...] = ()


def load(data: str, shape: Shape) -> DataSet:
    """Read a data set at the size of a network's input.

    Args:
        data: "digits" or a folder.
        shape: channels, height, width of the network's input.

    Raises:
        InputError: there is no such data set, it has no classes, or it does not fit into memory.
    """
    return _digits(shape) if data == DIGITS else _folder(Path(data), shape)


def mean_and_std(images: Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel of uint8 pictures (N, C, H, W), on the scale 0 to 1.

    From exact counts of the 256 values, so the order of the pictures does not matter. A channel without any
    variation gets the deviation 1.
    """
    means: list[float] = []
    stds: list[float] = []
    values = torch.arange(256, dtype=torch.float64) / 255
    for channel in range(images.shape[1]):
        counts = torch.bincount(images[:, channel].flatten().int(), minlength=256).double()
        mean = float((counts * values).sum() / counts.sum())
        variance = float((counts * (values - mean) ** 2).sum() / counts.sum())
        means.append(mean)
        # Of one value only, rounding would leave a tiny deviation.
        stds.append(variance**0.5 if int((counts > 0).sum()) > 1 else 1.0)
    return tuple(means), tuple(stds)


def _finish(name: str, classes: Sequence[str], train: Split, test: Split, skipped: Sequence[str] = ()) -> DataSet:
    digest = hashlib.sha256()
    for split in (train, test):
        digest.update(split.images.numpy().tobytes())
        digest.update(split.labels.numpy().tobytes())
    mean, std = mean_and_std(train.images)
    identity = DataIdentity(
        name=name,
        classes=tuple(classes),
        train_images=len(train.labels),
        test_images=len(test.labels),
        sha256=digest.hexdigest(),
        mean=mean,
        std=std,
    )
    return DataSet(train, test, identity, tuple(skipped))


def _digits(shape: Shape) -> DataSet:
    with np.load(assets() / "digits" / "digits.npz", allow_pickle=False) as file:
        images, labels, held_out = file["images"], file["labels"], file["test"]
    _check_size("The data set 'digits'", len(images), shape)
    if shape != (1, 8, 8):
        images = np.stack([pixels(Image.fromarray(image), shape) for image in images])
    else:
        images = images[:, None]

    def part(mask: NDArray[np.bool_]) -> Split:
        return Split(torch.from_numpy(images[mask]), torch.from_numpy(labels[mask].astype(np.int64)))

    return _finish(DIGITS, [str(digit) for digit in range(10)], part(~held_out), part(held_out))


def _parts(folder: Path) -> tuple[Path, Path | None]:
    """The folders of training and test classes; the second is None where one folder serves for both."""
    if not folder.exists():
        raise InputError(f"There is no data set '{folder}'; name 'digits' or a folder that holds one folder a class.")
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


def _folder(folder: Path, shape: Shape) -> DataSet:
    train_folder, test_folder = _parts(folder)
    classes = _classes(train_folder)
    files = _listing(train_folder, classes)
    if test_folder is not None:
        if _classes(test_folder) != classes:
            raise InputError(f"{test_folder} does not have the same class folders as {train_folder}.")
        train_files, test_files = files, _listing(test_folder, classes)
    else:
        order: dict[int, int] = {}
        train_files, test_files = [], []
        for path, label in files:
            number = order[label] = order.get(label, 0) + 1
            (test_files if number % TEST_EVERY == 0 else train_files).append((path, label))
        if not test_files:
            raise InputError(f"{folder} holds too few pictures: a class needs at least {TEST_EVERY} to hold one out.")
    total = len(train_files) + len(test_files)
    _check_size(str(folder), total, shape)
    skipped: list[str] = []
    train = _read(train_files, shape, skipped)
    test = _read(test_files, shape, skipped)
    return _finish(folder.resolve().name, classes, train, test, skipped)


def _check_size(name: str, count: int, shape: Shape) -> None:
    size = count * int(np.prod(shape, dtype=np.int64))
    if size > MAX_BYTES:
        raise InputError(
            f"{name} holds {count:,} pictures, {size / 2**30:.1f} GiB at {shape[1]}×{shape[2]}; "
            f"at most {MAX_BYTES / 2**30:.0f} GiB fit, so choose a design with a smaller input."
        )


def _read(files: Sequence[tuple[Path, int]], shape: Shape, skipped: list[str]) -> Split:
    images = np.empty((len(files), *shape), dtype=np.uint8)
    labels = np.empty(len(files), dtype=np.int64)
    count = 0
    for path, label in files:
        try:
            images[count] = read_pixels(path, shape)
        except InputError as error:
            if shape[0] not in {1, 3}:
                raise
            skipped.append(str(error))
        else:
            labels[count] = label
            count += 1
    readable = set(labels[:count].tolist())
    for path, label in files:
        if label not in readable:
            raise InputError(f"No picture of the class '{path.parent.name}' can be read; the last: {skipped[-1]}")
    if count < 2:
        raise InputError(f"{files[0][0].parent.parent} holds too few pictures: training and test need two each.")
    return Split(torch.from_numpy(images[:count]), torch.from_numpy(labels[:count]))
