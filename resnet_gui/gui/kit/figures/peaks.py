"""Peaks of lines that a figure's axes cut off: where they are, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from resnet_gui.gui.kit.charts.chart import ChartAxis, PlotLine
from resnet_gui.gui.kit.figures.figure import FigureLook
from resnet_gui.gui.kit.figures.legend import SMALL

ARROW: Final = 7.0
"""Units across and up of the sign that points to a peak."""


@dataclass(frozen=True)
class CutPeak:
    """The highest point of a line that passes the top of the axes.

    Attributes:
        at: its x.
        value: its y.
        token: colour of the line.
    """

    at: float
    value: float
    token: str


def cut_peak(lines: Sequence[PlotLine], x: ChartAxis, y: ChartAxis) -> tuple[CutPeak, ...]:
    """The highest of all points above the axes, as curves on a page mark it; none where nothing is cut."""
    found: list[CutPeak] = []
    for line in lines:
        inside = np.isfinite(line.points.y) & (line.points.x >= x.low) & (line.points.x <= x.high)
        if inside.any():
            at = int(np.argmax(np.where(inside, line.points.y, -np.inf)))
            found.append(CutPeak(float(line.points.x[at]), float(line.points.y[at]), line.token))
    highest = max(found, key=lambda peak: peak.value, default=None)
    return (highest,) if highest is not None and highest.value > y.high else ()


def paint_peaks(painter: QPainter, peaks: Sequence[CutPeak], x: ChartAxis, inside: QRectF, look: FigureLook) -> None:
    """Paint an arrow to the upper edge of the axes beside each peak, and its value."""
    for peak in peaks:
        words = look.ink(f"{peak.value:.3g}", SMALL)
        wide = ARROW + 3 + words.width
        left = inside.left() + float(x.fraction(np.array([peak.at]))[0]) * inside.width() + 4
        if left + wide > inside.right():
            left -= wide + 8
        top = inside.top() + 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color(peak.token))
        corners = (left, top + ARROW), (left + ARROW, top + ARROW), (left + ARROW / 2, top)
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(look.color("t2"))
        words.draw(painter, left + ARROW + 3, top + (ARROW - words.height) / 2)
