"""Lines over parallel axes without a widget: what is brushed, and where on a picture everything lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QSize

from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.charts.parallel_axis import Flags, ParallelAxis
from resnet_gui.gui.kit.curves import Values

SIDE, RIGHT, TOP, BOTTOM = 60, 36, 38, 16
"""Pixels about the axes; their names stand above."""

MOST_SIDE: Final = 130.0

NAMES: Final = TOP - 6
GRIP: Final = 12.0
"""Pixels beside an axis in which the mouse means it."""

NEAR: Final = 5.0


class ParallelLines:
    """The lines over parallel axes, the order of these, and their brushed parts.

    Attributes:
        axes: by their keys.
        order: keys from left to right.
        words: what each line is.
        brushes: the brushed part of each axis that is brushed, in fractions from its lower end.
        colour_key: of the axis that lines are coloured by; empty for none.
        size: of the picture, in pixels.
        moving: key of an axis that is being moved, and its x; None for none.
    """

    def __init__(self) -> None:
        self.axes: dict[str, ParallelAxis] = {}
        self.order: list[str] = []
        self.words: tuple[str, ...] = ()
        self.brushes: dict[str, tuple[float, float]] = {}
        self.colour_key = ""
        self.size = QSize(631, 287)
        self.moving: tuple[str, float] | None = None

    def set_lines(self, axes: Sequence[ParallelAxis], words: Sequence[str]) -> None:
        """Take other lines; axes that have been moved stay where they are, and brushes too."""
        self.axes, self.words = {axis.key: axis for axis in axes}, tuple(words)
        kept = [key for key in self.order if key in self.axes]
        self.order = kept + [key for key in self.axes if key not in kept]
        self.brushes = {key: brush for key, brush in self.brushes.items() if key in self.axes}

    def selected(self) -> Flags:
        """Which lines cross every brush; all of them without one."""
        found: Flags = np.ones(len(self.words), dtype=bool)
        for key, (low, high) in self.brushes.items():
            found = found & self.axes[key].within(low, high)
        return found

    def brush_words(self) -> str:
        """What is brushed: ``warm-up 44``; empty for nothing."""
        brushed = [(self.axes[key], self.brushes[key]) for key in self.order if key in self.brushes]
        return ", ".join(f"{axis.title.casefold()} {axis.words(*brush)}" for axis, brush in brushed)

    # ---- where things lie

    @property
    def left(self) -> float:
        """The x of the first axis, whose values stand left of it."""
        if not self.order:
            return SIDE
        texts = [text for _, text in self.axes[self.order[0]].ticks(self.length)]
        longest = max((ink(text, 11, 500).width for text in texts), default=0.0)
        return min(MOST_SIDE, max(SIDE, longest + 16))

    @property
    def gap(self) -> float:
        """Pixels from one axis to the next."""
        return (self.size.width() - self.left - RIGHT) / max(1, len(self.order) - 1)

    @property
    def length(self) -> float:
        """Pixels of an axis."""
        return max(1.0, self.size.height() - TOP - BOTTOM)

    def slot(self, number: int) -> float:
        """The x of a place for an axis."""
        return self.left + self.gap * number

    def x(self, key: str) -> float:
        """The x of an axis."""
        if self.moving is not None and self.moving[0] == key:
            return self.moving[1]
        return self.slot(self.order.index(key))

    def y(self, fraction: float) -> float:
        """The y of a fraction of any axis."""
        return self.size.height() - BOTTOM - fraction * self.length

    def fraction(self, y: float) -> float:
        """The fraction of an axis at a y."""
        return min(1.0, max(0.0, (self.size.height() - BOTTOM - y) / self.length))

    def axis_at(self, place: QPointF) -> str | None:
        """The key of the axis under a point, or of that whose name is there; None for none."""
        if not self.order:
            return None
        key = min(self.order, key=lambda each: abs(self.x(each) - place.x()))
        reach = GRIP if place.y() >= NAMES else min(50.0, self.gap / 2)
        return key if abs(self.x(key) - place.x()) <= reach else None

    def crossings(self) -> Values:
        """Where each line crosses each axis, in pixels (axes, lines); lines of a colour stay together."""
        count = len(self.words)
        by = self.axes[self.colour_key].values if self.colour_key in self.axes else (0.0,) * count
        ranks = np.empty(count)
        ranks[np.lexsort((np.arange(count), np.array(by)))] = (np.arange(count) + 0.5) / max(1, count)
        fractions = np.array([self.axes[key].fractions(ranks) for key in self.order])
        crossed: Values = self.size.height() - BOTTOM - fractions * self.length
        return crossed

    def line_at(self, place: QPointF) -> int | None:
        """The number of the selected line nearest to a point between two axes; None for none near."""
        if not self.words or len(self.order) < 2:
            return None
        number = int((place.x() - self.left) // self.gap)
        if not 0 <= number < len(self.order) - 1:
            return None
        share = climbed((place.x() - self.slot(number)) / self.gap)
        before, after = self.crossings()[number : number + 2]
        distance = np.abs(before * (1 - share) + after * share - place.y())
        distance = np.where(self.selected() & np.isfinite(distance), distance, np.inf)
        nearest = int(np.argmin(distance))
        return nearest if distance[nearest] <= NEAR else None


def climbed(across: float) -> float:
    """How much of its climb a line has behind it after a part of its way from one axis to the next.

    It is drawn as a Bézier curve whose control points lie half way, at the heights of its ends: with parameter s
    x = 3/2 s (1 − s) + s³ and y = 3 s² (1 − s) + s³ of the whole; s is found by halving.
    """
    low, high = 0.0, 1.0
    for _ in range(20):
        s = (low + high) / 2
        low, high = (s, high) if 1.5 * s * (1 - s) + s**3 < across else (low, s)
    s = (low + high) / 2
    return 3 * s**2 * (1 - s) + s**3
