"""A network as a row of blocks with a bar under each, drawn by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.runs.recordings import BlockAgreement

Colour = Callable[[str], QColor]
SIDE: Final = 46
"""Pixels left of the first and right of the last block, for the words in and out."""


class NetworkPlace(NamedTuple):
    """The place of a network in the picture.

    Attributes:
        x, y: upper left corner of the first band.
        width: of all bands together.
        band: height of a band.
        bars: height of the tallest bar.
    """

    x: float
    y: float
    width: float
    band: float
    bars: float

    @property
    def wire(self) -> float:
        """Height of the way through the blocks."""
        return self.y + self.band * 0.69

    @property
    def arc(self) -> float:
        """Height of the shortcuts."""
        return self.y + self.band * 0.25

    @property
    def floor(self) -> float:
        """Where the bars stand."""
        return self.y + self.band + 10 + self.bars

    def centre(self, block: float, count: int) -> float:
        """Where a block of so many stands."""
        return self.x + self.width * (block + 0.5) / count


def draw_network(painter: QPainter, color: Colour, place: NetworkPlace, network: BlockAgreement, *, adds: bool) -> None:
    """Draw bands, wire, blocks, their shortcuts if the network ``adds``, and the bars."""
    count = len(network.values)
    pitch = place.width / count
    first = 0
    for stage, blocks in enumerate(network.blocks, start=1):
        band = QRectF(place.x + first * pitch + 1, place.y, blocks * pitch - 2, place.band)
        painter.setPen(QPen(color(f"s{stage}l"), 1))
        painter.setBrush(color(f"s{stage}t"))
        painter.drawRoundedRect(band, 6, 6)
        first += blocks
    _draw_wire(painter, color, place)
    for number, stage in enumerate(_stages(network)):
        hue = color(f"s{stage}")
        middle = place.centre(number, count)
        if adds:
            begins = number > 0 and stage != _stage_of(network, number - 1)
            _draw_shortcut(painter, hue, place, QRectF(middle - pitch * 0.45, 0, pitch * 0.9, 0), padded=begins)
        high, wide = place.band * 0.39, pitch * 0.62
        painter.setPen(QPen(hue, 1.2))
        painter.setBrush(color(f"s{stage}c"))
        painter.drawRoundedRect(QRectF(middle - wide / 2, place.wire - high / 2, wide, high), 4, 4)
        # No bar is lower than a line: a value about zero, or below it, is one.
        bar = max(1.0, place.bars * network.values[number])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(hue)
        painter.drawRoundedRect(QRectF(middle - wide / 2, place.floor - bar, wide, bar), 1.5, 1.5)
    painter.setPen(QPen(color("line2"), 1))
    painter.drawLine(QLineF(place.x, place.floor + 0.5, place.x + place.width, place.floor + 0.5))


def _stages(network: BlockAgreement) -> Iterator[int]:
    for stage, blocks in enumerate(network.blocks, start=1):
        for _ in range(blocks):
            yield stage


def _stage_of(network: BlockAgreement, block: int) -> int:
    return list(_stages(network))[block]


def _draw_wire(painter: QPainter, color: Colour, place: NetworkPlace) -> None:
    """The way through the blocks, from in to out."""
    left, right, y = place.x - 20, place.x + place.width + 18, place.wire
    painter.setPen(QPen(color("t2"), 1.3, c=Qt.PenCapStyle.RoundCap))
    painter.drawLine(QLineF(left, y, right, y))
    painter.drawLine(QLineF(right - 5, y - 3.5, right, y))
    painter.drawLine(QLineF(right - 5, y + 3.5, right, y))
    for word, x in (("in", left - 4), ("out", right - 13)):
        ink(word, 11).draw(painter, x, y - 20)


def _draw_shortcut(painter: QPainter, hue: QColor, place: NetworkPlace, span: QRectF, *, padded: bool) -> None:
    """The way around a block; dotted where the shape changes and zeros are padded."""
    path = QPainterPath(QPointF(span.left(), place.wire))
    path.lineTo(span.left(), place.arc + 5)
    path.quadTo(span.left(), place.arc, span.left() + 5, place.arc)
    path.lineTo(span.right() - 5, place.arc)
    path.quadTo(span.right(), place.arc, span.right(), place.arc + 5)
    path.lineTo(span.right(), place.wire)
    pen = QPen(hue, 1.5)
    if padded:
        pen.setDashPattern([1.0, 1.8])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
