"""How values are written, and which texts can be."""

from __future__ import annotations

from collections.abc import Iterable


def shape_text(shape: Iterable[int], times: str = "×") -> str:
    """A shape as it is written: ``256×56×56``."""
    return times.join(map(str, shape))


def is_readable(text: str) -> bool:
    """Whether a text can be written in a message; half a character in a file name cannot."""
    return readable(text) == text


def shortened(text: str, longest: int = 250) -> str:
    """A text for a sentence: what is longer than ``longest`` ends in an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def readable(text: str) -> str:
    """A text with whatever no encoding knows, such as half a character in a file name, replaced."""
    return text.encode("utf-8", "replace").decode()
