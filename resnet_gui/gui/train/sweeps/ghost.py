"""What the page shows before there is a sweep: where its runs will appear."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.charts.parallel_drawing import smooth_path
from resnet_gui.gui.kit.theme import Theme

AXES: Final = ("Depth", "Shortcut", "Seed", "Training error %", "Test error %")
LINES: Final = 24
TITLE: Final = "No sweeps yet"
WORDS: Final = (
    "A sweep trains every combination of some values with several seeds,",
    "and says what makes a difference, and what cannot be told yet.",
    "Each run will be a line over these axes; choose values at the left, then Queue.",
)


class SweepGhost(QWidget):
    """A faint picture of lines over axes, with a sentence."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(f"{TITLE}. {' '.join(WORDS)}")
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw axes, lines and the sentence."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color, wide, high = self._theme.color, self.width(), self.height()
        top, bottom = 0.16 * high, 0.52 * high
        places = [wide * (0.12 + 0.76 * number / (len(AXES) - 1)) for number in range(len(AXES))]
        faint = QColor(color("line2"))
        faint.setAlphaF(0.6)
        painter.setPen(QPen(faint, 1))
        for number in range(LINES):
            # A fixed scatter: the same picture each time, and no figures that could be taken for measured ones.
            at = 0.5 + 0.42 * np.sin((number + 1) * (np.arange(len(AXES)) + 1.7) * 1.3)
            points = [(x, top + float(part) * (bottom - top)) for x, part in zip(places, at, strict=True)]
            painter.drawPath(smooth_path(points))
        for x, title in zip(places, AXES, strict=True):
            painter.setPen(QPen(color("line2"), 1))
            painter.drawLine(QPointF(round(x) + 0.5, top), QPointF(round(x) + 0.5, bottom))
            painter.setPen(color("t3"))
            words = ink(title, 12, 500)
            words.draw(painter, x - words.width / 2, top - 26)
        y = bottom + 40
        painter.drawPixmap(round(wide / 2 - 10), round(y), self._theme.pixmap("sweep", "t3", 20))
        painter.setPen(color("t1"))
        ink(TITLE, 15, 600).draw_in(painter, QRectF(0, y + 28, wide, 24), "centre")
        painter.setPen(color("t2"))
        for number, line in enumerate(WORDS):
            ink(line, 13).draw_in(painter, QRectF(0, y + 56 + 20 * number, wide, 20), "centre")
        painter.setPen(Qt.PenStyle.NoPen)
