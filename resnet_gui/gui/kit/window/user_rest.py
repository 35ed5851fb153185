"""How long the user has let a window alone: what nobody waits for is done meanwhile."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

INPUT: Final = frozenset(
    {
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.Wheel,
        QEvent.Type.KeyPress,
        QEvent.Type.KeyRelease,
        QEvent.Type.Resize,
    }
)


class UserRest(QObject):
    """The watch over a window's input."""

    def __init__(self, window: QWidget) -> None:
        """Watch a window; nobody can press anything in it before it is shown."""
        super().__init__(window)
        self._last = time.monotonic()
        self._window = window
        window.installEventFilter(self)
        self._watch_handle()

    @property
    def seconds(self) -> float:
        """Since the last input."""
        return time.monotonic() - self._last

    def _watch_handle(self) -> None:
        """Watch what the system knows of the window, which is not there before it is shown, and may become another."""
        handle = self._window.windowHandle()
        if handle is not None:
            # The system's events come here first; a filter of the application would see each child's as well.
            handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note when there was input."""
        if watched is self._window:
            if event.type() in {QEvent.Type.Show, QEvent.Type.WinIdChange}:
                self._watch_handle()
        elif event.type() in INPUT:
            self._last = time.monotonic()
        return False
