"""A ring around what has the focus by keyboard and does not say so by itself: tables, pictures, chosen buttons."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QWidget,
)
from shiboken6 import isValid

from resnet_gui.gui.kit.controls.unseen import UnseenButton
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.style_sheets import Undressed

SAY_SO = (UnseenButton, QCheckBox, QAbstractSpinBox, QComboBox, QLineEdit, QAbstractSlider)
"""Whose own look, or that of the parent, shows the focus."""


class FocusRing(Undressed, QWidget):
    """A ring that lies over the widget with the focus, until that goes elsewhere."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._theme, self._window = theme, window
        self._around: QWidget | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._leave)

    def show_around(self, widget: QWidget) -> None:
        """Lie around a widget that has got the focus by keyboard, if it does not show that by itself."""
        self._leave()
        if isinstance(widget, SAY_SO) or (isinstance(widget, QAbstractButton) and not widget.isChecked()):
            return
        self._come_back()
        self._around = widget
        widget.installEventFilter(self)
        widget.destroyed.connect(self._come_back)
        self.setParent(widget)
        self.setGeometry(widget.rect())
        self.show()
        self.raise_()

    def _leave(self, *_: object) -> None:
        if self._around is not None and QApplication.focusWidget() is not self._around:
            self._come_back()

    def _come_back(self, *_: object) -> None:
        """Be a hidden part of the window again; a widget that is deleted would take its parts with it."""
        around, self._around = self._around, None
        if around is None:
            return
        if isValid(around):
            around.removeEventFilter(self)
            around.destroyed.disconnect(self._come_back)
        self.hide()
        self.setParent(self._window if isValid(self._window) else None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as it is."""
        if watched is self._around and event.type() == QEvent.Type.Resize and self._around is not None:
            self.setGeometry(self._around.rect())
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("acc"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(3, 3, -3, -3), 4, 4)
