"""Pages are made in slices, between which the window answers, and beforehand while the user does nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
from functools import partial

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.gui.app import open_in_steps
from resnet_gui.gui.compare.page import ComparePage
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.user_rest import UserRest
from resnet_gui.gui.shell.application import Application
from resnet_gui.gui.shell.main_window import MainWindow
from resnet_gui.gui.shell.pages import PAGES
from resnet_gui.gui.shell.start import opening, page_maker
from resnet_gui.gui.shell.start.page_notice import PageNotice
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


def fail(*_: object) -> None:
    raise OSError("no more handles")


def test_half_a_page_that_fails_is_begun_anew_the_next_time(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(engine=False)
    count = window.window.stack.count()

    def put_in(frame: MainWindow, theme: Theme, page: QWidget) -> None:
        opening.put_in(frame, theme, page)
        fail()

    with monkeypatch.context() as patch:
        patch.setattr(page_maker, "put_in", put_in)
        with pytest.raises(OSError, match="handles"):
            window.page("compare")
    assert window.window.stack.count() == count, "half a page is in no stack"
    assert isinstance(window.page("compare"), ComparePage)


def test_a_page_that_cannot_be_made_says_so_in_its_place_and_is_made_when_it_is_tried_again(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    window = open_window(engine=False)
    stack = window.window.stack
    with monkeypatch.context() as patch:
        patch.setattr(window.theme, "dress_page", fail)
        window.rail.buttons["compare"].click()
        notice = stack.currentWidget()
        assert isinstance(notice, PageNotice)
        assert notice.again.isHidden()
        qtbot.waitUntil(notice.again.isVisible)
        assert notice.words.text() == "Compare cannot be shown: OSError: no more handles. The log has the details."
        assert "no more handles" in caplog.text
        assert window.rail.buttons["compare"].isChecked()
        with pytest.raises(OSError, match="handles"):
            window.show_page("compare")
        assert stack.currentWidget() is notice
    notice.again.click()
    qtbot.waitUntil(lambda: isinstance(stack.currentWidget(), ComparePage))


def cheap_pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Pages that cost nothing, of which the first but one cannot be made; the keys of those that were asked for."""
    asked: list[str] = []

    def make(key: str, _app: Application) -> QWidget:
        asked.append(key)
        if key == "train":
            fail()
        return QLabel(key)

    specs = [PAGES[0], *(spec._replace(make=partial(make, spec.key)) for spec in PAGES[1:4])]
    monkeypatch.setattr(page_maker, "PAGES", specs)
    monkeypatch.setattr(page_maker, "_SPECS", {spec.key: spec for spec in specs})
    return asked


def test_a_page_that_cannot_be_made_keeps_no_other_from_being_prepared(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, asked = open_window(engine=False), cheap_pages(monkeypatch)
    monkeypatch.setattr(page_maker, "REST_SECONDS", 0.0)
    window.pages.prepare()
    qtbot.waitUntil(lambda: set(window.pages.made) == {"design", "predict", "lab"}, timeout=START)
    assert asked == ["train", "predict", "lab"], "each is tried once"
    assert window.window.stack.currentWidget() is window.design


def test_nothing_is_prepared_before_it_is_imported_nor_while_the_user_does_something(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, asked = open_window(engine=False), cheap_pages(monkeypatch)
    imported = threading.Event()
    monkeypatch.setattr(page_maker, "_import_libraries", lambda: imported.wait(START))
    parts: list[int] = []
    monkeypatch.setattr(page_maker, "load_pages", lambda: iter(map(parts.append, (1, 2))))
    monkeypatch.setattr(page_maker, "REST_SECONDS", 0.0)
    window.session.runs.load()
    pages = window.pages
    pages.prepare()
    qtbot.waitUntil(lambda: pages._imports is not None, timeout=START)
    imports = pages._imports
    assert imports is not None
    for _ in range(5):
        pages._take_turn()
    assert asked == []
    monkeypatch.setattr(page_maker, "REST_SECONDS", 1e9)
    imported.set()
    imports.join()
    for _ in range(5):
        pages._take_turn()
    assert (asked, parts) == ([], [])
    monkeypatch.setattr(page_maker, "REST_SECONDS", 0.0)
    for done in ([1], [1, 2], [1, 2]):
        pages._take_turn()
        assert (asked, parts) == ([], done), "a part in a turn"
    pages._take_turn()
    assert asked == ["train"]


def test_a_window_is_watched_for_input_from_when_it_has_a_handle(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    rest = UserRest(window)
    rest._last -= 1000
    window.show()
    handle = window.windowHandle()
    assert handle is not None
    assert rest.seconds >= 1000, "to be shown is no input"
    QTest.keyClick(handle, Qt.Key.Key_A)
    assert rest.seconds < 1000


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
        "import gc, sys, threading\n"
        "from PySide6.QtCore import QObject, QThread\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from resnet_gui.gui.kit.window.libraries import load_libraries\n"
        "from resnet_gui.gui.shell.pages import load_pages\n"
        "before = set(sys.modules)\n"
        "thread = threading.Thread(target=load_libraries)\n"
        "thread.start()\n"
        "thread.join()\n"
        "assert 'pyqtgraph' in sys.modules\n"
        "assert not [name for name in set(sys.modules) - before if name.startswith('resnet_gui')], 'classes of ours'\n"
        "assert len(list(load_pages())) > 5\n"
        "made = [each for each in gc.get_objects() if isinstance(each, QObject)]\n"
        "print([each for each in made if each.thread() is not app.thread()])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
