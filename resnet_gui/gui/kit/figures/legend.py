"""The legend of a figure: signs and what they mean, in as many lines as they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from resnet_gui.gui.kit.charts.dashes import set_dashes, sign_length
from resnet_gui.gui.kit.figures.figure import FigureLook

SMALL: Final = 10
"""Units of the letters of ticks and legends: 7.5 points."""

SIGN: Final = 16.0
"""Units of a sign."""

LINE: Final = 14.0
"""Units from one line of a legend to the next."""


@dataclass(frozen=True)
class LegendEntry:
    """A sign and what it means.

    Attributes:
        width: of a line's pen.
        alpha: how opaque it is.
        dash: number of a line's pattern, see ``kit.charts.dashes``.
    """

    text: str
    token: str
    kind: Literal["line", "area", "dot", "ring"] = "line"
    width: float = 1.5
    alpha: float = 1.0
    dash: int = 0


def _entry_width(entry: LegendEntry) -> float:
    return sign_length(entry.dash, SIGN) + 4 + FigureLook(QColor).ink(entry.text, SMALL).width + 14


def legend_rows(entries: Sequence[LegendEntry], width: float) -> list[list[LegendEntry]]:
    """The entries in lines that have room for them."""
    rows: list[list[LegendEntry]] = []
    used = width + 1
    for entry in entries:
        wide = _entry_width(entry)
        if used + wide - 14 > width:
            rows.append([])
            used = 0.0
        rows[-1].append(entry)
        used += wide
    return rows


def paint_legend(painter: QPainter, entries: Sequence[LegendEntry], box: QRectF, look: FigureLook) -> None:
    """Paint signs with their words from the upper left of a box on."""
    for number, line in enumerate(legend_rows(entries, box.width())):
        x, y = box.left(), box.top() + LINE * number
        for entry in line:
            sign = sign_length(entry.dash, SIGN)
            paint_sign(painter, entry, QRectF(x, y, sign, LINE), look)
            painter.setPen(look.color("t1"))
            text = look.elided(entry.text, int(box.width() - sign - 6), SMALL, middle=True)
            look.ink(text, SMALL).draw_in(painter, QRectF(x + sign + 4, y, 10, LINE))
            x += _entry_width(entry)


def paint_sign(painter: QPainter, entry: LegendEntry, box: QRectF, look: FigureLook) -> None:
    """Paint the sign of an entry into a box."""
    colour = faint(look.color(entry.token), entry.alpha)
    middle = box.center()
    if entry.kind == "line":
        painter.setPen(line_pen(colour, entry.width, entry.dash))
        painter.drawLine(QLineF(box.left(), middle.y(), box.right(), middle.y()))
        return
    if entry.kind == "area":
        painter.fillRect(QRectF(box.left(), middle.y() - 4, box.width(), 8), faint(colour, 0.25))
        return
    ring = entry.kind == "ring"
    painter.setPen(QPen(colour, 1.2) if ring else QPen(Qt.PenStyle.NoPen))
    painter.setBrush(Qt.BrushStyle.NoBrush if ring else colour)
    painter.drawEllipse(middle, 3, 3)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def faint(colour: QColor, alpha: float) -> QColor:
    """A colour that lets through what lies below it."""
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made


def line_pen(colour: QColor, width: float, dash: int = 0) -> QPen:
    """A pen for a line of data; its dashes are as long whatever its width."""
    pen = QPen(colour, width)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    set_dashes(pen, dash)
    return pen
