"""The options of a command that draws a figure: the choices of the window's dialog, with the same defaults."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.cli.argument_types import number

FORMS: Final = ("svg", "pdf", "png")
GROUNDS: Final = ("light", "dark", "none", "none-dark")
LETTERS: Final = ("outlines", "text")
COLUMNS: Final = ("one-column", "two-columns")
COLOURS: Final = ("stage", "params", "macs", "memory")

NAMES: Final = ("width", "ground", "letters", "dpi")
"""Of the options of every figure."""


def add_figure_options(parser: argparse.ArgumentParser, own_width: str) -> None:
    """Add them; ``own_width`` says how wide a figure is without ``--width``."""
    parser.add_argument(
        "--width", type=_width, metavar="MM|one-column|two-columns", help=f"of a drawing, in millimetres ({own_width})"
    )
    parser.add_argument("--ground", choices=GROUNDS, help="of a drawing (light); none-dark is for pages that are dark")
    parser.add_argument(
        "--letters", choices=LETTERS,
        help="of an SVG (outlines, the same everywhere) or PDF (text, which can be copied)",
    )  # fmt: skip
    parser.add_argument("--dpi", type=int, metavar="N", help="dots an inch of a PNG (300)")


def check_undrawn(options: argparse.Namespace, drawn: str, *more: str) -> None:
    """Refuse the options where nothing is drawn.

    Args:
        options: of the command line.
        drawn: what is.
        more: names of further options of a drawing.

    Raises:
        InputError: one was given.
    """
    for name in (*NAMES, *more):
        if getattr(options, name) is not None:
            raise InputError(f"--{name} is of a drawing; {drawn}.")


def form_of(option: str, path: Path) -> str:
    """The form that a file's ending asks for.

    Raises:
        InputError: it asks for none.
    """
    for form in FORMS:
        if path.suffix.casefold() == f".{form}":
            return form
    raise InputError(f"{option} {path}: a drawing ends in .svg, .pdf or .png.")


def _width(text: str) -> float | str:
    if text in COLUMNS:
        return text
    try:
        return number(text)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"'{text}' is neither millimetres, such as 120, nor {' or '.join(COLUMNS)}"
        ) from None
