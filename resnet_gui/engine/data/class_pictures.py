"""The classes of a data set with some of their pictures as a network would see them, before any training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import torch
from torch import Tensor

from resnet_gui.base.cache import LruCache
from resnet_gui.base.errors import InputError
from resnet_gui.data.grey_range import EACH_ITS_OWN, FULL_RANGE, GreyRange
from resnet_gui.data.layouts.description import ClassCount
from resnet_gui.data.preprocessing import Scaling
from resnet_gui.engine.data.array_sets import describe_arrays
from resnet_gui.engine.data.copies import without_copies
from resnet_gui.engine.data.datasets import array_parts, array_split
from resnet_gui.engine.data.folders import Listing, list_looked
from resnet_gui.engine.data.loaders import resized
from resnet_gui.engine.data.opened import OpenedData, Tell, Watch, open_data
from resnet_gui.engine.data.picture_survey import evenly, survey_depth
from resnet_gui.engine.data.pictures import read_pixels
from resnet_gui.engine.data.scaling.flat import check_channels
from resnet_gui.engine.data.set_thumbnails import as_png
from resnet_gui.protocol.events import ClassShown, Thumbnail
from resnet_gui.protocol.jobs import ShowClassPictures

SIDE: Final = 96
"""Pixels of a thumbnail's longer side at most."""

MOST: Final = 64


class _Counted(NamedTuple):
    """The training part of a data set: counts of its classes, and its pictures in memory or in files."""

    counts: tuple[ClassCount, ...]
    labels: Tensor
    images: Tensor
    files: Sequence[Path]
    scaling: Scaling


def show_classes(job: ShowClassPictures, watch: Watch, tell: Tell) -> Iterator[ClassShown]:
    """Count the classes, and read some pictures of each.

    Args:
        job: the question.
        watch: told how far the look through files is, and then how many classes are shown; may raise to break off.
        tell: told what the set holds.

    Raises:
        InputError: it is no data set, or pictures do not have the input's number of channels.
    """
    check_channels(job.shape[0])
    found = _counted(job, open_data(job.data, watch, tell), watch, tell)
    wanted = [number for number in job.classes if 0 <= number < len(found.counts)]
    numbers = wanted if job.classes else list(range(len(found.counts)))
    with ThreadPoolExecutor() as threads:
        for done, number in enumerate(numbers):
            watch(done, len(numbers))
            places = torch.nonzero(found.labels == number).flatten().tolist()
            chosen = evenly(list(enumerate(places)), min(job.pictures, MOST))
            shown = list(threads.map(lambda each: _shown(job, found, each), chosen))
            yield ClassShown(
                job.job,
                number,
                len(found.counts),
                found.counts[number],
                tuple(each for each in shown if isinstance(each, Thumbnail)),
                tuple(each for each in shown if isinstance(each, str)),
            )


def _counted(job: ShowClassPictures, opened: OpenedData, watch: Watch, tell: Tell) -> _Counted:
    scaling = job.scaling
    if opened.scan is None or opened.arrays is not None:
        held = array_parts(opened, job.split)
        training, description = array_split(held.parts["training"]), describe_arrays(opened.named.name, held)
        tell(description)
        return _Counted(description.classes, training.labels, training.images, (), scaling)
    listing = list_looked(opened.scan, opened.named, job.split)
    # Whoever scrolls asks for class after class, and to compare files takes longer than to look for them.
    key = (str(listing.folder), listing.fingerprint(times=True))
    listing, greys = _compared.get_or_make(key, lambda: _looked_into(listing, watch))
    tell(listing.description)
    files, labels = listing.part("train")
    if scaling.greys in {EACH_ITS_OWN, FULL_RANGE}:
        scaling = msgspec.structs.replace(scaling, greys=greys)
    none = torch.empty((0, *job.shape), dtype=torch.uint8)
    return _Counted(listing.description.classes, labels, none, files, scaling)


def _looked_into(listing: Listing, watch: Watch) -> tuple[Listing, GreyRange]:
    """A folder's files without copies across its parts, and the range of its deep greys."""
    kept = without_copies(listing, watch)
    return kept, survey_depth([*kept.part("train")[0], *kept.part("test")[0]]).greys


_compared = LruCache[tuple[str, str], tuple[Listing, GreyRange]](1)


def _shown(job: ShowClassPictures, found: _Counted, chosen: tuple[int, int]) -> Thumbnail | str:
    """A picture by its place in the class and in the part, or why there is none."""
    index, place = chosen
    path = found.files[place] if found.files else None
    try:
        if path is not None:
            array = read_pixels(path, job.shape, found.scaling)
        else:
            array = resized(found.images[place : place + 1], job.shape, found.scaling)[0].numpy()
    except InputError as error:
        return str(error)
    return Thumbnail(index, as_png(array, SIDE), str(path or ""))
