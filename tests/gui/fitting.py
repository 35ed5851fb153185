"""What does not fit in a window: controls outside, one over the other, and words cut beside empty space."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QScrollBar,
    QTabBar,
    QWidget,
)

from resnet_gui.gui.kit.basic import ElidedLabel
from resnet_gui.gui.kit.controls.segmented import SegmentedControl

CONTROLS = (
    QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit, QAbstractSlider, SegmentedControl, QTabBar,
)  # fmt: skip
SLACK = 2
"""Pixels that do not count."""


def described(widget: QWidget) -> str:
    """A widget as a person would find it again."""
    words = ""
    if isinstance(widget, QAbstractButton | QLabel):
        words = widget.text()
    words = words or widget.accessibleName() or widget.objectName()
    chain = []
    parent: QWidget | None = widget
    while parent is not None and not isinstance(parent, QMainWindow):
        chain.append(type(parent).__name__)
        parent = parent.parentWidget()
    return f"{' < '.join(chain[:4])} {words!r}"


def _walk(widget: QWidget) -> Iterator[QWidget]:
    for child in widget.children():
        if isinstance(child, QWidget) and child.isVisible() and not child.isWindow():
            yield child
            yield from _walk(child)


def _can_be_scrolled(bar: QScrollBar, policy: Qt.ScrollBarPolicy) -> bool:
    """Whether a user can: a bar that is never shown has a range all the same."""
    return bar.maximum() > 0 and policy is not Qt.ScrollBarPolicy.ScrollBarAlwaysOff


def _part_of(widget: QWidget) -> bool:
    """Whether it is the inside of another control, which Qt lays out itself."""
    parent = widget.parentWidget()
    return isinstance(parent, QAbstractSpinBox | QComboBox | QAbstractSlider | QTabBar | QLineEdit)


def outside(root: QWidget) -> list[str]:
    """Controls that are not wholly within ``root`` and its panels, and that nothing scrolls into sight."""
    found = []
    for widget in _walk(root):
        if isinstance(widget, CONTROLS) and not _part_of(widget):
            across, along = _lost(widget, root)
            if across > SLACK or along > SLACK:
                found.append(f"outside by {across}, {along}: {described(widget)}")
    return found


def _lost(widget: QWidget, root: QWidget) -> tuple[int, int]:
    """Pixels of a widget's width and height that no scrolling brings into sight."""
    box = QRect(widget.mapTo(root, QPoint(0, 0)), QWidget.size(widget))
    seen, sideways, upright = QRect(box), False, False
    parent = widget.parentWidget()
    while parent is not None and parent is not root.parentWidget():
        area = parent.parentWidget()
        if isinstance(area, QAbstractScrollArea) and area.viewport() is parent:
            # What lies within the contents of an area that scrolls comes into sight, wherever it is now.
            sideways |= _can_be_scrolled(area.horizontalScrollBar(), area.horizontalScrollBarPolicy())
            upright |= _can_be_scrolled(area.verticalScrollBar(), area.verticalScrollBarPolicy())
        place = QRect(parent.mapTo(root, QPoint(0, 0)), QWidget.size(parent))
        if not sideways:
            seen.setLeft(max(seen.left(), place.left()))
            seen.setRight(min(seen.right(), place.right()))
        if not upright:
            seen.setTop(max(seen.top(), place.top()))
            seen.setBottom(min(seen.bottom(), place.bottom()))
        parent = parent.parentWidget()
    return box.width() - max(0, seen.width()), box.height() - max(0, seen.height())


def overlapping(root: QWidget) -> list[str]:
    """Siblings that lie over one another, one of them a control or a label with words."""
    found = []
    parents = {root, *_walk(root)}
    for parent in parents:
        if isinstance(parent, QAbstractScrollArea | QAbstractSpinBox | QComboBox | QTabBar) or not parent.layout():
            continue
        layout = parent.layout()
        managed = [
            child
            for child in parent.children()
            if isinstance(child, QWidget) and child.isVisible() and layout is not None and _managed(layout, child)
        ]
        for number, one in enumerate(managed):
            for other in managed[number + 1 :]:
                both = one.geometry() & other.geometry()
                named = isinstance(one, (*CONTROLS, QLabel)) or isinstance(other, (*CONTROLS, QLabel))
                if named and both.width() > SLACK and both.height() > SLACK:
                    found.append(f"overlap {both.width()}×{both.height()}: {described(one)} and {described(other)}")
    return found


def _managed(layout: object, child: QWidget) -> bool:
    from PySide6.QtWidgets import QLayout

    if not isinstance(layout, QLayout):
        return False
    if layout.indexOf(child) >= 0:
        return True
    inner = (layout.itemAt(number) for number in range(layout.count()))
    return any(item is not None and item.layout() is not None and _managed(item.layout(), child) for item in inner)


def cut(root: QWidget) -> list[str]:
    """Labels and buttons whose words do not fit although there is spare room at their right, or that cannot say so.

    Words that end in an ellipsis where all the room is used are as they should be; words without one are cut.
    """
    found = []
    for widget in _walk(root):
        if isinstance(widget, ElidedLabel):
            wanted = widget.fontMetrics().horizontalAdvance(widget.text())
            if wanted > widget.contentsRect().width() + SLACK and (spare := _spare(widget)) > wanted - widget.width():
                found.append(f"elided beside {spare} free pixels: {described(widget)}")
        elif isinstance(widget, QLabel) and widget.text() and not widget.wordWrap() and widget.width() > 0:
            lacks = widget.minimumSizeHint().width() - widget.width()
            if lacks > SLACK:
                found.append(f"cut by {lacks}: {described(widget)}")
        elif isinstance(widget, QLabel) and widget.text() and widget.wordWrap():
            lacks = widget.heightForWidth(widget.width()) - widget.height()
            if lacks > SLACK:
                found.append(f"cut below by {lacks}: {described(widget)}")
        elif isinstance(widget, QPushButton) and widget.text():
            lacks = widget.fontMetrics().horizontalAdvance(widget.text().replace("&&", "&")) - widget.width()
            if lacks > SLACK:
                found.append(f"cut by {lacks}: {described(widget)}")
    return found


def _spare(widget: QWidget) -> int:
    """Pixels at the right of a widget that its neighbours in the row leave empty."""
    parent = widget.parentWidget()
    if parent is None:
        return 0
    row = [
        other
        for other in parent.children()
        if isinstance(other, QWidget)
        and other is not widget
        and other.isVisible()
        and other.geometry().top() <= widget.geometry().center().y() <= other.geometry().bottom()
        and other.geometry().left() >= widget.geometry().right()
    ]
    end = min((other.geometry().left() for other in row), default=parent.contentsRect().right() - 16)
    return max(0, end - widget.geometry().right() - 24)


def faults(root: QWidget) -> list[str]:
    """All that does not fit in a widget on screen."""
    return [*outside(root), *overlapping(root), *cut(root)]
