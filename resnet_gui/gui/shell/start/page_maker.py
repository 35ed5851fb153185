"""Makes the pages: in slices, between which the window answers, and beforehand while the user does nothing."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Generator
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.basic import column, label
from resnet_gui.gui.kit.window.user_rest import UserRest
from resnet_gui.gui.shell.pages import PAGES, load_pages
from resnet_gui.gui.shell.start.opening import put_in

if TYPE_CHECKING:
    from resnet_gui.gui.shell.application import Application

Slices = Generator[None, None, QWidget]

SLICE_SECONDS: Final = 0.015
"""Widgets are given their look for so long in one go."""

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
        self._waiting: QWidget | None = None
        self._rest: UserRest | None = None
        self._imports: threading.Thread | None = None
        self._reading = False
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
        page = self.page(key)
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
        self._imports = threading.Thread(target=_import_pages, name="imports", daemon=True)
        self._imports.start()
        self._turn.start(PAUSE_MS)

    # ---- slices

    def _take_turn(self) -> None:
        """Do a slice of the page that is waited for, else of the next that nobody has asked for."""
        if self._is_waiting():
            self._turn.start(PAUSE_MS)
            return
        unmade = [spec.key for spec in PAGES if spec.key not in self.made] if self._rest is not None else []
        key = self._wanted or next(iter(unmade), "")
        if not key:
            return
        if self._wanted or (self._rest is not None and self._rest.seconds > REST_SECONDS):
            self._slice(key)
        self._turn.start(0 if self._wanted else PAUSE_MS)
        if self._wanted in self.made:
            self.show(self._wanted)

    def _is_waiting(self) -> bool:
        """Whether something comes that a page would stand still for: what it imports, and the runs that it lists."""
        if self._imports is not None:
            if self._imports.is_alive():
                return True
            self._imports = None
            runs = self._app.session.runs
            self._reading = not runs.is_loaded
            runs.loaded.connect(self._runs_read)
            runs.load_in_slices(self._app.settings.followed)
        return self._reading

    def _runs_read(self) -> None:
        self._reading = False

    def _slice(self, key: str) -> None:
        if key not in self._begun:
            self._begun[key] = self._slices(key)
        slices = self._begun[key]
        try:
            next(slices)
        except StopIteration as end:
            self.made[key] = end.value
            del self._begun[key]
        except BaseException:
            # Half a page is none: the next time it is begun anew, and says the same.
            self._wanted = ""
            del self._begun[key]
            raise

    def _slices(self, key: str) -> Slices:
        made = _SPECS[key].make(self._app)
        yield
        if self._stack.indexOf(made) < 0:
            put_in(self._app.window, self._app.theme, made)
            yield
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
        if self._waiting is None:
            self._waiting = QWidget()
            self._words = label("", "muted12")
            self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column(self._waiting).addWidget(self._words)
            self._stack.addWidget(self._waiting)
        self._words.setText(f"{_SPECS[key].title} …")
        self._show(self._waiting, key)


def _import_pages() -> None:
    """Import what the pages need, in a thread."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        load_pages()
    finally:
        sys.setswitchinterval(before)
