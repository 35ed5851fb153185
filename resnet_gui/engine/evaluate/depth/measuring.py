"""What is made of an evaluation's features: two directions and a linear probe of each location, CKA of all with all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.engine.evaluate.depth.cka import CENTRED_BYTES, cka
from resnet_gui.engine.evaluate.depth.features import CollectedFeatures
from resnet_gui.engine.evaluate.depth.pca import Directions, aligned, centred, largest_directions
from resnet_gui.engine.evaluate.depth.probes import probe_accuracy, probe_halves
from resnet_gui.evaluation.depth import (
    SEED,
    CkaRecord,
    DepthLocation,
    DepthRecord,
    affordable_pictures,
    drawn_places,
    film_places,
)
from resnet_gui.evaluation.depth_files import CKA_FILE, DEPTH_FILE, PCA_FILE, write_array, write_features, write_record

Reached = Callable[[int, int], None]
"""Takes how many steps are done, of how many; what it raises ends the measurement."""


def unreached(_done: int, _total: int) -> None:
    """For whom nobody waits."""


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


def keep_depth(
    folder: Path, collected: CollectedFeatures, numbers: NDArray[np.int64], truth: NDArray[np.int32]
) -> None:
    """Write the features that were collected while an evaluation was measured, and what is made of them.

    Args:
        folder: of the evaluation.
        collected: by the pictures' numbers in the data set.
        numbers: (N,) of the pictures that were counted, in the order in which they stand in the evaluation.
        truth: (N,) their classes.

    Raises:
        OSError: the disk is full or the folder cannot be written.
        ValueError: features were collected of a picture that was not counted.
    """
    order = np.argsort(numbers, kind="stable")
    found = order[np.searchsorted(numbers, collected.numbers, sorter=order).clip(max=len(order) - 1)]
    if not np.array_equal(numbers[found], collected.numbers):
        raise ValueError("features of a picture that was not counted")
    by_place = np.argsort(found)
    features = FeatureSet(
        found[by_place], {path: values[by_place] for path, values in collected.by_location.items()}, truth
    )
    write_features(folder, features.places, features.by_location)
    describe_features(folder, features)


def describe_features(folder: Path, features: FeatureSet, reached: Reached = unreached) -> None:
    """Write two directions, a linear probe and CKA of each location into the folder of an evaluation.

    Args:
        folder: where.
        features: of every location.
        reached: called before each location and at the end.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    halves = probe_halves(features.truth[features.places])
    paths, total = tuple(features.by_location), len(features.by_location) + 1
    directions: list[Directions | None] = []
    locations: list[DepthLocation] = []
    for done, (path, values) in enumerate(features.by_location.items()):
        reached(done, total)
        x = centred(values)
        found = None if x is None else largest_directions(x)
        directions.append(found)
        locations.append(
            DepthLocation(
                path=path, channels=values.shape[1], probe=probe_accuracy(values, halves),
                explained=None if found is None else (found.explained[0], found.explained[1]),
            )
        )  # fmt: skip
    reached(total - 1, total)
    points = np.zeros((len(paths), len(features.places), 2), dtype=np.float32)
    for place, each in enumerate(aligned(directions)):
        if each is not None:
            points[place] = each.points.numpy()
    write_array(folder / PCA_FILE, points)
    write_record(folder / CKA_FILE, compared(features))
    record = DepthRecord(
        locations=tuple(locations), pictures=len(features.places), of=len(features.truth), seed=SEED,
        probes=halves.split, film=film_places(paths),
    )  # fmt: skip
    # Last, for it says that the others are there.
    write_record(folder / DEPTH_FILE, record)
    reached(total, total)


def compared(first: FeatureSet, second: FeatureSet | None = None) -> CkaRecord:
    """CKA of every location with every one.

    Where the features of all pictures would take more than 256 MiB in fp64, some are drawn evenly from every class.

    Args:
        first: features of a network.
        second: of another one, of the same pictures in the same order; None for the first one itself.
    """
    widths = [[values.shape[1] for values in each.by_location.values()] for each in (first, second) if each is not None]
    most = min(affordable_pictures(each, CENTRED_BYTES // 2) for each in widths)
    drawn = drawn_places(first.truth[first.places], most)

    def of(features: FeatureSet) -> list[Tensor | None]:
        return [centred(values[drawn]) for values in features.by_location.values()]

    return CkaRecord(
        rows=tuple(first.by_location), columns=tuple((first if second is None else second).by_location),
        values=cka(of(first), None if second is None else of(second)), pictures=len(drawn), of=len(first.places),
    )  # fmt: skip


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
