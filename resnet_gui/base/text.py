"""How values are written, and which texts can be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

JOINERS: Final = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
"""Between letters of some scripts, and in signs that are made of several."""


def shape_text(shape: Iterable[int], times: str = "×") -> str:
    """A shape as it is written: ``256×56×56``."""
    return times.join(map(str, shape))


def is_readable(text: str) -> bool:
    """Whether a text can be written in a message; half a character in a file name cannot."""
    return readable(text) == text


def shortened(text: str, longest: int = 250) -> str:
    """A text for a sentence: what is longer than ``longest`` ends in an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def printable(text: str) -> str:
    """A text on one line of a terminal, whatever is in it: no name can end the line, colour it or turn it round.

    Everything that has no sign of its own is replaced, but for blanks of other widths and what joins letters.
    """
    if text.isprintable():
        return text
    import unicodedata

    return "".join(
        letter
        if letter.isprintable() or letter in JOINERS or unicodedata.category(letter) == "Zs"
        else "\N{REPLACEMENT CHARACTER}"
        for letter in text
    )


def readable(text: str) -> str:
    """A text with whatever no encoding knows, such as half a character in a file name, replaced."""
    return text.encode("utf-8", "replace").decode()
