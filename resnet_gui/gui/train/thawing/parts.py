"""The parts of a network as a row of small cells: their names, hues, and the hatch of what is frozen."""

from __future__ import annotations

from typing import Final, NamedTuple

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter, QPainterPath, QPen

from resnet_gui.gui.common.section_hues import stage_token
from resnet_gui.gui.kit.theme import Theme

HATCH: Final = 6
"""Pixels from one line of a hatch to the next."""


class Tokens(NamedTuple):
    """The colours of a part: of its name's line, of a cell that learns with its frame, and of one that does not."""

    line: str
    fill: str
    frame: str
    pale: str
    hatch: str


def part_names(stages: int) -> tuple[str, ...]:
    """The names of a network's parts where there is little room."""
    return ("stem", *(f"st. {number + 1}" for number in range(stages)), "head")


def part_titles(stages: int) -> tuple[str, ...]:
    """The names of a network's parts for a sentence."""
    return ("stem", *(f"stage {number + 1}" for number in range(stages)), "head")


def part_tokens(part: int, stages: int) -> Tokens:
    """The colours of a part: 0 is the stem, ``stages`` + 1 the head."""
    if part > stages:
        return Tokens("t3", "neut", "t3", "neut", "neutl")
    hue = "s0" if part == 0 else stage_token(part - 1)
    return Tokens(hue, f"{hue}t", hue, f"{hue}c", f"{hue}l")


def paint_part(painter: QPainter, theme: Theme, box: QRectF, tokens: Tokens, *, frozen: bool) -> None:
    """Draw a cell: filled with its hue where the part learns, hatched where it is frozen."""
    radius = min(4.0, box.height() / 4)
    color, inner = theme.color, box.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setPen(QPen(color(tokens.hatch if frozen else tokens.frame), 1))
    painter.setBrush(color(tokens.pale if frozen else tokens.fill))
    painter.drawRoundedRect(inner, radius, radius)
    if not frozen:
        return
    shape = QPainterPath()
    shape.addRoundedRect(inner, radius, radius)
    painter.save()
    painter.setClipPath(shape)
    painter.setPen(QPen(color(tokens.hatch), 1))
    x = box.left() - box.height() + HATCH / 2
    while x < box.right():
        painter.drawLine(QLineF(x, box.bottom(), x + box.height(), box.top()))
        x += HATCH
    painter.restore()
