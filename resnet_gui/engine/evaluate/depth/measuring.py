"""What is made of an evaluation's features: two directions and a linear probe of each location, CKA of all with all."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.engine.evaluate.depth.cka import CENTRED_BYTES, cka, unchecked
from resnet_gui.engine.evaluate.depth.pca import Directions, aligned, centred, largest_directions
from resnet_gui.engine.evaluate.depth.probes import ProbeHalves, probe_accuracy, probe_halves
from resnet_gui.engine.predict.lanes import in_lanes
from resnet_gui.evaluation.depth import (
    SEED,
    CkaRecord,
    DepthLocation,
    DepthRecord,
    affordable_pictures,
    drawn_places,
    film_places,
)
from resnet_gui.evaluation.depth_files import CKA_FILE, DEPTH_FILE, PCA_FILE, write_array, write_record

Reached = Callable[[int, int], None]
"""Takes how many steps are done, of how many; what it raises ends the measurement."""

NARROW: Final = 256
"""Channels of the widest location up to which one thread computes: thousands of small steps take a fraction of a second
so, and ten times as long where two threads wait for each other at each of them on a busy computer."""


class FeatureSet(NamedTuple):
    """Features of a network of the pictures that are compared.

    Attributes:
        places: (M,) of the pictures in the evaluation whose classes ``truth`` are, increasing.
        by_location: path of each location, in the order of computation -> (M, C).
        truth: (N,) class of every picture of the evaluation.
    """

    places: NDArray[np.int64]
    by_location: Mapping[str, NDArray[np.float32]]
    truth: NDArray[np.int32]

    @property
    def widest(self) -> int:
        """Channels of the widest location."""
        return max(int(values.shape[1]) for values in self.by_location.values())


@contextlib.contextmanager
def _fitting_threads(*features: FeatureSet) -> Iterator[None]:
    """One thread of torch's where features are narrow, and as many as there were behind it."""
    before = torch.get_num_threads()
    if all(each.widest <= NARROW for each in features):
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def describe_features(folder: Path, features: FeatureSet, reached: Reached) -> None:
    """Write two directions, a linear probe and CKA of each location into the folder of an evaluation.

    Args:
        folder: where.
        features: of every location.
        reached: called at the beginning, after each location and at the end.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    halves = probe_halves(features.truth[features.places])
    paths, total = tuple(features.by_location), len(features.by_location) + 1
    keeps = len(_drawn(features)) == len(features.places)
    described: list[_DescribedLocation] = []
    reached(0, total)
    lanes = in_lanes(partial(_described, halves, keeps), features.by_location.items(), torch.device("cpu"))
    with closing(lanes):
        for each in lanes:
            described.append(each)
            reached(len(described), total)
    points = np.zeros((len(paths), len(features.places), 2), dtype=np.float32)
    for place, directions in enumerate(aligned([each.directions for each in described])):
        if directions is not None:
            points[place] = directions.points.numpy()
    write_array(folder / PCA_FILE, points)
    away = [each.away for each in described] if keeps else None
    write_record(folder / CKA_FILE, compared(features, check=lambda: reached(total - 1, total), away=away))
    record = DepthRecord(
        locations=tuple(each.location for each in described), pictures=len(features.places), of=len(features.truth),
        seed=SEED, probes=halves.split, film=film_places(paths),
    )  # fmt: skip
    # Last, for it says that the others are there.
    write_record(folder / DEPTH_FILE, record)
    reached(total, total)


class _DescribedLocation(NamedTuple):
    """A location with its record, its two directions, and its centred features where these are kept."""

    location: DepthLocation
    directions: Directions | None
    away: Tensor | None


def _described(halves: ProbeHalves, keeps: bool, item: tuple[str, NDArray[np.float32]]) -> _DescribedLocation:
    """What is found of one location, named and with its features; in a lane."""
    path, values = item
    x = centred(values)
    found = None if x is None else largest_directions(x)
    probe = probe_accuracy(values, halves)
    location = DepthLocation(
        path=path, channels=values.shape[1],
        explained=None if found is None else (found.explained[0], found.explained[1]),
        probe=None if probe is None else probe.share, ridge=None if probe is None else probe.ridge,
    )  # fmt: skip
    return _DescribedLocation(location, found, x if keeps else None)


def compared(
    first: FeatureSet,
    second: FeatureSet | None = None,
    check: Callable[[], None] = unchecked,
    away: Sequence[Tensor | None] | None = None,
) -> CkaRecord:
    """CKA of every location with every one.

    Where the features of all pictures would take more than 256 MiB in fp64, some are drawn evenly from every class.

    Args:
        first: features of a network.
        second: of another one, of the same pictures in the same order; None for the first one itself.
        check: called now and then; what it raises ends it.
        away: ``centred`` features of all of the first, where they are there already and nothing is drawn.
    """
    drawn = _drawn(first, second)

    def of(features: FeatureSet) -> list[Tensor | None]:
        return [centred(values[drawn]) for values in features.by_location.values()]

    with _fitting_threads(first, *([] if second is None else [second])):
        ours = of(first) if away is None else away
        values = cka(ours, None if second is None else of(second), check)
    return CkaRecord(
        rows=tuple(first.by_location), columns=tuple((first if second is None else second).by_location),
        values=values, pictures=len(drawn), of=len(first.places),
    )  # fmt: skip


def _drawn(first: FeatureSet, second: FeatureSet | None = None) -> NDArray[np.int64]:
    """Places among the pictures with features of those whose features CKA compares."""
    widths = [[values.shape[1] for values in each.by_location.values()] for each in (first, second) if each is not None]
    return drawn_places(
        first.truth[first.places], min(affordable_pictures(each, CENTRED_BYTES // 2) for each in widths)
    )


def shared_features(
    first: FeatureSet, second: FeatureSet, pairs: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> tuple[FeatureSet, FeatureSet]:
    """Features of two networks of the same pictures, in the order of the first.

    Args:
        first: of one network.
        second: of the other.
        pairs: places of the same pictures in the evaluation of the first, increasing, and in that of the second.

    Raises:
        InputError: no picture has features of both.
    """
    here, there = pairs
    both = np.isin(here, first.places) & np.isin(there, second.places)
    if not both.any():
        raise InputError("The two evaluations have features of no picture in common; measure both again.")
    return tuple(
        FeatureSet(
            places, {path: values[np.searchsorted(each.places, places)] for path, values in each.by_location.items()},
            each.truth,
        )
        for each, places in ((first, here[both]), (second, there[both]))
    )  # type: ignore[return-value] # fmt: skip
