"""A surface, seen from where the user has turned it, as a figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from resnet_gui.gui.kit.charts.surface import Camera, HeightRange, Surface, SurfaceLook, paint_surface
from resnet_gui.gui.kit.figures.figure import FigureLook
from resnet_gui.gui.kit.figures.title import HEAD, paint_title, title_height

SHARE: Final = 0.52
"""Height of the surface over the figure's width."""


@dataclass(frozen=True)
class SurfaceFigure:
    """A surface as it is seen from a camera.

    Attributes:
        surface: what is shown.
        span: the range of its heights, the same for all that are compared.
        camera: from where it is seen.
        title: above it, with what the heights are and their unit.
    """

    surface: Surface
    span: HeightRange
    camera: Camera
    title: str = ""

    def height(self, width: float) -> float:
        """The surface keeps its shape."""
        return SHARE * width + title_height(self.title, width, HEAD)

    def paint(self, painter: QPainter, box: QRectF, look: FigureLook) -> None:
        """Paint title and surface."""
        paint_title(painter, self.title, box, look)
        inside = box.adjusted(0, title_height(self.title, box.width(), HEAD), 0, 0)
        paint_surface(
            painter, self.surface, SurfaceLook(inside, self.camera, tabular=look.tabular), self.span, look.color
        )
