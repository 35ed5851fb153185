"""Drawing figures where there is no window, and maybe no display either."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QApplication

from resnet_gui.base.files import write_out
from resnet_gui.gui.kit.figures.figure import FigureDrawing, FigureOptions
from resnet_gui.gui.kit.figures.files import figure_file
from resnet_gui.gui.kit.theme import load_fonts

_applications: Final[list[QApplication]] = []
"""Kept by the module: Qt must outlive everything that was drawn with it."""


def write_figure(figure: FigureDrawing, options: FigureOptions, path: Path) -> None:
    """Draw a figure into a file, whole or not at all.

    Raises:
        InputError: the file cannot be written, or the PNG would be too large.
    """
    if QApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        _applications.append(QApplication(sys.argv[:1]))
        load_fonts()
    write_out(path, figure_file(figure, options))
