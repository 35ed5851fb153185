"""A bar of controls that gives up words, and then parts, where it has too little room, and takes them again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QLayout, QPushButton, QWidget

from resnet_gui.gui.kit.basic import ElidedLabel

Fold = Callable[[bool], None]
"""Gives up one thing, or takes it again."""

_BARE: Final = 36
"""Width of a button that shows only its icon."""


def hiding(*widgets: QWidget) -> Fold:
    """Give up these widgets, which are else always shown."""

    def fold(on: bool) -> None:
        for widget in widgets:
            widget.setVisible(not on)

    return fold


def bare(*buttons: QPushButton) -> Fold:
    """Give up the words of buttons with icons; their accessible names keep them."""
    words: dict[QPushButton, str] = {}

    def fold(on: bool) -> None:
        for button in buttons:
            if on and button.text():
                words[button] = button.text()
                if not button.accessibleName():
                    button.setAccessibleName(button.text().replace("&&", "&"))
                button.setText("")
                button.setFixedWidth(_BARE)
            elif not on and button in words:
                button.setMinimumWidth(0)
                button.setMaximumWidth(16_777_215)
                # Whoever has given it other words meanwhile is right.
                button.setText(button.text() or words[button])
                del words[button]

    return fold


def eliding(words: ElidedLabel, whole: int) -> Fold:
    """Let words end in an ellipsis, which have else all their room, but for ``whole`` pixels."""
    least = words.least
    words.set_least(whole)

    def fold(on: bool) -> None:
        words.set_least(least if on else whole)

    return fold


class Folding(QObject):
    """The parts and words that a bar gives up, in order, until the rest of it fits.

    Attributes:
        folded: how many of the folds are given up now.
    """

    def __init__(self, owner: QWidget, line: QLayout, folds: Sequence[Fold]) -> None:
        """Watch ``owner``, whose width ``line`` has, its own layout or one that stands in it from edge to edge."""
        super().__init__(owner)
        self._owner, self._line, self._folds = owner, line, tuple(folds)
        self._saved = [0] * len(folds)
        self.folded = 0
        self._at_work = False
        owner.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Look again when there is other room, or other words."""
        if event.type() in {QEvent.Type.Resize, QEvent.Type.LayoutRequest, QEvent.Type.Show}:
            self.look()
        return False

    def look(self) -> None:
        """Give up what has no room, and take what has some again."""
        if self._at_work or not self._owner.isVisible():
            return
        self._at_work = True
        try:
            room = self._room()
            # What giving up has saved tells whether taking it again would fit, without trying it.
            while self.folded and self._needed() + self._saved[self.folded - 1] <= room:
                self.folded -= 1
                self._fold(on=False)
            while self.folded < len(self._folds) and (needed := self._needed()) > room:
                self._fold(on=True)
                self._saved[self.folded] = max(0, needed - self._needed())
                self.folded += 1
        finally:
            self._at_work = False

    def _fold(self, *, on: bool) -> None:
        self._folds[self.folded](on)
        # Qt lets a layout inside of another one keep its old sizes until the outer one is activated.
        self._line.invalidate()

    def _needed(self) -> int:
        return self._line.minimumSize().width()

    def _room(self) -> int:
        outer = self._owner.layout()
        if outer is None or outer is self._line:
            return self._owner.width()
        margins = outer.contentsMargins()
        return self._owner.width() - margins.left() - margins.right()
