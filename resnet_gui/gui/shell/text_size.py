"""The size of text and of all that goes with it: Qt's scale factor, which is read once, so that the window opens anew."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from resnet_gui.gui.appearance import TEXT_SIZES, USUAL_SIZE, known_size


def next_size(present: int, step: int) -> int:
    """The size ``step`` places further, or the last there is."""
    place = TEXT_SIZES.index(known_size(present)) + step
    return TEXT_SIZES[max(0, min(place, len(TEXT_SIZES) - 1))]


def reopen() -> int:
    """Put a new window in the place of this program, which has closed its own; returns an exit code where it stays.

    Where the system can, the process itself becomes the new one, so that a terminal goes on waiting for it.
    """
    command = [sys.executable, "-m", "resnet_gui"]
    if os.name == "posix":
        os.execv(sys.executable, command)
    subprocess.Popen(command)
    return 0


class TextSizeMenu(QMenu):
    """The choice of the text size.

    Attributes:
        larger, smaller, usual: the actions of the keys.
    """

    def __init__(self, parent: QWidget, present: int, choose: Callable[[int], object]) -> None:
        """Show ``present``; ``choose`` is called with another size, and opens the window anew."""
        super().__init__("Text size", parent)
        self._present, self._choose = known_size(present), choose
        self.setToolTipsVisible(True)
        group = QActionGroup(self)
        for size in TEXT_SIZES:
            action = self.addAction(f"{size} %")
            action.setToolTip("The window opens anew at this size; runs go on")
            action.setCheckable(True)
            action.setChecked(size == self._present)
            action.triggered.connect(lambda _=False, size=size: self._take(size))
            group.addAction(action)
        self.addSeparator()
        self.larger = self._add("Larger", ["Ctrl++", "Ctrl+="], lambda: next_size(self._present, 1))
        self.smaller = self._add("Smaller", ["Ctrl+-"], lambda: next_size(self._present, -1))
        self.usual = self._add("Usual size", ["Ctrl+0"], lambda: USUAL_SIZE)

    def _add(self, text: str, keys: list[str], size: Callable[[], int]) -> QAction:
        action = self.addAction(text)
        action.setShortcuts(keys)
        action.triggered.connect(lambda: self._take(size()))
        action.setEnabled(size() != self._present)
        return action

    def _take(self, size: int) -> None:
        if size != self._present:
            self._choose(size)
            # Where it was not wanted after all, the menu says what is.
            for number, action in enumerate(self.actions()[: len(TEXT_SIZES)]):
                action.setChecked(TEXT_SIZES[number] == self._present)
