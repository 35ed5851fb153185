"""The size of text: Qt's scale factor, and the window that opens anew with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from resnet_gui.base.files import PACKAGE, assets, runs_folder
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.appearance import TEXT_SIZES, known_size, settings_path, text_size, text_size_applied
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.settings import Settings, load_settings
from resnet_gui.gui.shell.application import Application
from resnet_gui.gui.shell.text_size import QUEUE_GOES_ON, TextSizeMenu, losses, next_size, reopen
from resnet_gui.protocol.jobs import Train
from resnet_gui.training.recipe import Recipe
from tests.forks import Forks
from tests.gui.driving import Opener, predict_page, train_page
from tests.waiting import PATIENCE_MS


def test_the_size_multiplies_the_users_own_scale_and_leaves_the_variable_as_it_was() -> None:
    for own, percent, wanted in (
        (None, 150, "1.5"), ("1.25", 200, "2.5"), ("nonsense", 125, "1.25"), ("-2", 110, "1.1"), ("1.5", 100, "1.5"),
        (None, 100, None),
    ):  # fmt: skip
        environment = {} if own is None else {"QT_SCALE_FACTOR": own}
        before = dict(environment)
        with text_size_applied(percent, environment):
            assert environment.get("QT_SCALE_FACTOR") == wanted
        assert environment == before


@pytest.mark.parametrize("found", [0, 99, 1000, "150", None, 1.5, [125]])
def test_a_size_that_is_none_of_the_menus_is_the_usual_one(found: object) -> None:
    assert known_size(found) == 100
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text(json.dumps({"text_size": found}))
    assert text_size() == 100


def test_larger_and_smaller_go_through_the_sizes_and_stop_at_the_ends() -> None:
    assert [next_size(size, 1) for size in TEXT_SIZES] == [110, 125, 150, 175, 200, 200]
    assert [next_size(size, -1) for size in TEXT_SIZES] == [100, 100, 110, 125, 150, 175]


def test_the_menu_shows_the_present_size_and_offers_only_others(qtbot: QtBot) -> None:
    owner, chosen = QPushButton(), list[int]()
    qtbot.addWidget(owner)
    menu = TextSizeMenu(owner, 125, chosen.append)
    entries = {action.text(): action for action in menu.actions()}
    assert [text for text, action in entries.items() if action.isChecked()] == ["125 %"]
    entries["125 %"].trigger()
    assert chosen == []
    for text in ("200 %", "Larger", "Smaller", "Usual size"):
        entries[text].trigger()
    assert chosen == [200, 150, 110, 100]
    assert entries["125 %"].isChecked(), "it was not wanted after all"
    largest = {action.text(): action for action in TextSizeMenu(owner, 200, chosen.append).actions()}
    assert not largest["Larger"].isEnabled()


def chosen_size(window: Application, monkeypatch: pytest.MonkeyPatch, size: int) -> list[int]:
    """Choose a text size; the exit codes that the application was asked to end with."""
    codes: list[int] = []
    monkeypatch.setattr(QApplication, "exit", codes.append)
    window.text_size.choose(size)
    return codes


def test_another_size_ends_this_window_keeps_everything_and_asks_for_a_window_of_the_same_place(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(Settings(theme="dark", text_size=125), engine=False)
    kept: list[bool] = []
    monkeypatch.setattr(window.engines, "shutdown", lambda *, keep_runs: kept.append(keep_runs))
    window.show_page("compare")
    window.window.setGeometry(40, 20, 1000, 800)
    assert chosen_size(window, monkeypatch, 200) == [0]
    assert kept == [True], "trainings go on"
    settings = load_settings()
    assert (settings.text_size, settings.page) == (200, "compare")
    assert settings.geometry == "625x500+25+12"
    assert window.window.next_scale == 1.6


def test_what_would_be_lost_is_said_before_and_cancelling_loses_nothing(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(engine=False)
    window.session.edit("change classes", classes=7)
    predict_page(window).add_files([assets() / "samples" / "cat.jpg"])
    assert losses([predict_page(window)]) == ["the pictures on Predict"]
    said: list[str] = []

    def cancel(box: QMessageBox) -> None:
        said.append(box.informativeText())
        next(made for made in box.buttons() if box.buttonRole(made) == QMessageBox.ButtonRole.RejectRole).click()

    monkeypatch.setattr(QMessageBox, "exec", cancel)
    assert chosen_size(window, monkeypatch, 150) == []
    assert said[0].endswith("What does not stay: the pictures on Predict.")
    assert window.window.next_scale == 0
    assert window.settings.text_size == 100
    assert losses([]) == []


def test_the_keys_are_the_windows_but_in_the_diagram_they_are_the_diagrams(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(engine=False)
    sizes: list[int] = []
    monkeypatch.setattr(window.text_size.menu, "_choose", sizes.append)
    window.window.activateWindow()
    qtbot.waitUntil(window.window.isActiveWindow)
    window.window.setFocus()
    QTest.keyClick(window.window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert sizes == [110]
    view = window.design.network.view
    view.setFocus()
    before = view.transform().m11()
    QTest.keyClick(view, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert sizes == [110]
    assert view.transform().m11() != before


def test_the_process_becomes_the_new_window_where_the_system_can(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr("os.execve", lambda path, command, env: begun.append((path, command, env)))
    monkeypatch.setattr("subprocess.Popen", lambda command, env: begun.append((sys.executable, command, env)))
    monkeypatch.setattr(sys, "argv", ["resnet-gui", "--debug"])
    monkeypatch.setattr(sys, "_xoptions", {"dev": True, "importtime": "2"})
    reopen()
    path, command, environment = begun[0]
    assert path == sys.executable
    words = ["-P", "-X", "dev", "-X", "importtime=2", "-m", "resnet_gui", "--debug"]
    assert command == [sys.executable, *words]
    assert str(PACKAGE.parent) in environment["PYTHONPATH"].split(os.pathsep), "a checkout is found from anywhere"


@pytest.mark.prove
def test_no_file_of_the_working_folder_is_taken_for_a_module_of_the_program(tmp_path: Path) -> None:
    (tmp_path / "resnet_gui.py").write_text("print('somebody else')")
    script = (
        "import os, sys\n"
        "from resnet_gui.gui.shell.text_size import reopen\n"
        "sys.argv = ['resnet-gui']\n"
        "run = os.execve\n"
        "os.execve = lambda path, command, env: run(path, [*command, '--version'], env)\n"
        "reopen()\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path,
        env=dict(os.environ, PYTHONPATH=str(PACKAGE.parent)),
    )  # fmt: skip
    assert done.stdout.startswith("ResNet Explorer"), done.stderr


def test_a_size_that_cannot_be_kept_opens_no_window_anew(open_window: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    window, said = open_window(engine=False), list[str]()
    window.session.message.connect(lambda sentence, _level: said.append(sentence))
    # Its own turn would say the same once more.
    window.memory.keeper._timer.stop()
    monkeypatch.setattr(window.memory.keeper._file, "write", lambda _data: "Settings cannot be kept: no room.")
    assert chosen_size(window, monkeypatch, 150) == []
    assert (window.window.next_scale, window.settings.text_size) == (0, 100)
    assert said == ["The text size stays as it is. Settings cannot be kept: no room."]


def test_a_queue_that_went_on_goes_on_in_the_window_of_another_size_and_one_that_was_held_is_held(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(QUEUE_GOES_ON, "")
    job = Train(1, str(runs_folder() / "next"), "next", PRESETS["digits-resnet"].spec, Recipe(), "cpu")
    window = open_window(Settings(theme="dark", queue=[job]), engine=False)
    queue = train_page(window).queue
    assert (queue.held, queue.goes_on) == (True, False)
    queue.held = False
    assert chosen_size(window, monkeypatch, 150) == [0]
    started: list[Train] = []
    monkeypatch.setattr(Engines, "train", lambda _engines, job: started.append(job))
    again = open_window(load_settings(), engine=False)
    assert QUEUE_GOES_ON not in os.environ, "it is for one window"
    qtbot.waitUntil(lambda: bool(started), timeout=PATIENCE_MS)
    assert started[0].run == job.run
    assert not again.train_page().queue.held


@pytest.mark.prove
def test_the_application_reads_the_size_once_when_it_is_made(forks: Forks) -> None:
    script = (
        "import os\n"
        "from resnet_gui.gui.app import make_application\n"
        "from resnet_gui.gui.appearance import text_size, text_size_applied\n"
        "with text_size_applied(text_size()):\n"
        "    app = make_application()\n"
        "print(app.devicePixelRatio(), os.environ.get('QT_SCALE_FACTOR'))\n"
        "import sys; sys.stdout.flush(); os._exit(0)\n"
    )
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text(json.dumps({"text_size": 150}))
    done = forks.run("-c", script, env=dict(os.environ, QT_SCALE_FACTOR="2", QT_QPA_PLATFORM="offscreen"))
    assert done.stdout.split() == ["3.0", "2"], done.stderr
