"""Pages are made in slices, between which the window answers, and beforehand while the user does nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.gui.app import open_in_steps
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.shell.application import Application
from resnet_gui.gui.shell.main_window import MainWindow
from resnet_gui.gui.shell.pages import PAGES
from resnet_gui.gui.shell.start import page_maker
from tests.gui.driving import START, Opener


def test_a_page_that_is_asked_for_is_shown_when_it_is_made_and_something_stands_there_meanwhile(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window(engine=False)
    window.rail.buttons["compare"].click()
    assert window.shows("compare")
    assert "compare" not in window.pages.made
    assert window.rail.buttons["compare"].isChecked()
    assert window.window.stack.currentWidget() is not window.design
    qtbot.waitUntil(lambda: "compare" in window.pages.made)
    assert window.window.stack.currentWidget() is window.page("compare")


def test_whoever_changes_their_mind_sees_the_last_page_that_was_asked_for(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(engine=False)
    window.pages.open("compare")
    window.pages.open("lab")
    window.pages.open("design")
    assert window.window.stack.currentWidget() is window.design
    assert window.shows("design")
    window.pages.open("lab")
    assert window.page("lab") is window.window.stack.currentWidget(), "who needs it now has it now"


def test_half_a_page_that_fails_is_begun_anew_the_next_time(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(engine=False)
    theme = window.theme

    def fail(_page: QWidget) -> None:
        raise OSError("no more handles")

    monkeypatch.setattr(theme, "dress_page", fail)
    with pytest.raises(OSError, match="handles"):
        window.page("compare")
    monkeypatch.undo()
    assert window.page("compare") is window.pages.made["compare"]


def test_while_the_user_does_nothing_every_page_is_made(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_maker, "REST_SECONDS", 0.0)
    window = open_window(engine=False)
    window.pages.prepare()
    qtbot.waitUntil(lambda: set(window.pages.made) == {spec.key for spec in PAGES}, timeout=START)
    assert window.window.stack.currentWidget() is window.design
    here = window.window.thread()
    assert all(child.thread() is here for child in window.window.findChildren(QObject))


def test_the_first_page_is_painted_before_there_is_anything_behind_it(
    qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    made: list[Application] = []

    class Watch(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                seen.append(bool(made))
            return False

    monkeypatch.setattr("resnet_gui.gui.client.engines.Engines.start", lambda _engines: None)
    monkeypatch.setattr(page_maker.PageMaker, "prepare", lambda _maker: None)
    window, watch = MainWindow(theme), Watch()
    qtbot.addWidget(window)
    window.show()
    open_in_steps(window, theme, made.append)
    qtbot.waitUntil(lambda: window.stack.count() > 0)
    first = window.stack.widget(0)
    assert first is not None
    first.installEventFilter(watch)
    qtbot.waitUntil(lambda: bool(made))
    assert seen
    assert seen[0] is False
    made[0].engines.shutdown(keep_runs=False)
    made[0].after_close()


def test_modules_that_a_thread_imports_leave_no_object_of_qt_in_it() -> None:
    script = (
        "import gc, threading\n"
        "from PySide6.QtCore import QObject, QThread\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from resnet_gui.gui.shell.pages import load_pages\n"
        "thread = threading.Thread(target=load_pages)\n"
        "thread.start()\n"
        "thread.join()\n"
        "import pyqtgraph\n"
        "made = [each for each in gc.get_objects() if isinstance(each, QObject)]\n"
        "print([each for each in made if each.thread() is not app.thread()])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
