"""A widget of a page on the whole screen of a presentation: laid out in the screen's shape and drawn large."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from resnet_gui.gui.common.enlarged_fit import (
    ACROSS,
    DOWN,
    STEPS,
    best_fit,
    cut_texts,
    fit_across,
    fits,
    lay_out,
    put_back,
    scrolled_area,
    scrolled_bar,
    scrolled_values,
)
from resnet_gui.gui.common.mouse_forwarder import MouseForwarder, PlacedParts, copied
from resnet_gui.gui.kit.basic import exists

REFRESH_MS: Final = 400
"""Between two pictures of a widget: what a run adds is seen soon."""

FRAME_MS: Final = 16
"""Between two moves of the pointer that a widget hears of, at least: more would not be seen."""

SHARE: Final = 10
"""Pictures take at most this part of the time."""

LEAST_STEP: Final = 24
"""Pixels of a press of an arrow key, at least, where the bar counts pixels."""

MOUSE_KEYS: Final = "Mouse  as on the page"
DOWN_KEYS: Final = "↑ ↓ PgUp PgDn  scroll"
ACROSS_KEYS: Final = "Shift+← Shift+→  sideways"

_NONE, _KEYPAD, _SHIFT = (
    Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier, Qt.KeyboardModifier.ShiftModifier,
)  # fmt: skip
TAKEN: Final = frozenset({
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
    Qt.Key.Key_Home, Qt.Key.Key_End,
})  # fmt: skip
"""Keys that an own widget of a pane takes."""

_WAYS: Final = {
    (Qt.Key.Key_Up, False): (DOWN, -1), (Qt.Key.Key_Down, False): (DOWN, 1),
    (Qt.Key.Key_PageUp, False): (DOWN, -8), (Qt.Key.Key_PageDown, False): (DOWN, 8),
    (Qt.Key.Key_Left, True): (ACROSS, -2), (Qt.Key.Key_Right, True): (ACROSS, 2),
}  # fmt: skip
"""Key, and whether it is pressed with Shift -> the way that it scrolls, and steps."""


class EnlargedWidget(QWidget):
    """A live picture of another widget, as large as all of it fits, drawn anew and not stretched: its type grows too.

    A widget of a page stays where it is. For every picture it is laid out in the shape of the screen and put back
    before the page is painted again. What the mouse does to the picture is done to the widget. Up, Down, Page Up and
    Page Down scroll what can be scrolled, and Shift with Left and Right what is too wide. With a ``factor`` the widget
    is this one's own: it has the size of the place divided by the factor, or by a smaller one at which all columns are
    seen, and takes the keys itself.

    Attributes:
        whole: whether all of the widget is seen, but for rows of a list that is scrolled.

    Signals:
        keys_changed: other keys have a use here.
    """

    keys_changed = Signal()

    def __init__(self, widget: QWidget, factor: float = 0.0, *, least: int = 0) -> None:
        """Draw a widget of a page, laid out at ``least`` so many pixels wide, or an own one with a ``factor``."""
        super().__init__()
        self._least = least
        self._widget, self._factor, self._own = widget, factor or 1.0, bool(factor)
        self._most = self._factor
        self._picture, self._shown, self._scale = QPixmap(), QSizeF(), 1.0
        self._laid_out, self._cut, self.whole = QSize(), 0, True
        self._scrolled, self._reach = {DOWN: 0, ACROSS: 0}, {DOWN: 0, ACROSS: 0}
        self._mouse, self._released = MouseForwarder(self), False
        self._mouse.opening.connect(self._leave_page_alone)
        self._page_kept: ExitStack | None = None
        self._parts = PlacedParts()
        self._move: tuple[QMouseEvent, QPointF] | None = None
        self._moving = QTimer(self, singleShot=True)
        self._moving.timeout.connect(self._send_move)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(widget.accessibleName())
        if self._own:
            # Inside, for the style sheet, and hidden: what is seen of it is its picture.
            widget.setParent(self)
            widget.hide()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.refresh)

    @classmethod
    def of_copy(cls, copied: QWidget, *, least: int = 0) -> EnlargedWidget:
        """Draw a copy of a part of a page, which goes with its picture, as large as all of it fits."""
        shown = cls(copied, least=least)
        copied.setParent(shown)
        copied.hide()
        return shown

    @property
    def _source(self) -> QWidget | None:
        """The widget; None if the page has taken it away."""
        return self._widget if exists(self._widget) else None

    def factor(self) -> float:
        """How many times larger than in its page it is drawn."""
        return self._factor

    @property
    def shown(self) -> QSizeF:
        """Pixels that the whole widget takes of the screen."""
        return self._shown

    @property
    def keys(self) -> str:
        """What keys and mouse do here now, in a line."""
        down = DOWN_KEYS if self._reach[DOWN] and not self._own else ""
        return "    ".join(filter(None, (down, ACROSS_KEYS if self._reach[ACROSS] else "", MOUSE_KEYS)))

    # ---- its picture

    def refresh(self) -> None:
        """Draw the widget as it is now."""
        if self._released:
            # Another tab or list may have been chosen, which has a size of its own.
            self._released, self._laid_out = False, QSize()
        self._renew(None)

    def _renew(self, act: Callable[[QWidget], None] | None, *, moves: bool = False) -> None:
        """Draw the widget, perhaps after something has been done to it as it is laid out here.

        What only ``moves`` the pointer changes no layout: the last one is taken.
        """
        source = self._source
        if source is None or self.size().isEmpty():
            return
        begun, keys = time.perf_counter(), self.keys
        if self._own:
            if act is not None:
                act(source)
            if not exists(self) or not exists(source):
                return
            self._reach[ACROSS] = _reach(source, ACROSS)
            self._draw(source)
        elif not self._draw_in_page(source, act, moves=moves):
            return
        self._timer.start(max(REFRESH_MS, round(1000 * SHARE * (time.perf_counter() - begun))))
        self.update()
        if self.keys != keys:
            self.keys_changed.emit()

    def _draw_in_page(self, source: QWidget, act: Callable[[QWidget], None] | None, *, moves: bool) -> bool:
        """Draw a widget of a page and leave the page as it was; whether both are there still."""
        with ExitStack() as kept:
            if act is not None and not moves:
                # What was done may give it another size in its page than the one that it gets back.
                kept.callback(lambda: source.updateGeometry() if exists(source) else None)
            page = kept.enter_context(ExitStack())
            page.enter_context(put_back(source))
            self._lay_out(source, again=moves)
            if act is not None:
                outer, self._page_kept = self._page_kept, page
                act(source)
                # Whoever was clicked may have ended the presentation, or taken the widget away.
                if not exists(self) or not exists(source):
                    return False
                opened, self._page_kept = self._page_kept is None, outer
                if opened:
                    page.enter_context(put_back(source))
                else:
                    self._scrolled |= scrolled_values(source)
                self._lay_out(source, again=moves)
            self._draw(source)
            self._parts = PlacedParts(source)
        return True

    def _leave_page_alone(self) -> None:
        """Put the page back at once: what opens may last."""
        source, page = self._source, self._page_kept
        if source is not None and page is not None:
            self._scrolled |= scrolled_values(source)
            self._page_kept = None
            page.close()

    def _lay_out(self, source: QWidget, *, again: bool = False) -> None:
        """Give it the size at which all of it is on the screen, as large as that goes, and scroll it as it was.

        ``again`` in the size that it had, whatever is in it by now.
        """
        room = QSizeF(self.size())
        same = self._laid_out == self.size()
        # Nothing moves under a hand that holds a button.
        if same and (again or self._mouse.held):
            lay_out(source, room, self._factor)
        elif not (same and fits(source, room, self._factor) == self.whole and cut_texts(source) <= self._cut):
            steps = tuple(step for step in STEPS if room.width() / step >= self._least) or STEPS[-1:]
            found = best_fit(source, room, steps)
            self._laid_out, self._factor, self.whole, self._cut = self.size(), *found
        for way in (DOWN, ACROSS):
            area = scrolled_area(source, way)
            self._reach[way] = scrolled_bar(area, way).maximum() if area is not None else 0
            if area is not None:
                scrolled_bar(area, way).setValue(min(self._scrolled[way], self._reach[way]))

    def _draw(self, source: QWidget) -> None:
        across, down = self.width() / max(1, source.width()), self.height() / max(1, source.height())
        scale = self._scale = self._factor if self._own else min(STEPS[0], across, down)
        ratio = self.devicePixelRatioF()
        self._shown = QSizeF(source.size()) * scale
        wanted = (self._shown * ratio).toSize()
        if self._picture.size() != wanted:
            self._picture = QPixmap(wanted)
        self._picture.setDevicePixelRatio(ratio * scale)
        self._picture.fill(self.palette().window().color())
        source.render(self._picture, QPoint(), QRegion(source.rect()), QWidget.RenderFlag.DrawChildren)
        self._picture.setDevicePixelRatio(ratio)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A widget of its own is as large as its place allows, with all its columns if that can be."""
        super().resizeEvent(event)
        source = self._source
        if self._own and source is not None:
            self._factor = fit_across(source, QSizeF(self.size()), self._most)
        # Not at once: a picture that is being drawn has Qt deliver the sizes of this window too.
        self._timer.start(0)

    @property
    def _place(self) -> QRect:
        place = QRect(QPoint(0, 0), self._shown.toSize())
        place.moveCenter(self.rect().center())
        return place

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Copy the picture into the middle."""
        QPainter(self).drawPixmap(self._place.topLeft(), self._picture)

    # ---- its keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll, or let the widget take the key."""
        source, key, modifiers = self._source, Qt.Key(event.key()), event.modifiers() & ~_KEYPAD
        if source is not None and self._own and key in TAKEN and modifiers == _NONE:
            QApplication.sendEvent(source, event)
            self.refresh()
            return
        way, steps = _WAYS.get((key, modifiers == _SHIFT), (DOWN, 0))
        if source is None or not steps or not self._reach[way] or modifiers not in {_NONE, _SHIFT}:
            event.ignore()
            return
        area = scrolled_area(source, way)
        single = scrolled_bar(area, way).singleStep() if area is not None else 0
        step = steps * max(1 if single == 1 else LEAST_STEP, single)
        if self._own and area is not None:
            scrolled_bar(area, way).setValue(scrolled_bar(area, way).value() + step)
        self._scrolled[way] = min(max(0, self._scrolled[way] + step), self._reach[way])
        self.refresh()

    # ---- the mouse

    def _forward(self, event: QMouseEvent) -> None:
        place = self._in_source(event.position())
        self._send_move()
        if exists(self):
            self._renew(lambda source: self._send(source, event, place))
        if exists(self) and self._released:
            self._timer.start(0)

    def _in_source(self, place: QPointF) -> QPointF:
        return (place - QPointF(self._place.topLeft())) / self._scale

    def _send(self, source: QWidget, event: QMouseEvent, place: QPointF) -> None:
        self._mouse.send(source, event, place)
        if event.type() == QEvent.Type.MouseButtonRelease:
            self._released = True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Press what is drawn here."""
        self._forward(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Press it once more."""
        self._forward(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is held, or move over what is drawn here."""
        if not self._mouse.held and event.buttons() == Qt.MouseButton.NoButton:
            # Who moves the pointer may look for the keys of the presentation.
            event.ignore()
        place, source = self._in_source(event.position()), self._source
        part = None if source is None else self._parts.at(source, place)
        if part is not None and not self._mouse.awaits(part):
            self._move = None
            return
        self._move = copied(event), place
        if not self._moving.isActive():
            self._send_move()

    def _send_move(self) -> None:
        """Send on to where the pointer has moved, and wait before the next one."""
        move, self._move = self._move, None
        if move is None:
            return
        begun = time.perf_counter()
        self._renew(lambda source: self._send(source, *move), moves=True)
        if exists(self):
            self._moving.start(max(FRAME_MS, round(1000 * (time.perf_counter() - begun))))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it."""
        self._forward(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the wheel over it."""
        place = self._in_source(event.position())
        self._renew(lambda source: self._mouse.turn(source, event, place))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the menu of what is drawn here."""
        self._ask(event)

    def event(self, event: QEvent) -> bool:
        """Show the tooltip of what is drawn here."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._ask(event)
            return True
        return super().event(event)

    def _ask(self, event: QContextMenuEvent | QHelpEvent) -> None:
        # What nobody of an own widget's parts takes comes here once more: around it is its picture.
        if not self._mouse.asking:
            place = self._in_source(QPointF(event.pos()))
            self._renew(lambda source: self._mouse.ask(source, event, place))

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is over nothing here any more."""
        super().leaveEvent(event)
        self._forget_pointer()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nor when the presentation ends."""
        super().hideEvent(event)
        self._forget_pointer()

    def _forget_pointer(self) -> None:
        self._move = None
        if self._source is not None:
            self._mouse.leave()


def _reach(source: QWidget, way: Qt.Orientation) -> int:
    area = scrolled_area(source, way)
    return scrolled_bar(area, way).maximum() if area is not None else 0
