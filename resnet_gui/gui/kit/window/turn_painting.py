"""Painting of several costly widgets that are given another size, or much to draw, at once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget


class TurnPainting(QObject):
    """The painting of widgets one after the other, each in a turn of the event loop of its own.

    It begins after a new size, or a call of ``begin``. Until its turn comes a widget shows what it has shown.
    """

    def __init__(self, parent: QObject, widgets: Sequence[QWidget]) -> None:
        super().__init__(parent)
        self._widgets = widgets
        self._waiting: list[QWidget] = []
        self._turn = QTimer(self, singleShot=True)
        self._turn.timeout.connect(self._paint_next)
        for widget in widgets:
            widget.installEventFilter(self)

    @property
    def is_pending(self) -> bool:
        """Whether a widget waits for its turn."""
        return bool(self._waiting)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Another size: painted later."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self._hold(watched)
        return False

    def begin(self) -> None:
        """Paint all of them in turns from now on."""
        for widget in self._widgets:
            self._hold(widget)

    def _hold(self, widget: QWidget) -> None:
        if widget not in self._waiting:
            widget.setUpdatesEnabled(False)
            self._waiting.append(widget)
            self._turn.start(0)

    def _paint_next(self) -> None:
        self._waiting.pop(0).setUpdatesEnabled(True)
        if self._waiting:
            self._turn.start(0)
