"""Starts the window: nothing heavy before the first paint, the engine and the plots after it."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, qVersion
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from resnet_gui import __version__
from resnet_gui.base.errors import InputError
from resnet_gui.base.files import assets
from resnet_gui.base.log import start_log
from resnet_gui.gui import modules
from resnet_gui.gui.appearance import appearance, text_size, text_size_applied
from resnet_gui.gui.kept.open_windows import OpenWindowFile, take_ended_windows
from resnet_gui.gui.kit.collector import CycleCollector
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.shell.errors import EndedWindowDialog, UncaughtErrors
from resnet_gui.gui.shell.main_window import MainWindow
from resnet_gui.gui.shell.placement import place

if TYPE_CHECKING:
    from resnet_gui.gui.shell.application import Application

LOG = logging.getLogger(__name__)
NO_DISPLAY = (
    "There is no display to open a window on: start this on a desktop, through 'ssh -X', "
    "or on a virtual screen with 'xvfb-run -a make run' (Debian package xvfb)."
)


def check_display() -> None:
    """Say so before Qt aborts.

    Raises:
        InputError: there is no display.
    """
    if sys.platform.startswith("linux") and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        raise InputError(NO_DISPLAY)


def check_qt() -> None:
    """Refuse the one Qt that would abort the interpreter within seconds.

    Raises:
        InputError: PySide6 6.12.0 under Python 3.11, which loses references to None.
    """
    if sys.version_info < (3, 12) and qVersion() == "6.12.0":
        raise InputError("PySide6 6.12.0 crashes under Python 3.11; install PySide6-Essentials 6.11.3 or Python 3.12.")


def make_application() -> QApplication:
    """The application object with its name."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("resnet-explorer")
    app.setApplicationDisplayName("ResNet Explorer")
    app.setApplicationVersion(__version__)
    QGuiApplication.setDesktopFileName("resnet-explorer")
    app.setWindowIcon(QIcon(str(assets() / "resnet-explorer.svg")))
    return app


def run(files: Sequence[Path] = ()) -> int:
    """Open the window and stay until it is closed; returns the exit code.

    Args:
        files: whole paths of what is opened in it at once, as if it were dropped on it.

    Raises:
        InputError: no window can be opened here.
    """
    check_display()
    check_qt()
    record = OpenWindowFile()
    record.open()
    with text_size_applied(text_size()):
        app = make_application()
    errors = UncaughtErrors()
    errors.install()
    try:
        code, reopens = _show_window(app, errors, record, files)
    except Exception:
        start_log("window")
        LOG.exception("The window could not be opened")
        raise
    finally:
        errors.uninstall()
        record.close()
    if not reopens:
        return code
    from resnet_gui.gui.shell.text_size import reopen

    return reopen()


def _show_window(
    app: QApplication, errors: UncaughtErrors, record: OpenWindowFile, files: Sequence[Path]
) -> tuple[int, bool]:
    """Open the window and stay until it is closed; returns the exit code, and whether another window is to follow."""
    # First, so that nothing is collected while everything is being made.
    collector = CycleCollector()
    mode, geometry = appearance()
    theme = Theme(app, mode)
    window = MainWindow(theme)
    window.files, window.mark = tuple(files), record.mark
    place(window, geometry)
    errors.window = window
    errors.message.connect(window.status.say)
    applications: list[Application] = []

    def filled(application: Application) -> None:
        applications.append(application)
        _look_back(window, record)
        going = application.progress
        going.progress.connect(lambda *_: record.note_going(going.sentence))
        record.note_going(going.sentence)
        application.drops.open_first(window.files)
        keep_for_next_start(theme)

    window.painted.connect(lambda: open_in_steps(window, theme, filled))
    window.show()
    # The first field would have the keyboard, and with it a ring, before anybody has asked.
    window.setFocus()
    # Python runs signal handlers only between two of its own steps; the collector's timer gives it some.
    signal.signal(signal.SIGINT, lambda *_: window.close())
    _heed_system(app, window, applications)
    code = app.exec()
    collector.stop()
    for application in applications:
        application.after_close()
    return code, window.next_scale > 0


def keep_for_next_start(theme: Theme) -> None:
    """Keep what the next start would else find out anew: the code of its modules, the pixels of its icons."""
    theme.keep_icons()
    if modules is not None:
        modules.keep()


def _look_back(window: MainWindow, record: OpenWindowFile) -> None:
    """Say how the last window ended, if it did not close; others that are open now have not ended."""
    record.hold()
    ended = take_ended_windows()
    for each in ended:
        LOG.warning("%s", each.sentence)
    if ended:
        dialog = EndedWindowDialog(window, ended)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()


def _heed_system(app: QGuiApplication, window: MainWindow, applications: Sequence[Application]) -> None:
    """Lose nothing when the system asks the window to end, by a signal or at a log-out."""

    def end() -> None:
        if applications:
            applications[0].end()
        else:
            window.close()

    def keep() -> None:
        for application in applications:
            application.memory.keeper.flush()

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            # Not in the handler itself: it may interrupt an edit that is half done.
            signal.signal(getattr(signal, name), lambda *_: QTimer.singleShot(0, app, end))
    for asked in (app.commitDataRequest, app.saveStateRequest):
        # Without the session's manager, which Python has no use for.
        asked.connect(keep)


def fill(window: MainWindow, theme: Theme) -> Application:
    """Put everything behind the frame, and the first page into it, at once."""
    from resnet_gui.gui.shell.start.opening import filling

    steps = filling(window, theme)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            application: Application = end.value
            return application


def open_in_steps(window: MainWindow, theme: Theme, filled: Callable[[Application], object]) -> None:
    """Do the same while the window answers, then prepare the other pages; ``filled`` is called when all is there."""
    from resnet_gui.gui.shell.start.opening import Opening

    Opening(window, theme, filled)
