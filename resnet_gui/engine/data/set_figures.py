"""What a data set of pictures in memory is known by: a digest of all of them, their mean and their deviation."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import prod
from typing import Final

import torch
from torch import Tensor

from resnet_gui.data.grey_range import GreyRange
from resnet_gui.data.preprocessing import Scaling
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data.loaders import resized
from resnet_gui.engine.data.opened import Watch, unwatched
from resnet_gui.engine.data.picture_survey import evenly
from resnet_gui.engine.data.splits import DataSet, Split
from resnet_gui.runs.folder import DataIdentity

CHUNK: Final = 2**26
"""Bytes of pictures that are looked at together."""

MOST_RESIZED_FIRST: Final = 2**35
"""A set of more bytes than this at a network's size is not resized as a whole before the training either."""


def mean_and_std(images: Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel of uint8 pictures (N, C, H, W), on the scale 0 to 1.

    From exact counts of the 256 values, so the order of the pictures does not matter. A channel without any
    variation gets the deviation 1.
    """
    return _figures(sum(map(_counts, torch.split(images, _piece(images.shape[1:]))), _no_counts(images.shape[1])))


def _piece(shape: Sequence[int]) -> int:
    """Pictures that are looked at together."""
    return max(1, CHUNK // prod(shape))


def _no_counts(channels: int) -> Tensor:
    return torch.zeros((channels, 256), dtype=torch.float64)


def _counts(images: Tensor) -> Tensor:
    """How often each of the 256 values is in each channel: (C, 256), whole numbers as float64."""
    channels = (images[:, channel].flatten().int() for channel in range(images.shape[1]))
    return torch.stack([torch.bincount(channel, minlength=256).double() for channel in channels])


def _figures(counts: Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation of each channel from ``_counts``."""
    means: list[float] = []
    stds: list[float] = []
    values = torch.arange(256, dtype=torch.float64) / 255
    for row in counts:
        mean = float((row * values).sum() / row.sum())
        variance = float((row * (values - mean) ** 2).sum() / row.sum())
        means.append(mean)
        # Of one value only, rounding would leave a tiny deviation.
        stds.append(variance**0.5 if int((row > 0).sum()) > 1 else 1.0)
    return tuple(means), tuple(stds)


def finish(
    name: str,
    classes: Sequence[str],
    splits: tuple[Split, Split],
    read_as: tuple[Shape, Scaling],
    watch: Watch = unwatched,
) -> DataSet:
    """A data set of pictures in memory; those of another size are resized once to know what all of them are like."""
    shape, scaling = read_as
    digest, counts = hashlib.sha256(), _no_counts(shape[0])
    done, total = 0, sum(len(split.labels) for split in splits)
    for split in splits:
        for piece in _at_size(split.images, read_as):
            digest.update(piece.contiguous().numpy().data)
            if split is splits[0]:
                counts += _counts(piece)
            done += len(piece)
            if split.images.shape[1:] != piece.shape[1:]:
                watch(done, total)
        digest.update(split.labels.numpy().tobytes())
    known_by = identity(name, classes, splits, _figures(counts), (digest, scaling.greys))
    return DataSet(*splits, known_by, scaling)


def split_digest(split: Split) -> str:
    """SHA-256 over the pictures of a part that are in memory, at their own size, and their labels."""
    digest = hashlib.sha256(repr(tuple(split.images.shape)).encode())
    digest.update(split.images.numpy().data)
    digest.update(split.labels.numpy().tobytes())
    return digest.hexdigest()


def _at_size(images: Tensor, read_as: tuple[Shape, Scaling], *, own: bool = False) -> Iterator[Tensor]:
    """All pictures, in pieces, at the size of a network's input; threads resize them where theirs is another.

    Of pictures at their ``own`` size a margin is cut off even where that is the input's.
    """
    pieces = torch.split(images, _piece(read_as[0]))
    if tuple(images.shape[1:]) == read_as[0] and not (own and read_as[1].resize):
        yield from pieces
        return
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as threads:
        for piece in pieces:
            share = torch.split(piece, -(-len(piece) // workers))
            yield torch.cat(list(threads.map(lambda images: resized(images, *read_as), share)))


def in_memory(
    name: str, classes: Sequence[str], splits: tuple[Split, Split], held: tuple[Shape, Scaling, int], watch: Watch
) -> DataSet:
    """A data set of pictures of one size: at the network's size where that fits, else at their own.

    Args:
        name: of the set.
        classes: names, in the order of the numbers.
        splits: training and test pictures at their own size.
        held: the shape of the network's input, how pictures are brought to it, and the bytes that may be held at that
            size.
        watch: told how many pictures are resized of how many.
    """
    shape, scaling, most = held
    done, total = 0, sum(len(split.labels) for split in splits)
    if total * prod(shape) > MOST_RESIZED_FIRST:
        return _sampled(name, classes, splits, (shape, scaling))
    same = all(tuple(split.images.shape[1:]) == shape for split in splits)
    if total * prod(shape) > most and not same:
        return finish(name, classes, splits, (shape, scaling), watch)
    fitted = []
    for split in splits:
        images = split.images
        if not same or scaling.resize:
            images, at = torch.empty((len(split.labels), *shape), dtype=torch.uint8), 0
            for piece in _at_size(split.images, (shape, scaling), own=True):
                images[at : at + len(piece)] = piece
                at, done = at + len(piece), done + len(piece)
                watch(done, total)
        fitted.append(Split(images, split.labels))
    return finish(name, classes, (fitted[0], fitted[1]), (shape, scaling))


def identity(
    name: str,
    classes: Sequence[str],
    splits: tuple[Split, Split],
    figures: tuple[tuple[float, ...], tuple[float, ...]],
    read: tuple[hashlib._Hash, GreyRange],
) -> DataIdentity:
    """The identity of a data set, by its digest and its figures."""
    return DataIdentity(
        name=name,
        classes=tuple(classes),
        train_images=len(splits[0].labels),
        test_images=len(splits[1].labels),
        sha256=read[0].hexdigest(),
        mean=figures[0],
        std=figures[1],
        greys=read[1],
    )


def _sampled(name: str, classes: Sequence[str], splits: tuple[Split, Split], read_as: tuple[Shape, Scaling]) -> DataSet:
    """A data set that takes too long to be resized as a whole: known by its own pixels and by some resized ones."""
    shape, scaling = read_as
    digest = hashlib.sha256(repr(shape).encode())
    for split in splits:
        digest.update(split.images.numpy().data)
        digest.update(split.labels.numpy().tobytes())
    images, counts = splits[0].images, _no_counts(shape[0])
    for piece in _at_size(images[evenly(range(len(images)), max(2, CHUNK * 2 // prod(shape)))], read_as):
        counts += _counts(piece)
    known_by = identity(name, classes, splits, _figures(counts), (digest, scaling.greys))
    return DataSet(*splits, known_by, scaling)
