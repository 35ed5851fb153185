"""The space bar as a key of a page, which buttons, lists and choices keep for themselves."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QComboBox, QWidget

KEEPS_SPACE = "keepsSpace"
"""Dynamic property of a widget of our own that the space bar presses."""


def _keeps_space(widget: QWidget | None) -> bool:
    return isinstance(widget, QAbstractButton | QAbstractItemView | QComboBox) or (
        widget is not None and bool(widget.property(KEEPS_SPACE))
    )


class SpaceKey(QObject):
    """An event filter: calls ``work`` when the space bar is pressed anywhere on a page where it means nothing else."""

    def __init__(self, page: QWidget, work: Callable[[], object]) -> None:
        super().__init__(page)
        shortcut = QShortcut(QKeySequence("Space"), page, work)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        page.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Leave the key to whatever is pressed or opened by it."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Space
            and _keeps_space(QApplication.focusWidget())
        ):
            event.accept()
            return True
        return False
