"""The curves of the recorded runs, which grow while the replay goes on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.welcome.hero.recorded import RecordedCurve

Colour = Callable[[str], QColor]
LABELS: Final = 112
"""Pixels right of the plot, for the names at the ends of the curves."""

APART: Final = 18.0
"""Least distance of two names."""


class RecordedCurvePlot:
    """The plot of training errors over epochs; axes are drawn once, curves as far as they have come."""

    def __init__(self, curves: Sequence[RecordedCurve]) -> None:
        self._curves = tuple(curves)
        self._length = max(curve.length for curve in curves)
        self._box = QRectF()
        self._lines: list[tuple[QPolygonF, QPolygonF]] = []

    def place(self, box: QRectF) -> None:
        """Take the room for the plot and its names."""
        self._box = QRectF(box.left() + 34, box.top(), box.width() - 34 - LABELS, box.height() - 20)
        self._lines = [
            (self._line(curve.epochs, curve.batches), self._line(curve.epochs, curve.errors)) for curve in self._curves
        ]

    def _line(self, epochs: Sequence[float], errors: Sequence[float]) -> QPolygonF:
        return QPolygonF([self._point(epoch, error) for epoch, error in zip(epochs, errors, strict=True)])

    def _point(self, epoch: float, error: float) -> QPointF:
        box = self._box
        return QPointF(box.left() + box.width() * epoch / self._length, box.bottom() - box.height() * error / 100)

    def draw_axes(self, painter: QPainter, color: Colour) -> None:
        """Draw grid, axes and ticks."""
        box = self._box
        for percent in range(0, 101, 25):
            y = round(self._point(0, percent).y()) + 0.5
            painter.setPen(QPen(color("grid"), 1))
            painter.drawLine(QLineF(box.left(), y, box.right(), y))
            painter.setPen(color("t3"))
            ink(str(percent), 11).draw_in(painter, QRectF(box.left() - 34, y - 8, 26, 16), "right")
        for epoch in range(0, self._length + 1, 5 if self._length > 8 else 2):
            x = round(self._point(epoch, 0).x()) + 0.5
            painter.setPen(QPen(color("grid"), 1))
            painter.drawLine(QLineF(x, box.top(), x, box.bottom()))
            painter.setPen(color("t3"))
            ink(str(epoch), 11).draw_in(painter, QRectF(x - 20, box.bottom() + 4, 40, 14), "centre")
        painter.setPen(QPen(color("line2"), 1))
        painter.drawPolyline(QPolygonF([box.topLeft(), box.bottomLeft(), box.bottomRight()]))

    def draw(self, painter: QPainter, color: Colour, share: float) -> None:
        """Draw the curves up to a share of the training, a ring at their ends and their names beside the plot."""
        ends: list[tuple[float, RecordedCurve]] = []
        for curve, (batches, errors) in zip(self._curves, self._lines, strict=True):
            count = max(1, bisect_right(curve.epochs, share * self._length))
            hue = color(curve.token)
            pale = QColor(hue)
            pale.setAlphaF(0.3)
            end = errors.at(count - 1)
            painter.save()
            # Qt cuts what is beyond the present moment; to copy points for every frame would cost more.
            painter.setClipRect(QRectF(0, 0, end.x(), self._box.bottom() + 4), Qt.ClipOperation.IntersectClip)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(pale, 0.8))
            painter.drawPolyline(batches)
            painter.setPen(QPen(hue, 2.2, j=Qt.PenJoinStyle.RoundJoin))
            painter.drawPolyline(errors)
            painter.restore()
            painter.setBrush(color("panel"))
            painter.setPen(QPen(hue, 1.6))
            painter.drawEllipse(end, 5, 5)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(hue)
            painter.drawEllipse(end, 2.4, 2.4)
            ends.append((end.y(), curve))
        self._draw_names(painter, color, ends)

    def _draw_names(self, painter: QPainter, color: Colour, ends: list[tuple[float, RecordedCurve]]) -> None:
        """Names at the height of the curves' ends, never one over the other."""
        below = self._box.top() - APART
        for y, curve in sorted(ends):
            below = max(y, below + APART)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(curve.token))
            painter.drawEllipse(QPointF(self._box.right() + 18, below), 4, 4)
            painter.setPen(color("t1"))
            ink(curve.name, 12, 600).draw(painter, self._box.right() + 27, below - 8)
