"""A bar that opens and closes a part of a form."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from resnet_gui.gui.kit.basic import ElidedLabel, button, panel, row
from resnet_gui.gui.kit.theme import Theme


class Collapsible(QFrame):
    """A bar that folds what is below it away, with a note on what that is.

    Attributes:
        button: opens and closes.
        note: at the bar's right end.
    """

    def __init__(self, theme: Theme, part: QWidget, scroll: QScrollArea) -> None:
        super().__init__()
        self._theme, self._part, self._scroll = theme, part, scroll
        self.setObjectName("topLine")
        self.setAutoFillBackground(False)
        self.setFixedHeight(36)
        inner = panel()
        line = row(inner, (0, 0, 16, 0))
        outer = row(self, (0, 1, 0, 0), 0)
        outer.addWidget(inner)
        self.button = button("Advanced", "ghost", "Everything else that can be chosen (Alt+A)")
        self.button.setCheckable(True)
        self.button.setShortcut("Alt+A")
        self.button.toggled.connect(self._open)
        self.note = ElidedLabel("", "caption")
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.button)
        line.addWidget(self.note, 1)
        self.button.setIconSize(QSize(16, 16))
        # A bound method cannot be disconnected once its object is gone; a function can.
        theme.follow(self.button, lambda: self._paint())  # noqa: PLW0108
        part.hide()

    def _paint(self) -> None:
        open_now = self.button.isChecked()
        self.button.setIcon(self._theme.icon("chevron-down" if open_now else "chevron-right", "t2"))

    def _open(self, on: bool) -> None:
        if not on and self._part.isAncestorOf(QApplication.focusWidget() or self):
            # A half-typed text is told when its field loses the focus; if it is refused, the part opens again.
            self.button.setFocus()
        self._part.setVisible(self.button.isChecked())
        self._paint()
        if on:
            # After the layout has made room for it.
            QTimer.singleShot(0, self._part, lambda: self._scroll.verticalScrollBar().setValue(self._part.y() - 8))
