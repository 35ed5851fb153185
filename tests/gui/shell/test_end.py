"""A window that is ended from outside, in a process of its own: what was done in it is there at the next start."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.gui import app as program
from resnet_gui.gui.kept.open_windows import take_ended_windows
from resnet_gui.gui.settings import Settings, load_settings
from resnet_gui.gui.shell.dialogs import ask_about_runs
from resnet_gui.gui.shell.keeping.undo_history import decode_steps
from tests.forks import Forks
from tests.gui.driving import Opener
from tests.waiting import PATIENCE

WINDOW = """
import sys
from resnet_gui.gui import app as program
from resnet_gui.gui.client.engines import Engines

Engines.start = lambda engines: None
real = program.open_in_steps

def edit(made):
    made.session.edit("change depth", blocks=(3, 4, 6, 3))
    made.session.pin(made.session.design)
    made.session.edit("change shortcut", shortcut="C")
    made.show_page("compare")
    print("edited", flush=True)

def open_in_steps(window, theme, filled):
    real(window, theme, lambda made: (filled(made), edit(made)))

program.open_in_steps = open_in_steps
sys.exit(program.run())
"""


@contextmanager
def edited_window(forks: Forks) -> Iterator[subprocess.Popen[Any]]:
    """A window in which something has just been done."""
    process = forks.popen([sys.executable, "-c", WINDOW], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as words:
        assert words.readline() == "edited\n"
        yield process
    process.wait(PATIENCE)


def is_kept(settings: Settings) -> bool:
    return (
        settings.design is not None
        and settings.design.name == "ResNet-34 C"
        and [pin.name for pin in settings.pins] == ["ResNet-34"]
        and settings.page == "compare"
    )


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
def test_a_window_that_is_killed_has_kept_what_was_done_and_the_next_one_says_that_it_was(forks: Forks) -> None:
    with edited_window(forks) as process:
        wait_for(lambda: is_kept(load_settings()))
        process.kill()
    (ended,) = take_ended_windows()
    assert "ended from outside" in ended.sentence
    steps = decode_steps(load_settings().history)
    assert steps.texts == ("change depth", "change shortcut"), "what can be undone, too"


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl+C"])
def test_a_window_that_is_asked_to_end_keeps_what_was_done_a_moment_before_and_closes_in_order(
    forks: Forks, number: signal.Signals
) -> None:
    with edited_window(forks) as process:
        process.send_signal(number)
    assert process.returncode == 0
    assert is_kept(load_settings())
    assert [recent.design.name for recent in load_settings().recent_designs] == ["ResNet-34 C"]
    assert take_ended_windows() == []


def test_an_end_that_the_system_asks_for_keeps_trainings_and_asks_nobody_even_behind_a_dialog(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(engine=False)
    ended: list[bool] = []
    monkeypatch.setattr(window.engines, "shutdown", lambda *, keep_runs: ended.append(keep_runs))
    monkeypatch.setattr(window.engines, "running", lambda: ("a run",))
    left: list[int] = []
    monkeypatch.setattr(QApplication, "exit", staticmethod(left.append))
    window.files.ask_export("svg")
    window.session.edit("change classes", classes=7)
    window.end()
    window.end()
    assert (ended, left) == ([True], [0, 0])
    found = load_settings().design
    assert found is not None
    assert found.spec.classes == 7


def fail(*_: object) -> None:
    raise RuntimeError("planned")


@pytest.mark.parametrize("way", ["remember", "leave", "write"])
def test_whatever_fails_at_the_end_trainings_end_as_the_user_has_said_and_so_does_the_window(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    class Failing(QWidget):
        """A page that cannot do one thing."""

        remember = leave = lambda *_: None

    window, ended, left = open_window(engine=False), list[bool](), list[int]()
    page, last = Failing(), Failing()
    for each in (page, last):
        window.pages.made[str(id(each))] = each
    monkeypatch.setattr(last, "leave", lambda: ended.append(False))
    monkeypatch.setattr(window.engines, "shutdown", lambda *, keep_runs: ended.append(keep_runs))
    monkeypatch.setattr(QApplication, "exit", staticmethod(left.append))
    monkeypatch.setattr(window.memory.keeper._file if way == "write" else page, way, fail)
    window.session.edit("change classes", classes=7)
    window.end()
    assert (ended, left) == ([False, True], [0])
    found = load_settings().design
    assert found is None if way == "write" else found is not None


def answer(monkeypatch: pytest.MonkeyPatch, button: str) -> list[str]:
    """Answer every question by a button; what was asked."""
    asked: list[str] = []

    def press(box: QMessageBox) -> None:
        asked.append(box.text())
        next(made for made in box.buttons() if made.text() == button).click()

    monkeypatch.setattr(QMessageBox, "exec", press)
    return asked


def test_a_window_whose_settings_cannot_be_kept_says_so_and_closes_only_if_that_is_wanted(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, ended = open_window(engine=False), list[bool]()
    monkeypatch.setattr(window.engines, "shutdown", lambda *, keep_runs: ended.append(keep_runs))
    monkeypatch.setattr(window.memory.keeper._file, "write", lambda _data: "Settings cannot be kept: no room.")
    asked = answer(monkeypatch, "Cancel")
    assert not window.window.close()
    assert (asked, ended) == (["Settings cannot be kept: no room."], [])
    assert window.memory.keeper._timer.isActive(), "it goes on as before"
    answer(monkeypatch, "Close anyway")
    assert window.window.close()
    assert ended == [False]


class SystemSignals(QObject):
    """What the system asks of an application; Qt lets nobody else make the sessions that it asks for."""

    commitDataRequest = Signal(object)  # noqa: N815
    saveStateRequest = Signal(object)  # noqa: N815


def test_a_log_out_writes_everything_down_before_it_goes_on(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    window, system = open_window(engine=False), SystemSignals()
    program._heed_system(cast("QGuiApplication", system), window.window, [window])
    for number, asked in enumerate((system.commitDataRequest, system.saveStateRequest), start=5):
        window.session.edit("change classes", classes=number)
        asked.emit(None)
        found = load_settings().design
        assert found is not None
        assert found.spec.classes == number
    assert {"commitDataRequest", "saveStateRequest"} <= set(dir(QApplication))


@pytest.mark.parametrize(
    ("waiting", "words"), [(0, ""), (1, "1 more in the queue waits"), (2, "2 more in the queue wait")]
)
def test_what_waits_is_told_when_the_window_closes_over_a_training(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, waiting: int, words: str
) -> None:
    told: list[str] = []
    parent = QWidget()
    qtbot.addWidget(parent)
    monkeypatch.setattr(QMessageBox, "exec", lambda box: told.append(box.informativeText()))
    assert ask_about_runs(parent, 1, waiting) == "cancel"
    assert told[0].endswith(f" {words} until the window is opened again." if words else "can go on.")
