"""Data sets as a training reads them: the digits inside, the known ones, and any folder of class folders."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import assets
from resnet_gui.data.datasets import DIGITS, KNOWN
from resnet_gui.data.layouts.array_names import ArrayFiles
from resnet_gui.data.layouts.describe import describe_known
from resnet_gui.data.layouts.description import DataDescription, PartName
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data import decoded_cache
from resnet_gui.engine.data.array_sets import describe_arrays, read_arrays
from resnet_gui.engine.data.folders import Listing, list_looked
from resnet_gui.engine.data.loaders import Resident, Source, Streamed
from resnet_gui.engine.data.opened import OpenedData, Tell, Watch, open_data, untold, unwatched
from resnet_gui.engine.data.pictures import pixels, read_pixels
from resnet_gui.runs.folder import DataIdentity

MAX_BYTES: Final = 2 * 2**30
"""Folders that decode to more than this are not held in memory but read by workers while the training goes on."""

SAMPLED: Final = 2_000
"""Pictures of a streamed folder that its mean and deviation are taken from."""


class Split(msgspec.Struct, frozen=True):
    """The pictures (N, C, H, W) uint8, none where streamed, with labels (N,) int64; ``files`` of a folder."""

    images: Tensor
    labels: Tensor
    files: tuple[Path, ...] = ()

    @property
    def streamed(self) -> bool:
        """Whether the pictures are read from their files while the training goes on."""
        return not len(self.images) and bool(self.files)


class DataSet(msgspec.Struct, frozen=True):
    """The pictures as a network reads them, and what they are; ``skipped`` says "path: reason".

    Attributes:
        train: what is learnt from.
        test: what is tested after every epoch, and what the best weights are selected on.
        final: what is tested once, at the end, where a set has a validation and a test part.
    """

    train: Split
    test: Split
    identity: DataIdentity
    skipped: tuple[str, ...] = ()
    final: Split | None = None

    def source(
        self, split: Split, shape: Shape, device: torch.device, skipped: Callable[[str], None] = lambda _sentence: None
    ) -> Source:
        """Batches of a split.

        Args:
            split: training or test pictures.
            shape: channels, height, width of the network's input.
            device: where the batches are.
            skipped: called with a sentence for each picture that is read while the training goes on and cannot be.
        """
        if split.streamed:
            return Streamed(split.files, split.labels, shape, device, skipped)
        return Resident(split.images, split.labels, device)


def load(data: str, shape: Shape, watch: Watch = unwatched, tell: Tell = untold) -> DataSet:
    """Read a data set at the size of a network's input.

    Args:
        data: "digits", the name of a known data set, or a folder in any layout of ``data/layouts``, or one that holds
            a known set, or an archive or a file of arrays.
        shape: channels, height, width of the network's input.
        watch: told how far the reading is.
        tell: told what the set holds.

    Raises:
        InputError: there is no such data set, or it has no classes.
    """
    opened = open_data(data, watch, tell)
    if opened.known:
        found = _digits(shape) if opened.known == DIGITS else _known(opened.known, opened.root, shape, watch)
        return _with_facts(found, KNOWN[opened.known].title, tell)
    if opened.arrays is not None or opened.scan is None:
        return _arrays(opened, shape, watch, tell)
    listing = list_looked(opened.scan, opened.named)
    tell(listing.description)
    found = _folder(listing, shape, watch)
    final = Split(torch.empty((0, *shape), dtype=torch.uint8), listing.final.labels, tuple(listing.part("final")[0]))
    return _described(found, listing.description, final if len(listing.final) else None)


def _with_facts(found: DataSet, title: str, tell: Tell) -> DataSet:
    """A set of arrays with its description, which is told."""
    labels: dict[PartName, list[int]] = {"training": found.train.labels.tolist(), "test": found.test.labels.tolist()}
    description = describe_known(title, found.identity.classes, labels)
    tell(description)
    return _described(found, description, None)


def _described(found: DataSet, description: DataDescription, final: Split | None) -> DataSet:
    images = len(final.labels) if final is not None else 0
    identity = msgspec.structs.replace(found.identity, description=description, final_images=images)
    return msgspec.structs.replace(found, identity=identity, final=final)


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
        digest.update(split.images.contiguous().numpy().data)
        digest.update(split.labels.numpy().tobytes())
    return DataSet(
        train, test, _identity(name, classes, (train, test), mean_and_std(train.images), digest), tuple(skipped)
    )


def _identity(
    name: str,
    classes: Sequence[str],
    splits: tuple[Split, Split],
    figures: tuple[tuple[float, ...], tuple[float, ...]],
    digest: hashlib._Hash,
) -> DataIdentity:
    return DataIdentity(
        name=name,
        classes=tuple(classes),
        train_images=len(splits[0].labels),
        test_images=len(splits[1].labels),
        sha256=digest.hexdigest(),
        mean=figures[0],
        std=figures[1],
    )


def _digits(shape: Shape) -> DataSet:
    with np.load(assets() / "digits" / "digits.npz", allow_pickle=False) as file:
        images, labels, held_out = file["images"], file["labels"], file["test"]
    images = images[:, None] if shape == (1, 8, 8) else _fitted(images, shape)

    def part(mask: NDArray[np.bool_]) -> Split:
        return Split(torch.from_numpy(images[mask]), torch.from_numpy(labels[mask].astype(np.int64)))

    return _finish(DIGITS, [str(digit) for digit in range(10)], part(~held_out), part(held_out))


def _fitted(images: NDArray[np.uint8], shape: Shape, watch: Watch = unwatched) -> NDArray[np.uint8]:
    """Arrays of pictures, (N, H, W) grey or (N, H, W, 3), at the size of a network's input: (N, C, H, W)."""
    _check_memory(len(images), shape)
    fitted = np.empty((len(images), *shape), dtype=np.uint8)
    for number, image in enumerate(images):
        fitted[number] = pixels(Image.fromarray(image), shape)
        if number % 1000 == 999:
            watch(number, len(images))
    return fitted


def _check_memory(count: int, shape: Shape) -> None:
    size = count * int(np.prod(shape, dtype=np.int64))
    if size > 16 * MAX_BYTES:
        raise InputError(
            f"{count:,} pictures at {shape[1]}×{shape[2]} are {size / 2**30:.0f} GiB; choose a design with a "
            "smaller input for this data set."
        )


def _arrays(opened: OpenedData, shape: Shape, watch: Watch, tell: Tell) -> DataSet:
    """A set of arrays that has no name."""
    held = read_arrays(opened.root, opened.arrays or ArrayFiles())
    parts, name = held.parts, opened.named.name
    names = [part for part in ("training", "validation", "test") if part in parts]
    splits = [array_split(parts[part], shape, watch) for part in names]
    found = _finish(name, held.classes, splits[0], splits[1])
    final = splits[2] if len(splits) > 2 else None
    description = describe_arrays(name, held)
    tell(description)
    return _described(found, description, final)


def array_split(part: tuple[NDArray[np.uint8], NDArray[np.int64]], shape: Shape, watch: Watch) -> Split:
    """Pictures and labels of a part, at the size of a network's input."""
    images, labels = part
    channels_first = images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
    fits = channels_first.shape[1:] == shape
    array = np.ascontiguousarray(channels_first) if fits else _fitted(images, shape, watch)
    return Split(torch.from_numpy(array), torch.from_numpy(labels))


def _known(name: str, root: Path, shape: Shape, watch: Watch) -> DataSet:
    from resnet_gui.engine.data.torchvision_sets import read_known

    classes, splits = read_known(name, root)
    train, test = (array_split(part, shape, watch) for part in splits)
    return _finish(name, classes, train, test)


def _folder(listing: Listing, shape: Shape, watch: Watch) -> DataSet:
    if shape[0] not in {1, 3}:
        raise InputError(f"The design reads {shape[0]} channels, but pictures have 1 (grey) or 3 (colour).")
    total = len(listing.train) + len(listing.test)
    if total * int(np.prod(shape, dtype=np.int64)) > MAX_BYTES:
        return _streamed(listing, shape)
    cached = decoded_cache.read_cached(listing, shape)
    skipped: list[str] = []
    splits = []
    for number, (files, labels) in enumerate((listing.part("train"), listing.part("test"))):
        if cached is not None:
            images, readable, sentences = cached[number]
        else:
            before = 0 if number == 0 else len(listing.train)
            images, readable, sentences = _read(files, shape, partial(_count, watch, before, total))
        skipped.extend(sentences)
        _check_readable(listing, labels, readable, skipped)
        kept = [path for path, good in zip(files, readable, strict=True) if good]
        splits.append(Split(torch.from_numpy(images), labels[torch.from_numpy(readable)], tuple(kept)))
    if cached is None:
        decoded_cache.write_cached(listing, shape, [split.images for split in splits], skipped)
    return _finish(listing.name, listing.classes, splits[0], splits[1], skipped)


def _count(watch: Watch, before: int, total: int, done: int) -> None:
    watch(before + done, total)


def _read(
    files: Sequence[Path], shape: Shape, report: Callable[[int], None]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_], list[str]]:
    """Decode files in threads: pictures of the readable ones, which those are, and a sentence for each other."""
    images = np.empty((len(files), *shape), dtype=np.uint8)
    readable = np.zeros(len(files), dtype=bool)
    skipped: list[str] = []

    def read(number: int) -> str:
        try:
            images[number] = read_pixels(files[number], shape)
        except InputError as error:
            return str(error)
        readable[number] = True
        return ""

    with ThreadPoolExecutor() as pool:
        try:
            for number, sentence in enumerate(pool.map(read, range(len(files)))):
                if sentence:
                    skipped.append(sentence)
                if number % 500 == 499:
                    report(number)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return (images if readable.all() else images[readable]), readable, skipped


def _check_readable(listing: Listing, labels: Tensor, readable: NDArray[np.bool_], skipped: Sequence[str]) -> None:
    found = set(labels[torch.from_numpy(readable)].tolist())
    lost = next((label for label in labels.tolist() if label not in found), None)
    if lost is not None:
        raise InputError(f"No picture of the class '{listing.classes[lost]}' can be read; the last: {skipped[-1]}")
    if int(readable.sum()) < 2:
        raise InputError(f"{listing.folder} holds too few pictures: training and test need two each.")


def _streamed(listing: Listing, shape: Shape) -> DataSet:
    """A folder that does not fit into memory: its pictures are read while the training goes on.

    Identity is that of names and sizes of the files; mean and deviation are those of pictures evenly spread over it.
    """
    digest = hashlib.sha256(listing.fingerprint().encode())
    files, labels = listing.part("train")
    sampled = files[:: max(1, len(files) // SAMPLED)][:SAMPLED]
    images, readable, skipped = _read(sampled, shape, lambda _done: None)
    if int(readable.sum()) < 2:
        reason = skipped[-1] if skipped else "there are too few"
        raise InputError(f"The pictures of {listing.folder} cannot be read; the last: {reason}")
    test_files, test_labels = listing.part("test")
    none = torch.empty((0, *shape), dtype=torch.uint8)
    splits = Split(none, labels, tuple(files)), Split(none, test_labels, tuple(test_files))
    figures = mean_and_std(torch.from_numpy(images))
    return DataSet(*splits, _identity(listing.name, listing.classes, splits, figures, digest))
