"""What a widget paints once and copies from then on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QWidget


class KeptPicture(QObject):
    """A picture of the size of a widget, painted anew when it was forgotten or the widget or its screen is another.

    Where the widget is drawn enlarged, as on a projector, the picture has as many pixels as are seen of it.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._pixmap: QPixmap | None = None

    def forget(self) -> None:
        """What is painted has changed: have the widget ask for it again."""
        self._pixmap = None
        self._widget.update()

    def get(self, onto: QPainter, ground: QColor, paint: Callable[[QPainter], object]) -> QPixmap:
        """The picture for a painter of the widget, on a ground, which may be transparent.

        ``paint`` is called where there is none that fits.
        """
        ratio = onto.deviceTransform().m11()
        size = self._widget.size() * ratio
        kept = self._pixmap
        if kept is None or kept.size() != size or kept.devicePixelRatio() != ratio:
            kept = self._pixmap = QPixmap(size)
            kept.setDevicePixelRatio(ratio)
            kept.fill(ground)
            painter = QPainter(kept)
            paint(painter)
            painter.end()
        return kept
