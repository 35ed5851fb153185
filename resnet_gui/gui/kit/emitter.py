"""Signals from threads that end with the object they belong to."""

from __future__ import annotations

import threading

from PySide6.QtCore import SignalInstance


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
