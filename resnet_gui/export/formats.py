"""The written forms of a design that need no torch: Python, LaTeX, CSV, JSON; one table for window and command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from resnet_gui.design.plan import plan
from resnet_gui.design.spec import Design, encode_design
from resnet_gui.export.latex import to_latex
from resnet_gui.export.layer_csv import to_csv
from resnet_gui.export.python import to_python

TEXTS: Final[dict[str, Callable[[Design], str]]] = {
    "python": to_python,
    "latex": to_latex,
    "csv": lambda design: to_csv(plan(design.spec)),
    "json": lambda design: encode_design(design).decode(),
}
"""Form -> its writer."""
