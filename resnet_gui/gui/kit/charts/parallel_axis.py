"""One of several parallel axes: where each line crosses it, and what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resnet_gui.gui.kit.axes import log_ticks
from resnet_gui.gui.kit.charts.strip_scale import StripScale
from resnet_gui.gui.kit.curves import Values

Flags = NDArray[np.bool_]
SHARE: Final = 0.4
"""Of the room of a category, over which the lines that cross it are spread."""

ROOM: Final = 0.04
"""Of the axis, that is left free at either end of its numbers."""

ADVANCED_LOG: Final = 20.0
"""From this ratio of the largest to the smallest positive number on, an axis is logarithmic."""


@dataclass(frozen=True)
class ParallelAxis:
    """An axis of categories or of numbers.

    Attributes:
        key: stays the same wherever it is moved.
        title: above it.
        values: one a line: the number of its category, or a number; not a number where there is none.
        labels: of the categories, from the top; empty for an axis of numbers.
    """

    key: str
    title: str
    values: tuple[float, ...]
    labels: tuple[str, ...] = ()

    @property
    def log(self) -> bool:
        """Whether its numbers lie so far apart that only their ratios can be seen."""
        positive = self._positive()
        return not self.labels and len(positive) > 1 and bool(positive.max() > ADVANCED_LOG * positive.min())

    def _positive(self) -> Values:
        values = np.array(self.values)
        positive: Values = values[np.isfinite(values) & (values > 0)]
        return positive

    def _bent(self, values: Values) -> Values:
        if not self.log:
            return values
        # Nothing at all has no logarithm: it lies a little below the smallest there is.
        bent: Values = np.log10(np.maximum(values, self._positive().min() / 2))
        return bent

    def _ends(self) -> tuple[float, float]:
        values = np.array(self.values)
        bent = self._bent(values[np.isfinite(values)])
        if not len(bent):
            return 0.0, 1.0
        low, high = float(bent.min()), float(bent.max())
        if high <= low:
            return low - 0.5, high + 0.5
        return low - ROOM * (high - low), high + ROOM * (high - low)

    def fractions(self, ranks: Values) -> Values:
        """Where each line crosses the axis, 0 at its lower end, 1 at its upper one.

        Args:
            ranks: of the lines, 0 to 1; spreads those of one category, so that they can be told apart.
        """
        values = np.array(self.values, dtype=float)
        if self.labels:
            return 1 - (values + 0.5 + SHARE * (ranks - 0.5)) / len(self.labels)
        low, high = self._ends()
        return (self._bent(values) - low) / (high - low)

    def ticks(self, size: float) -> list[tuple[float, str]]:
        """Fractions and texts of what is written beside an axis of ``size`` pixels."""
        if self.labels:
            count = len(self.labels)
            return [(1 - (number + 0.5) / count, text) for number, text in enumerate(self.labels)]
        low, high = self._ends()
        if self.log:
            return [((tick - low) / (high - low), f"{10**tick:.3g}") for tick in log_ticks(low, high, size / 2)]
        return [((tick - low) / (high - low), f"{tick:.4g}") for tick in StripScale(low, high).ticks()]

    def within(self, low: float, high: float) -> Flags:
        """Which lines cross the axis between two fractions; a category as a whole, by its middle."""
        places = self.fractions(np.full(len(self.values), 0.5))
        inside: Flags = (places >= low) & (places <= high)
        return inside

    def words(self, low: float, high: float) -> str:
        """What lies between two fractions: ``44``, ``A, B``, ``1.2–3.4``."""
        if self.labels:
            return ", ".join(text for at, text in self.ticks(0) if low <= at <= high)
        first, last = self._ends()
        ends = [first + max(0.0, min(1.0, part)) * (last - first) for part in (low, high)]
        return "–".join(f"{10**end if self.log else end:.3g}" for end in ends)
