"""Fills a window that has been painted, step by step: its first page, then everything behind it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QEvent, QObject, QTimer

from resnet_gui.base.log import start_log
from resnet_gui.gui import modules
from resnet_gui.gui.binding.late import load_msgspec

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    load_msgspec()
    from resnet_gui.gui.first_settings import FirstSettings
    from resnet_gui.gui.kit.theme import Theme
    from resnet_gui.gui.session import Session
    from resnet_gui.gui.shell.application import Application
    from resnet_gui.gui.shell.main_window import MainWindow

PREPARE_MS: Final = 300
"""After the window is filled the other pages are prepared; the engine has begun to load torch by then."""

Steps = Generator["QWidget | None", None, "Application"]
"""Steps of filling a window; one that gives a widget is followed by the next when that has been painted."""


class FirstPage(NamedTuple):
    """The page that is on screen before there is anything behind it.

    Attributes:
        session: with the design of the last time.
        key: of the page.
        page: itself.
    """

    session: Session
    key: str
    page: QWidget


def filling(window: MainWindow, theme: Theme) -> Steps:
    """Fill a window: its first page, and when that has been painted the rest."""
    # What has been imported stays; the collector need not look through it in the middle of an edit.
    gc.freeze()
    load_msgspec()
    from resnet_gui.gui.first_settings import FirstSettings, decode_first, settings_bytes

    yield None
    from resnet_gui.gui.shell.first_steps import wants_welcome
    from resnet_gui.gui.shell.start.first_session import session_of

    data = settings_bytes()
    first = decode_first(data) or FirstSettings()
    session = session_of(first)
    yield None
    make = _import_first(welcome=wants_welcome(first) and not window.files)
    yield None
    key, page = make(session, theme, first)
    yield None
    window.hold_painting(bars=False)
    put_in(window, theme, page)
    window.stack.setCurrentWidget(page)
    window.rail.show_page(key)
    yield page
    if modules is not None:
        modules.end_first()
    from resnet_gui.gui.settings import load_settings

    yield None
    problems: list[str] = []
    settings = load_settings(problems.append, data)
    from resnet_gui.gui.shell.application import Application

    yield None
    # Engines that end by themselves are logged too.
    start_log("window")
    window.hold_painting()
    application = Application(window, theme, settings, first=FirstPage(session, key, page))
    yield None
    for sentence in problems:
        application.session.say(sentence, "warn")
    gc.collect()
    gc.freeze()
    return application


def put_in(window: MainWindow, theme: Theme, page: QWidget) -> None:
    """Put a page into the window, dressed once: Qt styles it anew when it gets a parent, and what is shown at once."""
    theme.dress_page(page, window.stack)
    window.stack.addWidget(page)


def _import_first(*, welcome: bool) -> Callable[[Session, Theme, FirstSettings], tuple[str, QWidget]]:
    """What makes the page that a window begins with."""
    from resnet_gui.gui.shell.pages import PAGES, WELCOME

    if welcome:
        from resnet_gui.gui.welcome.page import WelcomePage

        return lambda session, theme, settings: (WELCOME, WelcomePage(session, theme, settings))
    from resnet_gui.gui.design.page import DesignPage

    return lambda session, theme, settings: (PAGES[0].key, DesignPage(session, theme, settings))


class Opening(QObject):
    """The filling of a window, a step at a turn of the event loop."""

    def __init__(self, window: MainWindow, theme: Theme, filled: Callable[[Application], object]) -> None:
        """Begin; ``filled`` is called when everything is there."""
        super().__init__(window)
        self._steps, self._filled = filling(window, theme), filled
        self._turn = QTimer(self, singleShot=True)
        self._turn.timeout.connect(self._go_on)
        self._turn.start(0)

    def _go_on(self) -> None:
        try:
            shown = next(self._steps)
        except StopIteration as end:
            application: Application = end.value
            self._filled(application)
            QTimer.singleShot(PREPARE_MS, application.pages, application.pages.prepare)
            return
        if shown is None:
            self._turn.start(0)
        else:
            shown.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go on when the first page has been painted."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            self._turn.start(0)
        return False
