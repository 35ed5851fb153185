"""Windows that are no larger than their screen."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget


def resize_within_screen(window: QWidget, width: int, height: int) -> None:
    """Give a window a size, or nine tenths of its screen where that is smaller."""
    screen = window.screen()
    room = screen.availableSize() * 0.9 if screen is not None else QSize(width, height)
    window.resize(QSize(width, height).boundedTo(room))
