"""Curves as arrays that are ready to be drawn: thinned to pixels, smoothed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

Values = NDArray[np.float64]


FULL = 300
"""From so many points a curve is smoothed by the whole weight."""

FEWEST: Final = 3
"""Points from which on a curve's end counts for the axis."""

PEAK, ABOVE_END = 10.0, 3.0
"""Times the usual value, and times what a curve comes to, above which there are only peaks."""


class Points(NamedTuple):
    """A curve: x and y of one length."""

    x: Values
    y: Values


NOTHING = Points(np.empty(0), np.empty(0))


def thinned(points: Points, pixels: int) -> Points:
    """At most two points a pixel: the lowest and the highest of each bin, so that no peak is lost."""
    x, y = points
    if len(x) <= 2 * pixels:
        return points
    size = -(-len(x) // pixels)
    bins = -(-len(x) // size)
    # What is no number is neither lowest nor highest; nor is what fills the last bin.
    filled = np.full(bins * size, np.nan)
    filled[: len(y)] = y
    body = filled.reshape(bins, size)
    offset = np.arange(bins) * size
    sound = np.isfinite(body)
    low, high = np.where(sound, body, np.inf).argmin(1), np.where(sound, body, -np.inf).argmax(1)
    picks = np.unique(np.concatenate([low + offset, high + offset, [len(x) - 1]]))
    return Points(x[picks], y[picks])


def averaged(points: Points, pixels: int) -> Points:
    """Means of at most so many bins; few points stay as they are."""
    x, y = points
    if len(x) <= pixels:
        return points
    size = -(-len(x) // pixels)
    edges = np.arange(0, len(x), size)
    counts = np.diff(np.append(edges, len(x)))
    return Points(np.add.reduceat(x, edges) / counts, np.add.reduceat(y, edges) / counts)


def smoothed(points: Points, weight: float, pixels: int) -> Points:
    """An exponential average over the points as they are drawn, without a bias towards its start.

    A curve of few points is smoothed less: twenty points would else lag behind their own fall.

    Args:
        points: raw.
        weight: of what came before, 0 to 1; 0 leaves the points.
        pixels: columns that there are to draw in.
    """
    if weight <= 0 or not len(points.x):
        return thinned(points, pixels)
    x, y = averaged(points, pixels)
    weight **= max(1.0, FULL / len(x))
    out = np.empty_like(y)
    last, scale = 0.0, 0.0
    for number, value in enumerate(y.tolist()):
        last = weight * last + (1 - weight) * value
        scale = weight * scale + (1 - weight)
        out[number] = last / scale
    return Points(x, out)


def value_at(points: Points, x: float) -> float | None:
    """The value of the last point that is not right of ``x``; None before the first and beyond the last."""
    if not len(points.x) or x > points.x[-1]:
        return None
    number = int(np.searchsorted(points.x, x, side="right")) - 1
    return float(points.y[number]) if number >= 0 else None


def bulk_top(curves: Sequence[Values]) -> float:
    """The value below which most of the curves lie; 0 for none.

    Nine tenths of each curve, but not more than ten times the median of all points: a curve of few points may have
    more than a tenth of peaks. What a curve comes to at its end, or in its middle, is seen in any case.

    Args:
        curves: finite values of each, at least one.
    """
    if not curves:
        return 0.0
    top = max(float(np.quantile(values, 0.9)) for values in curves)
    ends = [min(float(np.median(values)), float(values[-1])) for values in curves if len(values) >= FEWEST]
    usual = float(np.median(np.concatenate(curves)))
    most = max(PEAK * usual, ABOVE_END * max(ends, default=0.0))
    return min(top, most) if most > 0 else top


def points_inside(points: Points, box: QRectF, area: QRectF, ranges: Sequence[Sequence[float]], *, log: bool) -> int:
    """How many points are drawn inside a box of the scene, where ``area`` shows these ranges of x and y."""
    (x0, x1), (y0, y1) = ranges
    if not area.width() or not area.height() or not len(points.x):
        return 0
    low_x = x0 + (box.left() - area.left()) / area.width() * (x1 - x0)
    high_x = low_x + box.width() / area.width() * (x1 - x0)
    high_y = y1 - (box.top() - area.top()) / area.height() * (y1 - y0)
    low_y = high_y - box.height() / area.height() * (y1 - y0)
    x, y = points
    shown = np.log10(np.maximum(y, 1e-30)) if log else y
    return int(((x >= low_x) & (x <= high_x) & (shown >= low_y) & (shown <= high_y)).sum())
