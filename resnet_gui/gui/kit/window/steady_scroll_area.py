"""An area with a vertical scroll bar only where what is in it would not fit without one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class SteadyScrollArea(QScrollArea):
    """An area that scrolls up and down what is higher at its whole width than its place.

    Qt asks for the height at the present width: once there is a scroll bar, lines break in the narrower place, need
    more of them, and so keep the bar although all would fit without it.
    """

    def __init__(self, body: QWidget) -> None:
        super().__init__()
        self._body = body
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(body)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Decide anew whether there is a scroll bar."""
        self._decide()
        super().resizeEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The same when what is inside needs another height."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._decide()
        return super().eventFilter(watched, event)

    def _decide(self) -> None:
        body, room = self._body, self.contentsRect().size()
        high = body.heightForWidth(room.width()) if body.hasHeightForWidth() else body.minimumSizeHint().height()
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if high > room.height() else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if policy != self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(policy)
