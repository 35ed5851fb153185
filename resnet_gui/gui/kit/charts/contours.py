"""Lines of equal height over a square."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTransform

from resnet_gui.gui.kit.charts.surface import HeightRange, Surface
from resnet_gui.gui.kit.colormap import viridis

Values = NDArray[np.float64]
Palette = Callable[[str], QColor]

LEVELS = 11


def contour(heights: Values, level: float, box: QRectF) -> QPainterPath:
    """The line where heights (n, n), rows from the top, cross a level; in a box whose edges are the outer points."""
    n = len(heights)
    path = pg.functions.isocurve(np.ascontiguousarray(heights.T), level, path=True)
    # The curve counts cells of pixels, whose middles are the points.
    made = QTransform().translate(box.left(), box.top()).scale(box.width() / (n - 1), box.height() / (n - 1))
    found: QPainterPath = made.translate(-0.5, -0.5).map(path)
    return found


def paint_contours(painter: QPainter, surface: Surface, box: QRectF, span: HeightRange, color: Palette) -> None:
    """Paint the lines of a surface, its first row at the bottom; hatched where only a coarser grid is known.

    The lines lie at equal steps of the heights' range, in its colours, so that two surfaces on one range compare.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color("line2"), 1))
    painter.setBrush(color("panel"))
    painter.drawRect(box)
    heights = span.fraction(surface.heights)[::-1]
    width = 1.3 if box.width() > 100 else 0.9
    for step in (1, *reversed([step for step in surface.steps if step > 1])):
        grid = heights[::step, ::step]
        whole = np.isfinite(grid).all(axis=1)
        if not whole.any():
            continue
        if whole.all():
            _paint_levels(painter, grid, box, width)
            break
        # The finest rows that are known, and below them the coarser grid with a hatch.
        first = int(np.argmax(whole))
        edge = box.top() + box.height() * first / (len(grid) - 1)
        if first < len(grid) - 1:
            inner = QRectF(box.left(), edge, box.width(), box.bottom() - edge)
            _paint_levels(painter, grid[first:], inner, width)
        box = QRectF(box.left(), box.top(), box.width(), box.height())
        hidden = QRectF(box.left(), box.top(), box.width(), edge - box.top())
        painter.save()
        painter.setClipRect(hidden)
        _paint_coarser(painter, surface, heights, box, width)
        _paint_hatch(painter, hidden, color)
        painter.restore()
        painter.setPen(QPen(color("acc"), 1.5))
        painter.drawLine(QPointF(box.left(), edge), QPointF(box.right(), edge))
        break
    painter.restore()


def _paint_coarser(painter: QPainter, surface: Surface, heights: Values, box: QRectF, width: float) -> None:
    for step in reversed([step for step in surface.steps if step > 1]):
        grid = heights[::step, ::step]
        if np.isfinite(grid).all():
            _paint_levels(painter, grid, box, width)
            return


def _paint_levels(painter: QPainter, grid: Values, box: QRectF, width: float) -> None:
    rows, columns = grid.shape
    if rows < 2 or columns < 2:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    scale = QTransform().translate(box.left(), box.top()).scale(box.width() / (columns - 1), box.height() / (rows - 1))
    scale = scale.translate(-0.5, -0.5)
    for level in np.linspace(0.04, 0.96, LEVELS).tolist():
        painter.setPen(QPen(viridis(level), width))
        painter.drawPath(scale.map(pg.functions.isocurve(np.ascontiguousarray(grid.T), level, path=True)))


def _paint_hatch(painter: QPainter, box: QRectF, color: Palette) -> None:
    painter.setPen(QPen(color("line2"), 1))
    reach = box.height()
    count = int((box.width() + reach) / 9) + 1
    painter.drawLines(
        [
            QLineF(box.left() - reach + 9 * number, box.bottom(), box.left() + 9 * number, box.top())
            for number in range(count)
        ]
    )
