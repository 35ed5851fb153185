"""The values of an axis with their colours, in a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.charts.parallel_drawing import HUES
from resnet_gui.gui.kit.theme import Theme

MOST: Final = 220
"""Pixels; values that have no room are left to the axis, which names all of them."""


class ValueLegend(QWidget):
    """A row of dots with the values that they stand for."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._labels: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_labels(self, labels: Sequence[str]) -> None:
        """Show other values; none where they are not few."""
        self._labels = tuple(labels) if sum(ink(text, 12).width + 22 for text in labels) <= MOST else ()
        self.setAccessibleName(", ".join(self._labels))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """All of them."""
        return QSize(round(sum(ink(text, 12).width + 22 for text in self._labels)), 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw dots and values."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = 0.0
        for number, text in enumerate(self._labels):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(f"r{number % HUES}"))
            painter.drawEllipse(QPointF(x + 4, self.height() / 2), 4, 4)
            painter.setPen(self._theme.color("t1"))
            words = ink(text, 12)
            words.draw_in(painter, QRectF(x + 13, 0, words.width, self.height()))
            x += words.width + 22
