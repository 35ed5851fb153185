"""The blocks of a network in one row, however many there are: bands in the hues of the stages, shortcuts as arcs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from resnet_gui.design.location import Location, Section
from resnet_gui.gui.common.section_hues import section_token
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.charts.chart import Palette

BLOCK: Final = (34.0, 20.0)
"""Width at most and height of a block."""

HEIGHT: Final = 40.0
"""Pixels of the strip."""

ARCS_FROM: Final = 14.0
BLOCKS_FROM: Final = 4.0
"""Pixels a block from which arcs, or blocks, are drawn; narrower ones are the band of their stage."""


@dataclass(frozen=True)
class BlockCell:
    """A place of the strip.

    Attributes:
        name: as the paper counts blocks, "stem" or "4_1".
        section: the stage, or "stem".
        arc: how the input goes around it: "" not at all, "solid" as it is, "dashed" projected, "dotted" padded.
    """

    name: str
    section: Section
    arc: str = "solid"


def section_title(section: Section) -> str:
    """What a band is called, for people."""
    return Location(section).section_title


def bands(cells: Sequence[BlockCell]) -> Iterator[tuple[Section, int, int]]:
    """Each section with the places of its first and its last cell."""
    for section, members in itertools.groupby(enumerate(cells), key=lambda each: each[1].section):
        numbers = [number for number, _ in members]
        yield section, numbers[0], numbers[-1]


def paint_strip(painter: QPainter, cells: Sequence[BlockCell], box: QRectF, color: Palette) -> None:
    """Paint the strip; the middle of cell n lies at (n + ½) / S of the width of the box."""
    if not cells:
        return
    pitch = box.width() / len(cells)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for section, first, last in bands(cells):
        token = section_token(section)
        gap = min(1.5, pitch / 8)
        band = QRectF(box.left() + first * pitch + gap, box.top() + 0.5, (last - first + 1) * pitch - 2 * gap, HEIGHT)
        painter.setPen(QPen(color(f"{token}l"), 1))
        painter.setBrush(color(f"{token}t"))
        painter.drawRoundedRect(band, min(6.0, band.width() / 3), min(6.0, band.width() / 3))
        if pitch < BLOCKS_FROM:
            words = ink(f"{section_title(section)}, {last - first + 1:,} blocks", 11)
            if words.width < band.width() - 8:
                painter.setPen(color("t2"))
                words.draw_in(painter, band, "centre")
    if pitch >= BLOCKS_FROM:
        for number, cell in enumerate(cells):
            _paint_cell(painter, cell, QPointF(box.left() + (number + 0.5) * pitch, box.top()), pitch, color)
    painter.restore()


def _paint_cell(painter: QPainter, cell: BlockCell, top: QPointF, pitch: float, color: Palette) -> None:
    token = section_token(cell.section)
    wide = min(BLOCK[0], pitch - max(1.0, pitch / 6))
    block = QRectF(top.x() - wide / 2, top.y() + 12, wide, BLOCK[1])
    pen = QPen(color(token), 1.2 if pitch >= ARCS_FROM else 0.8)
    painter.setPen(pen)
    painter.setBrush(color(f"{token}c"))
    painter.drawRoundedRect(block, min(4.0, wide / 3), min(4.0, wide / 3))
    words = ink(cell.name, 11, 600)
    if words.width <= wide - 3:
        painter.setPen(color("t1"))
        words.draw_in(painter, block, "centre")
    if pitch < ARCS_FROM or not cell.arc:
        return
    pen.setWidthF(1.3)
    if cell.arc != "solid":
        pen.setDashPattern([3, 2.2] if cell.arc == "dashed" else [1.2, 1.9])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    left, right, over = top.x() - pitch / 2 + 1, top.x() + pitch / 2 - 1, top.y() + 7
    path = QPainterPath(QPointF(left, block.top() + 8))
    path.lineTo(left, over + 3)
    path.quadTo(left, over, left + 3, over)
    path.lineTo(right - 3, over)
    path.quadTo(right, over, right, over + 3)
    path.lineTo(right, block.top() + 8)
    painter.drawPath(path)


def paint_marker(painter: QPainter, cells: Sequence[BlockCell], chosen: int, box: QRectF, color: Palette) -> None:
    """Paint a frame around the cell that is read, and a line through the rest of the strip."""
    pitch = box.width() / len(cells)
    x = box.left() + (chosen + 0.5) * pitch
    painter.setPen(QPen(color("acc"), 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if pitch < BLOCKS_FROM:
        painter.drawLine(QLineF(x, box.top(), x, box.top() + HEIGHT))
        return
    wide = min(BLOCK[0], pitch - max(1.0, pitch / 6))
    painter.drawLine(QLineF(x, box.top(), x, box.top() + 12))
    painter.drawLine(QLineF(x, box.top() + 12 + BLOCK[1], x, box.top() + HEIGHT))
    painter.setPen(QPen(color("acc"), 2))
    painter.drawRoundedRect(
        QRectF(x - wide / 2, box.top() + 12, wide, BLOCK[1]), min(4.0, wide / 3), min(4.0, wide / 3)
    )
