"""Several figures as one: side by side where there is room, each with its letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from resnet_gui.gui.kit.figures.figure import FigureDrawing, FigureLook, is_threaded
from resnet_gui.gui.kit.figures.legend import LINE, LegendEntry, legend_rows, paint_legend

GAP: Final = 16.0
INDENT: Final = 14.0
"""Units left of a panel's title for its letter."""

LOWEST: Final = 90.0
"""Units that a row of panels needs for titles, axes and something between them."""

NARROWEST: Final = 230.0
"""Units that a panel needs to stand beside another."""


@dataclass(frozen=True)
class PanelsFigure:
    """Panels in rows.

    Attributes:
        panels: from the left and the top.
        title: of the whole.
        columns: how many stand side by side at most.
        lettered: whether each has a letter, a, b, c.
        legend: signs that all panels share, above them.
    """

    panels: Sequence[FigureDrawing]
    title: str = ""
    columns: int = 2
    lettered: bool = True
    legend: tuple[LegendEntry, ...] = ()

    @property
    def threaded(self) -> bool:
        """Whether every panel may be drawn in any thread."""
        return all(is_threaded(panel) for panel in self.panels)

    def height(self, width: float) -> float:
        """All rows, each as high as its highest panel."""
        rows, wide = self._rows(width)
        return self._above(width) + sum(self._high(line, wide) for line in rows) + GAP * (len(rows) - 1)

    def paint(self, painter: QPainter, box: QRectF, look: FigureLook) -> None:
        """Paint every panel in its place."""
        rows, wide = self._rows(box.width())
        top, number = box.top() + self._above(box.width()), 0
        paint_legend(painter, self.legend, box, look)
        # On a screen the box has another height than it needs: the rows share what is free, or what lacks.
        more = (box.height() - self.height(box.width())) / max(1, len(rows))
        for line in rows:
            high = max(LOWEST, self._high(line, wide) + more)
            for place, panel in enumerate(line):
                left = box.left() + place * (wide + GAP)
                indent = INDENT if self._letters else 0.0
                if indent:
                    painter.setPen(look.color("t1"))
                    look.ink("abcdefghijklmnopqrstuvwxyz"[number % 26], 11, 600).draw(painter, left, top + 1)
                own = max(LOWEST, panel.height(wide - indent) + more)
                panel.paint(painter, QRectF(left + indent, top, wide - indent, own), look)
                number += 1
            top += high + GAP

    @property
    def _letters(self) -> bool:
        return self.lettered and len(self.panels) > 1

    def _above(self, width: float) -> float:
        return LINE * len(legend_rows(self.legend, width)) + 6 if self.legend else 0.0

    def _rows(self, width: float) -> tuple[list[list[FigureDrawing]], float]:
        fitting = max(1, int((width + GAP) // (NARROWEST + GAP)))
        columns = max(1, min(self.columns, fitting, len(self.panels)))
        panels = list(self.panels)
        rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
        return rows, (width - GAP * (columns - 1)) / columns

    def _high(self, line: Sequence[FigureDrawing], wide: float) -> float:
        indent = INDENT if self._letters else 0.0
        return max(panel.height(wide - indent) for panel in line)
