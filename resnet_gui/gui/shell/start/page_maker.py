"""Makes the pages: in slices, between which the window answers, and beforehand while the user does nothing."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.gui.kit.window.libraries import load_libraries
from resnet_gui.gui.kit.window.user_rest import UserRest
from resnet_gui.gui.shell.pages import PAGES, load_pages
from resnet_gui.gui.shell.start.opening import put_in
from resnet_gui.gui.shell.start.page_notice import PageNotice
from resnet_gui.gui.shell.start.pyside_classes import make_classes

if TYPE_CHECKING:
    from resnet_gui.gui.shell.application import Application

LOG = logging.getLogger(__name__)

Slices = Generator[None, None, QWidget]

SLICE_SECONDS: Final = 0.015
"""Widgets are given their look for so long in one go, and classes of PySide are made."""

REST_SECONDS: Final = 0.4
"""So long after the last press or move of the mouse nobody is in the middle of something."""

PAUSE_MS: Final = 15
"""Between two slices that nobody waits for."""

SWITCH_SECONDS: Final = 0.0005
"""How long the thread that imports keeps the interpreter while the window wants it; Python's own 5 ms can be felt."""

_SPECS: Final = {spec.key: spec for spec in PAGES}


class PageMaker(QObject):
    """The pages of a window, each made once.

    Attributes:
        made: the pages by key.

    Signals:
        shown: key of the page that is on screen now.
    """

    shown = Signal(str)

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        self._app, self._stack = app, app.window.stack
        self.made: dict[str, QWidget] = {}
        self._begun: dict[str, Slices] = {}
        self._wanted = ""
        self._failed: set[str] = set()
        self._notice: PageNotice | None = None
        self._noticed = ""
        self._rest: UserRest | None = None
        self._classes: Iterator[None] | None = None
        self._imports: threading.Thread | None = None
        self._pages: Iterator[None] | None = None
        self._turn = QTimer(self, singleShot=True)
        self._turn.timeout.connect(self._take_turn)

    def page(self, key: str) -> QWidget:
        """A page, made at once if it was not asked for yet.

        Raises:
            KeyError: there is no page of that key.
        """
        while key not in self.made:
            self._slice(key)
        if key == self._wanted:
            self.show(key)
        return self.made[key]

    def show(self, key: str) -> None:
        """Show a page at once, for whoever goes on to do something with it."""
        self._wanted = ""
        try:
            page = self.page(key)
        except Exception as error:
            self._show_failure(key, error)
            raise
        self._show(page, key)

    def open(self, key: str) -> None:
        """Show a page that the user asks for as soon as it is made; the window answers meanwhile."""
        if key in self.made:
            self.show(key)
            return
        self._wanted = key
        self._show_waiting(key)
        self._turn.start(0)

    def shows(self, key: str) -> bool:
        """Whether a page is the one on screen, or will be when it is made."""
        return self._wanted == key if self._wanted else self._stack.currentWidget() is self.made.get(key)

    def prepare(self) -> None:
        """Make the pages that nobody has asked for, while the user does nothing."""
        self._rest = UserRest(self._app.window)
        self._classes = make_classes()
        self._turn.start(PAUSE_MS)

    # ---- slices

    def _take_turn(self) -> None:
        """Do a slice of the page that is waited for, else of the next that nobody has asked for."""
        if self._is_waiting():
            self._turn.start(PAUSE_MS)
            return
        settled = self.made.keys() | self._failed
        unmade = [spec.key for spec in PAGES if spec.key not in settled] if self._rest is not None else []
        key = self._wanted or next(iter(unmade), "")
        if not key:
            return
        if self._wanted or (self._rest is not None and self._rest.seconds > REST_SECONDS):
            try:
                self._slice(key)
            except Exception:
                # The page says so itself when it is asked for; the others are made nevertheless.
                LOG.exception("The page %s could not be made", key)
        self._turn.start(0 if self._wanted else PAUSE_MS)
        if self._wanted in self.made:
            self.show(self._wanted)

    def _is_waiting(self) -> bool:
        """Whether something comes that a page would stand still for: what it imports, and the runs that it lists."""
        if self._classes is not None:
            self._make_classes(self._classes)
            return True
        if self._imports is not None:
            if self._imports.is_alive():
                return True
            self._imports, self._pages = None, load_pages()
        if self._pages is not None:
            self._load_pages(self._pages)
            return True
        return self._rest is not None and not self._app.session.runs.is_loaded

    def _make_classes(self, classes: Iterator[None]) -> None:
        """Make some classes of PySide; when all are there, let a thread import libraries that derive from them."""
        begun = time.perf_counter()
        for _ in classes:
            if time.perf_counter() - begun > SLICE_SECONDS:
                return
        self._classes = None
        self._imports = threading.Thread(target=_import_libraries, name="imports", daemon=True)
        self._imports.start()

    def _load_pages(self, parts: Iterator[None]) -> None:
        """Import one part of the pages, unless the user is in the middle of something else; then look for the runs."""
        if not self._wanted and self._rest is not None and self._rest.seconds < REST_SECONDS:
            return
        try:
            next(parts)
        except StopIteration:
            self._pages = None
            self._app.session.runs.load_in_slices(self._app.settings.followed)
        except Exception:
            # A generator that has raised is at its end. The page says so itself when it is asked for.
            LOG.exception("A page's modules could not be imported")

    def _slice(self, key: str) -> None:
        if key not in self._begun:
            self._begun[key] = self._slices(key)
        slices = self._begun[key]
        try:
            next(slices)
        except StopIteration as end:
            self.made[key] = end.value
            del self._begun[key]
        except BaseException as error:
            # Half a page is none: the next time it is begun anew.
            del self._begun[key]
            self._failed.add(key)
            if key == self._wanted:
                self._wanted = ""
                self._show_failure(key, error)
            raise

    def _slices(self, key: str) -> Slices:
        steps = _SPECS[key].make(self._app)
        made = steps if isinstance(steps, QWidget) else (yield from steps)
        yield
        if self._stack.indexOf(made) >= 0:  # the first page, which is on screen already
            return (yield from self._polish(made))
        try:
            # Before it has a parent, which would have it styled in one go.
            for _ in self._app.theme.dress_large_page(made):
                yield
            put_in(self._app.window, self._app.theme, made)
            yield
            return (yield from self._polish(made))
        except Exception:
            self._stack.removeWidget(made)
            made.setParent(None)
            made.deleteLater()
            raise

    def _polish(self, made: QWidget) -> Slices:
        begun = time.perf_counter()
        for part in made.findChildren(QWidget):
            part.ensurePolished()
            if time.perf_counter() - begun > SLICE_SECONDS:
                yield
                begun = time.perf_counter()
        return made

    # ---- to the user

    def _show(self, page: QWidget, key: str) -> None:
        self._app.window.hold_painting()
        self._stack.setCurrentWidget(page)
        self.shown.emit(key)

    def _show_waiting(self, key: str) -> None:
        """Show that the page comes, where it will stand."""
        notice = self._take_notice(key)
        notice.show_making(_SPECS[key].title)
        self._show(notice, key)

    def _show_failure(self, key: str, error: BaseException) -> None:
        """Show why the page does not come, where it would stand."""
        reason = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        notice = self._take_notice(key)
        notice.show_failure(_SPECS[key].title, reason)
        self._show(notice, key)

    def _take_notice(self, key: str) -> PageNotice:
        """What stands in the place of a page, for that of ``key``."""
        if self._notice is None:
            self._notice = PageNotice()
            self._notice.requested.connect(lambda: self.open(self._noticed))
            self._stack.addWidget(self._notice)
        self._noticed = key
        return self._notice


def _import_libraries() -> None:
    """Import libraries that the pages need, in a thread."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        load_libraries()
    finally:
        sys.setswitchinterval(before)
