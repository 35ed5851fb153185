"""The choices of a figure in the words of a command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.gui.kit.figures.figure import (
    LEAST_DPI,
    NARROWEST,
    ONE_COLUMN,
    TWO_COLUMNS,
    WIDEST,
    FigureOptions,
    FileForm,
    Ground,
    Letters,
)

GROUNDS: Final[dict[str, Ground]] = {"light": "light", "dark": "dark", "none": "clear", "none-dark": "clear-dark"}
WIDTHS: Final = {"one-column": ONE_COLUMN, "two-columns": TWO_COLUMNS}
LETTERS: Final[dict[str, Letters]] = {"outlines": "outlines", "text": "text"}
FORMS: Final[dict[str, FileForm]] = {"svg": "svg", "pdf": "pdf", "png": "png"}
MOST_DPI = 1200


@dataclass(frozen=True)
class FigureWords:
    """The choices as they were written; None for what was not.

    Attributes:
        width: millimetres, or one of ``WIDTHS``.
        ground: one of ``GROUNDS``.
        letters: one of ``LETTERS``.
        dpi: dots an inch.
    """

    width: float | str | None = None
    ground: str | None = None
    letters: str | None = None
    dpi: int | None = None


def options_of(words: FigureWords, form: str, own_width: float) -> FigureOptions:
    """The choices for a file of a form; what was not written is as in a new window.

    Args:
        words: that were written.
        form: one of ``FORMS``.
        own_width: millimetres of a figure whose width was not written.

    Raises:
        InputError: the width or the resolution is none that can be drawn, or a choice is of another form.
    """
    width = WIDTHS[words.width] if isinstance(words.width, str) else words.width
    if width is not None and not NARROWEST <= width <= WIDEST:
        raise InputError(f"--width is {width:g}; a drawing is {NARROWEST:g} to {WIDEST:g} millimetres wide.")
    if words.letters is not None and form == "png":
        raise InputError("--letters is of an SVG or PDF; a PNG has none.")
    if words.dpi is not None and form != "png":
        raise InputError(f"--dpi is of a PNG; the {form.upper()} is as sharp at any size.")
    if words.dpi is not None and not LEAST_DPI <= words.dpi <= MOST_DPI:
        raise InputError(f"--dpi is {words.dpi}; it is {LEAST_DPI} to {MOST_DPI}.")
    usual = FigureOptions()
    letters = LETTERS[words.letters] if words.letters is not None else None
    return FigureOptions(
        width=own_width if width is None else width,
        ground=GROUNDS[words.ground or "light"],
        form=FORMS[form],
        svg_letters=letters or usual.svg_letters,
        pdf_letters=letters or usual.pdf_letters,
        dpi=words.dpi or usual.dpi,
    )
