"""A bar that opens and closes a part of a form."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from resnet_gui.gui.theme import Theme
from resnet_gui.gui.widgets.basic import button, label, panel, row, set_icon


class Disclosure(QFrame):
    """The bar, with a note on what is behind it.

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
        line = row(inner, (8, 0, 16, 0))
        outer = row(self, (0, 1, 0, 0), 0)
        outer.addWidget(inner)
        self.button = button("Advanced", "ghost", "Everything else that can be chosen (Alt+A)")
        self.button.setCheckable(True)
        self.button.setShortcut("Alt+A")
        self.button.toggled.connect(self._open)
        self.note = label("", "caption")
        line.addWidget(self.button)
        line.addStretch()
        line.addWidget(self.note)
        set_icon(theme, self.button, "chevron-right", "t2")
        part.hide()

    def _open(self, on: bool) -> None:
        self._part.setVisible(on)
        set_icon(self._theme, self.button, "chevron-down" if on else "chevron-right", "t2")
        if on:
            # After the layout has made room for it.
            QTimer.singleShot(0, lambda: self._scroll.verticalScrollBar().setValue(self._part.y() - 8))
