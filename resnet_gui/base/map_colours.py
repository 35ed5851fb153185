"""Colours of maps that lie over a picture, as red, green, blue and opacity for each of 256 bytes.

Two hues that colour-blind readers tell apart; what is nothing is transparent.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

Rgba = tuple[int, int, int, int]

ABOVE: Final = ((196, 58, 20), (255, 196, 120))
"""Orange, darker and lighter end, for what lies above zero."""

BELOW: Final = ((20, 92, 190), (130, 214, 255))
"""Blue, for what lies below."""

HEAT: Final = ((100, 26, 128), (150, 45, 128), (204, 63, 113), (246, 112, 92), (254, 176, 120), (252, 253, 191))
"""The upper part of magma (Smith and van der Walt 2015, CC0), in equal steps."""

ZERO: Final = 128
"""The byte that stands for zero in a map of both signs."""


def _opacity(share: float) -> int:
    """Of a value, as a fraction of the largest: small ones are seen, and nothing is not."""
    return round(255 * min(1.0, 1.15 * share**0.8)) if share > 0 else 0


def colour_between(colours: Sequence[tuple[int, int, int]], share: float) -> tuple[int, int, int]:
    """The colour of a share from 0 to 1, of colours in equal steps and what lies between them."""
    place = min(max(share, 0.0), 1.0) * (len(colours) - 1)
    first = min(int(place), len(colours) - 2)
    low, high, rest = colours[first], colours[first + 1], place - first
    red, green, blue = (round(a + (b - a) * rest) for a, b in zip(low, high, strict=True))
    return red, green, blue


@cache
def diverging_colours() -> tuple[Rgba, ...]:
    """Of the bytes of a map of both signs: 128 is zero, 255 the most above, 1 the most below."""
    made = []
    for value in range(256):
        share = min(1.0, abs(value - ZERO) / (255 - ZERO))
        made.append((*colour_between(ABOVE if value >= ZERO else BELOW, share), _opacity(share)))
    return tuple(made)


@cache
def heat_colours() -> tuple[Rgba, ...]:
    """Of the bytes of a map that has no values below zero: 0 is none, 255 the most."""
    return tuple((*colour_between(HEAT, value / 255), _opacity(value / 255)) for value in range(256))
