"""Axes of plots: round ticks with room for their words, times, and plain numbers on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF


def unlabelled_plot(widget: Any) -> Any:
    """The plot of a ``PlotWidget`` without text beside its axes, which they would work out when their range changes."""
    plot = widget.getPlotItem()
    for axis in plot.axes.values():
        axis["item"].enableAutoSIPrefix(False)
    return plot


class TickedAxis(pg.AxisItem):  # type: ignore[misc]
    """An x axis with ticks of its own where the learning rate changes, words for times, or whole numbers alone."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.extra: tuple[float, ...] = ()
        self.times = False
        self.whole = False

    def boundingRect(self) -> QRectF:
        """A little wider than the plot, so that the words at its ends are not left out."""
        wide: QRectF = super().boundingRect()
        return wide.adjusted(-15, 0, 15, 0)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """Round values, where none of our own stands in their way."""
        if self.times:
            return round_ticks(low, high, size, TIME_STEPS)
        room = (high - low) / max(size, 1.0) * 34
        extra: list[float] = []
        for tick in self.extra:
            if low <= tick <= high and all(abs(tick - other) > room for other in extra):
                extra.append(tick)
        steps = [step for step in ROUND_STEPS if step >= 1] if self.whole else ROUND_STEPS
        ((spacing, ticks),) = round_ticks(low, high, size, steps)
        kept = [tick for tick in ticks if all(abs(tick - own) > room for own in extra)]
        return [(spacing, sorted([*kept, *extra]))]

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        """Whole numbers with thousands, or times."""
        if self.times:
            return [axis_time(value) for value in values]
        return [f"{value:,.0f}" if abs(value - round(value)) < 0.05 else f"{value:.3g}" for value in values]


ROUND_STEPS: Final = tuple(factor * 10**power for power in range(-2, 9) for factor in (1, 2, 5))
TIME_STEPS: Final = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400, 172_800, 604_800,
)  # fmt: skip


def round_ticks(low: float, high: float, size: float, steps: Sequence[float]) -> list[tuple[float, list[float]]]:
    """One level of ticks between two values, as far apart as words need room on ``size`` pixels."""
    wanted = (high - low) / max(1.0, size / 64)
    step = next((step for step in steps if step >= wanted), wanted)
    first = int(np.ceil(low / step))
    return [(float(step), [float(step * number) for number in range(first, int(high // step) + 1)])]


def axis_time(seconds: float) -> str:
    """A time on an axis: ``30 s``, ``2.5 min``, ``1.25 h``."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:g} min"
    return f"{seconds / 3600:.3g} h"


LOG_STEPS: Final = ((1,), (1, 3), (1, 2, 5), tuple(range(1, 10)))
"""Multiples of powers of ten that a logarithmic axis writes, the most of them that have room."""


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """A y axis that writes plain numbers on a logarithmic scale too."""

    def logTickValues(  # noqa: N802
        self, low: float, high: float, size: float, _ticks: object
    ) -> list[tuple[float, list[float]]]:
        """Round values, as many as have room for their words."""
        return [(1.0, log_ticks(low, high, size))]

    def logTickStrings(self, values: list[float], scale: float, _spacing: float) -> list[str]:  # noqa: N802
        """Powers of ten as they are read."""
        return [plain_number(10.0**value * scale) for value in values]


def plain_number(value: float) -> str:
    """A value in two digits, as it is read: ``0.05``, ``100``; an exponent only where zeros would fill the axis."""
    return f"{float(f'{value:.2g}'):g}"


def log_ticks(low: float, high: float, size: float) -> list[float]:
    """Logarithms of round values between two logarithms: those of ``LOG_STEPS`` whose words have room on ``size``."""
    found: list[float] = []
    for steps in LOG_STEPS:
        powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
        values = [power + float(np.log10(step)) for power in powers for step in steps]
        ticks = [value for value in values if low <= value <= high]
        room = (high - low) / max(size, 1.0) * 20
        if found and any(after - before < room for before, after in pairwise(ticks)):
            break
        found = ticks or found
    return found
