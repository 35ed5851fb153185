"""What a few seeds say of a mean: estimates with intervals, differences paired by seed, verdicts.

Beside the agreed names: an estimate is a ``MeanEstimate`` (``Estimate`` is a job of the engine).

Seeds are few, so intervals are Student's. A verdict is given only if the whole interval agrees with it: with a claim
that is in truth wrong, "reproduced" is said in at most half of 5 % of all sweeps, and as rarely the other way round.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Final, Literal

import msgspec

from resnet_gui.sweeps.students_t import t_quantile

LEVEL: Final = 0.95
MOST_SEEDS: Final = 1000
"""So many seeds are asked for at most; what would need more cannot be told here."""

Verdict = Literal["reproduced", "not reproduced", "cannot tell", "running"]


class MeanEstimate(msgspec.Struct, frozen=True):
    """A mean over seeds with its confidence interval.

    Attributes:
        n: how many values.
        mean: theirs.
        sd: their standard deviation (n − 1), at least that of their rounding; None of a single value.
        low, high: ends of the interval; infinite for a single value, which says nothing of the spread.
        level: probability with which such an interval holds the true mean.
        resolution: step of the values, where they are rounded; 0 where they are not.
    """

    n: int
    mean: float
    sd: float | None
    low: float
    high: float
    level: float = LEVEL
    resolution: float = 0.0


class Bound(msgspec.Struct, frozen=True):
    """The range in which a claim holds: between ``low`` and ``high``, both included."""

    low: float = -math.inf
    high: float = math.inf


def estimate(values: Collection[float], resolution: float = 0.0) -> MeanEstimate:
    """The mean of values, one a seed, with Student's 95 % interval.

    Counted values are rounded: an error over 360 pictures is a multiple of 1/360. Where they vary by less than that,
    their own deviation says little, down to 0 where all are equal; it then counts as that of the rounding,
    resolution / √12, and the interval reaches half a step to both sides at least, for equal values may all be rounded
    the same way.

    Args:
        values: one at least.
        resolution: their step; 0 where they are not rounded.

    Raises:
        ValueError: there are none, or one is no finite number.
    """
    n = len(values)
    if not n or not all(map(math.isfinite, values)):
        raise ValueError("an estimate needs one finite value at least")
    mean = math.fsum(values) / n
    if n == 1:
        return MeanEstimate(n, mean, None, -math.inf, math.inf, LEVEL, resolution)
    deviation = math.hypot(*(value - mean for value in values)) / math.sqrt(n - 1)
    sd = max(deviation, resolution / math.sqrt(12))
    half = _half_width(sd, n, resolution)
    return MeanEstimate(n, mean, sd, mean - half, mean + half, LEVEL, resolution)


def paired(values: Mapping[int, float], others: Mapping[int, float], resolution: float = 0.0) -> MeanEstimate:
    """The difference ``values`` − ``others``, paired by seed; seeds that one of them lacks are left out.

    The same seed gives two configurations the same order of pictures, so much of the spread between seeds cancels.

    Args:
        values: by seed.
        others: by seed; what they are compared with.
        resolution: step of both.

    Raises:
        ValueError: they have no seed in common, or a value is no finite number.
    """
    both = [seed for seed in values if seed in others]
    return estimate([values[seed] - others[seed] for seed in both], difference_resolution(resolution))


def difference_resolution(resolution: float) -> float:
    """The resolution of a difference of two values that are counted with this one: each may be off by half a step."""
    return 2 * resolution


def _half_width(sd: float, n: int, resolution: float) -> float:
    half = t_quantile(LEVEL, n - 1) * sd / math.sqrt(n)
    # Values that vary by much more than a step are rounded to both sides as often; those that do not may be off alike.
    return max(half, resolution / 2) if sd <= resolution else half


def verdict(found: MeanEstimate, bound: Bound) -> Verdict:
    """Whether a claim holds: only if all of the interval lies where it does, and not only if all of it lies outside."""
    if found.low >= bound.low and found.high <= bound.high:
        return "reproduced"
    if found.high < bound.low or found.low > bound.high:
        return "not reproduced"
    return "cannot tell"


def differs(difference: MeanEstimate) -> bool:
    """Whether the interval of a difference leaves out 0."""
    return difference.low > 0 or difference.high < 0


def seeds_needed(found: MeanEstimate, bound: Bound) -> int | None:
    """About how many seeds a verdict takes, if mean and deviation stay as they are.

    Returns:
        At least two; None where the mean lies on the bound, where there is one value alone, whose deviation nobody
        knows, or where it would be more than ``MOST_SEEDS``.
    """
    edges = [edge for edge in (bound.low, bound.high) if math.isfinite(edge)]
    if not edges:
        return max(2, found.n)
    margin = min(abs(found.mean - edge) for edge in edges)
    return _seeds_for(found, margin)


def seeds_to_differ(difference: MeanEstimate) -> int | None:
    """About how many seeds it takes until a difference leaves out 0, as ``seeds_needed`` has it."""
    return _seeds_for(difference, abs(difference.mean))


def _seeds_for(found: MeanEstimate, margin: float) -> int | None:
    """How many values make the interval reach less than ``margin`` to each side."""
    sd = found.sd
    if sd is None or margin <= 0:
        return None

    def enough(n: int) -> bool:
        return _half_width(sd, n, found.resolution) < margin

    if not enough(MOST_SEEDS):
        return None
    low, high = 1, MOST_SEEDS  # the width falls with n, so halving finds the first that is enough
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def largest_difference(difference: MeanEstimate) -> float:
    """How far apart two means are at most, either way: what a difference that cannot be told from 0 still says."""
    return max(abs(difference.low), abs(difference.high))
