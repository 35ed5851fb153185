"""Keeps the settings while the window is open, so that a window that is killed has lost two seconds at most."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from resnet_gui.gui.kept.settings_file import SettingsFile
from resnet_gui.gui.kit.emitter import ThreadWorker
from resnet_gui.gui.settings import Settings

INTERVAL_MS: Final = 1000
"""Between two looks at the settings; what is written then is on disk within two seconds."""


class SettingsKeeper(ThreadWorker):
    """The keeper of a window's settings: it writes what has changed, once a second, on a thread.

    Signals:
        failed: a sentence that says why the settings cannot be kept, and the reason in a few words; once for each.
        recovered: they are kept again, after that.
    """

    failed = Signal(str, str)
    recovered = Signal()
    _written = Signal(str)

    def __init__(self, settings: Settings, collect: Callable[[], None], parent: QObject | None = None) -> None:
        """Begin with settings as they were read.

        Args:
            settings: of the window.
            collect: brings them up to date; called once a second, so it is to be cheap and to do nothing else.
            parent: frees it.
        """
        super().__init__(parent)
        self._settings, self._collect = settings, collect
        self._file = SettingsFile(settings)
        self._asked = msgspec.json.encode(settings)
        self._said = ""
        self._written.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.keep)
        self._timer.start()

    def keep(self) -> None:
        """Have what has changed written, if anything has."""
        try:
            self._collect()
        finally:
            # What could be collected is kept, whatever else went wrong.
            data = msgspec.json.encode(self._settings)
            if data != self._asked:
                self._asked = data
                self._start(self._written, lambda: (self._file.write(data),), alone=True)

    def flush(self) -> str:
        """Write what has changed at once; a sentence if that cannot be done, else nothing."""
        try:
            self._collect()
        finally:
            self._asked = msgspec.json.encode(self._settings)
            problem = self._file.write(self._asked)
        return problem

    def end(self) -> str:
        """Write what has changed, and look no more; a sentence if that cannot be done, else nothing."""
        self._timer.stop()
        self.stop()
        return self.flush()

    def _take(self, problem: str) -> None:
        if problem:
            self._asked = b""  # the next look tries again
            if problem != self._said:
                self.failed.emit(problem, self._file.reason)
        elif self._said:
            self.recovered.emit()
        self._said = problem
