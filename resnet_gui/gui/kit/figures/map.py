"""A grid of values as colours over two axes, with the scale of the colours beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from resnet_gui.gui.kit.charts.chart import ChartAxis, PlotData
from resnet_gui.gui.kit.charts.surface import HeightRange
from resnet_gui.gui.kit.colormap import viridis_ramp
from resnet_gui.gui.kit.figures.figure import FigureLook
from resnet_gui.gui.kit.figures.legend import SMALL
from resnet_gui.gui.kit.figures.plot import PlotFigure
from resnet_gui.gui.kit.figures.title import title_height, title_lines

BAR: Final = 8.0
BAR_ROOM: Final = 52.0
"""Units at the right for the scale of the colours and its words."""

FINEST: Final = 1200
"""Pixels across or down that a picture of few values is enlarged to, so that no reader smooths their edges."""


@dataclass(frozen=True, eq=False)
class MapFigure:
    """A grid of values.

    Attributes:
        values: (rows, columns), the first row at the top; what is no number stays free.
        x, y: the axes over it; the ends of ``y`` are those of its bottom and its top.
        scale: of the colours.
        scale_title: what the colours are, with their unit.
        title: above it.
        square: whether the grid is as high as it is wide, whatever its share.
        share: height over width of the whole.
    """

    threaded: ClassVar[bool] = True

    values: NDArray[np.float64]
    x: ChartAxis
    y: ChartAxis
    scale: HeightRange
    scale_title: str = ""
    title: str = ""
    square: bool = False
    share: float = 0.5

    def height(self, width: float) -> float:
        """The grid keeps its shape."""
        return self._frame(width).height(width) + (14.0 if self.scale_title else 0.0)

    def _frame(self, width: float) -> PlotFigure:
        made = PlotFigure(PlotData(self.x, self.y, grid=False), self._broken_title(width), share=self.share)
        if not self.square:
            return made
        wide = made.inside(QRectF(0, 0, width - BAR_ROOM, width), FigureLook(QColor)).width()
        return replace(made, share=wide / width)

    def _broken_title(self, width: float) -> str:
        """The title in lines that leave the words over the scale free."""
        beside = FigureLook(QColor).ink(self.scale_title, SMALL).width + 8
        return "\n".join(title_lines(self.title, width - max(BAR_ROOM, beside)))

    def paint(self, painter: QPainter, box: QRectF, look: FigureLook) -> None:
        """Paint the grid, its axes, and the scale of its colours."""
        place = box.adjusted(0, 0, -BAR_ROOM, 0)
        frame = self._frame(box.width())
        inside = frame.inside(place, look)
        painter.drawImage(inside, self._picture(), QRectF())
        frame.paint(painter, place, look)
        self._paint_scale(painter, inside, box, look)

    def _picture(self) -> QImage:
        shades = np.nan_to_num(self.scale.fraction(self.values) * 255).astype(np.int64)
        pixels = viridis_ramp()[shades]
        pixels[~np.isfinite(self.values)] = 0
        for axis in (0, 1):
            pixels = np.repeat(pixels, max(1, FINEST // max(1, pixels.shape[axis])), axis=axis)
        pixels = np.ascontiguousarray(pixels)
        high, wide = pixels.shape
        return QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_ARGB32_Premultiplied).copy()

    def _paint_scale(self, painter: QPainter, inside: QRectF, box: QRectF, look: FigureLook) -> None:
        bar = QRectF(box.right() - BAR_ROOM + 6, inside.top(), BAR, inside.height())
        ramp = np.ascontiguousarray(np.repeat(viridis_ramp()[::-1], 4).reshape(-1, 1))
        picture = QImage(ramp.data, 1, len(ramp), 4, QImage.Format.Format_ARGB32).copy().scaled(4, len(ramp))
        painter.drawImage(bar, picture, QRectF())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        free = box.bottom() + 99
        for share, text in sorted(self.scale.ticks()):
            y = bar.bottom() - share * bar.height()
            painter.setPen(QPen(look.color("t2"), 0.8))
            painter.drawLine(QLineF(bar.right(), y, bar.right() + 3, y))
            if y < free - 11:
                painter.setPen(look.color("t2"))
                look.ink(text, SMALL).draw_in(painter, QRectF(bar.right() + 5, y - 7, 10, 14))
                free = y
        if self.scale_title:
            painter.setPen(look.color("t1"))
            made = look.ink(self.scale_title, SMALL)
            top = box.top() + title_height(self._broken_title(box.width()), box.width(), 2.0) - 15
            made.draw_in(painter, QRectF(box.right() - made.width, max(box.top(), top), made.width, LINE_HIGH))


LINE_HIGH: Final = 13.0
