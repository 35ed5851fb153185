"""Keeps the settings while the window is open, so that a window that is killed has lost two seconds at most."""

from __future__ import annotations

import logging
from collections.abc import Callable, Set
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from resnet_gui.base.errors import InputError
from resnet_gui.gui.kept.encoding import encode_settings
from resnet_gui.gui.kept.open_windows import is_open
from resnet_gui.gui.kept.settings_file import FileNews, SettingsFile
from resnet_gui.gui.kit.emitter import ThreadWorker
from resnet_gui.gui.settings import Settings
from resnet_gui.protocol.jobs import Train

LOG = logging.getLogger(__name__)
INTERVAL_MS: Final = 1000
"""Between two looks at the settings; what is written then is on disk within two seconds."""


class SettingsKeeper(ThreadWorker):
    """The keeper of a window's settings: it writes what has changed, once a second, on a thread.

    As often it looks, on that thread, whether another window has written: of what windows share it takes over what that
    one has changed; and whether the windows live in whose queues runs wait.

    Attributes:
        mark: what other windows know this one by; empty for nothing.

    Signals:
        failed: a sentence that says why the settings cannot be kept, and the reason in a few words; once for each.
        recovered: they are kept again, after that.
        left_out: a sentence that says what cannot be kept, or not be read in the file, while all else is.
        taken_over: names of settings (``frozenset[str]``) that have the values of another window now.
        windows_ended: marks (``frozenset[str]``) of windows that are gone and in whose queues runs wait.
    """

    failed = Signal(str, str)
    recovered = Signal()
    left_out = Signal(str)
    taken_over = Signal(object)
    windows_ended = Signal(object)
    _looked = Signal(int, object, object, object)

    def __init__(
        self, settings: Settings, collect: Callable[[], None], parent: QObject | None = None, *, mark: str = ""
    ) -> None:
        """Begin with settings as they were read.

        Args:
            settings: of the window.
            collect: brings them up to date; called once a second, so it is to be cheap and to do nothing else.
            parent: frees it.
            mark: of the window.
        """
        super().__init__(parent)
        self._settings, self._collect, self.mark = settings, collect, mark
        self._file = SettingsFile(settings)
        self._said, self._look, self._turn = "", 0, 0
        self._left: tuple[str, ...] = ()
        self._asked = self._encode()
        self._looked.connect(self._take_late, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.keep)
        self._timer.start()

    def keep(self) -> None:
        """Have what has changed written, if anything has, and looked whether another window has changed something."""
        try:
            self._collect()
        finally:
            # What could be collected is kept, whatever else went wrong.
            data = self._encode()
            if data != self._asked:
                self._asked = data
                self._have_looked(data)
            elif not self._pool.activeThreadCount():
                self._have_looked(None)

    def _have_looked(self, data: bytes | None) -> None:
        """Have settings written, unless they are None, and the file looked at, on the thread."""
        self._turn += 1
        look, turn, file = self._look, self._turn, self._file
        windows = {job.window for job in self._settings.queue} - {"", self.mark}

        def work() -> tuple[object, ...]:
            problem = None if data is None else file.write(data)
            return look, problem, (turn, file.read_news()), frozenset(each for each in windows if not is_open(each))

        self._start(self._looked, work, alone=True)

    def claim(self, job: Train) -> bool:
        """Whether this window is the one that begins a waiting run; no other one does then.

        Raises:
            InputError: it cannot be known at the moment.
        """
        try:
            return self._file.claim(job)
        except TimeoutError as error:
            raise InputError("The queue waits: another program holds the settings' file.") from error

    def has_other(self, window: str) -> bool:
        """Whether the mark is that of another window, which lives."""
        return bool(window) and window != self.mark and is_open(window)

    def _follow(self, news: FileNews) -> None:
        """Take over what another window has changed; what comes of it here is what it is, and no change of this one."""
        self._collect()
        fields = self._file.bring_in(news, self._encode())
        if not fields:
            return
        taken = msgspec.convert(fields, Settings)
        for name in fields:
            setattr(self._settings, name, getattr(taken, name))
        self.taken_over.emit(frozenset(fields))

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
        self._turn += 1
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

    def _take_late(self, look: int, problem: str | None, found: tuple[int, FileNews | None], ended: Set[str]) -> None:
        if problem is not None and look == self._look:  # else all has been written since, and that is what counts
            self._take(problem)
        turn, news = found
        # A write that is on its way knows nothing of what is taken over, and would take it out again.
        if news is not None and turn == self._turn:
            self._follow(news)
        if ended:
            self.windows_ended.emit(ended)

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
