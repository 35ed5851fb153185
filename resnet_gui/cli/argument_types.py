"""From the words of an option to a value: what argparse calls ``type``."""

from __future__ import annotations

import argparse
from pathlib import Path


def shape(text: str) -> tuple[int, int, int]:
    """Channels, height and width of ``3x224x224``."""
    parts = text.replace("×", "x").lower().split("x")
    if len(parts) != 3 or not all(part.strip().isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(f"'{text}' is not CxHxW, such as 3x224x224")
    channels, height, width = map(int, parts)
    return channels, height, width


def picture(text: str) -> Path:
    """The path of a picture or a folder; nothing is ever fetched."""
    if not text or "://" in text:
        what = f"'{text}' is an address and is not fetched; save the picture first" if text else "an empty name"
        raise argparse.ArgumentTypeError(what)
    return Path(text)


def whole_number(text: str) -> int:
    """A whole number; instead of int(), whose refusal names a type of Python."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number, such as 1000") from None


def number(text: str) -> float:
    """A number; instead of float(), whose refusal names a type of Python."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no number, such as 1.5") from None


def numbers(text: str) -> tuple[float, ...]:
    """Numbers with commas between them."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of numbers, such as 0.5,0.5,0.5") from None
