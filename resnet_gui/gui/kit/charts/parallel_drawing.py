"""The picture of lines over parallel axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.charts.chart import Palette
from resnet_gui.gui.kit.charts.parallel_axis import ParallelAxis
from resnet_gui.gui.kit.charts.parallel_lines import ParallelLines
from resnet_gui.gui.kit.colormap import viridis
from resnet_gui.gui.kit.theme import font

HUES: Final = 8
FEW: Final = 60
"""Lines up to which they are wider than a pixel; such a line takes Qt 13 times as long to draw."""

BRUSH: Final = 16
"""Pixels across a brush."""


def line_colours(lines: ParallelLines, color: Palette) -> list[QColor]:
    """The colour of each line: that of its category's number, or of its number on a map."""
    axis = lines.axes.get(lines.colour_key)
    if axis is None:
        return [color("acc")] * len(lines.words)
    if axis.labels:
        return [color(f"r{int(value) % HUES}") for value in axis.values]
    return [viridis(float(np.nan_to_num(at))) for at in axis.fractions(np.full(len(axis.values), 0.5))]


def draw_lines(painter: QPainter, lines: ParallelLines, color: Palette) -> None:
    """Draw all lines, those that are brushed out first."""
    if not lines.words or not lines.order:
        return
    rows, chosen, colours = lines.crossings(), lines.selected(), line_colours(lines, color)
    places = [lines.x(key) for key in lines.order]
    order = np.argsort(places)
    wide = 1.5 if len(lines.words) <= FEW else 1.0
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for number in [*np.flatnonzero(~chosen), *np.flatnonzero(chosen)]:
        bright = bool(chosen[number])
        colour = QColor(colours[number] if bright else color("line2"))
        colour.setAlphaF(0.85 if bright else 0.55)
        painter.setPen(QPen(colour, wide if bright else 1.0))
        points = [(places[axis], float(rows[axis][number])) for axis in order]
        painter.drawPath(smooth_path([point for point in points if not np.isnan(point[1])]))


def smooth_path(points: Sequence[tuple[float, float]]) -> QPainterPath:
    """A path through points that is level where it crosses an axis."""
    path = QPainterPath()
    for number, (x, y) in enumerate(points):
        if not number:
            path.moveTo(x, y)
            continue
        before = points[number - 1]
        middle = (before[0] + x) / 2
        path.cubicTo(middle, before[1], middle, y, x, y)
    return path


def draw_axis(
    painter: QPainter, lines: ParallelLines, color: Palette, key: str, *, focused: bool, rim: bool = True
) -> None:
    """Draw an axis with its brush, its ticks and its name; a ``rim`` of the ground's colour sets words off lines."""
    axis, x = lines.axes[key], round(lines.x(key)) + 0.5
    painter.setPen(QPen(color("ctl"), 1))
    painter.drawLine(QPointF(x, lines.y(1)), QPointF(x, lines.y(0)))
    if key in lines.brushes:
        low, high = lines.brushes[key]
        box = QRectF(x - BRUSH / 2, lines.y(high), BRUSH, max(4.0, lines.y(low) - lines.y(high)))
        soft = QColor(color("acc"))
        soft.setAlphaF(0.18)
        painter.setPen(QPen(color("acc"), 1.5))
        painter.setBrush(soft)
        painter.drawRoundedRect(box, 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
    for fraction, text in axis.ticks(lines.length):
        y = lines.y(fraction)
        painter.setPen(QPen(color("ctl"), 1))
        painter.drawLine(QPointF(x - 3, y), QPointF(x + 4, y))
        room = round(max(24.0, min(lines.gap - 24, 110.0)))
        # Names of configurations differ at their ends as often as at their beginnings.
        _draw_tick(
            painter,
            elided(text, room, 11, 500, middle=True),
            QPointF(x - 9, y),
            color("t1"),
            color("panel") if rim else None,
        )
    _draw_name(painter, lines, color, axis, focused=focused)


def _draw_name(painter: QPainter, lines: ParallelLines, color: Palette, axis: ParallelAxis, *, focused: bool) -> None:
    name = ink(elided(axis.title, round(max(40.0, lines.gap - 8)), 12, 600), 12, 600)
    left = min(max(2.0, lines.x(axis.key) - name.width / 2), lines.size.width() - name.width - 2)
    painter.setPen(color("acc" if focused else "t1"))
    name.draw(painter, left, 12)
    if focused or axis.key == lines.colour_key:
        painter.setPen(QPen(color("acc"), 2 if focused else 1))
        painter.drawLine(QPointF(left, 29.5), QPointF(left + name.width, 29.5))


def _draw_tick(painter: QPainter, text: str, end: QPointF, colour: QColor, rim: QColor | None) -> None:
    """Write left of a point beside an axis so that it can be read over lines."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    path.addText(QPointF(max(2.0, end.x() - ink(text, 11, 500).width), end.y() + 4), font(11, 500), text)
    if rim is not None:
        pen = QPen(rim, 4)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, pen)
    painter.fillPath(path, colour)
