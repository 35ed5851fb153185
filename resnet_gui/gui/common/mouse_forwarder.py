"""What the mouse does to a picture of a widget is done to the widget itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QHelpEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from resnet_gui.gui.kit.basic import exists

Forwarded = QMouseEvent | QWheelEvent | QContextMenuEvent | QHelpEvent

_PRESSES: Final = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick})


class MouseForwarder(QObject):
    """A forwarder of mouse and wheel to the part of a widget that lies at a place.

    What a button was pressed on has the mouse until the button is released. Menus and lists that open at once open
    where the pointer is, and dialogs before the picture: their widget stands elsewhere, behind it.

    Attributes:
        asking: a part is being asked for its menu or its tooltip.

    Signals:
        opening: what was done opens a menu, a list or a dialog, which may last until it is closed.
    """

    opening = Signal()

    def __init__(self, picture: QWidget) -> None:
        super().__init__(picture)
        self._picture = picture
        self._pressed: QWidget | None = None
        self._over = list[QWidget]()
        self._pointer = QPoint()
        self.asking = False

    @property
    def held(self) -> bool:
        """Whether a button is down on a part of the widget."""
        return self._pressed is not None

    def awaits(self, target: QWidget) -> bool:
        """Whether a move of the pointer over a part of the widget changes anything."""
        return self.held or target.hasMouseTracking() or self._over[:1] != [target]

    def send(self, source: QWidget, event: QMouseEvent, place: QPointF) -> bool:
        """Send a mouse event to what lies at a place of a widget (its own pixels); whether anybody took notice."""
        kind = event.type()
        if kind == QEvent.Type.MouseMove and event.buttons() == Qt.MouseButton.NoButton:
            # A popup that has opened had the release.
            self._pressed = None
        if kind in _PRESSES:
            self._pressed = part_at(source, place)
        target = self._pressed if self._pressed is not None and exists(self._pressed) else part_at(source, place)
        if kind == QEvent.Type.MouseButtonRelease:
            self._pressed = None
        self._enter(source, target, event, place)
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
        self._offer(source, place, lambda target: QWheelEvent(
            target.mapFrom(source, place), event.globalPosition(), event.pixelDelta(), event.angleDelta(),
            event.buttons(), event.modifiers(), event.phase(), event.inverted(),
        ))  # fmt: skip

    def ask(self, source: QWidget, event: QContextMenuEvent | QHelpEvent, place: QPointF) -> None:
        """Ask the innermost part at a place that has one for its menu or its tooltip."""

        def make(target: QWidget) -> QContextMenuEvent | QHelpEvent:
            inside = target.mapFrom(source, place).toPoint()
            if isinstance(event, QContextMenuEvent):
                return QContextMenuEvent(event.reason(), inside, event.globalPos(), event.modifiers())
            return QHelpEvent(event.type(), inside, event.globalPos())

        self.asking = True
        try:
            self._offer(source, place, make)
        finally:
            if exists(self):
                self.asking = False

    def _offer(self, source: QWidget, place: QPointF, make: Callable[[QWidget], Forwarded]) -> None:
        """Send an event to the part at a place, and to those around it until one takes it."""
        target: QWidget | None = part_at(source, place)
        while target is not None:
            made = make(target)
            made.ignore()
            self._deliver(source, target, made)
            if made.isAccepted() or not exists(target) or target is source:
                return
            target = target.parentWidget()

    def leave(self) -> None:
        """The pointer is elsewhere."""
        self._leave_all_but([])

    def _enter(self, source: QWidget, target: QWidget, event: QMouseEvent, place: QPointF) -> None:
        """The pointer is over a part, and so over all that are around it."""
        now = [target]
        while now[-1] is not source and (around := now[-1].parentWidget()) is not None:
            now.append(around)
        before = self._over
        self._leave_all_but(now)
        for entered in reversed([each for each in now if each not in before]):
            inside = entered.mapFrom(source, place)
            QApplication.sendEvent(entered, QEnterEvent(inside, event.scenePosition(), event.globalPosition()))
        self._picture.setCursor(target.cursor())

    def _leave_all_but(self, now: list[QWidget]) -> None:
        before, self._over = self._over, now
        for left in before:
            if exists(left) and left not in now:
                QApplication.sendEvent(left, QEvent(QEvent.Type.Leave))

    def _deliver(self, source: QWidget, target: QWidget, event: Forwarded) -> None:
        app = QApplication.instance()
        # What nobody takes ends here: around an own widget is its picture, which would send it again.
        kept = source.testAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        source.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        if isinstance(event, QContextMenuEvent | QHelpEvent):
            self._pointer = event.globalPos()
        else:
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
        if event.type() != QEvent.Type.Show or not isinstance(watched, QWidget) or not watched.isWindow():
            return False
        if watched is not self._picture.window():
            front = self._picture.window()
            handle, before = watched.windowHandle(), front.windowHandle()
            if handle is not None and before is not None:
                handle.setTransientParent(before)
            if watched.windowType() == Qt.WindowType.Popup:
                watched.move(_inside(watched, self._pointer))
            app = QApplication.instance()
            if app is not None and watched.windowType() != Qt.WindowType.ToolTip:
                # A dialog lasts as long as the event that opens it, and what opens in it has places of its own.
                app.removeEventFilter(self)
                self.opening.emit()
        return False


class PlacedParts:
    """The parts of a widget and where in it they were when it was drawn; the inner and the upper ones come later."""

    def __init__(self, source: QWidget | None = None) -> None:
        self._parts = list[tuple[QRect, QWidget]]()
        if source is not None:
            self._add(source, source.rect(), QPoint(0, 0))

    def _add(self, widget: QWidget, seen: QRect, corner: QPoint) -> None:
        self._parts.append((seen, widget))
        for child in widget.children():
            if not isinstance(child, QWidget) or child.isHidden() or child.isWindow():
                continue
            inside = seen.intersected(child.geometry().translated(corner))
            if not inside.isEmpty() and not child.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents):
                self._add(child, inside, corner + child.pos())

    def at(self, source: QWidget, place: QPointF) -> QWidget | None:
        """The innermost part at a place of the widget (its pixels); None where that is not known any more."""
        point = place.toPoint()
        found = next((part for seen, part in reversed(self._parts) if seen.contains(point)), source)
        return found if self._parts and exists(found) else None


def copied(event: QMouseEvent) -> QMouseEvent:
    """The same event, which outlives the call that it came with."""
    return QMouseEvent(
        event.type(), event.position(), event.scenePosition(), event.globalPosition(), event.button(),
        event.buttons(), event.modifiers(), event.pointingDevice(),
    )  # fmt: skip


def part_at(source: QWidget, place: QPointF) -> QWidget:
    """The innermost part of a widget at a place (its own pixels)."""
    return source.childAt(place.toPoint()) or source


def _inside(popup: QWidget, pointer: QPoint) -> QPoint:
    """The place of a popup whose corner is at the pointer, or nearer where the screen ends."""
    screen = QApplication.screenAt(pointer)
    if screen is None:
        return pointer
    room = screen.availableGeometry()
    left = max(room.left(), min(pointer.x(), room.right() + 1 - popup.width()))
    return QPoint(left, max(room.top(), min(pointer.y(), room.bottom() + 1 - popup.height())))
