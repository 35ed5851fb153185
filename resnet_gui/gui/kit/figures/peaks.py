"""Peaks of lines that a figure's axes cut off: where they are, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from resnet_gui.gui.kit.charts.chart import ChartAxis, PlotData, PlotLine
from resnet_gui.gui.kit.figures.figure import FigureLook
from resnet_gui.gui.kit.figures.legend import SMALL

ARROW: Final = 7.0
"""Units across and up of the sign that points to a peak."""

FAR: Final = 80
"""Units from a peak up to which its value may stand."""


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


def paint_peaks(painter: QPainter, peaks: Sequence[CutPeak], data: PlotData, inside: QRectF, look: FigureLook) -> None:
    """Paint an arrow to the upper edge of the axes beside each peak, and its value, where no line passes."""
    for peak in peaks:
        words = look.ink(f"{peak.value:.3g}", SMALL)
        size = QSizeF(ARROW + 3 + words.width, max(ARROW, words.height))
        box = free_place(data, data.place(peak.at, data.y.high, inside).x(), size, inside)
        if look.filled:
            # Where lines leave no place.
            painter.fillRect(box.adjusted(-1, 0, 1, 0), look.color("panel"))
        top = box.top() + (box.height() - ARROW) / 2
        left = box.left()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color(peak.token))
        corners = (left, top + ARROW), (left + ARROW, top + ARROW), (left + ARROW / 2, top)
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(look.color("t2"))
        words.draw(painter, left + ARROW + 3, box.top() + (box.height() - words.height) / 2)


def free_place(data: PlotData, x: float, size: QSizeF, inside: QRectF) -> QRectF:
    """The place below the upper edge that is nearest to an ``x`` and through which no line passes.

    To the right of it as a rule, else to its left; where all near places are taken, right beside it.
    """
    top, wide = inside.top() + 1, size.width()
    none = np.empty((0, 2))
    spans = np.concatenate([none, *(_spans(line, data, inside, top + size.height()) for line in data.lines)])
    right = [x + 4 + step for step in range(FAR)]
    for left in (*right, *(x - 4 - wide - step for step in range(FAR))):
        fits = inside.left() < left and left + wide <= inside.right()
        if fits and not ((spans[:, 0] <= left + wide + 2) & (spans[:, 1] >= left - 2)).any():
            return QRectF(QPointF(left, top), size)
    left = right[0] if right[0] + wide <= inside.right() else x - 4 - wide
    return QRectF(QPointF(left, top), size)


def _spans(line: PlotLine, data: PlotData, inside: QRectF, bottom: float) -> NDArray[np.float64]:
    """From where to where the pieces of a line go that are seen above a height, a row each."""
    sound = np.isfinite(line.points.y)
    x = inside.left() + data.x.fraction(line.points.x[sound]) * inside.width()
    y = inside.bottom() - data.y.fraction(line.points.y[sound]) * inside.height()
    upper, lower = np.minimum(y[:-1], y[1:]), np.maximum(y[:-1], y[1:])
    seen = (upper <= bottom) & (lower >= inside.top())
    first, last = x[:-1][seen], x[1:][seen]
    fall = (y[1:] - y[:-1])[seen]
    level = np.where(fall == 0, 1.0, fall)
    ends = [
        first + (last - first) * np.where(fall == 0, part, np.clip((at - y[:-1][seen]) / level, 0.0, 1.0))
        for part, at in ((0.0, inside.top()), (1.0, bottom))
    ]
    return np.sort(np.stack(ends, axis=1), axis=1)
