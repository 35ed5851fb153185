"""The strokes of the charts of all reports: colours of the light theme, words, round values of an axis."""

from __future__ import annotations

import math
from html import escape
from typing import Final

COLOURS: Final = ("#2F5DD7", "#CF7A10", "#0B6B50", "#CF2370", "#86660D", "#8E0A26", "#52287F", "#0A8F9D")
"""Of runs, in the light theme."""

LINE, STRONG, TEXT, SOFT = "#DDE1E6", "#BCC3CC", "#15191E", "#475060"
ACCENT, FIELD, NEUTRAL = "#1D5BC4", "#E9ECF0", "#C9CCCE"


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
