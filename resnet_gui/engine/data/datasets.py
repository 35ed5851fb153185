"""Data sets as a training reads them: the digits inside, the known ones, and any folder of class folders."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import prod
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import assets
from resnet_gui.data.datasets import DIGITS, KNOWN
from resnet_gui.data.grey_range import EACH_ITS_OWN, FULL_RANGE
from resnet_gui.data.layouts.array_names import ArrayFiles
from resnet_gui.data.layouts.describe import PARTS
from resnet_gui.data.layouts.description import DataDescription, PartName
from resnet_gui.data.layouts.splitting import SplitRule
from resnet_gui.data.preprocessing import Scaling
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data import decoded_cache
from resnet_gui.engine.data.array_sets import ArraySet, Part, describe_arrays, read_arrays, split_arrays
from resnet_gui.engine.data.copies import without_copies
from resnet_gui.engine.data.folders import Listing, list_looked, sampled_digest
from resnet_gui.engine.data.opened import OpenedData, Tell, Watch, open_data, untold, unwatched
from resnet_gui.engine.data.picture_survey import DepthSurvey, depth_notes, survey_depth
from resnet_gui.engine.data.pictures import read_pixels
from resnet_gui.engine.data.scaling.flat import check_channels
from resnet_gui.engine.data.set_figures import finish, identity, in_memory, mean_and_std, split_digest
from resnet_gui.engine.data.splits import DataSet, Split
from resnet_gui.runs.folder import DataIdentity
from resnet_gui.training.recipe import Recipe

__all__ = ["MAX_BYTES", "DataSet", "Split", "array_split", "load", "mean_and_std"]

MAX_BYTES: Final = 2 * 2**30
"""Sets of more bytes than this at a network's size are not held so: files are read, and pictures that are in memory at
their own size resized, while the training goes on."""

DEFAULT: Final = Recipe()
SAMPLED: Final = 2_000
"""Pictures of a streamed folder that its mean and deviation are taken from."""


def load(
    data: str,
    shape: Shape,
    watch: Watch = unwatched,
    tell: Tell = untold,
    *,
    known: DataIdentity | Scaling | None = None,
    recipe: Recipe = DEFAULT,
) -> DataSet:
    """Read a data set at the size of a network's input.

    Args:
        data: "digits", the name of a known data set, or a folder in any layout of ``data/layouts``, or one that holds
            a known set, or an archive or a file of arrays.
        shape: channels, height, width of the network's input.
        watch: told how far the reading is.
        tell: told what the set holds.
        known: how a run has read the set: its margin, what is black and white among greys of more than 8 bits, and
            whether copies across its parts are left out; or how weights that a run begins from want pictures; None
            for no margin, greys as the set has them, and to leave copies out.
        recipe: how pictures are fitted to the input, and what is held out; its ``data`` may be named otherwise.

    Raises:
        InputError: there is no such data set, or it has no classes.
    """
    scaling = Scaling(fit=recipe.picture_fit)
    if known is not None:
        scaling = Scaling(fit=recipe.picture_fit, resize=known.resize, interpolation=known.interpolation)
    found = _found(data, (shape, scaling), (watch, tell), known, recipe)
    facts = msgspec.structs.replace(found.identity, resize=scaling.resize, interpolation=scaling.interpolation)
    return msgspec.structs.replace(found, identity=facts)


def _found(
    data: str, read_as: tuple[Shape, Scaling], on_data: tuple[Watch, Tell], known: DataIdentity | Scaling | None,
    recipe: Recipe,
) -> DataSet:  # fmt: skip
    """A data set that is read with a margin and a fit that are known."""
    (shape, scaling), (watch, tell) = read_as, on_data
    opened = open_data(data, watch, tell)
    if opened.scan is None or opened.arrays is not None:
        return _arrays(opened, (shape, scaling), recipe, watch, tell)
    listing = list_looked(opened.scan, opened.named, recipe.split)
    left_out = not isinstance(known, DataIdentity) or known.without_copies
    if left_out:
        listing = without_copies(listing, watch)
    tell(listing.description)
    check_channels(shape[0])
    both = [*listing.part("train")[0], *listing.part("test")[0]]
    depth = DepthSurvey(known.greys if known is not None else EACH_ITS_OWN)
    if not isinstance(known, DataIdentity) and depth.greys in {EACH_ITS_OWN, FULL_RANGE}:
        depth = survey_depth(both)  # nothing was decided for other pictures
    found = _folder(listing, (shape, msgspec.structs.replace(scaling, greys=depth.greys)), watch)
    found = msgspec.structs.replace(found, notes=depth_notes(depth))
    final = Split(torch.empty((0, *shape), dtype=torch.uint8), listing.final.labels, tuple(listing.part("final")[0]))
    # What is too large to be read before the training is known by names and sizes, its final test too.
    known_by_bytes = not found.train.streamed and len(listing.final) * prod(shape) <= MAX_BYTES
    digest = listing.final_fingerprint(content=known_by_bytes)
    facts = msgspec.structs.replace(found.identity, without_copies=left_out)
    found = msgspec.structs.replace(found, identity=facts)
    return _described(found, listing.description, (final, digest) if digest else None)


def _described(found: DataSet, description: DataDescription, last: tuple[Split, str] | None) -> DataSet:
    """A set with its description, and with the pictures that are tested once, at the end, and their digest."""
    final, digest = last if last is not None else (None, "")
    images = len(final.labels) if final is not None else 0
    facts = msgspec.structs.replace(found.identity, description=description, final_images=images, final_sha256=digest)
    return msgspec.structs.replace(found, identity=facts, final=final)


def _arrays(opened: OpenedData, read_as: tuple[Shape, Scaling], recipe: Recipe, watch: Watch, tell: Tell) -> DataSet:
    """A set that comes as arrays."""
    held, name = array_parts(opened, recipe.split), opened.known or opened.named.name
    splits = [array_split(held.parts[part]) for part in PARTS if part in held.parts]
    found = in_memory(name, held.classes, (splits[0], splits[1]), (*read_as, MAX_BYTES), watch)
    final = (splits[2], split_digest(splits[2])) if len(splits) > 2 else None
    description = describe_arrays(KNOWN[opened.known].title if opened.known else name, held)
    tell(description)
    return _described(found, description, final)


def array_parts(opened: OpenedData, split: SplitRule) -> ArraySet:
    """The pictures of a set that comes as arrays, at their own size.

    Args:
        opened: what was found; no folder of pictures.
        split: what is held out of a set without parts.

    Raises:
        InputError: a file is missing or damaged.
    """
    if opened.known == DIGITS:
        with np.load(assets() / "digits" / "digits.npz", allow_pickle=False) as file:
            images, labels, test = file["images"], file["labels"].astype(np.int64), file["test"]
        classes = tuple(str(digit) for digit in range(10))
        parts: dict[PartName, Part] = {"training": (images[~test], labels[~test]), "test": (images[test], labels[test])}
    elif opened.known:
        from resnet_gui.engine.data.torchvision_sets import read_known

        classes, (training, tested) = read_known(opened.known, opened.root)
        parts = {"training": training, "test": tested}
    else:
        return read_arrays(opened.root, opened.arrays or ArrayFiles(), split)
    return split_arrays(ArraySet(classes, parts, {}), split, opened.known)


def array_split(part: tuple[NDArray[np.uint8], NDArray[np.int64]]) -> Split:
    """Pictures, (N, H, W) or (N, H, W, 3), and labels of a part, at their own size."""
    images, labels = part
    channels_first = images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
    return Split(torch.from_numpy(np.ascontiguousarray(channels_first)), torch.from_numpy(labels))


def _folder(listing: Listing, read_as: tuple[Shape, Scaling], watch: Watch) -> DataSet:
    shape = read_as[0]
    total = len(listing.train) + len(listing.test)
    if total * prod(shape) > MAX_BYTES:
        return _streamed(listing, read_as)
    cached = decoded_cache.read_cached(listing, read_as)
    skipped: list[str] = []
    splits = []
    for number, (files, labels) in enumerate((listing.part("train"), listing.part("test"))):
        if cached is not None:
            images, readable, sentences = cached[number]
        else:
            before = 0 if number == 0 else len(listing.train)
            images, readable, sentences = _read(files, read_as, partial(_count, watch, before, total))
        skipped.extend(sentences)
        _check_readable(listing, labels, readable, skipped)
        kept = [path for path, good in zip(files, readable, strict=True) if good]
        splits.append(Split(torch.from_numpy(images), labels[torch.from_numpy(readable)], tuple(kept)))
    if cached is None:
        decoded_cache.write_cached(listing, read_as, [split.images for split in splits], skipped)
    found = finish(listing.name, listing.classes, (splits[0], splits[1]), read_as)
    return msgspec.structs.replace(found, skipped=tuple(skipped))


def _count(watch: Watch, before: int, total: int, done: int) -> None:
    watch(before + done, total)


def _read(
    files: Sequence[Path], read_as: tuple[Shape, Scaling], report: Callable[[int], None]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_], list[str]]:
    """Decode files in threads: pictures of the readable ones, which those are, and a sentence for each other."""
    images = np.empty((len(files), *read_as[0]), dtype=np.uint8)
    readable = np.zeros(len(files), dtype=bool)
    skipped: list[str] = []

    def read(number: int) -> str:
        try:
            images[number] = read_pixels(files[number], *read_as)
        except InputError as error:
            if isinstance(error.__cause__, MemoryError):
                raise MemoryError(str(error)) from error  # not the fault of this picture
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


def _streamed(listing: Listing, read_as: tuple[Shape, Scaling]) -> DataSet:
    """A folder that does not fit into memory: its pictures are read while the training goes on.

    Identity is that of names and sizes of the files, and of the bytes of some that are evenly spread over it; mean and
    deviation are those of the same.
    """
    digest = hashlib.sha256(listing.fingerprint().encode())
    files, labels = listing.part("train")
    sampled = files[:: max(1, len(files) // SAMPLED)][:SAMPLED]
    images, readable, skipped = _read(sampled, read_as, lambda _done: None)
    if int(readable.sum()) < 2:
        reason = skipped[-1] if skipped else "there are too few"
        raise InputError(f"The pictures of {listing.folder} cannot be read; the last: {reason}")
    test_files, test_labels = listing.part("test")
    none = torch.empty((0, *read_as[0]), dtype=torch.uint8)
    splits = Split(none, labels, tuple(files)), Split(none, test_labels, tuple(test_files))
    figures = mean_and_std(torch.from_numpy(images))
    known_by = identity(listing.name, listing.classes, splits, figures, (digest, read_as[1].greys))
    known_by = msgspec.structs.replace(known_by, crops_from_files=True, sampled_sha256=sampled_digest(sampled))
    return DataSet(*splits, known_by, read_as[1])
