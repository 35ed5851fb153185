"""Text for widgets that paint by hand: laid out once, drawn often."""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText, QTransform

from resnet_gui.gui.kit.theme import font
from resnet_gui.gui.kit.window.missing_letters import letter_notice

FIRST_FROM_THE_RIGHT: Final = "\u0590"
"""The first of the letters that are written from right to left; what stands before it is written from left to right."""

SIGNS: Final = str.maketrans("−–…’", "----")
"""Signs of formulas and sentences that lie behind it, are written from left to right too, and are in the font."""

MESSAGE_MARGIN = 12
"""Pixels that a message leaves free at both sides."""


class _FontFigures(NamedTuple):
    """A font with what its lines of text have in common.

    Attributes:
        font: it.
        widths: its metrics.
        height: of a line, as a ``QStaticText`` has it.
        ascent: from the upper edge of a line to its baseline.
    """

    font: QFont
    widths: QFontMetricsF
    height: float
    ascent: float


@cache
def _figures(size: int, weight: int, *, tabular: bool) -> _FontFigures:
    return _figures_of(font(size, weight, tabular=tabular))


def _figures_of(made: QFont) -> _FontFigures:
    metrics = QFontMetricsF(made)
    sample = QStaticText("x")
    sample.prepare(QTransform(), made)
    return _FontFigures(made, metrics, sample.size().height(), metrics.ascent())


class CachedText:
    """One line of text in one font, measured once and, from the second time that it is drawn, laid out once.

    To lay a text out takes three times as long as to draw one that is; most figures that
    come into view for the first time are seen once.

    Attributes:
        width, height: in device-independent pixels.
    """

    __slots__ = ("_ascent", "_laid_out", "_seen", "_text", "font", "height", "width")

    def __init__(
        self, text: str, size: int, weight: int, *, tabular: bool, figures: _FontFigures | None = None
    ) -> None:
        figures = figures or _figures(size, weight, tabular=tabular)
        self.font, self._ascent = figures.font, figures.ascent
        self._text = text
        self._laid_out: QStaticText | None = None
        # A painter that draws a text at once takes its direction, and lines in it, otherwise than a laid out text.
        self._seen = not (text.isprintable() and (text.isascii() or max(text.translate(SIGNS)) < FIRST_FROM_THE_RIGHT))
        if self._seen:
            letter_notice().look(text)
            size_of_all = self._lay_out().size()
            self.width, self.height = size_of_all.width(), size_of_all.height()
        else:
            self.width, self.height = figures.widths.horizontalAdvance(text), figures.height

    def _lay_out(self) -> QStaticText:
        made = self._laid_out = QStaticText(self._text)
        made.setTextFormat(Qt.TextFormat.PlainText)
        made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        made.prepare(QTransform(), self.font)
        return made

    def draw(self, painter: QPainter, x: float, y: float) -> None:
        """Draw with the painter's pen; ``x`` and ``y`` are the upper left corner."""
        painter.setFont(self.font)
        self.draw_bare(painter, x, y)

    def draw_bare(self, painter: QPainter, x: float, y: float) -> None:
        """``draw`` for a painter that has the font already; for many texts in one font."""
        if self._seen:
            painter.drawStaticText(QPointF(x, y), self._laid_out or self._lay_out())
        else:
            self._seen = True
            painter.drawText(QPointF(x, y + self._ascent), self._text)

    def draw_in(self, painter: QPainter, rect: QRectF | QRect, align: str = "left") -> None:
        """Draw in the vertical middle of a rectangle, at its "left", "centre" or "right"."""
        room = rect.width() - self.width
        shift = {"left": 0.0, "centre": room / 2, "right": room}[align]
        self.draw(painter, rect.x() + shift, rect.y() + (rect.height() - self.height) / 2)


def draw_message(painter: QPainter, box: QRectF, sentence: str) -> None:
    """Draw a sentence of 12 pixels in the middle of a box, with the painter's pen, in as many lines as it needs."""
    # One of its own: it is drawn in threads too.
    painter.setFont(font.__wrapped__(12))
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
    letter_notice().look(text)
    return QFontMetricsF(font(size, weight)).elidedText(text, where, room)


class DrawingTexts:
    """The texts of one drawing, in whichever thread it is drawn; they end before that.

    A text that was drawn before lies two hundredths of a pixel beside where it first lay, so that a figure would depend
    on what was on the screen. And a font that threads share may lose its engine while the other reads it.
    """

    def __init__(self) -> None:
        self._here = threading.current_thread() is threading.main_thread()
        self._fonts: dict[tuple[int, int, bool], _FontFigures] = {}
        self._texts: dict[tuple[str, int, int, bool], CachedText] = {}

    def _figures(self, size: int, weight: int, *, tabular: bool) -> _FontFigures:
        if self._here:
            return _figures(size, weight, tabular=tabular)
        key = size, weight, tabular
        if key not in self._fonts:
            self._fonts[key] = _figures_of(font.__wrapped__(size, weight, tabular=tabular))
        return self._fonts[key]

    def ink(self, text: str, size: int = 12, weight: int = 400, *, tabular: bool = True) -> CachedText:
        """As ``ink``."""
        key = text, size, weight, tabular
        if key not in self._texts:
            figures = self._figures(size, weight, tabular=tabular)
            self._texts[key] = CachedText(text, size, weight, tabular=tabular, figures=figures)
        return self._texts[key]

    def elided(self, text: str, room: int, size: int = 12, weight: int = 400, *, middle: bool = False) -> str:
        """As ``elided``."""
        where = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
        return self._figures(size, weight, tabular=True).widths.elidedText(text, where, room)


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
