"""Patterns of dashes, as many as there are lines of one colour: each differs from all others."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import count, islice
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

LONG, SHORT, GAP, PLAIN_GAP = 8.0, 1.6, 2.2, 2.5
"""Pixels of the strokes and gaps of a pattern with strokes of two lengths."""

DASH: Final = 4.0
SAMPLE: Final = 28.0
"""Pixels of a line that shows one period of the first patterns."""


def dash_strokes(number: int) -> tuple[float, ...]:
    """Strokes and gaps of a pattern in pixels, in turn; nothing for 0, the solid line.

    1 is dashed, 2 dotted, 3 has a long and a short stroke in turn; those behind have more strokes, first the long
    ones, so that no two are the same from any beginning.
    """
    return () if number <= 0 else _pattern(number)


@cache
def _pattern(number: int) -> tuple[float, ...]:
    return next(islice(_patterns(), number - 1, None))


def _patterns() -> Iterator[tuple[float, ...]]:
    yield DASH, PLAIN_GAP
    yield SHORT, GAP
    for strokes in count(2):
        for long in range(strokes - 1, 0, -1):
            yield (LONG, GAP) * long + (SHORT, GAP) * (strokes - long)


def set_dashes(pen: QPen, number: int, scale: float = 1.0) -> None:
    """Give a pen a pattern, as long whatever the pen's width; strokes end where they should: caps would fill gaps."""
    strokes = dash_strokes(number)
    if strokes:
        width = max(pen.widthF(), 0.1)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([scale * part / width for part in strokes])


def sign_length(number: int, usual: float) -> float:
    """Pixels of a line that shows a pattern in a legend; ``usual`` is enough for a solid or a dashed one."""
    return usual if number <= 1 else max(usual, SAMPLE)
