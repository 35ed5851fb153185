"""Numbers and keys as people read them: thousands with commas, a thin gap before the unit, a true minus."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import Final

from resnet_gui.base.text import shape_text

_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def count(value: int) -> str:
    """A whole number, ``25,557,032``."""
    return f"{value:,}"


def scaled(value: float) -> tuple[str, str]:
    """A large number in three or four digits with its unit: ``("4.09", "G")``."""
    for size, unit in _UNITS:
        if value >= size:
            number = value / size
            return (f"{number:.2f}" if number < 100 else f"{number:,.1f}"), unit
    return f"{value:,.0f}", ""


def short(value: float) -> str:
    """``scaled`` in one text for table cells: ``4.09 G``, ``118.0 M``, ``65.5 k``."""
    for size, unit in _UNITS:
        if value >= size:
            number = value / size
            return f"{number:,.2f} {unit}" if unit in {"G", "T"} else f"{number:.1f} {unit}"
    return f"{value:,.0f}"


def binary(size: int) -> str:
    """Bytes in binary units: ``97.5 MiB``."""
    for power, unit in ((3, "GiB"), (2, "MiB"), (1, "KiB")):
        if size >= 1024**power:
            return f"{size / 1024**power:,.1f} {unit}"
    return f"{size} B"


def shape(values: Iterable[int], *, wide: bool = False) -> str:
    """A tensor's shape: ``256×56×56`` in tables, ``256 × 56 × 56`` in chips and fields."""
    return shape_text(values, " × " if wide else "×")


def percent(fraction: float, digits: int = 1) -> str:
    """A fraction as ``17.2 %``."""
    return f"{fraction * 100:.{digits}f} %"


def figures(value: float) -> str:
    """A positive number in three figures: ``0.01``, ``5e-4``."""
    if value >= 1e-3 or value == 0:
        return f"{value:.3g}"
    digits, _, power = f"{value:.2e}".partition("e")
    return f"{digits.rstrip('0').rstrip('.')}e{int(power)}"


def duration(seconds: float) -> str:
    """A time to go in two units at most: ``45 s``, ``2 min 10 s``, ``1 h 05 min``, ``2 d 3 h``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 172_800:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86_400:,} d {whole % 86_400 // 3600} h"


def change(mine: int, its: int) -> str:
    """How one figure relates to another: per cent up to twice as much, then the factor, ``×2.97`` or ``1/2,600``."""
    if not its:
        return f"+{count(mine)}"
    ratio = mine / its
    if 0.5 < ratio < 2:
        sign = "+" if ratio >= 1 else "−"
        size = abs(ratio - 1) * 100
        return f"{sign}{size:.1f} %" if size >= 0.05 or mine == its else f"{sign}< 0.1 %"
    if ratio >= 100:
        return f"×{ratio:,.0f}"
    # Two decimals of so small a factor would say nothing.
    return "×0" if not mine else f"×{ratio:.2f}" if ratio >= 0.01 else f"1/{rounded(1 / ratio):,}"


def rounded(value: float) -> int:
    """A number from 100 in two figures: ``2,600`` of 2,587."""
    return int(round(value, -max(0, len(str(round(value))) - 2)))


def difference(mine: int, its: int) -> str:
    """How much more or less one figure is than another: ``+16``, ``−472``."""
    return signed(mine - its)


def signed(value: int, written: Callable[[int], str] = count) -> str:
    """A change with its sign: ``+1,024``, ``−15,360``, ``0``; ``written`` says how its size is written."""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{written(abs(value))}"


def told_apart(names: Iterable[str]) -> list[str]:
    """Names of which no two are the same: the second of a kind gets `` (2)``, or the next number that is free."""
    every = list(names)
    found: list[str] = []
    for name in every:
        number, unique = 2, name
        # A name that somebody bears by itself stays with that one.
        while unique in found or (unique != name and unique in every):
            unique, number = f"{name} ({number})", number + 1
        found.append(unique)
    return found


LEAST_CUT: Final = 6
"""Letters of a common beginning for which it is worth to leave them out."""


def shortened_names(names: Sequence[str]) -> list[str]:
    """Names without the words that all of them begin with, which an ellipsis stands for: what differs is left.

    One name alone, and names that begin differently, stay as they are.
    """
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    start = "".join(letters[0] for letters in alike) if len(set(names)) > 1 else ""
    # Up to the last whole word, so that no number is cut.
    start = start[: max((start.rfind(sign) + 1 for sign in " -,"), default=0)]
    if len(start) < LEAST_CUT or any(len(name) == len(start) for name in names):
        return list(names)
    return [f"…{name[len(start) :]}" for name in names]


MAC_SIGNS: Final = {"Ctrl": "⌘", "Shift": "⇧", "Alt": "⌥", "Meta": "⌃"}
"""Qt takes Ctrl for a Mac's command key, and Meta for its control key."""

_MODIFIER: Final = rf"\b({'|'.join(MAC_SIGNS)})\+"


def native_keys(text: str, system: str = sys.platform) -> str:
    """A text in which keys stand as in "Undo (Ctrl+Z)", with the signs that keyboards of a system have."""
    return re.sub(_MODIFIER, lambda found: MAC_SIGNS[found[1]], text) if system == "darwin" else text
