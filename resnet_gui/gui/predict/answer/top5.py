"""The likeliest classes as bars."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QFrame, QLabel

from resnet_gui.gui.kit.basic import label
from resnet_gui.gui.kit.cached_text import elided
from resnet_gui.gui.kit.format import percent
from resnet_gui.gui.kit.theme import Theme, font
from resnet_gui.protocol.events import Score

PITCH, TOP = 41, 8
FADED: Final = 0.4
"""Opacity of what a former network said."""


class Top5Bars(QFrame):
    """The bars of the likeliest classes; with lesions, a line shows what the whole network says.

    Signals:
        class_clicked: number of the class whose bar was clicked.
    """

    class_clicked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._scores: tuple[Score, ...] = ()
        self._whole: dict[int, float] = {}
        self._former = False
        self.setFixedHeight(TOP + 5 * PITCH + 2)
        self.setToolTip(
            "Click a class to see where its evidence lies; its number is that of the output that stands for it, from 0"
        )
        theme.changed.connect(self.update)

    def show_scores(self, scores: tuple[Score, ...], whole: dict[int, float] | None = None) -> None:
        """Show classes, the likeliest first; ``whole`` has the probabilities without lesions, by class."""
        self._scores, self._whole = scores, whole or {}
        self._name()

    def set_former(self, *, on: bool) -> None:
        """Whether what is shown is another network's answer than that of the chosen one, which is being loaded."""
        if on != self._former:
            self._former = on
            self._name()

    def _name(self) -> None:
        words = ", ".join(f"{score.label} {percent(score.probability)}" for score in self._scores)
        former = "the network before: " if self._former and words else ""
        self.setAccessibleName(former + words or "no answer yet")
        self.update()

    def scores(self) -> tuple[Score, ...]:
        """What is shown."""
        return self._scores

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the class of a bar."""
        number = int((event.position().y() - TOP) // PITCH)
        if 0 <= number < len(self._scores):
            self.class_clicked.emit(self._scores[number].index)

    def paintEvent(self, _event: object) -> None:
        """Draw label, number and bar of each class."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(FADED if self._former else 1.0)
        for number in range(5):
            top = TOP + PITCH * number
            if number < len(self._scores):
                self._draw(painter, self._scores[number], top, first=number == 0)
            elif not self._scores:
                wide = self.width() - 32
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._theme.color("hover"))
                painter.drawRoundedRect(QRectF(16, top + 4, wide * (0.3 + 0.06 * ((number * 3) % 4)), 8), 4, 4)
                painter.drawRoundedRect(QRectF(16, top + 22, wide, 6), 3, 3)

    def _draw(self, painter: QPainter, score: Score, top: int, *, first: bool) -> None:
        color, wide = self._theme.color, self.width() - 32
        painter.setFont(font(15 if first else 13, 600 if first else 500))
        painter.setPen(color("t1"))
        line = QRect(16, top, wide, 20)
        text = percent(score.probability)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        room = wide - painter.fontMetrics().horizontalAdvance(text) - 68
        painter.setFont(font(13, 600 if first else 500))
        name = elided(score.label, room, 13, 600 if first else 500)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
        after = 16 + painter.fontMetrics().horizontalAdvance(name) + 8
        painter.setFont(font(11))
        painter.setPen(color("t3"))
        painter.drawText(QRect(after, top, 80, 20), Qt.AlignmentFlag.AlignVCenter, f"class {score.index}")
        high = 10 if first else 6
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("hover"))
        painter.drawRoundedRect(QRectF(16, top + 23, wide, high), 3, 3)
        painter.setBrush(color("acc" if first else "t3"))
        painter.drawRoundedRect(QRectF(16, top + 23, max(2.0, wide * score.probability), high), 3, 3)
        whole = self._whole.get(score.index)
        if whole is not None:
            x = 16 + wide * whole
            painter.setPen(QPen(color("t1"), 2))
            painter.drawLine(int(x), top + 20, int(x), top + 25 + high)


def quiet(text: str) -> QLabel:
    """A centred caption."""
    made = label(text, "caption", wrap=True)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    made.setContentsMargins(16, 4, 16, 4)
    return made
