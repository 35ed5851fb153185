"""The training loss on a plane through a network's weights (Li et al. 2018, section 4)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from resnet_gui.lab.measured.norm_statistics import WORDS, NormStatistics

GRIDS: Final = (7, 13, 25)
"""Points along an edge of each pass, coarse to fine; every pass holds the points of those before it."""

EDGE: Final = GRIDS[-1]
MIDDLE: Final = EDGE // 2
"""Row and column of the trained weights in the finest grid."""


class LandscapeSetup(msgspec.Struct, frozen=True):
    """The set-up of a surface: on [-extent, extent]² in two random directions that are scaled filter by filter.

    Attributes:
        seed: of the two directions.
        pictures: of the training part, evenly spaced over it, without augmentation; 0 for all.
        statistics: of the batch norms at each point.
        move_biases_and_norms: whether biases and the norms' weights move too; Li et al. let them stay ("biasbn").
        extent: of the plane; 1 is a step by a filter's own norm.
    """

    seed: int = 1
    pictures: int = 360
    statistics: NormStatistics = "trained"
    move_biases_and_norms: bool = False
    extent: float = 1.0


class SurfacePoint(msgspec.Struct, frozen=True):
    """A point of the finest grid: row 0 is -extent of direction 2, column 0 is -extent of direction 1."""

    row: int
    column: int


def points_of_pass(number: int) -> tuple[SurfacePoint, ...]:
    """The points that a pass adds to those before it, row by row: 49, then 120, then 456 of 25 × 25."""
    step = (EDGE - 1) // (GRIDS[number] - 1)
    before = (EDGE - 1) // (GRIDS[number - 1] - 1) if number else 0
    lines = range(0, EDGE, step)
    known = frozenset(range(0, EDGE, before)) if before else frozenset()
    return tuple(SurfacePoint(row, column) for row in lines for column in lines if not {row, column} <= known)


ORDER: Final = tuple(point for number in range(len(GRIDS)) for point in points_of_pass(number))
"""All points of the finest grid in the order in which they are computed."""


class LossSurface(msgspec.Struct, frozen=True):
    """A surface, whole or as far as it was computed; it can be gone on with.

    Attributes:
        setup: how it is computed.
        weights: digest of the network's weights and statistics, by which a surface is known to belong to it.
        pictures: over which each loss is the mean cross-entropy, without label smoothing or augmentation.
        training_loss: of the network as it is, over the same pictures, in nats; with statistics as trained the loss
            at the centre is this number to the bit.
        losses: in nats, in the order of ``ORDER``, as far as they are known; None where the network's answer is no
            number, so far away from the trained weights.
    """

    setup: LandscapeSetup
    weights: str
    pictures: int
    training_loss: float
    losses: tuple[float | None, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether all points are known."""
        return len(self.losses) == len(ORDER)

    @property
    def passes(self) -> tuple[int, ...]:
        """Points of each pass that are known, beside those of ``points_of_pass``."""
        rest, found = len(self.losses), []
        for number in range(len(GRIDS)):
            total = len(points_of_pass(number))
            found.append(min(rest, total))
            rest -= found[-1]
        return tuple(found)

    @property
    def caption(self) -> str:
        """What was computed, in words: points, pictures, seed, statistics."""
        it = self.setup
        how = f"{self.pictures} pictures, seed {it.seed}, {WORDS[it.statistics]}"
        if self.finished:
            return f"computed: {EDGE} × {EDGE} points, {how}"
        whole = [grid for grid, known, number in zip(GRIDS, self.passes, range(len(GRIDS)), strict=True)
                 if known == len(points_of_pass(number))]  # fmt: skip
        rest = f", the rest {whole[-1]} × {whole[-1]}" if whole else ""
        return f"so far: {len(self.losses)} of {len(ORDER)} points{rest}; {how}"

    def grid(self, edge: int = EDGE) -> tuple[tuple[float | None, ...], ...]:
        """The losses on one of ``GRIDS``, row by row; None where they are not known yet, infinite where no number."""
        step = (EDGE - 1) // (edge - 1)
        finite = (math.inf if loss is None else loss for loss in self.losses)
        known = dict(zip(ORDER, finite, strict=False))
        lines = range(0, EDGE, step)
        return tuple(tuple(known.get(SurfacePoint(row, column)) for column in lines) for row in lines)

    def section(self, row: int = MIDDLE) -> tuple[float | None, ...]:
        """The losses along direction 1 in a row of the finest grid; None where they are not known yet."""
        return self.grid()[row]

    def steps(self) -> tuple[float, ...]:
        """Where the rows and columns of the finest grid lie, in units of filter norms."""
        return steps(self.setup.extent)


def steps(extent: float) -> tuple[float, ...]:
    """Where the rows and columns of the finest grid lie; the middle is 0 exactly."""
    return tuple(extent * (place - MIDDLE) / MIDDLE for place in range(EDGE))


LARGEST_GAP: Final = 0.1
"""Nats by which training losses may differ and still be those of equally well fitted networks."""

FITTED: Final = 0.5
"""Part of the loss of guessing, ln(classes), below which a network counts as fitted, so that it is near a minimum."""


class LossComparison(msgspec.Struct, frozen=True):
    """The answer whether the surfaces of two networks may be compared.

    Attributes:
        first: training loss of one, in nats.
        second: that of the other.
        reason: why they may not, for people; empty where they may.
    """

    first: float
    second: float
    reason: str = ""

    @property
    def comparable(self) -> bool:
        """Whether they may."""
        return not self.reason


def compare_losses(first: float, second: float, classes: int) -> LossComparison:
    """Whether two training losses are so low and so near to each other that the surfaces around them can be compared.

    A network that never fitted is not in a minimum, and what surrounds it says nothing about shortcuts.
    """
    limit = FITTED * math.log(max(2, classes))
    worst = max((first, second), key=lambda loss: loss if math.isfinite(loss) else math.inf)
    reason = ""
    if not abs(first - second) <= LARGEST_GAP:
        reason = f"not comparable: training loss {first:.2g} against {second:.2g}"
    elif not worst <= limit:
        reason = f"not comparable: neither has fitted, training loss {first:.2g} and {second:.2g}"
    return LossComparison(first, second, reason)


def bends(losses: Sequence[Sequence[float]]) -> float:
    """How rough a surface is: the mean of |second differences| of ln(loss) along rows and columns.

    Args:
        losses: rows of a grid, all known and above zero.

    Returns:
        The mean; infinite where a loss is no number or infinite.
    """
    if any(not 0 < loss < math.inf for row in losses for loss in row):
        return math.inf
    logs = [[math.log(loss) for loss in row] for row in losses]
    lines = [*logs, *map(list, zip(*logs, strict=True))]
    found = [abs(line[i - 1] - 2 * line[i] + line[i + 1]) for line in lines for i in range(1, len(line) - 1)]
    return math.fsum(found) / len(found)
