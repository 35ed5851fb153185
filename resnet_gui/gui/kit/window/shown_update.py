"""Work that brings a widget up to date: at once while it is seen, else when it comes into view or nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.throttle import Debounce

REST_MS: Final = 250
"""Without a further change for so long, what nobody sees is brought up to date, too."""


class ShownUpdate(QObject):
    """The updates of a widget that follows something which changes while another page is on screen.

    An edit there must reach the screen within a frame; what nobody sees waits until the edits rest, and is up to date
    before it is painted.
    """

    def __init__(self, widget: QWidget, work: Callable[[], object]) -> None:
        """Follow the widget, which owns this.

        Args:
            widget: what is brought up to date.
            work: does so.
        """
        super().__init__(widget)
        self._widget = widget
        self._resting = Debounce(self, REST_MS, work)
        widget.installEventFilter(self)

    @property
    def pending(self) -> bool:
        """Whether something has changed that the widget does not show yet."""
        return self._resting.is_pending()

    def request(self) -> None:
        """Something has changed."""
        if self._widget.isVisible():
            self._resting.call_now()
        else:
            self._resting.request()

    def catch_up(self) -> None:
        """Bring the widget up to date now if it is not, for whoever reads it unseen."""
        if self.pending:
            self._resting.call_now()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Show what has changed before the widget is painted."""
        if event.type() == QEvent.Type.Show:
            self.catch_up()
        return False
