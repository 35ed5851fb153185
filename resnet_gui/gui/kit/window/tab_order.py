"""The order in which Tab goes through a window: as it is read, whatever the order is in which its parts were made."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsView,
    QScrollArea,
    QWidget,
)

WHOLE = (QAbstractItemView, QAbstractSpinBox, QComboBox, QGraphicsView)
"""Widgets whose parts are no stops of their own."""


def tab_stops(root: QWidget, *, beside: QWidget | None = None) -> list[QWidget]:
    """What Tab goes through, in rows from the top, each from the left; parts that stand together stay together.

    The widget ``beside`` is among them at its place, whether it is a stop or not.
    """
    found: list[QWidget] = []
    for child in _in_rows(root):
        inner = [] if isinstance(child, WHOLE) else tab_stops(child, beside=beside)
        # What only scrolls is no stop where something in it is, which is scrolled to, or where all of it is seen.
        scrolls = not isinstance(child, QScrollArea) or child.verticalScrollBar().maximum() > 0
        stops = _takes_focus(child) and scrolls and not (inner and isinstance(child, QAbstractScrollArea))
        if stops or child is beside:
            found.append(child)
        found += inner
    return found


def focus_neighbour(window: QWidget, *, forward: bool) -> QWidget | None:
    """Give the focus to the stop after the one that has it, or before it; returns it, None where there is none.

    Of one that has just been hidden or disabled it goes to the nearest stop that stands with it, and not to the first
    of the window: whoever presses a button that then goes away stays where they were. What takes the focus by click
    alone has a place among the stops like any other.
    """
    stops = tab_stops(window)
    if not stops:
        return None
    focused: QWidget | None = QApplication.focusWidget()
    current = focused
    while current is not None and current not in stops:
        current = current.parentWidget()
    if current is None and focused is not None and window.isAncestorOf(focused):
        around = tab_stops(window, beside=focused) if focused.isVisible() and focused.isEnabled() else []
        if focused not in around:
            return _give_focus(_nearest(focused, stops, window), forward=forward)
        stops, current = around, focused
    before = stops.index(current) if current is not None else (-1 if forward else len(stops))
    return _give_focus(stops[(before + (1 if forward else -1)) % len(stops)], forward=forward)


def _give_focus(chosen: QWidget, *, forward: bool) -> QWidget:
    chosen.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    _show(chosen)
    return chosen


def _nearest(widget: QWidget, stops: list[QWidget], window: QWidget) -> QWidget:
    """The stop nearest to a widget that is none, of those in its closest ancestor that has any."""
    around = widget.parentWidget()
    while around is not None and around is not window and not any(map(around.isAncestorOf, stops)):
        around = around.parentWidget()
    box = _box_in(window, widget)
    inside = [stop for stop in stops if around is None or around.isAncestorOf(stop)]
    return min(inside or stops, key=lambda stop: _gap(box, _box_in(window, stop)))


def _box_in(window: QWidget, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def _gap(one: QRect, other: QRect) -> int:
    """Pixels between two boxes, across and down."""
    across = max(one.left() - other.right(), other.left() - one.right(), 0)
    down = max(one.top() - other.bottom(), other.top() - one.bottom(), 0)
    return across + down


def _show(widget: QWidget) -> None:
    """Scroll to it."""
    area = widget.parentWidget()
    while area is not None:
        if isinstance(area, QScrollArea):
            area.ensureWidgetVisible(widget)
        area = area.parentWidget()


def _takes_focus(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.isEnabled() and widget.focusProxy() is None


def _in_rows(parent: QWidget) -> list[QWidget]:
    """The visible children; those are in one row that overlap by half of the lower one's height."""
    shown = [child for child in parent.children() if isinstance(child, QWidget) and child.isVisible()]
    shown = sorted((child for child in shown if not child.isWindow()), key=lambda child: child.y())
    rows: list[tuple[QRect, list[QWidget]]] = []
    for child in shown:
        box = child.geometry()
        if rows:
            last, members = rows[-1]
            overlap = min(last.bottom(), box.bottom()) - max(last.top(), box.top()) + 1
            if overlap * 2 > min(last.height(), box.height()):
                members.append(child)
                continue
        rows.append((box, [child]))
    return [child for _, members in rows for child in sorted(members, key=lambda child: child.x())]
