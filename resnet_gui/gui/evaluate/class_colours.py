"""The colour of a class, the same in the table, in the cloud and wherever a class has a dot."""

from __future__ import annotations

from typing import Final, NamedTuple

HUES: Final = 8
"""Tokens of runs that a theme has."""


class ClassColour(NamedTuple):
    """A token of the theme, and whether the dot is hollow: classes 8 to 15 have the colours of 0 to 7 with a rim."""

    token: str
    hollow: bool


def class_colour(number: int) -> ClassColour:
    """The colour of a class by its number in the network, from 0; beyond 16 they repeat, and names tell them apart."""
    return ClassColour(f"r{number % HUES}", number // HUES % 2 == 1)
