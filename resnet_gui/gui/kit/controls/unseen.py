"""What assistive technology reads of widgets that are painted by hand: buttons that are there and not seen.

A widget of Python has no role: Qt describes it as a pane. A button inside it, which paints nothing and leaves the mouse
to its parent, has one, with its name, its state and its press.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QWidget


class UnseenButton(QAbstractButton):
    """A button that is read, focused and pressed by keyboard, and painted by its parent."""

    def __init__(self, parent: QWidget, name: str, press: Callable[[], object], *, radio: bool = False) -> None:
        """Stand in ``parent`` for a part of it; ``radio`` is one of several choices that exclude each other."""
        super().__init__(parent)
        self.setText(name)
        self.setAccessibleName(name)
        self.setCheckable(radio)
        self.setAutoExclusive(radio)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(lambda _=False: press())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint nothing."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys other than the space bar are the parent's: of a choice also the arrows."""
        if event.key() in {Qt.Key.Key_Space, Qt.Key.Key_Select}:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        """The parent paints the focus."""
        parent = self.parentWidget()
        if parent is not None and event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            parent.update()
        return super().event(event)


def announce(widget: QWidget, sentence: str) -> None:
    """Have a sentence read that has appeared somewhere else than at the focus."""
    # Here and not above: what is read aloud has many kinds, and the first paint does without them.
    from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

    if sentence and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, sentence))


class NamedComboBox(QComboBox):
    """A combo box whose accessible name is read on every system.

    On Linux a combo box is named by its present entry, whatever its accessible name is. A label in the same parent
    whose buddy it is is read as well, hidden or not.
    """

    _label: QLabel | None = None

    def setAccessibleName(self, name: str) -> None:  # noqa: N802
        """Say what is chosen here."""
        super().setAccessibleName(name)
        if self._label is None:
            self._label = QLabel()
            self._label.setBuddy(self)
            self._join()
        self._label.setText(name)

    def changeEvent(self, event: QEvent) -> None:
        """The label stays beside it."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ParentChange:
            self._join()

    def _join(self) -> None:
        if self._label is not None and self.parentWidget() is not None:
            self._label.setParent(self.parentWidget())
            self._label.hide()
