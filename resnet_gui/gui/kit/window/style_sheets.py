"""The style sheet on each part of a window; with another theme what is seen first, the rest while nothing else goes on."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QChildEvent, QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

COVERED_MS: Final = 40
"""Between two parts that nobody sees; each takes as long as a page has widgets, 0.1 ms for one."""


class StyleSheets(QObject):
    """The roots that carry the style sheet.

    Qt styles a root and all inside it in one go. So a page that lies under another one, or was never shown, waits for
    its turn, and is styled at the latest when it is shown.
    """

    def __init__(self, parent: QObject, sheet: Callable[[], str]) -> None:
        """Put what ``sheet`` gives on roots: the text of the style sheet in the present colours."""
        super().__init__(parent)
        self._sheet = sheet
        self._roots: list[weakref.ref[QWidget]] = []
        self._old: list[weakref.ref[QWidget]] = []
        self._frozen: list[weakref.ref[QWidget]] = []
        self._turn = QTimer(self, singleShot=True)
        self._turn.timeout.connect(self._style_some)

    def put_on(self, root: QWidget) -> None:
        """Style a widget and all inside it; from now on it follows the theme."""
        root.setStyleSheet(self._sheet())
        reference = weakref.ref(root)
        self._roots.append(reference)
        root.destroyed.connect(lambda: self._forget(reference))

    def put_on_children(self, window: QWidget, containers: Sequence[QWidget]) -> None:
        """Style the children of some widgets, which nobody has seen yet, each for itself, also those that are to come."""
        around = (window, *containers)
        for parent in around:
            parent.installEventFilter(_PolishedChildren(parent, around, self._dress))

    def renew(self) -> None:
        """The colours are others: what is on screen is styled when the event loop turns, and shown then in one go."""
        self._old = list(self._roots)
        for window in {root.window() for root in self._alive() if root.isVisible()}:
            if window.updatesEnabled():
                window.setUpdatesEnabled(False)
                self._frozen.append(weakref.ref(window))
        for root in self._alive():
            if _is_covered(root):
                root.installEventFilter(self)
        self._turn.start(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A page that still has the old colours is shown."""
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget):
            self._style(watched)
        return False

    def _dress(self, child: QWidget) -> None:
        if all(reference() is not child for reference in self._roots):
            self.put_on(child)

    def _alive(self) -> list[QWidget]:
        return [root for reference in self._old if (root := reference()) is not None]

    def _style_some(self) -> None:
        """Style all that is not covered, else the next of what is."""
        roots = self._alive()
        seen = [root for root in roots if not _is_covered(root)]
        for root in seen or roots[:1]:
            self._style(root)
        for reference in self._frozen:
            if (window := reference()) is not None:
                window.setUpdatesEnabled(True)
        self._frozen = []
        if self._old:
            self._turn.start(COVERED_MS)

    def _style(self, root: QWidget) -> None:
        root.removeEventFilter(self)
        self._old = [reference for reference in self._old if reference() is not root]
        root.setStyleSheet(self._sheet())

    def _forget(self, reference: weakref.ref[QWidget]) -> None:
        self._roots.remove(reference)
        if reference in self._old:
            self._old.remove(reference)


class _PolishedChildren(QObject):
    """The watch over a widget whose children get a style sheet each when Qt first gives them a look."""

    def __init__(self, parent: QWidget, around: Sequence[QWidget], dress: Callable[[QWidget], None]) -> None:
        super().__init__(parent)
        self._around, self._dress = around, dress

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """A child has been polished."""
        if event.type() == QEvent.Type.ChildPolished and isinstance(event, QChildEvent):
            child = event.child()
            if isinstance(child, QWidget) and child not in self._around:
                self._dress(child)
        return False


def _is_covered(root: QWidget) -> bool:
    """Whether a widget is hidden in a window that is seen."""
    return not root.isVisible() and root.window().isVisible()
