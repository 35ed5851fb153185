"""What the mouse does to a picture of a widget is done to the widget itself."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from resnet_gui.gui.kit.basic import exists

_PRESSES: Final = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick})


class MouseForwarder(QObject):
    """A forwarder of mouse and wheel to the part of a widget that lies at a place.

    What a button was pressed on has the mouse until the button is released. Menus and lists that open at once open
    where the pointer is, and dialogs before the picture: their widget stands elsewhere, behind it.
    """

    def __init__(self, picture: QWidget) -> None:
        super().__init__(picture)
        self._picture = picture
        self._pressed: QWidget | None = None
        self._over: QWidget | None = None
        self._pointer = QPoint()

    @property
    def held(self) -> bool:
        """Whether a button is down on a part of the widget."""
        return self._pressed is not None

    def send(self, source: QWidget, event: QMouseEvent, place: QPointF) -> bool:
        """Send a mouse event to what lies at a place of a widget (its own pixels); whether anybody took notice."""
        kind = event.type()
        if kind == QEvent.Type.MouseMove and event.buttons() == Qt.MouseButton.NoButton:
            # A popup that has opened had the release.
            self._pressed = None
        if kind in _PRESSES:
            self._pressed = _part(source, place)
        target = self._pressed if self._pressed is not None and exists(self._pressed) else _part(source, place)
        if kind == QEvent.Type.MouseButtonRelease:
            self._pressed = None
        self._enter(target)
        if kind == QEvent.Type.MouseMove and not self.held and not target.hasMouseTracking():
            return False
        self._deliver(
            source,
            target,
            QMouseEvent(
                kind, target.mapFrom(source, place), event.scenePosition(), event.globalPosition(), event.button(),
                event.buttons(), event.modifiers(), event.pointingDevice(),
            ),
        )  # fmt: skip
        return True

    def turn(self, source: QWidget, event: QWheelEvent, place: QPointF) -> None:
        """Send a turn of the wheel to the innermost part at a place that has a use for it."""
        target: QWidget | None = _part(source, place)
        while target is not None:
            made = QWheelEvent(
                target.mapFrom(source, place), event.globalPosition(), event.pixelDelta(), event.angleDelta(),
                event.buttons(), event.modifiers(), event.phase(), event.inverted(),
            )  # fmt: skip
            made.ignore()
            self._deliver(source, target, made)
            if made.isAccepted() or not exists(target) or target is source:
                return
            target = target.parentWidget()

    def leave(self) -> None:
        """The pointer is elsewhere."""
        self._enter(None)

    def _enter(self, target: QWidget | None) -> None:
        over, self._over = self._over, target
        if over is not target and over is not None and exists(over):
            QApplication.sendEvent(over, QEvent(QEvent.Type.Leave))
        if target is not None:
            self._picture.setCursor(target.cursor())

    def _deliver(self, source: QWidget, target: QWidget, event: QMouseEvent | QWheelEvent) -> None:
        app = QApplication.instance()
        # What nobody takes ends here: around an own widget is its picture, which would send it again.
        kept = source.testAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        source.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self._pointer = event.globalPosition().toPoint()
        # Only now: a filter of the application is asked about every event.
        if app is not None:
            app.installEventFilter(self)
        try:
            QApplication.sendEvent(target, event)
        finally:
            if app is not None and exists(self):
                app.removeEventFilter(self)
            if exists(source):
                source.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation, kept)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Have what opens open before the picture, and where the pointer is."""
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            front = self._picture.window()
            handle, before = watched.windowHandle(), front.windowHandle()
            if handle is not None and before is not None and watched is not front:
                handle.setTransientParent(before)
            if watched.windowType() == Qt.WindowType.Popup:
                watched.move(_inside(watched, self._pointer))
        return False


def _part(source: QWidget, place: QPointF) -> QWidget:
    return source.childAt(place.toPoint()) or source


def _inside(popup: QWidget, pointer: QPoint) -> QPoint:
    """The place of a popup whose corner is at the pointer, or nearer where the screen ends."""
    screen = QApplication.screenAt(pointer)
    if screen is None:
        return pointer
    room = screen.availableGeometry()
    left = max(room.left(), min(pointer.x(), room.right() + 1 - popup.width()))
    return QPoint(left, max(room.top(), min(pointer.y(), room.bottom() + 1 - popup.height())))
