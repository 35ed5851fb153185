"""A few lines of small text in a place of fixed height; changing them lays nothing out anew."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.gui.kit.cached_text import elided, ink, wrapped
from resnet_gui.gui.kit.theme import Theme

PITCH, SIZE = 14, 11


class CaptionLines(QWidget):
    """A label of sentences of 11 pixels, each beginning in a line of its own; what has no room ends in an ellipsis."""

    def __init__(self, theme: Theme, count: int, token: str = "t2") -> None:
        super().__init__()
        self._theme, self._token, self._count = theme, token, count
        self._sentences: tuple[str, ...] = ()
        self.setFixedHeight(PITCH * count)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_lines(self, sentences: Sequence[str]) -> None:
        """Show other sentences."""
        if tuple(sentences) != self._sentences:
            self._sentences = tuple(sentences)
            self.setAccessibleName(" ".join(sentences))
            self.update()

    def text(self) -> str:
        """Everything, also what is cut."""
        return "\n".join(self._sentences)

    def fits(self) -> bool:
        """Whether nothing is cut."""
        return sum(len(wrapped(sentence, self.width(), SIZE)) for sentence in self._sentences) <= self._count

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the lines."""
        painter = QPainter(self)
        painter.setPen(self._theme.color(self._token))
        lines = [line for sentence in self._sentences for line in wrapped(sentence, self.width(), SIZE)]
        shown = lines[: self._count]
        if len(lines) > len(shown):
            shown[-1] = elided(f"{shown[-1]} {lines[self._count]}…", self.width(), 11)
        for number, line in enumerate(shown):
            ink(line, 11).draw(painter, 0, PITCH * number)
