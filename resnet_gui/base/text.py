"""How values are written, and which texts can be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

TURNING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What says in which direction a text is read (Unicode's property Bidi_Control)."""

UNPRINTABLE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode's categories of controls, halves of characters and breaks of lines and paragraphs."""


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

    Only what does one of these is replaced. A letter that this Python does not know yet stays, as do soft hyphens,
    private letters and what joins letters and signs.
    """
    if text.isprintable():
        return text
    import unicodedata

    return "".join(
        "\N{REPLACEMENT CHARACTER}" if letter in TURNING or unicodedata.category(letter) in UNPRINTABLE else letter
        for letter in text
    )


def readable(text: str) -> str:
    """A text with whatever no encoding knows, such as half a character in a file name, replaced."""
    return text.encode("utf-8", "replace").decode()
