"""A card of the list: picture, title, state, question and time of one experiment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.charts.badge import BadgeData, draw_badge
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.list.thumbnails import thumbnail

HIGH: Final = 52
QUESTION_FROM: Final = 250
"""Pixels of a card from which there is room for its question."""


@dataclass(frozen=True)
class CardData:
    """The content of a card.

    Attributes:
        experiment: its key.
        scale: key of the scale that it opens.
        title: for people.
        question: the short one.
        time: on this machine, "5 s".
        picture: name of its thumbnail.
        state: a badge; one without an icon and in t2 is plain text.
    """

    experiment: str
    scale: str
    title: str
    question: str
    time: str
    picture: str
    state: BadgeData = field(default_factory=lambda: BadgeData("not run"))


class ExperimentButton(QAbstractButton):
    """A button that shows an experiment."""

    def __init__(self, theme: Theme, data: CardData) -> None:
        super().__init__()
        self._theme = theme
        self.data = data
        self.setCheckable(True)
        self.setFixedHeight(HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self.update)
        self.show_data(data)

    def show_data(self, data: CardData) -> None:
        """Show another state."""
        self.data = data
        self.setAccessibleName(f"{data.title}: {data.state.word}")
        self.setToolTip(f"{data.title}. {data.question} {data.time}")
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the list."""
        return QSize(280, HIGH)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw frame, picture and words."""
        painter, color = QPainter(self), self._theme.color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        width = 2 if chosen else 1
        painter.setPen(QPen(color("acc" if chosen or self.hasFocus() else "line"), width))
        painter.setBrush(color("accsoft" if chosen else "hover" if self.underMouse() else "panel"))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("canvas"))
        painter.drawRoundedRect(QRectF(6, 6, 46, 40), 6, 6)
        painter.drawPixmap(9, 10, thumbnail(self._theme, self.data.picture, self.devicePixelRatioF()))
        self._write(painter)

    def _write(self, painter: QPainter) -> None:
        color, data, right = self._theme.color, self.data, self.width() - 9
        state, wide = data.state, self.width() >= QUESTION_FROM
        made = ink(data.time, 11)
        painter.setPen(color("t2"))
        made.draw_in(painter, QRectF(right - made.width, 27, made.width, 18))
        # In a narrow list the state takes the place of the question.
        left, middle = (right - state.width, 17.0) if wide else (62.0, 36.0)
        if state.icon or state.token != "t2" or state.word != "not run":
            draw_badge(painter, self._theme, state, left, middle)
            used = state.width
        else:
            word = ink(state.word, 11)
            word.draw_in(painter, QRectF(right - word.width if wide else 62, middle - 9, word.width, 18))
            used = round(word.width)
        painter.setPen(color("t1"))
        room = right - 68 - (used if wide else 0)
        ink(elided(data.title, room, 13, 600), 13, 600).draw_in(painter, QRectF(62, 8, 10, 18))
        if wide:
            painter.setPen(color("t2"))
            room = right - round(made.width) - 68
            ink(elided(data.question, room, 12), 12).draw_in(painter, QRectF(62, 27, 10, 18))
