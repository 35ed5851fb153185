"""What only holds other widgets paints its ground and its line by itself, so that its parts are styled one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QSplitterHandle, QStackedWidget, QWidget

GROUNDS: Final = {"panel": "panel", "canvas": "canvas"}
"""Object name, as the style sheet has it -> the token of its ground."""

LINES: Final = ("rightLine", "leftLine", "topLine")
"""Object names of what has a line at one side."""


def holds_only(widget: QWidget) -> bool:
    """Whether all that the style sheet says of a widget is its ground and a line, so that it can paint both itself."""
    if type(widget) is QWidget or isinstance(widget, QSplitter):
        return True
    if isinstance(widget, QScrollArea):
        return widget.frameShape() == QFrame.Shape.NoFrame
    if isinstance(widget, QFrame) and not isinstance(widget, QStackedWidget):
        # Those that Qt draws, such as views and labels, are frames too.
        own = next(kind for kind in type(widget).__mro__ if kind.__module__.startswith("PySide6"))
        return own is QFrame and widget.objectName() in {"", *GROUNDS, *LINES}
    return isinstance(widget, QStackedWidget)


class Ground(QObject):
    """The painter of a widget that has no style sheet: ground, line, or the handle between two parts."""

    def __init__(self, widget: QWidget, color: Callable[[str], QColor]) -> None:
        """Paint a widget of which ``holds_only`` is true, or a splitter's handle, in colours by token."""
        super().__init__(widget)
        self._color = color
        # The style sheet paints nothing on a plain widget that does not ask for it.
        styled = widget.testAttribute(Qt.WidgetAttribute.WA_StyledBackground) or isinstance(widget, QFrame)
        name = widget.objectName() if styled else ""
        self._ground = "line" if isinstance(widget, QSplitterHandle) else GROUNDS.get(name, "")
        self._line = name if name in LINES else ""
        if isinstance(widget, QScrollArea):
            # What it scrolls lies on the ground behind it.
            widget.viewport().setAutoFillBackground(False)
        if self._ground or self._line:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Paint instead of Qt where it would paint something, else before the widget does."""
        if event.type() != QEvent.Type.Paint or not isinstance(watched, QWidget):
            return False
        box = watched.rect()
        painter = QPainter(watched)
        if self._ground:
            painter.fillRect(box, self._color(self._ground))
        if self._line:
            painter.fillRect(_side(box, self._line), self._color("line"))
        painter.end()
        return isinstance(watched, QSplitterHandle)


def _side(box: QRect, line: str) -> QRect:
    if line == "topLine":
        return QRect(box.left(), box.top(), box.width(), 1)
    return QRect(box.left() if line == "leftLine" else box.right(), box.top(), 1, box.height())
