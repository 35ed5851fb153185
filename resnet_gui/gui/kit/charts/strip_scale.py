"""The scale of a strip: where on a track a value lies, linear or symmetric-logarithmic."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

LINEAR_PARTS: Final = (1.0, 2.0, 5.0)


@dataclass(frozen=True)
class StripScale:
    """A scale that maps values to fractions of a track.

    A symmetric-logarithmic one is the inverse hyperbolic sine, which is linear about 0 and logarithmic far from it, on
    both sides (``SymmetricalLogLocator`` of matplotlib has a kink where this has none).

    Attributes:
        low, high: ends of the track.
        linear: about 0 the scale is linear to about this value, beyond it logarithmic; 0 for linear everywhere.
    """

    low: float
    high: float
    linear: float = 0.0

    def fraction(self, value: float) -> float:
        """Where a value lies, 0 at the track's left end, 1 at its right one; what lies beyond is at the end."""
        low, high = self._bent(self.low), self._bent(self.high)
        if high <= low or math.isnan(value):
            return 0.5
        return min(1.0, max(0.0, (self._bent(value) - low) / (high - low)))

    def _bent(self, value: float) -> float:
        return math.asinh(value / self.linear) if self.linear else value

    def ticks(self) -> tuple[float, ...]:
        """Round values to write below the track: 0, and one to four on either side."""
        if not self.linear:
            return _even_ticks(self.low, self.high)
        found = [0.0]
        power = self.linear
        while power <= max(abs(self.low), abs(self.high)):
            found += [sign * power for sign in (-1, 1) if self.low <= sign * power <= self.high]
            power *= 10
        return tuple(sorted(found))


def symmetric_scale(values: Iterable[float], linear: float) -> StripScale:
    """The symmetric-logarithmic scale that shows all of these values and 0, with a little room at its ends."""
    sound = [value for value in values if math.isfinite(value)]
    low, high = min([*sound, -linear]), max([*sound, linear])
    return StripScale(low * 1.25, high * 1.25, linear)


def even_scale(values: Iterable[float], *, least: float = 0.0) -> StripScale:
    """The linear scale from 0 that shows all of these values; at least as long as ``least``."""
    sound = [value for value in values if math.isfinite(value)]
    low, high = min([*sound, 0.0]), max([*sound, least])
    room = 0.05 * (high - low or 1.0)
    return StripScale(low - room if low else 0.0, high + room)


def _even_ticks(low: float, high: float) -> tuple[float, ...]:
    length = high - low
    if not (length > 0 and math.isfinite(length)):
        return ()
    power = 10.0 ** math.floor(math.log10(length / 2))
    step = next((part * power for part in LINEAR_PARTS if length / (part * power) <= 4), 10 * power)
    first = math.ceil(low / step - 1e-9)
    return tuple(step * number for number in range(first, math.floor(high / step + 1e-9) + 1))
