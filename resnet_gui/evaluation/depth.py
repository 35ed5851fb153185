"""What the features of a network say about classes by depth: projections, probes, CKA, and the lasso; numpy alone."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from resnet_gui.design.location import Location, Section
from resnet_gui.evaluation.intervals import Share

FEATURES_BYTES: Final = 256 * 2**20
"""Of the features of an evaluation at most; of more, fewer pictures are drawn."""

SEED: Final = 0
"""Of the draw of pictures and of the probes' two halves."""

FILM: Final = 5
"""Locations that are shown side by side."""


class DepthLocation(msgspec.Struct, frozen=True, kw_only=True):
    """One location: behind the stem, or behind a block.

    Attributes:
        path: "stem", or the path of the block, such as ``layer3.0``.
        channels: C, of the map there.
        explained: part of the features' variance along the first and the second direction of ``projection-pca.npy``;
            None where the features do not vary, or are no finite numbers.
        probe: tested pictures of the split whose class a linear probe of these features names, with the Wilson
            interval; None where there is nothing to learn or to test, or features that are no finite numbers.
        ridge: penalty of that probe: weight of the squared coefficients, a picture.
    """

    path: str
    channels: int
    explained: tuple[float, float] | None = None
    probe: Share | None = None
    ridge: float | None = None

    @property
    def number(self) -> str:
        """Stage and block as the paper counts them, ``4_1``, or "stem"."""
        return Location.parse(self.path).number if self.path != "stem" else self.path

    @property
    def stage(self) -> Section:
        """The stage, counted from 0, or "stem"."""
        return Location.parse(self.path).stage if self.path != "stem" else "stem"


class ProbeSplit(msgspec.Struct, frozen=True, kw_only=True):
    """The pictures that linear probes were fitted to and tested with: those of the evaluation alone.

    A drawn half of each class, to one picture, is learnt from and the other half tested with. A probe is the Lab's,
    ridge regression of classes on standardised features, but for its penalty: that is chosen by a fifth of the learnt
    half.

    Attributes:
        learnt: pictures that the probes learn from.
        tested: pictures that they are tested with.
        classes: that the pictures have.
        classes_in_both: with pictures in both halves; of the others, no probe can be right or none is tested.
        seed: of the draw.
    """

    learnt: int
    tested: int
    classes: int
    classes_in_both: int
    seed: int


class DepthRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The content of ``depth.json``.

    Attributes:
        locations: in the order of computation.
        pictures: M, whose features were kept, drawn evenly from every class.
        of: N, pictures that were counted in the evaluation.
        seed: of the draw.
        probes: how the probes were made.
        film: places in ``locations`` of those that are shown side by side, increasing, five or fewer.
        version: of the files.
    """

    locations: tuple[DepthLocation, ...]
    pictures: int
    of: int
    seed: int
    probes: ProbeSplit
    film: tuple[int, ...]
    version: int = 1


class CkaRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Linear CKA of every location of one network with every location of the same or another one.

    Debiased: HSIC by its unbiased estimate (Song et al. 2012, eq. 4; Nguyen et al. 2021, eq. 3) instead of the one of
    Kornblith et al. 2019, eq. 3, which grows towards 1 when there are fewer pictures than channels. It can fall a
    little below 0.

    Attributes:
        rows: paths of the locations of the first network.
        columns: of the second network.
        values: a row of ``columns`` for each of ``rows``; None where features do not vary, or are no finite numbers.
        pictures: the same ones in both networks, on which it stands.
        of: pictures that both evaluations have features of; more than ``pictures`` where all would take too long.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    pictures: int
    of: int


class TsneRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The making of the t-SNE of one location (van der Maaten and Hinton 2008), by scikit-learn.

    Attributes:
        path: of the location.
        pictures: P, drawn evenly from every class of the M.
        of: M.
        perplexity: about as many neighbours as each picture keeps near; smaller than asked for where there are few
            pictures.
        seed: of scikit-learn's draws; it begins with the two directions of the PCA.
        iterations: of the descent.
        divergence: Kullback-Leibler divergence at its end, in nats.
        package: that made it, with its version.
    """

    path: str
    pictures: int
    of: int
    perplexity: float
    seed: int
    iterations: int
    divergence: float
    package: str


class ProjectedPictures(NamedTuple):
    """Points of pictures in a plane: their places in the evaluation, (P,) int64, and where they lie, (P, 2) float32."""

    places: NDArray[np.int64]
    points: NDArray[np.float32]


# ---- which pictures


def affordable_pictures(channels: Sequence[int], most_bytes: int = FEATURES_BYTES) -> int:
    """Pictures whose features take no more than so many bytes; ``channels`` of each location."""
    return max(1, most_bytes // (4 * max(1, sum(channels))))


def drawn_places(truth: NDArray[np.integer[Any]], most: int, seed: int = SEED) -> NDArray[np.int64]:
    """Places of at most ``most`` pictures, drawn evenly from every class; all of them where there are no more.

    A class gives the same part of its pictures as any other, to one picture. What is drawn for a smaller ``most`` is
    part of what is drawn for a larger one from the same truth.

    Args:
        truth: (N,) class of each picture.
        most: at least 0.
        seed: of the draw.

    Returns:
        (M,) int64, increasing.
    """
    count = len(truth)
    if count <= most:
        return np.arange(count)
    order = np.random.default_rng(seed).permutation(count)
    ordered = truth[order]
    # A class of n pictures spreads them evenly over (0, 1); the first ones of all classes together are taken.
    by_class = np.argsort(ordered, kind="stable")
    _, starts, sizes = np.unique(ordered[by_class], return_index=True, return_counts=True)
    rank = np.arange(count) - np.repeat(starts, sizes)
    share = np.empty(count)
    share[by_class] = (rank + 0.5) / np.repeat(sizes, sizes)
    return np.sort(order[np.argsort(share, kind="stable")[:most]]).astype(np.int64)


def film_places(paths: Sequence[str], most: int = FILM) -> tuple[int, ...]:
    """Places of the locations that are shown side by side: the stem, the ends of stages, and what lies between.

    Where a network has more stages than fit, of these some that are evenly spaced, the first and the last among them;
    where it has fewer, the widest gap is halved, the last one of equally wide ones, until there are enough.

    Args:
        paths: of the locations, in the order of computation.
        most: at least 2.
    """
    stages = [path.partition(".")[0] for path in paths]
    ends = [place for place, stage in enumerate(stages) if place + 1 == len(stages) or stages[place + 1] != stage]
    if len(ends) > most:
        return tuple(ends[round(step * (len(ends) - 1) / (most - 1))] for step in range(most))
    while len(ends) < min(most, len(paths)):
        _, last = max((after - before, after) for before, after in itertools.pairwise(ends))
        before = ends[ends.index(last) - 1]
        ends = sorted([*ends, (before + last) // 2])
    return tuple(ends)


# ---- the lasso


def inside(points: NDArray[np.floating[Any]], polygon: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Which points a polygon winds around: all that a lasso encloses, also where it crosses itself (Qt's WindingFill).

    A point on a left or lower edge is inside, on a right or upper edge outside (y upwards), so that two polygons that
    share an edge never share a point.

    Args:
        points: (N, 2); one that is not finite is outside.
        polygon: (V, 2) its corners in order; the last is joined to the first. Fewer than three enclose nothing.

    Returns:
        (N,).
    """
    found = np.zeros(len(points), dtype=bool)
    if len(polygon) < 3 or not len(points):
        return found
    corners = np.asarray(polygon, dtype=np.float64)
    near = np.flatnonzero(((points >= corners.min(0)) & (points <= corners.max(0))).all(1))
    x, y = np.asarray(points, dtype=np.float64)[near].T
    winding = np.zeros(len(near), dtype=np.int64)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        # Left of an edge that goes up past the point, or right of one that goes down past it (Sunday 2001).
        side = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)
        winding += (y0 <= y) & (y < y1) & (side > 0)
        winding -= (y1 <= y) & (y < y0) & (side < 0)
    found[near] = winding != 0
    return found
