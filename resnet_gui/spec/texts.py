"""The written forms of a design that need no torch: Python, LaTeX, CSV, JSON; one table for window and command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from resnet_gui.spec.arch import Design, encode_design
from resnet_gui.spec.code import to_python
from resnet_gui.spec.csv_table import to_csv
from resnet_gui.spec.latex import to_latex
from resnet_gui.spec.plan import plan

TEXTS: Final[dict[str, Callable[[Design], str]]] = {
    "python": to_python,
    "latex": to_latex,
    "csv": lambda design: to_csv(plan(design.spec)),
    "json": lambda design: encode_design(design).decode(),
}
"""Form -> its writer."""
