"""What a field of a form leaves to the form and the window: the wheel, and undo."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QDoubleSpinBox,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QTextEdit,
    QWidget,
)

GIVEN: Final = "given"
"""Property of a spin box: the number that the form was given, while the box may hold one that was refused."""

TEXT_FIELDS: Final = (QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit)
"""What takes keys for moving and deleting in its text."""

OF_FIELDS: Final = tuple(
    getattr(QKeySequence.StandardKey, name) for name in ("Undo", "Redo", "Cut", "Copy", "Paste", "SelectAll")
)
"""Keys that mean the same in every program, in whatever has the focus."""


class FieldGuard(QObject):
    """An event filter that leaves to the form and the window what a field would take for itself.

    The wheel while the field has no focus, so that scrolling a form changes nothing; undo and redo while the field
    holds nothing that was not given to the form, so that they undo the last edit. A refused number is no edit:
    undo takes back that number first.
    """

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let such an event through."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        if not isinstance(event, QKeyEvent) or event.type() not in {QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress}:
            return False
        undoes = event.matches(QKeySequence.StandardKey.Undo)
        if not undoes and not event.matches(QKeySequence.StandardKey.Redo):
            return False
        if undoes and isinstance(watched, QSpinBox) and watched.property("invalid") == "true":
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                watched.setValue(int(watched.property(GIVEN)))
            return True
        if event.type() == QEvent.Type.ShortcutOverride and not _is_being_typed(watched):
            event.ignore()
            return True
        return False


def _is_being_typed(field: QObject) -> bool:
    """Whether a field shows what was typed and not taken yet."""
    match field:
        case QSpinBox():
            shown = field.textFromValue(field.value())
            if field.value() == field.minimum() and field.specialValueText():
                shown = field.specialValueText()
            return field.lineEdit().text() != shown
        case QDoubleSpinBox():
            return field.lineEdit().text() != field.textFromValue(field.value())
        case QLineEdit():
            return field.isModified()
        case _:
            return False


class ShortcutGuard(QObject):
    """An event filter that leaves a window's own keys to the window while one of its text fields has the focus.

    On Linux a field takes Ctrl+E for the end of its line and Ctrl+K for deleting up to there, so that these keys of the
    window would do nothing in it. Undo and redo are the field's as ``FieldGuard`` has it.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)

    def _follow(self, old: QWidget | None, new: QWidget | None) -> None:
        """Look at the events of the field that has the focus, and of no other."""
        if old is not None:
            old.removeEventFilter(self)
        if isinstance(new, TEXT_FIELDS) and new.window() is self._window:
            new.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Let the window have its key."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if event.modifiers() == Qt.KeyboardModifier.NoModifier or any(event.matches(kept) for kept in OF_FIELDS):
            return False
        pressed = QKeySequence(event.keyCombination())
        if any(pressed in action.shortcuts() for action in self._window.actions() if action.isEnabled()):
            event.ignore()
            return True
        return False
