"""Means and bands over seeds, as lines and bands of a chart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from resnet_gui.gui.kit.charts.bands import band_of, have_come_furthest
from resnet_gui.gui.kit.charts.chart import ChartBand, ChartDot, PlotLine
from resnet_gui.gui.kit.curves import Points

BETWEEN = 0.05
"""Units of x between the dots of two seeds at a bar."""


def band_lines(
    name: str,
    token: str,
    members: Sequence[Points],
    *,
    live: Sequence[bool] = (),
    width: float = 2.2,
    dashed: bool = False,
) -> tuple[tuple[PlotLine, ...], tuple[ChartBand, ...]]:
    """The seeds thin, their mean strong and mean ± sd as a band; a single seed is its own mean.

    Args:
        name: of what was measured, where the pointer is on its mean.
        token: of its colour.
        members: a curve a seed.
        live: which of them still grow; each has its ring where it is, none for all that are over.
        width: of the mean.
        dashed: whether the mean is dashed.
    """
    grows = live or [False] * len(members)
    sound = [(each, going) for each, going in zip(members, grows, strict=True) if len(each.x)]
    if not sound:
        return (), ()
    curves = [each for each, _ in sound]
    band, far = band_of(name, name, token, curves), have_come_furthest(curves)
    lines = tuple(
        PlotLine(each, token, 0.8, 0.55, live=going and not leads)
        for (each, going), leads in zip(sound, far, strict=True)
    )
    leading = any(going and leads for (_, going), leads in zip(sound, far, strict=True))
    mean = PlotLine(band.mean, token, width, live=leading, name=name, dash=int(dashed))
    bands = (ChartBand(band.mean.x, band.low, band.high, token),) if sum(far) > 1 else ()
    return (*(lines if len(sound) > 1 else ()), mean), bands


def mean_of(values: Sequence[float]) -> float:
    """The mean; no number of none."""
    return math.fsum(values) / len(values) if values else math.nan


def seed_dots(x: float, values: Mapping[int, float]) -> tuple[ChartDot, ...]:
    """A dot a seed, side by side about ``x`` so that they can be counted."""
    middle = (len(values) - 1) / 2
    return tuple(ChartDot(x + BETWEEN * (number - middle), value) for number, value in enumerate(values.values()))


def whisker(x: float, values: Sequence[float]) -> tuple[tuple[float, float, float], ...]:
    """Mean ± sd at ``x``; none of fewer than two values."""
    if len(values) < 2:
        return ()
    mean, deviation = float(np.mean(values)), float(np.std(values, ddof=1))
    return ((x, mean - deviation, mean + deviation),)
