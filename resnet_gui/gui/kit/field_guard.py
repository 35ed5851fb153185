"""What a field of a form leaves to the form and the window: the wheel, and undo."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

GIVEN: Final = "given"
"""Property of a spin box: the number that the form was given, while the box may hold one that was refused."""


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
