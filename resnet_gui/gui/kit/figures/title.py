"""The title of a figure, in as many lines as it needs."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from resnet_gui.gui.kit.figures.figure import FigureLook

HEAD: Final = 20.0
"""Units of a title of one line."""

TITLE_LINE: Final = 14.0
"""Units from one line of a title to the next."""

SIZE, WEIGHT = 11, 600


def title_lines(title: str, width: float) -> list[str]:
    """A title in lines that have room; it breaks between words, and inside a word only if that is wider than a line."""
    look = FigureLook(QColor)
    lines: list[str] = []
    for part in title.splitlines():
        line = ""
        for word in part.split(" "):
            longer = f"{line} {word}" if line else word
            if look.ink(longer, SIZE, WEIGHT).width <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            *pieces, line = _pieces(word, width, look)
            lines += pieces
        lines.append(line)
    return lines


def _pieces(word: str, width: float, look: FigureLook) -> list[str]:
    """A word in pieces that have room, of one letter at least."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and look.ink(pieces[-1] + letter, SIZE, WEIGHT).width > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def title_height(title: str, width: float, without: float) -> float:
    """The units that a title takes above what it names; ``without`` one, what is free there."""
    return HEAD + TITLE_LINE * (len(title_lines(title, width)) - 1) if title else without


def paint_title(painter: QPainter, title: str, box: QRectF, look: FigureLook) -> None:
    """Paint a title at the upper left of a box."""
    painter.setPen(look.color("t1"))
    for number, line in enumerate(title_lines(title, box.width())):
        look.ink(line, SIZE, WEIGHT).draw(painter, box.left(), box.top() + 1 + TITLE_LINE * number)
