"""The style sheet on each part of a window; with another theme what is seen first, the rest when nothing goes on."""

from __future__ import annotations

import logging
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeGuard

from PySide6.QtCore import QChildEvent, QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QSplitterHandle, QStackedWidget, QWidget
from shiboken6 import isValid

from resnet_gui.gui.kit.window.grounds import Ground, holds_only

LOG = logging.getLogger(__name__)

COVERED_MS: Final = 40
"""Between two turns in which parts are styled that nobody sees; one takes as long as it has widgets, 0.1 ms for one."""

COVERED_SECONDS: Final = 0.008
"""When so much time of such a turn is gone, the next part waits for the next turn."""

SLICE_SECONDS: Final = 0.02
"""When so much time has gone into what is seen, the event loop turns before the next part."""

PAINTED_SECONDS: Final = 0.01
"""With so much work done for what is seen, the window is painted in the next turn of the event loop."""

LARGE: Final = 250
"""A page with more widgets than this takes too long in one go, and is made of smaller parts."""

PART: Final = 110
"""A frame or splitter of such a page with more widgets than this is divided too, where it only holds others."""

Follower = tuple[QObject, Callable[[], object]]
"""What paints by the colours of the theme, and the object that it is a part of."""


class StyleSheets(QObject):
    """The roots that carry the style sheet.

    Qt styles a root and all inside it in one go. So a page that lies under another one, or was never shown, waits for
    its turn, and is styled at the latest when it is shown.
    """

    def __init__(self, parent: QObject, sheet: Callable[[], str], color: Callable[[str], QColor]) -> None:
        """Put what ``sheet`` gives on roots: the style sheet in the present colours, which ``color`` has by token."""
        super().__init__(parent)
        self._sheet, self._color = sheet, color
        self._spent = 0.0
        self._roots: list[weakref.ref[QWidget]] = []
        self._old: list[weakref.ref[QWidget]] = []
        self._late: list[tuple[QWidget, Callable[[], object]]] = []
        self._divided: weakref.WeakSet[QWidget] = weakref.WeakSet()
        self._frozen: list[weakref.ref[QWidget]] = []
        self._turn = QTimer(self, singleShot=True)
        self._turn.timeout.connect(self._style_some)

    def put_on(self, root: QWidget) -> None:
        """Style a widget and all inside it; from now on it follows the theme."""
        reference = weakref.ref(root)
        # First, since the widget is polished by this: whoever watches its parent would style it once more.
        self._roots.append(reference)
        root.setStyleSheet(self._sheet())
        root.destroyed.connect(lambda: self._forget(reference))

    def put_on_children(self, window: QWidget, containers: Sequence[QWidget]) -> None:
        """Style the children of some widgets that nobody has seen yet, each for itself, also those that are to come."""
        around = (window, *containers)
        for parent in around:
            parent.installEventFilter(_PolishedChildren(parent, around, self._dress))

    def put_on_parts(self, page: QWidget) -> Iterator[None]:
        """Style the parts of a page that is large and has no parent yet; between two the event loop may turn."""
        if page not in self._divided and len(page.findChildren(QWidget)) > LARGE:
            yield from self._divide(page, _containers(page))

    def put_on_page(self, page: QWidget, parent: QWidget | None = None) -> None:
        """Give a page its parent, and style it, part by part where it is large or is to grow."""
        for _ in self.put_on_parts(page):
            pass
        waiting = [] if page in self._divided else [child for child in page.children() if _is_empty(child)]
        if waiting:
            # Said first: whoever watches the parent would style all of it, and its parts would be styled once more.
            self._divided.add(page)
        if parent is not None:
            page.setParent(parent)
        if waiting:
            for _ in self._divide(page, waiting):
                pass
        elif page not in self._divided:
            self._dress(page)

    def _divide(self, page: QWidget, containers: Sequence[QWidget]) -> Iterator[None]:
        self._divided.add(page)
        for container in containers:
            Ground(container, self._color)
        self.put_on_children(page, containers)
        for parent in (page, *containers):
            for child in parent.children():
                if isinstance(child, QWidget) and child not in containers:
                    self._dress(child)
                    yield

    def renew(self, followers: Sequence[Follower]) -> None:
        """The colours are others: what is on screen is styled when the event loop turns, and shown then in one go.

        Args:
            followers: what paints by itself; now where it can be seen, with the part that it stands in elsewhere.
        """
        self._old = list(self._roots)
        # Whatever happens here, that turn lets the windows be painted again.
        self._turn.start(0)
        for window in {root.window() for root in self._alive() if root.isVisible()}:
            self._freeze(window)
        for root in self._alive():
            if _is_covered(root):
                root.installEventFilter(self)
        self._late = []
        for owner, paint in list(followers):
            if not isValid(owner):
                continue  # what was painted just now has replaced it
            if isinstance(owner, QWidget) and _is_covered(owner):
                self._late.append((owner, paint))
            else:
                _attempt(paint)

    def _freeze(self, window: QWidget) -> None:
        """Let a window show what it shows until all that is seen in it is styled."""
        if window.updatesEnabled():
            window.setUpdatesEnabled(False)
            self._frozen.append(weakref.ref(window))

    def forget(self, follower: Follower) -> None:
        """What it is a part of is gone."""
        self._late = [each for each in self._late if each != follower]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A part is shown in the old colours: styled at once, or with many others before the window shows them."""
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget):
            if self._spent < SLICE_SECONDS:
                begun = time.perf_counter()
                self._style(watched)
                self._spent += time.perf_counter() - begun
            else:
                self._freeze(watched.window())
            self._turn.start(0)
        return False

    def _dress(self, child: QWidget) -> None:
        if isinstance(child, QSplitterHandle):
            Ground(child, self._color)
        elif child not in self._divided and all(reference() is not child for reference in self._roots):
            if len(child.findChildren(QWidget)) > LARGE and holds_only(child):
                for _ in self._divide(child, _containers(child)):
                    pass
                Ground(child, self._color)
            else:
                self.put_on(child)

    def _alive(self) -> list[QWidget]:
        alive = [(reference, root) for reference in self._old if (root := reference()) is not None and isValid(root)]
        # Without those that are gone: what waits for them would turn for ever.
        self._old = [reference for reference, _ in alive]
        return [root for _, root in alive]

    def _style_some(self) -> None:
        """Style what is not covered, windows first, then one part a turn of what is."""
        begun, worked, self._spent = time.perf_counter(), time.thread_time(), 0.0
        seen = sorted((root for root in self._alive() if not _is_covered(root)), key=lambda root: not root.isWindow())
        done = True
        try:
            for root in seen:
                if time.perf_counter() - begun > SLICE_SECONDS:
                    done = False
                    return
                self._style(root)
            # Where that took long, what is seen now is painted in a turn of its own.
            done = not self._frozen or time.thread_time() - worked < PAINTED_SECONDS
            if not seen and not self._frozen:
                self._style_covered(begun + COVERED_SECONDS)
        finally:
            # Also where a part cannot be styled: a window that is never painted again could only be killed.
            if done:
                self._thaw()
            if self._old or self._late or self._frozen:
                self._turn.start(COVERED_MS if done else 0)

    def _thaw(self) -> None:
        """Let the windows be painted again."""
        for reference in self._frozen:
            # What Python still knows of a window that was closed meanwhile is an empty shell.
            if (window := reference()) is not None and isValid(window):
                window.setUpdatesEnabled(True)
        self._frozen = []

    def _style_covered(self, until: float) -> None:
        """Let what has been styled paint, then style the next parts, until a time on the clock of ``perf_counter``."""
        while (self._old or self._late) and time.perf_counter() < until:
            roots = self._alive()
            waiting = [
                owner for owner, _ in self._late if not any(root is owner or root.isAncestorOf(owner) for root in roots)
            ]
            for owner in waiting:
                self._paint_late(lambda each, owner=owner: each is owner)  # type: ignore[misc]
                if time.perf_counter() > until:
                    return
            if not waiting and roots:
                self._put_anew(roots[0])

    def _put_anew(self, root: QWidget) -> None:
        root.removeEventFilter(self)
        self._old = [reference for reference in self._old if reference() is not root]
        root.setStyleSheet(self._sheet())

    def _style(self, root: QWidget) -> None:
        """Style a part and let all inside it paint."""
        self._put_anew(root)
        self._paint_late(lambda owner: root is owner or root.isAncestorOf(owner))

    def _paint_late(self, is_due: Callable[[QWidget], bool]) -> None:
        due = [(owner, paint) for owner, paint in self._late if is_due(owner)]
        self._late = [follower for follower in self._late if follower not in due]
        for owner, paint in due:
            if isValid(owner):  # what was painted just now may have replaced it
                _attempt(paint)

    def _forget(self, reference: weakref.ref[QWidget]) -> None:
        self._roots.remove(reference)
        if reference in self._old:
            self._old.remove(reference)


class _PolishedChildren(QObject):
    """The watch over a widget whose children get a style sheet each when Qt first gives them a look.

    Scroll bars that are not needed get it when they are: each sheet is read anew, which takes a millisecond.
    """

    def __init__(self, parent: QWidget, around: Sequence[QWidget], dress: Callable[[QWidget], None]) -> None:
        super().__init__(parent)
        self._around, self._dress = around, dress

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A child has been polished, or a scroll bar is shown."""
        if event.type() == QEvent.Type.ChildPolished and isinstance(event, QChildEvent):
            child = event.child()
            if isinstance(child, QWidget) and child not in self._around and not isinstance(child, Undressed):
                if child.isHidden() and child.objectName().startswith("qt_scrollarea_"):
                    child.installEventFilter(self)
                else:
                    self._dress(child)
        elif event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched not in self._around:
            watched.removeEventFilter(self)
            self._dress(watched)
            # The area has given the bar the room that it takes without a style sheet.
            if (area := watched.parentWidget()) is not None:
                QCoreApplication.sendEvent(area, QEvent(QEvent.Type.StyleChange))
        return False


class Undressed:
    """A widget that needs no style sheet, or takes it when it is first seen."""


def _attempt(paint: Callable[[], object]) -> None:
    """Let a part take the colours; one that fails at it keeps no other from doing so."""
    try:
        paint()
    except Exception:
        LOG.exception("A part could not take the colours of the theme")


def _containers(page: QWidget) -> list[QWidget]:
    """What only holds other widgets, from the page down as long as nothing else lies between; of frames large ones."""
    found: list[QWidget] = []
    for child in page.children():
        if not isinstance(child, QWidget) or not holds_only(child):
            continue
        bare = type(child) is QWidget or isinstance(child, QStackedWidget)
        if bare or len(child.findChildren(QWidget)) > PART:
            found += [child, *_containers(child)]
    return found


def _is_empty(child: QObject) -> TypeGuard[QWidget]:
    """Whether something will be put here later, perhaps more than all that there is now."""
    return type(child) is QWidget and not child.findChildren(QWidget)


def _is_covered(widget: QWidget) -> bool:
    """Whether a widget is hidden in a window that is seen."""
    return not widget.isVisible() and widget.window().isVisible()
