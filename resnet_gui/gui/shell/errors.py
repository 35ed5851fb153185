"""What the window does with errors that nobody caught: it logs them, says so in one sentence, and lives on."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Sequence

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, QUrl, Signal, qInstallMessageHandler, qVersion
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from resnet_gui import __version__
from resnet_gui.base.log import Failure, log_path, log_uncaught, start_log, worth_logging
from resnet_gui.gui.kept.open_windows import EndedWindow
from resnet_gui.gui.kit.basic import button, column, label, row
from resnet_gui.gui.kit.emitter import ThreadSafeEmitter

LOG = logging.getLogger(__name__)
LEVELS = {
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
KEPT = 20
"""Different errors whose details a dialog keeps."""


def open_log() -> bool:
    """Open the log with whatever opens text files, or its folder while there is no log; whether something did."""
    path = log_path()
    while not path.exists() and path != path.parent:
        path = path.parent
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


class ReportDialog(QDialog):
    """A dialog of what went wrong, and how to pass the details on; it stops nobody from working.

    Attributes:
        sentence: what went wrong.
        note: what else is to be known.
        copy_button, log_button, close_button: what can be done about it.
    """

    def __init__(self, parent: QWidget | None, title: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(False)
        # What is being typed goes on into its field.
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        layout = column(self, (24, 20, 24, 16), 8)
        self.setMinimumWidth(460)
        self.sentence = label("", "run", wrap=True)
        self.note = label("", "muted12", wrap=True)
        layout.addWidget(self.sentence)
        layout.addWidget(self.note)
        layout.addSpacing(8)
        line = row()
        self.copy_button = button("Copy details", "", "What happened and the versions, for a report")
        self.log_button = button("Open log", "", str(log_path()))
        self.close_button = button("Close", "primary")
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.details()))
        self.log_button.clicked.connect(self._open_log)
        self.close_button.clicked.connect(self.accept)
        self.close_button.setDefault(True)
        line.addWidget(self.copy_button)
        line.addWidget(self.log_button)
        line.addStretch()
        line.addWidget(self.close_button)
        layout.addLayout(line)

    def details(self) -> str:
        """What goes into the clipboard: versions, and whatever else is known."""
        # Here and not above: the first paint does without it.
        import platform

        return (
            f"ResNet Explorer {__version__}, Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}"
        )

    def _open_log(self) -> None:
        if not open_log():
            self.note.setText(f"Nothing here opens the log; it is {log_path()}.")
            self.adjustSize()


class UncaughtErrorDialog(ReportDialog):
    """The dialog of the latest error, which counts those that are equal and keeps the details of all."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent, "An error inside the program")
        self._failures: dict[tuple[str, str, int], Failure] = {}

    def places(self) -> set[tuple[str, str, int]]:
        """The errors that it shows."""
        return set(self._failures)

    def add(self, failure: Failure) -> None:
        """Show an error; one that it shows already is only counted. Where there are many, the oldest one goes."""
        self._failures.pop(failure.place, None)
        self._failures[failure.place] = failure
        while len(self._failures) > KEPT:
            del self._failures[next(iter(self._failures))]
        self.sentence.setText(sentence(failure))
        notes = [f"It has happened {failure.times:,} times."] if failure.times > 1 else []
        others = len(self._failures) - 1
        if others > 0:
            notes.append(f"The details hold {others} other error{'s' if others > 1 else ''} too.")
        self.note.setText(" ".join([*notes, "Designs, runs and settings are kept."]))
        self.adjustSize()

    def details(self) -> str:
        """Versions and tracebacks, as text for a report."""
        return "\n".join(
            [super().details(), *(f"\n{each.times:,} ×\n{each.details}" for each in self._failures.values())]
        )


class EndedWindowDialog(ReportDialog):
    """The dialog of windows that did not close last time: what happened to the latest of them."""

    def __init__(self, parent: QWidget | None, ended: Sequence[EndedWindow]) -> None:
        super().__init__(parent, "The last time")
        self._ended = tuple(ended)
        self.sentence.setText(ended[-1].sentence)
        more = len(ended) - 1
        others = f" The details hold {more} other window{'s' if more > 1 else ''} too." if more else ""
        going = f"{ended[-1].going} " if ended[-1].going else ""
        self.note.setText(f"{going}Designs, runs and settings are as they were at most two seconds before.{others}")
        self.adjustSize()

    def details(self) -> str:
        """Versions, what was written at a crash, and the end of the log."""
        return "\n\n".join([super().details(), *(each.details for each in reversed(self._ended))])


def sentence(failure: Failure) -> str:
    """What is said of an error."""
    return f"An error inside the program: {failure.text.rstrip('.')}. The window goes on."


class UncaughtErrors(QObject):
    """The errors that nobody caught, in slots, threads and Qt itself: each is logged, and shown once.

    Equal errors, by kind and line, share one dialog while it is open; after it has been closed they are said in the
    status bar only, so that an error of every paint can be lived with.

    Attributes:
        window: over which the dialog opens; may come later.
        dialog: the one on screen, if any.

    Signals:
        message: a sentence for the status bar, and its level.
    """

    message = Signal(str, str)
    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.window: QWidget | None = None
        self.dialog: UncaughtErrorDialog | None = None
        self._lock = threading.RLock()
        self._waiting: dict[tuple[str, str, int], Failure] = {}
        self._closed: set[tuple[str, str, int]] = set()
        self._undo: Callable[[], None] | None = None
        self._messages = _QtMessages()
        self._emitter = ThreadSafeEmitter()
        self.destroyed.connect(self._emitter.close)
        self._arrived.connect(self._show_waiting, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Begin: from now on nothing fails in silence."""
        self._undo = log_uncaught("window", self._take)
        qInstallMessageHandler(self._messages.take)

    def uninstall(self) -> None:
        """End: Python and Qt print as before."""
        qInstallMessageHandler(None)
        if self._undo is not None:
            self._undo()
            self._undo = None

    def _take(self, failure: Failure) -> None:
        """Have a failure shown by the thread of the window; a storm of them makes one event."""
        with self._lock:
            first = not self._waiting
            self._waiting[failure.place] = failure
        if first:
            self._emitter.emit(self._arrived)

    def _show_waiting(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for failure in waiting.values():
            try:
                self._show(failure)
            except Exception:
                # Raised again, this would come back here for ever.
                LOG.exception("The error could not be shown: %s", failure.text)

    def _show(self, failure: Failure) -> None:
        self.message.emit(sentence(failure), "error")
        if failure.place in self._closed:
            return
        if self.dialog is None:
            self.dialog = self._make_dialog()
        self.dialog.add(failure)
        self.dialog.show()

    def _make_dialog(self) -> UncaughtErrorDialog:
        # Where a modal dialog is open, only what belongs to it can be clicked; ours goes with it.
        made = UncaughtErrorDialog(QApplication.activeModalWidget() or self.window)
        made.finished.connect(self._forget_dialog)
        made.destroyed.connect(lambda: self._drop_dialog(made))
        return made

    def _drop_dialog(self, gone: UncaughtErrorDialog) -> None:
        if self.dialog is gone:
            self.dialog = None

    def _forget_dialog(self) -> None:
        if self.dialog is not None:
            self._closed |= self.dialog.places()
            self.dialog.deleteLater()
            self.dialog = None


class _QtMessages:
    """Qt's own warnings and errors, logged and printed; equal ones are logged like equal failures."""

    def __init__(self) -> None:
        self._times: dict[str, int] = {}

    def take(self, kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        """What Qt calls, in any thread."""
        level = LEVELS.get(kind)
        if level is not None:
            times = self._times[text] = self._times.get(text, 0) + 1
            if worth_logging(times):
                start_log("window")
                LOG.log(level, "Qt: %s", text)
        if sys.stderr is not None:
            sys.stderr.write(f"{text}\n")
