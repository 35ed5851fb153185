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
from resnet_gui.data.datasets import DIGITS, KNOWN, held_by, is_here, known_folder
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data import decoded_cache
from resnet_gui.engine.data.folders import Listing, list_folder
from resnet_gui.engine.data.loaders import Resident, Source, Streamed
from resnet_gui.engine.data.pictures import pixels, read_pixels
from resnet_gui.runs.folder import DataIdentity

MAX_BYTES: Final = 2 * 2**30
"""Folders that decode to more than this are not held in memory but read by workers while the training goes on."""

SAMPLED: Final = 2_000
"""Pictures of a streamed folder that its mean and deviation are taken from."""

Watch = Callable[[int, int], None]
"""Told how many pictures are read of how many; may raise to break off."""


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
    """The training and test pictures as a network reads them, and what they are; ``skipped`` says "path: reason"."""

    train: Split
    test: Split
    identity: DataIdentity
    skipped: tuple[str, ...] = ()

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


def _quiet(_done: int, _total: int) -> None:
    return


def load(data: str, shape: Shape, watch: Watch = _quiet) -> DataSet:
    """Read a data set at the size of a network's input.

    Args:
        data: "digits", the name of a known data set, or a folder: of class folders, or one that holds a known set.
        shape: channels, height, width of the network's input.
        watch: told how far the reading is.

    Raises:
        InputError: there is no such data set, or it has no classes.
    """
    if data == DIGITS:
        return _digits(shape)
    if data in KNOWN:
        if not is_here(data):
            known = KNOWN[data]
            raise InputError(
                f"{known.title} is not on this computer yet ({known.megabytes:.0f} MB): download it on the Train page "
                f"or with 'resnet-gui download {data}', or name the folder that holds it."
            )
        return _known(data, known_folder(data), shape, watch)
    held = held_by(Path(data)) if Path(data).is_dir() else ""
    return _known(held, Path(data), shape, watch) if held else _folder(Path(data), shape, watch)


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


def _fitted(images: NDArray[np.uint8], shape: Shape, watch: Watch = _quiet) -> NDArray[np.uint8]:
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


def _known(name: str, root: Path, shape: Shape, watch: Watch) -> DataSet:
    from resnet_gui.engine.data.torchvision_sets import read_known

    classes, splits = read_known(name, root)
    parts = []
    for images, labels in splits:
        channels_first = images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
        fits = channels_first.shape[1:] == shape
        array = np.ascontiguousarray(channels_first) if fits else _fitted(images, shape, watch)
        parts.append(Split(torch.from_numpy(array), torch.from_numpy(labels)))
    return _finish(name, classes, parts[0], parts[1])


def _folder(folder: Path, shape: Shape, watch: Watch) -> DataSet:
    listing = list_folder(folder)
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
        _check_readable(files, labels, readable, skipped)
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


def _check_readable(files: Sequence[Path], labels: Tensor, readable: NDArray[np.bool_], skipped: Sequence[str]) -> None:
    found = set(labels[torch.from_numpy(readable)].tolist())
    for path, label in zip(files, labels.tolist(), strict=True):
        if label not in found:
            raise InputError(f"No picture of the class '{path.parent.name}' can be read; the last: {skipped[-1]}")
    if int(readable.sum()) < 2:
        raise InputError(f"{files[0].parent.parent} holds too few pictures: training and test need two each.")


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
