"""The size of text and of all that goes with it: Qt's scale factor, which is read once; the window opens anew."""

from __future__ import annotations

import os
import site
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from resnet_gui.base.files import PACKAGE
from resnet_gui.gui.appearance import TEXT_SIZES, USUAL_SIZE, known_size
from resnet_gui.gui.settings import Loses

if TYPE_CHECKING:
    from resnet_gui.gui.shell.application import Application

ZOOMS: Final = frozenset({Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Equal, Qt.Key.Key_0})
"""Keys that with Ctrl are the diagram's own while it has the focus."""


QUEUE_GOES_ON: Final = "RESNET_GUI_QUEUE_GOES_ON"
"""The variable by which a window tells the one that takes its place that runs wait to begin by themselves."""


def next_size(present: int, step: int) -> int:
    """The size ``step`` places further, or the last there is."""
    place = TEXT_SIZES.index(known_size(present)) + step
    return TEXT_SIZES[max(0, min(place, len(TEXT_SIZES) - 1))]


def reopen() -> int:
    """Put a new window in the place of this program, which has closed its own; returns an exit code where it stays.

    Where the system can, the process itself becomes the new one, so that a terminal goes on waiting for it.
    """
    command = [sys.executable, "-P", *_interpreter_options(), "-m", "resnet_gui"]
    command += [word for word in sys.argv[1:] if word == "--debug"]
    # Not the working folder: a file in it that is called as a module would be taken for that.
    environment = dict(os.environ)
    if PACKAGE.parent not in map(Path, (*site.getsitepackages(), site.getusersitepackages())):  # a checkout
        known = environment.get("PYTHONPATH", "").split(os.pathsep)
        environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(filter(None, [str(PACKAGE.parent), *known])))
    if os.name == "posix":
        os.execve(sys.executable, command, environment)  # noqa: S606, no shell is what is wanted
    subprocess.Popen(command, env=environment)
    return 0


def _interpreter_options() -> list[str]:
    """What this Python was started with by ``-X``."""
    given = sys._xoptions.items()
    return [word for name, value in given for word in ("-X", name if value is True else f"{name}={value}")]


def losses(pages: Iterable[QWidget]) -> list[str]:
    """What would be lost of the pages that have been made if the window closed now."""
    return [words for page in pages if isinstance(page, Loses) and (words := page.loses())]


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
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.triggered.connect(lambda: self._take(size))
        action.setEnabled(size != self._present)
        return action

    def _take(self, size: int) -> None:
        if size != self._present:
            self._choose(size)
        # Where it was not wanted after all, the menu says what is.
        for number, action in enumerate(self._sizes):
            action.setChecked(TEXT_SIZES[number] == self._present)


class TextSizeSwitch(QObject):
    """The change to another text size: its menu, its keys, the question, and the end of the window.

    Attributes:
        menu: the choice, which it puts into the window's menu.
    """

    def __init__(self, application: Application, pages: Callable[[], Iterable[QWidget]]) -> None:
        """Change the size of an application's window; ``pages`` says which of its pages have been made."""
        super().__init__(application)
        self._application, self._pages = application, pages
        self.menu = TextSizeMenu(application.window, application.settings.text_size, self.choose)
        application.menus.add_text_sizes(self.menu)
        application.design.network.view.installEventFilter(self)

    def choose(self, size: int) -> None:
        """Open the window anew with text of another size, unless what is lost by it keeps the user from it."""
        application = self._application
        lost = losses(self._pages())
        if lost and not ask_to_reopen(application.window, size, lost):
            return
        window, settings, before = application.window, application.settings, application.settings.text_size
        window.next_scale, settings.text_size = size / known_size(before), size
        problem = application.closing.save()
        if problem:
            # The new window would begin with what was kept before, in the old size.
            window.next_scale, settings.text_size = 0.0, before
            application.session.say(f"The text size stays as it is. {problem}", "error")
            return
        if "train" in application.pages.made and application.train_page().queue.goes_on:
            os.environ[QUEUE_GOES_ON] = "1"
        application.end()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Leave the diagram its own keys."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        kept = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier) and Qt.Key(event.key()) in ZOOMS
        if kept:
            event.accept()
        return kept
