"""What a page puts alone onto the full screen in presentation mode: its panes, each drawn large."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import ceil
from typing import Final, NamedTuple, Protocol, runtime_checkable

from PySide6.QtCore import QPoint, QRect, QSizeF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPixmap, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget

REFRESH_MS = 400
"""Between two pictures of a pane: what a run adds is seen soon, and drawing takes a small part of the time."""

LEAST_ENLARGED, MOST_ENLARGED = 1.7, 6.0
"""How many times larger than in its page a widget is drawn: less is not worth a screen of its own."""

_NONE, _KEYPAD = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier
TAKEN: Final = frozenset({
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
    Qt.Key.Key_Home, Qt.Key.Key_End,
})  # fmt: skip
"""Keys that an own widget of a pane takes."""


class PresentedPane(NamedTuple):
    """One pane of a page.

    Attributes:
        title: what stands over it.
        make: makes the widget that fills the screen; it is deleted when the pane is left. A key that it does not take
            (``QKeyEvent.ignore``) goes to the other panes.
        keys: what its own keys do, in a line.
    """

    title: str
    make: Callable[[], QWidget]
    keys: str = ""

    @classmethod
    def enlarged(cls, title: str, widget: QWidget) -> PresentedPane:
        """A widget of the page, drawn large as it stands there; the page itself is left as it is."""
        return cls(title, lambda: EnlargedWidget(widget))


def enlarged_panes(page: QWidget, widgets: Iterable[tuple[str, QWidget]]) -> tuple[PresentedPane, ...]:
    """A pane for each widget of a page that is on show there now, by its title."""
    return tuple(PresentedPane.enlarged(title, widget) for title, widget in widgets if widget.isVisibleTo(page))


@runtime_checkable
class Presents(Protocol):
    """A page with panes that can stand alone on the screen."""

    def panes(self) -> Sequence[PresentedPane]:
        """The panes that have something to show now, in their order; the first is shown first."""
        ...


class EnlargedWidget(QWidget):
    """A live picture of another widget as large as its place, drawn anew and not stretched: its type grows with it.

    A widget of a page stays where it is, so there is nothing to put back; Up, Down, Page Up and Page Down scroll it
    where it can be scrolled. With a ``factor`` the widget is this one's own: it has the size of the place divided by
    the factor, and takes the keys itself.
    """

    def __init__(self, widget: QWidget, factor: float = 0.0) -> None:
        super().__init__()
        self._widget, self._factor = widget, factor
        self._picture, self._top = QPixmap(), 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(widget.accessibleName())
        if factor:
            # Inside, for the style sheet, and hidden: what is seen of it is its picture.
            widget.setParent(self)
            widget.hide()
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self.update)
        self._timer.start()

    @property
    def _source(self) -> QWidget | None:
        """The widget; None if the page has taken it away."""
        try:
            self._widget.isVisible()
        except RuntimeError:
            return None
        return self._widget

    def factor(self) -> float:
        """How many times larger than in the page it is drawn."""
        source = self._source
        if self._factor or source is None:
            return self._factor or 1.0
        size, room = source.size(), self.size()
        across, down = room.width() / max(size.width(), 1), room.height() / max(size.height(), 1)
        # What is high is as wide as the screen, and scrolled.
        return min(MOST_ENLARGED, across, max(down, LEAST_ENLARGED))

    @property
    def overflow(self) -> int:
        """Pixels of the picture that lie beyond the screen, below or above."""
        source = self._source
        return max(0, round(source.height() * self.factor()) - self.height()) if source is not None else 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A widget of its own is as large as its place allows."""
        super().resizeEvent(event)
        source = self._source
        if self._factor and source is not None:
            source.resize((QSizeF(self.size()) / self._factor).toSize())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the widget as it is now."""
        source = self._source
        if source is None:
            return
        ratio, factor = self.devicePixelRatioF(), self.factor()
        self._top = min(self._top, self.overflow)
        size = QSizeF(source.width() * factor, min(source.height() * factor, self.height()))
        wanted = (size * ratio).toSize()
        if wanted.isEmpty():
            return
        if self._picture.size() != wanted:
            self._picture = QPixmap(wanted)
        self._picture.setDevicePixelRatio(ratio * factor)
        self._picture.fill(self.palette().window().color())
        part = QRect(0, round(self._top / factor), source.width(), ceil(size.height() / factor))
        source.render(self._picture, QPoint(), QRegion(part), QWidget.RenderFlag.DrawChildren)
        self._picture.setDevicePixelRatio(ratio)
        place = QRect(QPoint(0, 0), size.toSize())
        place.moveCenter(self.rect().center())
        QPainter(self).drawPixmap(place.topLeft(), self._picture)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll, or let the widget take the key."""
        source = self._source
        if source is None:
            event.ignore()
            return
        if self._factor and Qt.Key(event.key()) in TAKEN and event.modifiers() in {_NONE, _KEYPAD}:
            QApplication.sendEvent(source, event)
            self.update()
            return
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}
        step = steps.get(Qt.Key(event.key()))
        area = scrolled_area(source)
        if step is not None and self.overflow:
            self._top = min(max(0, self._top + step * self.height() // 10), self.overflow)
            self.update()
            return
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
