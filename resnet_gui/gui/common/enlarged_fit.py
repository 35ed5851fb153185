"""How large a widget can be drawn so that all of it is on the screen, and a page that is left as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple, Protocol, runtime_checkable

from PySide6.QtCore import QCoreApplication, QEvent, QMetaObject, QPoint, QSize, QSizeF, Qt
from PySide6.QtGui import QPixmap, QRegion
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QLayout,
    QScrollArea,
    QScrollBar,
    QSplitter,
    QWidget,
)

from resnet_gui.gui.kit.basic import exists

STEPS: Final = (6.0, 5.0, 4.2, 3.5, 3.0, 2.6, 2.3, 2.0, 1.75, 1.5, 1.3, 1.15, 1.0, 0.85, 0.7)
"""Times that a widget is drawn larger than in its page; the largest at which all of it is on the screen is taken."""

LISTED: Final = 1.75
"""A list is not drawn smaller than so for more rows: it is scrolled. For its columns it is, as far as the steps go."""

WORDED: Final = 1.3
"""Nothing is drawn smaller than so for words that are cut: large letters then matter more."""

MOST_ROUNDS: Final = 4
"""Times that a widget is laid out before it is taken as it is."""

ACROSS, DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


@runtime_checkable
class CutsWords(Protocol):
    """A widget that cuts its texts where they have too little room."""

    def cut_words(self) -> int:
        """How many of its texts end in an ellipsis at its present size."""
        ...


class EnlargedFit(NamedTuple):
    """The size in which a widget is laid out for a screen.

    Attributes:
        factor: how many times larger than in its page.
        whole: whether all of it is seen, but for rows of a list that is scrolled.
        cut: texts that are cut all the same.
    """

    factor: float
    whole: bool
    cut: int


def best_fit(source: QWidget, room: QSizeF, steps: Sequence[float]) -> EnlargedFit:
    """Lay a widget out as large as all of it fits into a room (pixels), with as few words cut as can be.

    A table that is too wide even at the least step is as large as a list that is scrolled.
    """
    low, high = 0, len(steps) - 1
    while low < high:
        middle = (low + high) // 2
        if fits(source, room, steps[middle]):
            high = middle
        else:
            low = middle + 1
    # What fitted coming from another size may not from this one.
    while not (whole := fits(source, room, steps[low])) and low < len(steps) - 1:
        low += 1
    chosen = steps[low]
    if not whole and scrolled_area(source, ACROSS) is not None:
        chosen = next((step for step in steps if step <= LISTED), chosen)
        fits(source, room, chosen)
    fewest = cut_texts(source)
    for step in steps[steps.index(chosen) + 1 :] if whole else ():
        if not fewest or step < WORDED:
            break
        if fits(source, room, step) and (cut := cut_texts(source)) < fewest:
            chosen, fewest = step, cut
    fits(source, room, chosen)
    return EnlargedFit(chosen, whole, fewest)


def fits(source: QWidget, room: QSizeF, factor: float) -> bool:
    """Lay a widget out for a room at a factor; whether all of it is then seen."""
    size = lay_out(source, room, factor)
    got, layout = source.size(), source.layout()
    needed = source.minimumSizeHint().expandedTo(got)
    if needed.width() > size.width() or needed.height() > size.height():
        return False
    if layout is not None and layout.hasHeightForWidth() and layout.minimumHeightForWidth(got.width()) > size.height():
        return False
    return not any(_hides(area, listed=factor > LISTED) for area in _areas(source) if area.isVisible())


def lay_out(source: QWidget, room: QSizeF, factor: float) -> QSize:
    """Lay a widget out for a room at a factor; returns the size (pixels) that it was given."""
    size: QSize = (room / factor).toSize()
    allowed = size.expandedTo(source.minimumSize()).boundedTo(source.maximumSize())
    for number in range(MOST_ROUNDS):
        # Whatever is shown inside has Qt lay out the page around it at once, which gives it back its size there.
        source.resize(size)
        _activate(source)
        # What is laid out may then need another height.
        if number and source.size() == allowed:
            break
    return size


def _hides(area: QAbstractScrollArea, *, listed: bool) -> bool:
    """Whether a part of what is scrolled is out of sight; rows of a list may be where it is not drawn too large."""
    across, down = area.horizontalScrollBar().maximum() > 0, area.verticalScrollBar().maximum() > 0
    if isinstance(area, QScrollArea):
        return across or down
    return isinstance(area, QAbstractItemView) and (across or (listed and down))


def cut_texts(source: QWidget) -> int:
    """How many texts of a widget are cut where nobody can ask for the rest."""
    inside = [widget for widget in source.findChildren(QWidget) if widget.isVisibleTo(source)]
    return sum(widget.cut_words() for widget in (source, *inside) if isinstance(widget, CutsWords))


@contextmanager
def put_back(widget: QWidget) -> Iterator[None]:
    """Give a widget its geometry back at the end, and what is in it the places to which it was scrolled and split.

    What is not there any more at the end is left.
    """
    place = widget.geometry()
    bars = [bar for area in _areas(widget) for bar in (area.verticalScrollBar(), area.horizontalScrollBar())]
    values = [bar.value() for bar in bars]
    splitters = [widget] if isinstance(widget, QSplitter) else widget.findChildren(QSplitter)
    sizes = [splitter.sizes() for splitter in splitters]
    try:
        yield
    finally:
        if exists(widget):
            widget.setGeometry(place)
            _activate(widget)
        for splitter, each in zip(splitters, sizes, strict=True):
            if exists(splitter):
                splitter.setSizes(each)
        for bar, value in zip(bars, values, strict=True):
            if exists(bar):
                bar.setValue(value)


def _activate(widget: QWidget) -> None:
    """Lay out everything inside a widget now, and not with the next event."""
    own = widget.layout()
    for layout in (*((own,) if own is not None else ()), *widget.findChildren(QLayout)):
        layout.activate()
    for area in _areas(widget):
        # Its bars come and go with a call that waits in the queue.
        QCoreApplication.sendPostedEvents(area, QEvent.Type.MetaCall)
        if isinstance(area, QAbstractItemView):
            # Columns that have got another width tell the bars with the next event.
            QMetaObject.invokeMethod(area, "updateGeometries")
        if isinstance(area, QScrollArea) and area.widget() is not None:
            # Heard of by the area, which gives its widget the height that it needs.
            QCoreApplication.sendPostedEvents(area.widget(), QEvent.Type.LayoutRequest)


def _areas(widget: QWidget) -> list[QAbstractScrollArea]:
    return [widget] if isinstance(widget, QAbstractScrollArea) else widget.findChildren(QAbstractScrollArea)


def scrolled_bar(area: QAbstractScrollArea, way: Qt.Orientation) -> QScrollBar:
    """The bar of an area that scrolls it down or across."""
    return area.horizontalScrollBar() if way == ACROSS else area.verticalScrollBar()


def scrolled_area(widget: QWidget, way: Qt.Orientation) -> QAbstractScrollArea | None:
    """The area of a widget that can be scrolled down or across: itself, or the largest inside it."""
    # An own widget of a presentation is hidden itself.
    areas = (area for area in _areas(widget) if area is widget or area.isVisibleTo(widget))
    able = [area for area in areas if scrolled_bar(area, way).maximum() > 0]
    return max(able, key=lambda area: area.width() * area.height(), default=None)


def scrolled_values(widget: QWidget) -> dict[Qt.Orientation, int]:
    """To where a widget is scrolled, for each way that it can be."""
    areas = {way: scrolled_area(widget, way) for way in (DOWN, ACROSS)}
    return {way: scrolled_bar(area, way).value() for way, area in areas.items() if area is not None}


def fit_across(source: QWidget, room: QSizeF, most: float) -> float:
    """Give a hidden widget the size of a room at the largest factor at which all columns are seen, else at ``most``."""
    for step in (*(step for step in STEPS if 1.0 <= step <= most), most):
        source.resize((room / step).toSize())
        # What is hidden hears of its size when it is drawn.
        source.render(QPixmap(1, 1), QPoint(), QRegion(0, 0, 1, 1))
        if scrolled_area(source, ACROSS) is None:
            return step
    return most
