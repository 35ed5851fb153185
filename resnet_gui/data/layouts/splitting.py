"""Which pictures of a data set without parts are held out, and by what rule."""

from __future__ import annotations

from typing import Final

import msgspec

VALIDATION: Final = 0.2
"""Fraction that is held out for validation unless somebody chooses another: every fifth picture."""


class SplitRule(msgspec.Struct, frozen=True, kw_only=True):
    """The rule by which pictures are held out of data that have no parts of their own.

    Attributes:
        validation: fraction of each class that the weights are selected on.
        test: fraction of each class that is counted once, at the end.
        seed: draws them; 0 takes pictures evenly spaced in the order of their names.
        groups: what stays together: "folders" below those of the classes, or a pattern whose first group in a
            picture's name tells; empty for nothing.
    """

    validation: float = VALIDATION
    test: float = 0.0
    seed: int = 0
    groups: str = ""


EVERY_FIFTH: Final = SplitRule()
