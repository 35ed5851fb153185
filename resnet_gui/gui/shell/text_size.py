"""The size of text and of all that goes with it: Qt's scale factor, which is read once; the window opens anew."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from resnet_gui.gui.appearance import TEXT_SIZES, USUAL_SIZE, known_size
from resnet_gui.gui.settings import Loses


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
        os.execv(sys.executable, command)  # noqa: S606, no shell is what is wanted
    subprocess.Popen(command)
    return 0


def losses(steps: int, pages: Iterable[QWidget]) -> list[str]:
    """What would be lost if the window closed now.

    Args:
        steps: on the undo stack.
        pages: that have been made.
    """
    found = ["the steps that can be undone"] if steps else []
    return found + [words for page in pages if isinstance(page, Loses) and (words := page.loses())]


def ask_to_reopen(parent: QWidget, size: int, lost: list[str]) -> bool:
    """Whether the window may open anew, although something is lost."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle("Text size")
    box.setText(f"The window opens anew at {size} %.")
    listed = lost[0] if len(lost) == 1 else f"{', '.join(lost[:-1])} and {lost[-1]}"
    box.setInformativeText(
        f"Trainings go on; the design, the page and half-filled forms stay. What does not stay: {listed}."
    )
    yes = box.addButton("Open anew", QMessageBox.ButtonRole.AcceptRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(yes)
    box.setEscapeButton(cancel)
    box.exec()
    chosen = box.clickedButton() is yes
    box.deleteLater()
    return chosen


class TextSizeMenu(QMenu):
    """The choice of the text size.

    Attributes:
        larger, smaller, usual: the actions of the keys.
    """

    def __init__(self, parent: QWidget, present: int, choose: Callable[[int], object]) -> None:
        """Show ``present``; ``choose`` is called with another size, and opens the window anew or does not."""
        super().__init__("Text size (opens the window anew)", parent)
        self._present, self._choose = known_size(present), choose
        group = QActionGroup(self)
        self._sizes: list[QAction] = []
        for size in TEXT_SIZES:
            action = self.addAction(f"{size} %")
            action.setCheckable(True)
            action.setChecked(size == self._present)
            action.triggered.connect(lambda _=False, size=size: self._take(size))
            group.addAction(action)
            self._sizes.append(action)
        self.addSeparator()
        self.larger = self._add("Larger", ["Ctrl++", "Ctrl+="], next_size(self._present, 1))
        self.smaller = self._add("Smaller", ["Ctrl+-"], next_size(self._present, -1))
        self.usual = self._add("Usual size", ["Ctrl+0"], USUAL_SIZE)

    def _add(self, text: str, keys: list[str], size: int) -> QAction:
        action = self.addAction(text)
        action.setShortcuts(keys)
        action.triggered.connect(lambda: self._take(size))
        action.setEnabled(size != self._present)
        return action

    def _take(self, size: int) -> None:
        if size != self._present:
            self._choose(size)
        # Where it was not wanted after all, the menu says what is.
        for number, action in enumerate(self._sizes):
            action.setChecked(TEXT_SIZES[number] == self._present)
