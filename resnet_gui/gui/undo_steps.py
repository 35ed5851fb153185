"""What the undo stack of designs leads from and to: a design that is open, with its preset and its file."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from resnet_gui.design.presets import Preset
from resnet_gui.design.spec import Design


class DesignFile:
    """The file of a design on show, or that it has none.

    Steps of the undo stack share it, so that a design which is saved and then changed back knows its file.

    Attributes:
        path: where it lies; None while the design is in no file.
        saved: the design as the file has it; while there is none, as it began.
    """

    def __init__(self, path: Path | None, saved: Design) -> None:
        self.path, self.saved = path, saved


class OpenDesign(NamedTuple):
    """A design that is open: what a step of the undo stack leads to.

    Attributes:
        design: it.
        preset: the preset that it is, or is nearest to.
        file: its file.
    """

    design: Design
    preset: Preset
    file: DesignFile


class UndoSteps(NamedTuple):
    """The steps of an undo stack.

    Attributes:
        states: what was open before the first step and after each.
        texts: of the steps.
        present: number of the present state.
    """

    states: tuple[OpenDesign, ...]
    texts: tuple[str, ...]
    present: int
