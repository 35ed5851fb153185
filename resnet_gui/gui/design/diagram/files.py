"""The diagram of a whole network as a figure, and as a picture file: SVG, PNG, PDF."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from resnet_gui.base.files import write_out
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import Design
from resnet_gui.gui.design.diagram.network import lay_out
from resnet_gui.gui.design.diagram.paint import Colouring, PaintContext, paint_diagram
from resnet_gui.gui.design.diagram.scene import WIDTH, Diagram
from resnet_gui.gui.kit.figures.figure import PIXEL, FigureLook, FigureOptions, FileForm
from resnet_gui.gui.kit.figures.files import MARGIN, figure_file
from resnet_gui.gui.kit.figures.without_window import write_figure

OWN_WIDTH: Final = round((WIDTH + 2 * MARGIN) * PIXEL, 2)
"""Millimetres at which its letters are as large as on the screen."""


@dataclass(frozen=True)
class DiagramFigure:
    """Every block of a network, drawn as wide as it is wanted.

    Attributes:
        design: the network.
        colouring: what the colours of its blocks mean.
    """

    threaded: ClassVar[bool] = True

    design: Design
    colouring: Colouring = "stage"

    @property
    def title(self) -> str:
        """The design's name."""
        return self.design.name

    @cached_property
    def _diagram(self) -> Diagram:
        return lay_out(plan(self.design.spec), whole=True)

    def height(self, width: float) -> float:
        """The diagram keeps its shape."""
        return self._diagram.height * width / WIDTH

    def paint(self, painter: QPainter, box: QRectF, look: FigureLook) -> None:
        """Paint it at one scale: its letters grow and shrink with it."""
        scale = min(box.width() / WIDTH, box.height() / self._diagram.height)
        painter.save()
        painter.translate(box.left() + (box.width() - scale * WIDTH) / 2, box.top())
        painter.scale(scale, scale)
        context = PaintContext(look.color, 1.0, self.colouring, tabular=look.tabular, texts=look.texts)
        paint_diagram(painter, self._diagram, context)
        painter.restore()


def write_picture(
    design: Design,
    form: FileForm,
    path: Path,
    *,
    options: FigureOptions = FigureOptions(width=OWN_WIDTH),  # noqa: B008 (frozen)
    colouring: Colouring = "stage",
) -> None:
    """Draw every block of a network into a file, whole or not at all.

    Raises:
        InputError: the file cannot be written, or the PNG would be too large.
    """
    write_out(path, figure_file(DiagramFigure(design, colouring), replace(options, form=form)))


def write_without_window(
    design: Design,
    path: Path,
    options: FigureOptions = FigureOptions(width=OWN_WIDTH),  # noqa: B008 (frozen)
    colouring: Colouring = "stage",
) -> None:
    """Draw every block of a network into a file where there is no window, and maybe no display either.

    Raises:
        InputError: the file cannot be written, or the PNG would be too large.
    """
    write_figure(DiagramFigure(design, colouring), options, path)
