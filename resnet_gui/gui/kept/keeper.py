"""Keeps the settings while the window is open, so that a window that is killed has lost two seconds at most."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from resnet_gui.gui.kept.encoding import encode_settings
from resnet_gui.gui.kept.settings_file import SettingsFile
from resnet_gui.gui.kit.emitter import ThreadWorker
from resnet_gui.gui.settings import Settings

LOG = logging.getLogger(__name__)
INTERVAL_MS: Final = 1000
"""Between two looks at the settings; what is written then is on disk within two seconds."""


class SettingsKeeper(ThreadWorker):
    """The keeper of a window's settings: it writes what has changed, once a second, on a thread.

    As often it looks whether another window has written: of what windows share it takes over what that one has changed.

    Signals:
        failed: a sentence that says why the settings cannot be kept, and the reason in a few words; once for each.
        recovered: they are kept again, after that.
        left_out: a sentence that says what cannot be kept, or not be read in the file, while all else is.
        taken_over: names of settings (``frozenset[str]``) that have the values of another window now.
    """

    failed = Signal(str, str)
    recovered = Signal()
    left_out = Signal(str)
    taken_over = Signal(object)
    _written = Signal(int, str)

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
        self._said, self._look = "", 0
        self._left: tuple[str, ...] = ()
        self._asked = self._encode()
        self._written.connect(self._take_late, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.keep)
        self._timer.start()

    def keep(self) -> None:
        """Have what has changed written, if anything has, and take over what another window has changed."""
        try:
            self._collect()
            self._follow()
        finally:
            # What could be collected is kept, whatever else went wrong.
            data = self._encode()
            if data != self._asked:
                self._asked = data
                look = self._look
                self._start(self._written, lambda: (look, self._file.write(data)), alone=True)

    def _follow(self) -> None:
        """Take over what another window has changed; what comes of it here is what it is, and no change of this one."""
        # A write that is on its way knows nothing of what is taken over, and would take it out again.
        news = {} if self._pool.activeThreadCount() else self._file.take_news(self._encode)
        if not news:
            return
        taken = msgspec.convert(news, Settings)
        for name in news:
            setattr(self._settings, name, getattr(taken, name))
        self.taken_over.emit(frozenset(news))

    def flush(self) -> str:
        """Write what has changed at once; a sentence if that cannot be done, else nothing.

        It is the last moment for it, so what fails while it is collected is logged and holds up nothing.
        """
        try:
            self._collect()
        except Exception:
            LOG.exception("Not all that is to be kept could be collected")
        # What an earlier look has asked for is older than this, and must not be written after it.
        self._pool.clear()
        self._pool.waitForDone()
        data = self._encode()
        problem = self._file.write(data)
        self._asked = b"" if problem else data
        self._look += 1
        if not problem:  # else whoever asked says so, and the next look what comes of it
            self._take("")
        return problem

    def end(self) -> str:
        """Write what has changed, and look no more; a sentence if that cannot be done, else nothing."""
        self._timer.stop()
        self.stop()
        return self.flush()

    def _encode(self) -> bytes:
        """The settings as they are written; what has to be left out of them is said once."""
        data, left = encode_settings(self._settings)
        if left and left != self._left:
            sentence = f"A name that is not UTF-8 cannot be kept for the next time ({', '.join(left)})."
            LOG.warning("%s", sentence)
            self.left_out.emit(sentence)
        self._left = left
        return data

    def _take_late(self, look: int, problem: str) -> None:
        if look == self._look:  # else all has been written since, and that is what counts
            self._take(problem)

    def _take(self, problem: str) -> None:
        if unread := self._file.take_unread():
            self.left_out.emit(unread)
        if problem:
            self._asked = b""  # the next look tries again
            if problem != self._said:
                self.failed.emit(problem, self._file.reason)
        elif self._said:
            self.recovered.emit()
        self._said = problem
