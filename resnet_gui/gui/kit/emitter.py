"""Signals from threads that end with the object they belong to, and work on such a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, QThreadPool, SignalInstance

Work = Callable[[], tuple[object, ...]]
"""What is done on a thread; the values of a signal come of it."""


class ThreadSafeEmitter:
    """A gate through which threads emit a QObject's signals: its destruction waits for an emission, and ends them.

    Without this a thread could emit in the moment in which the object is freed, which crashes the process.
    superqt's ``ensure_main_thread`` posts a call to the other thread, but does not hold back the end of the object.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = True

    def close(self) -> None:
        """Let nothing be emitted any more."""
        with self._lock:
            self._open = False

    def emit(self, signal: SignalInstance, *values: object) -> bool:
        """Emit; False when the object is gone."""
        with self._lock:
            if self._open:
                try:
                    signal.emit(*values)
                except RuntimeError:
                    self._open = False
            return self._open


class _Task(QRunnable):
    """A piece of work, for a thread of the pool."""

    def __init__(self, emitter: ThreadSafeEmitter, signal: SignalInstance, work: Work) -> None:
        super().__init__()
        self._emitter, self._signal, self._work = emitter, signal, work

    def run(self) -> None:
        """Do it, and say what came of it."""
        self._emitter.emit(self._signal, *self._work())


class ThreadWorker(QObject):
    """A thread for work that would hold up the window, done one piece after the other.

    What derives from it has the signals, which are to be connected queued.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._emitter = ThreadSafeEmitter()
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(1)
        self.destroyed.connect(self._emitter.close)
        self.destroyed.connect(self._pool.clear)

    def stop(self) -> None:
        """Do nothing more; for the closing of the window."""
        self._emitter.close()
        self._pool.clear()
        self._pool.waitForDone(2000)

    def _start(self, signal: SignalInstance, work: Work, *, alone: bool = False) -> None:
        """Have something done, and its outcome emitted; ``alone``, what still waits is given up."""
        if alone:
            self._pool.clear()
        self._pool.start(_Task(self._emitter, signal, work))
