"""A widget of a page on the whole screen of a presentation: laid out in the screen's shape and drawn large."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, QSize, QSizeF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPixmap, QRegion, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QLayout,
    QScrollArea,
    QSplitter,
    QWidget,
)

REFRESH_MS: Final = 400
"""Between two pictures of a widget: what a run adds is seen soon."""

SHARE: Final = 10
"""Pictures take at most this part of the time."""

STEPS: Final = (6.0, 5.0, 4.2, 3.5, 3.0, 2.6, 2.3, 2.0, 1.75, 1.5, 1.3, 1.15, 1.0, 0.85, 0.7)
"""Times that a widget is drawn larger than in its page; the largest at which all of it is on the screen is taken."""

LISTED: Final = 1.75
"""A list is not drawn smaller than so for more rows: it is scrolled."""

_NONE, _KEYPAD = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier
TAKEN: Final = frozenset({
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
    Qt.Key.Key_Home, Qt.Key.Key_End,
})  # fmt: skip
"""Keys that an own widget of a pane takes."""


class EnlargedWidget(QWidget):
    """A live picture of another widget, as large as all of it fits, drawn anew and not stretched: its type grows too.

    A widget of a page stays where it is. For every picture it is laid out in the shape of the screen and put back
    before the page is painted again. Up, Down, Page Up and Page Down scroll what can be scrolled. With a ``factor`` the
    widget is this one's own: it has the size of the place divided by the factor, and takes the keys itself.

    Attributes:
        whole: whether all of the widget is seen, but for rows of a list that is scrolled.
    """

    def __init__(self, widget: QWidget, factor: float = 0.0, *, least: int = 0) -> None:
        """Draw a widget of a page, laid out at ``least`` so many pixels wide, or an own one with a ``factor``."""
        super().__init__()
        self._least = least
        self._widget, self._factor, self._own = widget, factor or 1.0, bool(factor)
        self._picture, self._shown = QPixmap(), QSizeF()
        self._laid_out, self.whole = QSize(), True
        self._scroll, self._reach = 0, 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(widget.accessibleName())
        if self._own:
            # Inside, for the style sheet, and hidden: what is seen of it is its picture.
            widget.setParent(self)
            widget.hide()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.refresh)

    @property
    def _source(self) -> QWidget | None:
        """The widget; None if the page has taken it away."""
        try:
            self._widget.isVisible()
        except RuntimeError:
            return None
        return self._widget

    def factor(self) -> float:
        """How many times larger than in its page it is drawn."""
        return self._factor

    @property
    def shown(self) -> QSizeF:
        """Pixels that the whole widget takes of the screen."""
        return self._shown

    # ---- its picture

    def refresh(self) -> None:
        """Draw the widget as it is now."""
        source = self._source
        if source is None or self.size().isEmpty():
            return
        begun = time.perf_counter()
        if self._own:
            self._draw(source)
        else:
            with put_back(source):
                self._lay_out(source)
                area = scrolled_area(source)
                self._reach = area.verticalScrollBar().maximum() if area is not None else 0
                if area is not None:
                    area.verticalScrollBar().setValue(min(self._scroll, self._reach))
                self._draw(source)
        self._timer.start(max(REFRESH_MS, round(1000 * SHARE * (time.perf_counter() - begun))))
        self.update()

    def _lay_out(self, source: QWidget) -> None:
        """Give it the size at which all of it is on the screen, as large as that goes."""
        room = QSizeF(self.size())
        if self._laid_out == self.size() and _fits(source, (room / self._factor).toSize(), self._factor):
            return
        steps = tuple(step for step in STEPS if room.width() / step >= self._least) or STEPS[-1:]
        low, high = 0, len(steps) - 1
        while low < high:
            middle = (low + high) // 2
            if _fits(source, (room / steps[middle]).toSize(), steps[middle]):
                high = middle
            else:
                low = middle + 1
        self._laid_out, self._factor = self.size(), steps[low]
        self.whole = _fits(source, (room / self._factor).toSize(), self._factor)

    def _draw(self, source: QWidget) -> None:
        across, down = self.width() / max(1, source.width()), self.height() / max(1, source.height())
        scale = self._factor if self._own else min(STEPS[0], across, down)
        ratio = self.devicePixelRatioF()
        self._shown = QSizeF(source.size()) * scale
        wanted = (self._shown * ratio).toSize()
        if self._picture.size() != wanted:
            self._picture = QPixmap(wanted)
        self._picture.setDevicePixelRatio(ratio * scale)
        self._picture.fill(self.palette().window().color())
        source.render(self._picture, QPoint(), QRegion(source.rect()), QWidget.RenderFlag.DrawChildren)
        self._picture.setDevicePixelRatio(ratio)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A widget of its own is as large as its place allows."""
        super().resizeEvent(event)
        source = self._source
        if self._own and source is not None:
            source.resize((QSizeF(self.size()) / self._factor).toSize())
        # Not at once: a picture that is being drawn has Qt deliver the sizes of this window too.
        self._timer.start(0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Copy the picture into the middle."""
        place = QRect(QPoint(0, 0), self._shown.toSize())
        place.moveCenter(self.rect().center())
        QPainter(self).drawPixmap(place.topLeft(), self._picture)

    # ---- its keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll, or let the widget take the key."""
        source = self._source
        if source is not None and self._own and Qt.Key(event.key()) in TAKEN and event.modifiers() in {_NONE, _KEYPAD}:
            QApplication.sendEvent(source, event)
            self.refresh()
            return
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}
        step = steps.get(Qt.Key(event.key()))
        if source is None or step is None or not self._reach:
            event.ignore()
            return
        area = scrolled_area(source)
        single = area.verticalScrollBar().singleStep() if area is not None else 0
        self._scroll = min(max(0, self._scroll + step * max(1 if single == 1 else 24, single)), self._reach)
        self.refresh()


@contextmanager
def put_back(widget: QWidget) -> Iterator[None]:
    """Give a widget its geometry back at the end, and what is in it the places to which it was scrolled and split."""
    place = widget.geometry()
    bars = [bar for area in _areas(widget) for bar in (area.verticalScrollBar(), area.horizontalScrollBar())]
    values = [bar.value() for bar in bars]
    splitters = [widget] if isinstance(widget, QSplitter) else widget.findChildren(QSplitter)
    sizes = [splitter.sizes() for splitter in splitters]
    try:
        yield
    finally:
        widget.setGeometry(place)
        _activate(widget)
        for splitter, each in zip(splitters, sizes, strict=True):
            splitter.setSizes(each)
        for bar, value in zip(bars, values, strict=True):
            bar.setValue(value)


def _activate(widget: QWidget) -> None:
    """Lay out everything inside a widget now, and not with the next event."""
    own = widget.layout()
    for layout in (*((own,) if own is not None else ()), *widget.findChildren(QLayout)):
        layout.activate()
    for area in _areas(widget):
        if isinstance(area, QScrollArea) and area.widget() is not None:
            # Heard of by the area, which gives its widget the height that it needs.
            QCoreApplication.sendPostedEvents(area.widget(), QEvent.Type.LayoutRequest)


def _fits(source: QWidget, size: QSize, factor: float) -> bool:
    """Lay a widget out in a size; whether all of it is then seen."""
    source.resize(size)
    for _ in range(2):  # what is laid out may then need another height
        _activate(source)
    got, layout, listed = source.size(), source.layout(), factor > LISTED
    needed = source.minimumSizeHint().expandedTo(got)
    if needed.width() > size.width() or needed.height() > size.height():
        return False
    if layout is not None and layout.hasHeightForWidth() and layout.minimumHeightForWidth(got.width()) > size.height():
        return False
    return not any(
        bar.maximum() > 0
        for area in _areas(source)
        if area.isVisible() and (isinstance(area, QScrollArea) or (listed and isinstance(area, QAbstractItemView)))
        for bar in (area.verticalScrollBar(), area.horizontalScrollBar())
    )


def _areas(widget: QWidget) -> list[QAbstractScrollArea]:
    return [widget] if isinstance(widget, QAbstractScrollArea) else widget.findChildren(QAbstractScrollArea)


def scrolled_area(widget: QWidget) -> QAbstractScrollArea | None:
    """The area of a widget that can be scrolled up and down: itself, or the largest inside it."""
    able = [area for area in _areas(widget) if area.isVisible() and area.verticalScrollBar().maximum() > 0]
    return max(able, key=lambda area: area.width() * area.height(), default=None)
