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
        """Watch a window that is shown."""
        super().__init__(window)
        self._last = time.monotonic()
        handle = window.windowHandle()
        if handle is not None:
            # The system's events come here first; a filter of the application would see each child's as well.
            handle.installEventFilter(self)

    @property
    def seconds(self) -> float:
        """Since the last input."""
        return time.monotonic() - self._last

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Note when there was input."""
        if event.type() in INPUT:
            self._last = time.monotonic()
        return False
