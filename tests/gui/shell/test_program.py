"""The program as it is started, in a process of its own: where its window lies, and what it says first."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from resnet_gui.gui.kept.open_windows import windows_folder
from tests.forks import Forks

Starter = Callable[..., dict[str, Any]]

PROGRAM = """
import json, socket, sys
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from resnet_gui.gui import app as program
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.shell.errors import EndedWindowDialog

asked = []

def refuse(*words, **_named):
    asked.append(str(words))
    raise ConnectionRefusedError("refused")

socket.create_connection = socket.getaddrinfo = socket.socket.connect = socket.socket.connect_ex = refuse
Engines.start = lambda engines: None
real = program.open_in_steps

def tell(made):
    window = made.window
    room = QGuiApplication.primaryScreen().availableSize()
    print(json.dumps({
        "room": [room.width(), room.height()], "size": [window.width(), window.height()],
        "maximised": window.isMaximized(), "page": window.stack.currentWidget() is not None, "asked": asked,
        "said": [dialog.sentence.text() for dialog in window.findChildren(EndedWindowDialog) if dialog.isVisible()],
    }), flush=True)
    window.close()

program.open_in_steps = lambda window, theme, filled: real(window, theme, lambda made: (filled(made), tell(made)))
sys.exit(program.run())
"""


@pytest.fixture
def start(forks: Forks, tmp_path: Path) -> Starter:
    """Starts the program on a screen of a size, lets it close again, and returns what its window was."""

    def started(width: int, height: int) -> dict[str, Any]:
        screen = {"name": "screen", "x": 0, "y": 0, "width": width, "height": height, "logicalDpi": 96, "dpr": 1}
        (tmp_path / "screens.json").write_text(json.dumps({"screens": [screen]}))
        env = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={tmp_path / 'screens.json'}"}
        done = forks.run("-c", PROGRAM, env=env)
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        assert told["room"] == [width, height]
        return told

    return started


def test_the_first_window_takes_nine_tenths_of_its_screen_and_needs_no_network(start: Starter) -> None:
    told = start(1280, 720)
    assert (told["size"], told["maximised"]) == ([1152, 648], False)
    assert told["page"]
    assert told["asked"] == [], "nobody was connected to"
    assert told["said"] == []


def test_a_start_after_a_window_that_was_killed_says_so(start: Starter) -> None:
    windows_folder().mkdir(parents=True)
    (windows_folder() / "99999999-1.txt").write_text("{}\n")
    told = start(1920, 1080)
    (said,) = told["said"]
    assert "ended from outside" in said
    assert told["size"] == [1440, 900]
