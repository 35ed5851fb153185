"""Curves that were measured several times: their mean, how far they lie apart, and the curves themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resnet_gui.gui.kit.curves import NOTHING, Points, Values


@dataclass(frozen=True)
class BandData:
    """One band as it is drawn.

    Attributes:
        key: stays the same from one drawing to the next.
        name: stands at the end of its line.
        token: of its colour.
        mean: the line.
        low, high: the band about the line; as long as the mean.
        members: the curves that it is made of, drawn thin.
        dash: number of the line's pattern, 0 for a solid one, see ``kit.charts.dashes``.
        live: whether it is still growing; its end gets a ring.
    """

    key: str
    name: str
    token: str
    mean: Points
    low: Values
    high: Values
    members: tuple[Points, ...] = ()
    dash: int = 0
    live: bool = False


def have_come_furthest(members: Sequence[Points]) -> tuple[bool, ...]:
    """Which of several curves have come as far as the furthest; an empty one has come nowhere."""
    last = max((curve.x[-1] for curve in members if len(curve.x)), default=0.0)
    return tuple(bool(len(curve.x)) and bool(curve.x[-1] == last) for curve in members)


def mean_and_deviation(members: Sequence[Points]) -> tuple[Points, Values]:
    """The mean of several curves and the standard deviation (of a sample, n − 1) at each x of theirs.

    Only the curves that have come as far as the furthest are counted: with one that has just begun the mean would jump
    where that ends. A single curve deviates by 0.

    Args:
        members: curves; those that are counted have values at the same x, and others are interpolated linearly.
    """
    counted = [curve for curve, far in zip(members, have_come_furthest(members), strict=True) if far]
    if not counted:
        return NOTHING, np.empty(0)
    x = counted[0].x
    rows = np.array([curve.y if np.array_equal(curve.x, x) else np.interp(x, *curve) for curve in counted])
    deviation = rows.std(axis=0, ddof=1) if len(rows) > 1 else np.zeros(len(x))
    return Points(x, rows.mean(axis=0)), deviation


def band_of(
    key: str, name: str, token: str, members: Sequence[Points], *, dash: int = 0, live: bool = False
) -> BandData:
    """The band of mean ± standard deviation about several curves."""
    mean, deviation = mean_and_deviation(members)
    low, high = mean.y - deviation, mean.y + deviation
    return BandData(key, name, token, mean, low, high, tuple(members), dash, live)
