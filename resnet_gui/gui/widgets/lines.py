"""A few lines of small text in a place of fixed height; changing them lays nothing out anew."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.gui.ink import elided, ink
from resnet_gui.gui.theme import Theme

PITCH = 14


class Lines(QWidget):
    """Lines of 11 pixels, each cut where it is too long."""

    def __init__(self, theme: Theme, count: int, token: str = "t2") -> None:
        super().__init__()
        self._theme, self._token = theme, token
        self._lines: tuple[str, ...] = ()
        self.setFixedHeight(PITCH * count)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_lines(self, lines: Sequence[str]) -> None:
        """Show other lines; what has no room is left out."""
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self.setAccessibleName(" ".join(lines))
            self.update()

    def text(self) -> str:
        """Everything, also what is cut."""
        return "\n".join(self._lines)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the lines."""
        painter = QPainter(self)
        painter.setPen(self._theme.color(self._token))
        for number, line in enumerate(self._lines[: self.height() // PITCH]):
            ink(elided(line, self.width(), 11), 11).draw(painter, 0, PITCH * number)
