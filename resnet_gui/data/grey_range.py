"""What is black and what is white among greys of more than 8 bits."""

from __future__ import annotations

from typing import Final

import msgspec

Range = tuple[float, float]
"""The value that becomes black and the one that becomes white."""


class GreyRange(msgspec.Struct, frozen=True, kw_only=True):
    """Black and white of the deep greys of a data set, decided once for all of its pictures.

    A file that says how many bits its values have is taken at its word; the range is for all others.

    Attributes:
        whole: of whole numbers of 16 or 32 bits; None where each picture's own values decide.
        real: of floating-point numbers; None where each picture's own values decide.
    """

    whole: Range | None = None
    real: Range | None = None

    @property
    def words(self) -> str:
        """The range in words; empty where each picture decides, and where nothing was decided."""
        if self == FULL_RANGE:
            return ""
        return "; ".join(_span(span) for span in (self.whole, self.real) if span is not None)


EACH_ITS_OWN: Final = GreyRange()
"""No set is known: the values of each picture say what they need."""

FULL_RANGE: Final = GreyRange(whole=(0.0, 65535.0), real=(0.0, 0.0))
"""As runs read greys that do not say how, because they are older than the choice: white is the largest number of 16
bits, whatever a file says; of floating-point numbers each picture's largest, and what is negative is black."""


def _span(span: Range) -> str:
    return f"{_number(span[0])} … {_number(span[1])}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.4g}"
