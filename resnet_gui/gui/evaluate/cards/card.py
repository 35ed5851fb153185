"""One figure of an evaluation on a card of 74 pixels, with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from resnet_gui.gui.common.pressable_card import PressableCard
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.charts.badge import BadgeData, draw_badge
from resnet_gui.gui.kit.theme import Theme

HEIGHT: Final = 74
MARGIN: Final = 12
TRACK: Final = 80
"""Pixels of a track."""

STEPS: Final = (1, 2, 5, 10, 20, 25, 50, 100)
"""Widths of the range of a track in per cent."""


NO_BADGE: Final = BadgeData("")
NO_FIGURE: Final = "–"


@dataclass(frozen=True)
class CardTrack:
    """A figure with its interval on a range that is named, all in per cent."""

    value: float
    low: float
    high: float

    @property
    def ends(self) -> tuple[int, int]:
        """The range: round numbers, at least three times as far apart as the ends of the interval."""
        for step in STEPS:
            first = math.floor(self.low / step) * step
            if step >= 3 * (self.high - self.low) and self.high <= first + step and first + step <= 100:
                return first, first + step
        return 0, 100


@dataclass(frozen=True)
class CardContent:
    """The content of a card.

    Attributes:
        title: what the figure is.
        number, unit: the figure; a dash while there is none.
        below: the line under it.
        tip: of the card, in whole sentences.
        track: the interval as a box, where it is drawn.
        badge: a verdict at the right; one without a word is not drawn.
        cautions: whether the line under it says why the figure is not to be trusted.
    """

    title: str
    number: str = NO_FIGURE
    unit: str = ""
    below: str = ""
    tip: str = ""
    track: CardTrack | None = None
    badge: BadgeData = NO_BADGE
    cautions: bool = False


class EvaluationCard(PressableCard):
    """A card with one figure of an evaluation, painted by hand so that counting lays nothing out anew."""

    def __init__(self, theme: Theme, content: CardContent) -> None:
        super().__init__(theme)
        self.content = content
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_content(content)

    def show_content(self, content: CardContent) -> None:
        """Show another figure."""
        self.content = content
        self.setAccessibleName(content.title)
        words = (f"{content.number} {content.unit}".strip(), content.badge.word, content.below)
        self.setAccessibleDescription(", ".join(filter(None, words)))
        self.setToolTip(content.tip)
        self.update()

    def sizeHint(self) -> QSize:
        """Its share of the row."""
        return QSize(200, HEIGHT)

    def cut_words(self) -> int:
        """How many of its texts are cut at its present width, or left out."""
        content, room = self.content, self.width() - 2 * MARGIN
        figure = ink(content.number, 21, 600).width + 6
        unit = figure + ink(content.unit, 13).width
        after = max(TRACK * (content.track is not None), content.badge.width if content.badge.word else 0)
        widths = (ink(content.title, 12, 500).width, ink(content.below, 12).width, unit + (8 + after if after else 0))
        return sum(width > room for width in widths)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw frame, title, figure with its track or verdict, and the line below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color, content = self._theme.color, self.content
        self._paint_frame(painter)
        right = self.width() - MARGIN
        painter.setPen(color("t2"))
        ink(elided(content.title, right - MARGIN, 12, 500), 12, 500).draw(painter, MARGIN, 8)
        figure = ink(content.number, 21, 600)
        room = max(0, int(right - MARGIN - figure.width - 6))
        unit = ink(elided(content.unit, room, 13), 13)
        painter.setPen(color("t1" if content.number != NO_FIGURE else "t3"))
        figure.draw(painter, MARGIN, 37 - figure.height / 2)
        unit_end = MARGIN + figure.width + 6 + unit.width
        painter.setPen(color("t2"))
        unit.draw(painter, MARGIN + figure.width + 6, 39 - unit.height / 2)
        if content.track is not None and unit_end + TRACK + 8 <= right:
            self._draw_track(painter, content.track, right - TRACK)
        if content.badge.word and unit_end + content.badge.width + 8 <= right:
            draw_badge(painter, self._theme, content.badge, right - content.badge.width, 37)
        painter.setPen(color("warn" if content.cautions else "t2"))
        ink(elided(content.below, right - MARGIN), 12).draw(painter, MARGIN, 51)

    def _draw_track(self, painter: QPainter, track: CardTrack, left: float) -> None:
        """The range with its name above, the interval as a box, the figure as a dot."""
        color, (first, last) = self._theme.color, track.ends
        painter.setPen(color("t3"))
        ink(f"{first} to {last}", 11).draw_in(painter, QRectF(left, 8, TRACK, 16), "centre")
        painter.setPen(QPen(color("line2"), 1))
        painter.drawLine(QPointF(left + 4, 38.5), QPointF(left + TRACK - 4, 38.5))

        def place(value: float) -> float:
            return left + 4 + (TRACK - 8) * (value - first) / (last - first)

        soft = QColor(color("acc"))
        soft.setAlphaF(0.25)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(soft)
        low, high = place(track.low), place(track.high)
        painter.drawRoundedRect(QRectF(low, 34, max(2.0, high - low), 9), 2, 2)
        painter.setBrush(color("acc"))
        painter.drawEllipse(QPointF(place(track.value), 38.5), 3.5, 3.5)
