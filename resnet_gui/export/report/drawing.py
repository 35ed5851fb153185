"""The strokes of the charts of all reports: colours of the light theme, words, round values of an axis."""

from __future__ import annotations

import math
from collections.abc import Iterable
from html import escape
from typing import Final

from resnet_gui.base.map_colours import colour_between

COLOURS: Final = ("#2F5DD7", "#CF7A10", "#0B6B50", "#CF2370", "#86660D", "#8E0A26", "#52287F", "#0A8F9D")
"""Of runs, in the light theme."""

LINE, STRONG, TEXT, SOFT = "#DDE1E6", "#BCC3CC", "#15191E", "#475060"
FIELD = "#E9ECF0"


def svg(width: float, height: float, shapes: str, name: str = "") -> str:
    """Shapes as an SVG of so many pixels; ``name`` is what a reader of the screen says of it."""
    label = f' aria-label="{escape(name)}"' if name else ""
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    return f'<svg {size} role="img"{label}>{shapes}</svg>'


def svg_text(x: float, y: float, text: str, *, size: int = 10, anchor: str = "start", colour: str = SOFT) -> str:
    """Words whose baseline begins (or ends, or has its middle) at a point."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
    )


def ticks(low: float, high: float, *, log: bool = False) -> list[float]:
    """Round values between two ends; of a logarithmic axis its powers of ten, at most seven."""
    if log:
        first, last = math.ceil(low), math.floor(high)
        step = max(1, -(-(last - first) // 6))
        return [float(power) for power in range(first, last + 1, step)]
    span = high - low
    step = 10 ** math.floor(math.log10(span / 4))
    step *= next(factor for factor in (1, 2, 5, 10) if span / (step * factor) <= 5)
    return [number * step for number in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def end_tags(ends: Iterable[tuple[float, str, str]], x: float, top: float) -> str:
    """Names at the ends of lines, moved down where they would cover each other.

    Args:
        ends: height where a line ends, its name and its colour.
        x: middle of the dot before a name.
        top: highest place of one.
    """
    parts, free = [], float(top)
    for place, label, colour in sorted(ends):
        free = max(free, place)
        parts.append(f'<circle cx="{x:.1f}" cy="{free:.1f}" r="3" fill="{colour}"/>')
        parts.append(svg_text(x + 6, free + 3.5, label, colour=TEXT))
        free += 12
    return "".join(parts)


VIRIDIS: Final = (
    (68, 1, 84), (72, 36, 117), (65, 68, 135), (53, 95, 141), (42, 120, 142), (33, 145, 140),
    (34, 168, 132), (68, 191, 112), (122, 209, 81), (189, 223, 38), (253, 231, 37),
)  # fmt: skip
"""Every tenth of the colour map (van der Walt and Smith 2015)."""


def viridis(share: float) -> tuple[int, int, int]:
    """The colour of a share from 0 to 1."""
    return colour_between(VIRIDIS, share)


def readable_on(ground: tuple[int, int, int]) -> str:
    """White or the text's colour, whichever has more contrast to a ground (WCAG 2.2, relative luminance)."""

    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, ground)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    dark = 0.0095  # of TEXT
    return "#FFFFFF" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / (dark + 0.05) else TEXT
