"""Lines over parallel axes as a figure."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter

from resnet_gui.gui.kit.charts.parallel_drawing import HUES, draw_axis, draw_lines
from resnet_gui.gui.kit.charts.parallel_lines import ParallelLines
from resnet_gui.gui.kit.figures.figure import FigureLook
from resnet_gui.gui.kit.figures.legend import LINE, LegendEntry, legend_rows, paint_legend
from resnet_gui.gui.kit.figures.title import paint_title, title_height

HIGH: Final = 230.0
"""Units of the axes with their names."""


@dataclass(frozen=True, eq=False)
class ParallelFigure:
    """The lines as they are ordered, brushed and coloured.

    Attributes:
        lines: what is shown; it stays as it is.
        title: above them.
    """

    lines: ParallelLines
    title: str = ""

    def height(self, width: float) -> float:
        """The axes have one height; title and legend come on top."""
        return HIGH + self._above(width)

    def paint(self, painter: QPainter, box: QRectF, look: FigureLook) -> None:
        """Paint title, legend, lines and axes."""
        painter.save()
        paint_title(painter, self.title, box, look)
        above = self._above(box.width())
        paint_legend(painter, self._entries(), box.adjusted(0, above - LINE * self._rows(box.width()), 0, 0), look)
        lines = copy.copy(self.lines)
        lines.size, lines.moving = QSize(int(box.width()), int(box.height() - above)), None
        painter.translate(box.left(), box.top() + above)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_lines(painter, lines, look.color)
        for key in lines.order:
            draw_axis(painter, lines, look.color, key, focused=False, rim=look.filled)
        painter.restore()

    def _entries(self) -> tuple[LegendEntry, ...]:
        axis = self.lines.axes.get(self.lines.colour_key)
        if axis is None:
            return ()
        return tuple(
            LegendEntry(f"{axis.title} {text}", f"r{number % HUES}") for number, text in enumerate(axis.labels)
        )

    def _rows(self, width: float) -> int:
        return len(legend_rows(self._entries(), width))

    def _above(self, width: float) -> float:
        return title_height(self.title, width, 2.0) + LINE * self._rows(width)
