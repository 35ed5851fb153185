"""A badge: an icon and a word on the soft colour of a state, as a widget or drawn into a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.theme import Theme

HEIGHT: Final = 18
SIGN: Final = 12
GROUNDS: Final = {"ok": "oksoft", "err": "errsoft", "warn": "warnsoft", "acc": "accsoft", "t2": "hover"}
"""Token of the text, and of what is behind it."""


@dataclass(frozen=True)
class BadgeData:
    """Icon, word and colour of a badge; colour is never the only cue, so it has a word.

    Attributes:
        word: as short as can be.
        token: of word and icon: ok, err, warn, acc, or t2 for idle.
        icon: before the word; empty for none.
    """

    word: str
    token: str = "t2"
    icon: str = ""

    @property
    def width(self) -> int:
        """Pixels that it takes."""
        return round(ink(self.word, 11, 500).width) + 12 + (SIGN + 4 if self.icon else 0)


def draw_badge(painter: QPainter, theme: Theme, badge: BadgeData, left: float, middle: float) -> None:
    """Draw a badge with its left end and the middle of its height at a point."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(left, round(middle - HEIGHT / 2), badge.width, HEIGHT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(GROUNDS[badge.token]))
    painter.drawRoundedRect(box, 4, 4)
    x = box.left() + 6
    if badge.icon:
        painter.drawPixmap(round(x), round(box.center().y() - SIGN / 2), theme.pixmap(badge.icon, badge.token, SIGN))
        x += SIGN + 4
    painter.setPen(theme.color(badge.token))
    ink(badge.word, 11, 500).draw_in(painter, QRectF(x, box.top(), 1, HEIGHT))
    painter.restore()


class Badge(QWidget):
    """A badge as a widget."""

    def __init__(self, theme: Theme, badge: BadgeData | None = None) -> None:
        super().__init__()
        self._theme = theme
        self.badge = badge or BadgeData("")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self.show_badge(self.badge)

    def show_badge(self, badge: BadgeData) -> None:
        """Show another state; one without a word is not seen."""
        self.badge = badge
        self.setAccessibleName(badge.word)
        self.setVisible(bool(badge.word))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Icon and word."""
        return QSize(self.badge.width, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the badge."""
        draw_badge(QPainter(self), self._theme, self.badge, 0, self.height() / 2)
