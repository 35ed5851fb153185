"""What a page puts alone onto the full screen in presentation mode: its panes, each drawn large."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPixmap, QRegion
from PySide6.QtWidgets import QAbstractScrollArea, QWidget
from shiboken6 import isValid

REFRESH_MS = 400
"""Between two pictures of a pane: what a run adds is seen soon, and drawing takes a small part of the time."""

MOST_ENLARGED = 6.0


class PresentedPane(NamedTuple):
    """One pane of a page.

    Attributes:
        title: what stands over it.
        make: makes the widget that fills the screen; it is deleted when the pane is left. A key that it does not take
            (``QKeyEvent.ignore``) goes to the other panes.
    """

    title: str
    make: Callable[[], QWidget]

    @classmethod
    def enlarged(cls, title: str, widget: QWidget) -> PresentedPane:
        """A widget of the page, drawn large as it stands there; the page itself is left as it is."""
        return cls(title, lambda: EnlargedWidget(widget))


@runtime_checkable
class Presents(Protocol):
    """A page with panes that can stand alone on the screen."""

    def panes(self) -> Sequence[PresentedPane]:
        """The panes that have something to show now, in their order; the first is shown first."""
        ...


class EnlargedWidget(QWidget):
    """A live picture of another widget as large as its place, drawn anew and not stretched: its type grows with it.

    The widget stays where it is, so there is nothing to put back. Up, Down, Page Up and Page Down scroll it where it
    can be scrolled.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self._widget = widget
        self._picture = QPixmap()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(widget.accessibleName())
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self.update)
        self._timer.start()

    def factor(self) -> float:
        """How many times larger than in the page it is drawn."""
        if not isValid(self._widget):
            return 1.0
        size = self._widget.size()
        room = self.size()
        return min(MOST_ENLARGED, room.width() / max(size.width(), 1), room.height() / max(size.height(), 1))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the widget as it is now."""
        if not isValid(self._widget):
            return
        ratio = self.devicePixelRatioF()
        factor = self.factor()
        size = self._widget.size() * factor
        wanted = QSize(round(size.width() * ratio), round(size.height() * ratio))
        if wanted.isEmpty():
            return
        if self._picture.size() != wanted:
            self._picture = QPixmap(wanted)
        self._picture.setDevicePixelRatio(ratio * factor)
        self._picture.fill(self.palette().window().color())
        self._widget.render(self._picture, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
        self._picture.setDevicePixelRatio(ratio)
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(self.rect().center())
        QPainter(self).drawPixmap(place.topLeft(), self._picture)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}
        step = steps.get(Qt.Key(event.key()))
        area = scrolled_area(self._widget) if isValid(self._widget) else None
        if step is None or area is None:
            event.ignore()
            return
        bar = area.verticalScrollBar()
        bar.setValue(bar.value() + step * max(24, bar.singleStep()))
        self.update()


def scrolled_area(widget: QWidget) -> QAbstractScrollArea | None:
    """The area of a widget that can be scrolled up and down: itself, or the largest inside it."""
    areas = [widget] if isinstance(widget, QAbstractScrollArea) else widget.findChildren(QAbstractScrollArea)
    able = [area for area in areas if area.isVisible() and area.verticalScrollBar().maximum() > 0]
    return max(able, key=lambda area: area.width() * area.height(), default=None)
