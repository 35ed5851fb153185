"""What lights up over the Train page while something hangs over the window."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.cached_text import ink


class DropVeil(QWidget):
    """A veil over a page that says what becomes of what is dropped there; the mouse goes through it."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._title = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    @property
    def title(self) -> str:
        """What it says; empty while nothing hangs over the window."""
        return self._title

    def show_title(self, title: str) -> None:
        """Say what becomes of what hangs over the window; an empty title hides it."""
        page = self.parentWidget()
        self._title = title
        if title and page is not None and page.isVisible():
            self.setGeometry(page.rect())
            self.raise_()
            self.show()
        else:
            self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the veil, its frame and its words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        ground = QColor(palette.color(palette.ColorRole.Window))
        ground.setAlpha(225)
        painter.fillRect(self.rect(), ground)
        painter.setPen(QPen(palette.color(palette.ColorRole.Link), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(12, 12, -12, -12), 12, 12)
        painter.setPen(palette.color(palette.ColorRole.WindowText))
        title = QRectF(self.rect())
        ink(self._title, 18, 600).draw_in(painter, title.adjusted(0, -28, 0, 0), "centre")
        more = "Pictures to learn from: a folder for each class, an archive or arrays. Weights to begin from."
        ink(more, 13).draw_in(painter, title.adjusted(0, 28, 0, 0), "centre")
