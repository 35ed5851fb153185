"""Text for widgets that paint by hand: laid out once, drawn often."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QStaticText, QTransform

from resnet_gui.gui.kit.theme import font

MESSAGE_MARGIN = 12
"""Pixels that a message leaves free at both sides."""


class CachedText:
    """One line of text in one font, ready to be drawn.

    Attributes:
        width, height: in device-independent pixels.
    """

    __slots__ = ("_text", "font", "height", "width")

    def __init__(self, text: str, size: int, weight: int, *, tabular: bool) -> None:
        self.font = font(size, weight, tabular=tabular)
        self._text = QStaticText(text)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        self._text.prepare(QTransform(), self.font)
        wide = self._text.size()
        self.width, self.height = wide.width(), wide.height()

    def draw(self, painter: QPainter, x: float, y: float) -> None:
        """Draw with the painter's pen; ``x`` and ``y`` are the upper left corner."""
        painter.setFont(self.font)
        painter.drawStaticText(QPointF(x, y), self._text)

    def draw_bare(self, painter: QPainter, x: int, y: int) -> None:
        """``draw`` for a painter that has the font already; for many texts in one font."""
        painter.drawStaticText(x, y, self._text)

    def draw_in(self, painter: QPainter, rect: QRectF | QRect, align: str = "left") -> None:
        """Draw in the vertical middle of a rectangle, at its "left", "centre" or "right"."""
        room = rect.width() - self.width
        shift = {"left": 0.0, "centre": room / 2, "right": room}[align]
        self.draw(painter, rect.x() + shift, rect.y() + (rect.height() - self.height) / 2)


def draw_message(painter: QPainter, box: QRectF, sentence: str) -> None:
    """Draw a sentence of 12 pixels in the middle of a box, with the painter's pen, in as many lines as it needs."""
    painter.setFont(font(12))
    where = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(box.adjusted(MESSAGE_MARGIN, 4, -MESSAGE_MARGIN, -4), where, sentence)


@lru_cache(maxsize=6000)
def ink(text: str, size: int = 12, weight: int = 400, *, tabular: bool = True) -> CachedText:
    """The text in a font of the window; the same object for the same text."""
    return CachedText(text, size, weight, tabular=tabular)


@lru_cache(maxsize=2000)
def elided(text: str, room: int, size: int = 12, weight: int = 400, *, middle: bool = False) -> str:
    """The text, cut with an ellipsis at its end or in its middle where there is less room than it needs (pixels)."""
    where = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
    return QFontMetricsF(font(size, weight)).elidedText(text, where, room)


@lru_cache(maxsize=1000)
def wrapped(text: str, room: float, size: int = 12, weight: int = 400) -> tuple[str, ...]:
    """A text in lines that are no wider than a room (pixels), broken at spaces; a longer word has a line of its own."""
    lines: list[str] = []
    for word in text.split():
        if lines and ink(f"{lines[-1]} {word}", size, weight).width <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return tuple(lines)
