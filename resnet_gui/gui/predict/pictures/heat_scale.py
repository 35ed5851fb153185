"""The scale of what lies over the large picture."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.pictures.canvas import MARGIN, Overlay, ramp_of


class HeatScale(QWidget):
    """The scale of the heat: its colours from none to high, and the value under the mouse."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._under: tuple[int, int, float | None] | None = None
        self._overlay: Overlay | None = None
        self.setFixedWidth(92)
        self.setAccessibleName("Colours of the heat")
        theme.changed.connect(self.update)

    def show_scale(self, overlay: Overlay | None) -> None:
        """Take what lies over the picture; None for nothing."""
        self._overlay = overlay
        self.update()

    def show_value(self, under: tuple[int, int, float | None] | None) -> None:
        """What is under the mouse; None for nothing."""
        self._under = under
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bar and the figure."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("canvas"))
        high = max(40, min(150, self.height() - 150))
        top = MARGIN + 20
        painter.setPen(self._theme.color("t2"))
        if self._overlay is not None:
            signed, ramp = self._overlay.signed, ramp_of(self._overlay)
            ink("for it" if signed else "high", 11).draw(painter, 0, MARGIN)
            for step in range(high):
                value = 255 - round(255 * step / max(1, high - 1))
                argb = int(ramp[value])
                alpha = max(1, argb >> 24)
                red, green, blue = (min(255, ((argb >> shift) & 255) * 255 // alpha) for shift in (16, 8, 0))
                painter.fillRect(QRectF(0, top + step, 12, 1), QColor(red, green, blue, alpha))
            ink("against it" if signed else "none", 11).draw(painter, 0, top + high + 4)
        if self._under is not None:
            x, y, found = self._under
            below = top + high + 34 if self._overlay is not None else MARGIN
            painter.setPen(self._theme.color("t2"))
            ink(f"Pixel {x}, {y}", 11).draw(painter, 0, below)
            if found is not None:
                painter.setPen(self._theme.color("t1"))
                ink(f"{found:.2f}".replace("-", "−"), 12, 600).draw(painter, 0, below + 17)
