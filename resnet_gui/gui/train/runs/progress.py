"""The bar of a run's progress, with ticks where the learning rate falls."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.theme import Theme

THICK = 10


class RunProgress(QWidget):
    """The bar of a run's progress, with words under its ticks, for which a ``QProgressBar`` has no place."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._fraction = 0.0
        self._ticks: tuple[tuple[float, str], ...] = ()
        self.setFixedHeight(34)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_progress(self, fraction: float, ticks: Sequence[tuple[float, str]]) -> None:
        """Show how far the run is, and what comes where (fraction, words)."""
        if (fraction, tuple(ticks)) != (self._fraction, self._ticks):
            self._fraction, self._ticks = min(1.0, max(0.0, fraction)), tuple(ticks)
            self.setAccessibleName(f"{self._fraction:.0%} of the run")
            self.update()

    @property
    def fraction(self) -> float:
        """How far, 0 to 1."""
        return self._fraction

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(300, 34)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw bar, ticks and words that do not lie on each other."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color, wide = self._theme.color, self.width()
        top = 3.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("line2"))
        painter.drawRoundedRect(QRectF(0, top, wide, THICK), THICK / 2, THICK / 2)
        done = wide * self._fraction
        if done:
            painter.setBrush(color("acc"))
            painter.drawRoundedRect(QRectF(0, top, max(done, THICK), THICK), THICK / 2, THICK / 2)
        for at, _ in self._ticks:
            painter.fillRect(QRectF(round(at * wide), 0, 1, THICK + 6), color("t2"))
        taken: list[tuple[float, float]] = []
        own = ink(f"{self._fraction * 100:.0f} %", 11, 500)
        if self._fraction:
            self._word(painter, taken, done, own.width, f"{self._fraction * 100:.0f} %", strong=True)
        for at, words in self._ticks:
            self._word(painter, taken, at * wide, ink(words, 11).width, words, strong=False)

    def _word(
        self, painter: QPainter, taken: list[tuple[float, float]], x: float, size: float, text: str, *, strong: bool
    ) -> None:
        if not text:
            return
        left = min(max(0.0, x - size / 2), self.width() - size)
        if any(left < end + 6 and left + size > start - 6 for start, end in taken):
            return
        taken.append((left, left + size))
        painter.setPen(self._theme.color("t1" if strong else "t2"))
        ink(text, 11, 500 if strong else 400).draw(painter, left, THICK + 8)
