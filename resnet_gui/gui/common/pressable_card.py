"""A card that is painted by hand and may be pressed as a button is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.controls.unseen import UnseenButton
from resnet_gui.gui.kit.space_key import KEEPS_SPACE
from resnet_gui.gui.kit.theme import Theme

PRESSING: Final = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space})


class PressableCard(QWidget):
    """A card with a frame, which a click, Enter and the space bar press if it does something.

    Signals:
        clicked: a card that does something was pressed, with the mouse or the keyboard.
    """

    clicked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._clickable = False
        self._button: UnseenButton | None = None
        theme.changed.connect(self.update)

    @property
    def clickable(self) -> bool:
        """Whether a press of the card does something."""
        return self._clickable

    def set_clickable(self, *, on: bool, focus: Qt.FocusPolicy = Qt.FocusPolicy.StrongFocus) -> None:
        """Whether a press of the card does something, and how it then takes the focus."""
        if on == self._clickable:
            return
        self._clickable = on
        self.setProperty(KEEPS_SPACE, on)
        self.setFocusPolicy(focus if on else Qt.FocusPolicy.NoFocus)
        if on and self._button is None:
            self._button = UnseenButton(self, self.accessibleName(), self.clicked.emit)
            self._button.setGeometry(self.rect())
        if self._button is not None:
            self._button.setVisible(on)
            self._button.setFocusPolicy(focus if on else Qt.FocusPolicy.NoFocus)
            self.setFocusProxy(self._button if on else None)  # type: ignore[arg-type]
        self.setCursor(Qt.CursorShape.PointingHandCursor if on else Qt.CursorShape.ArrowCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover, on)
        self.update()

    def setAccessibleName(self, name: str) -> None:  # noqa: N802
        """Say what the card is; its button is read by that name."""
        super().setAccessibleName(name)
        if self._button is not None:
            self._button.setAccessibleName(name)

    def setAccessibleDescription(self, text: str) -> None:  # noqa: N802
        """Say what stands on it."""
        super().setAccessibleDescription(text)
        if self._button is not None:
            self._button.setAccessibleDescription(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The button is as large as the card."""
        super().resizeEvent(event)
        if self._button is not None:
            self._button.setGeometry(self.rect())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click does what the card does."""
        if self._clickable and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """So do Enter and the space bar."""
        if self._clickable and event.key() in PRESSING:
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def _paint_frame(self, painter: QPainter) -> None:
        """Draw the ground and its edge, which says that the pointer or the focus is there."""
        color, lit = self._theme.color, self._clickable and self.underMouse()
        painter.setPen(QPen(color("acc"), 2) if self.hasFocus() else QPen(color("ctl" if lit else "line"), 1))
        painter.setBrush(color("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
