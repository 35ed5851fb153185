"""The rule by which pictures are held out of data that have no parts of their own."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import msgspec

from resnet_gui.data.layouts.description import name_text

FOLDERS: Final = "folders"
"""Groups that are sub-folders."""


class SplitRule(msgspec.Struct, frozen=True, kw_only=True):
    """The rule by which pictures are held out of data that have no parts of their own.

    Attributes:
        validation: fraction of each class that the weights are selected on.
        test: fraction of each class that is counted once, at the end.
        seed: draws them; 0 takes pictures evenly spaced in the order of their names.
        groups: what stays together: "folders" below those of the classes, or a pattern whose first group in a
            picture's name tells; empty for nothing.
    """

    validation: float = 0.2
    test: float = 0.0
    seed: int = 0
    groups: str = ""

    @property
    def fractions(self) -> tuple[Fraction, Fraction]:
        """Validation and test as people write them: 0.2 is a fifth."""
        return Fraction(str(self.validation)), Fraction(str(self.test))

    def words(self, fraction: float) -> str:
        """Where a part of so many pictures is from."""
        if self == EVERY_FIFTH:
            return "every fifth picture of each class"
        how = f"drawn by seed {self.seed}" if self.seed else "evenly spaced"
        if not self.groups:
            return f"{100 * fraction:g} % of each class, {how}"
        whole = "whole folders" if self.groups == FOLDERS else f"pictures of one '{name_text(self.groups)}'"
        drawn = f", {how}" if self.seed else ""
        return f"about {100 * fraction:g} % of each class{drawn}, {whole} together"


EVERY_FIFTH: Final = SplitRule()

NO_EFFECT: Final = (
    "These data have parts of their own: what the recipe says about validation, test and the split has no effect."
)
