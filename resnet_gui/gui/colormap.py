"""viridis (Smith & van der Walt 2015, CC0) for measured values, as colours of Qt."""

from __future__ import annotations

from functools import cache
from typing import Final

from PySide6.QtGui import QColor

_ANCHORS: Final = (
    "#440154", "#472D7B", "#3B528B", "#2C728E", "#21918C", "#28AE80", "#5EC962", "#ADDC30", "#FDE725",
)  # fmt: skip
_STEPS: Final = 64


def viridis(fraction: float) -> QColor:
    """The colour of a value between 0 and 1; a shared object, copy it before changing it."""
    return _colour(round(min(1.0, max(0.0, fraction)) * _STEPS))


@cache
def _colour(step: int) -> QColor:
    place = step / _STEPS * (len(_ANCHORS) - 1)
    low = min(int(place), len(_ANCHORS) - 2)
    share = place - low
    one, other = QColor(_ANCHORS[low]), QColor(_ANCHORS[low + 1])
    mixed = (
        round(a + (b - a) * share)
        for a, b in ((one.red(), other.red()), (one.green(), other.green()), (one.blue(), other.blue()))
    )
    return QColor(*mixed)


def is_bright(colour: QColor) -> bool:
    """Whether black text reads better on a colour than white (relative luminance of WCAG 2.2)."""

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(part) for part in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18
