"""Settings that the disk does not take."""

from __future__ import annotations

import errno
from pathlib import Path

import msgspec
import pytest
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.gui.appearance import settings_path
from resnet_gui.gui.kept import settings_file
from resnet_gui.gui.kept.keeper import SettingsKeeper
from resnet_gui.gui.kept.settings_file import SettingsFile
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.shell import dialogs
from tests.gui.driving import Opener


def test_that_settings_are_not_kept_stays_marked_until_a_write_succeeds(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(engine=False)
    keeper, mark = window.memory.keeper, window.status.unkept
    assert mark.isHidden()
    settings_path().mkdir(parents=True)
    with qtbot.waitSignal(keeper.failed):
        keeper.keep()
    window.session.say("Something else.")
    window.status.say("", "info")
    assert not mark.isHidden()
    assert mark.text().startswith("Not kept: ")
    assert mark.toolTip().startswith("Settings and queue cannot be kept")
    assert window.window.windowTitle().startswith("Not kept · ")
    settings_path().rmdir()
    with qtbot.waitSignal(keeper.recovered):
        keeper.keep()
    assert mark.isHidden()
    assert "Not kept" not in window.window.windowTitle()
    assert window.status.sentence.text() == "Settings and queue are kept again."


def test_a_full_disk_is_called_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file = SettingsFile(Settings())
    monkeypatch.setattr(settings_file, "write_atomic", fill)
    assert file.write(msgspec.json.encode(Settings(theme="dark"))) == (
        "Settings and queue cannot be kept: disk full (settings.json)."
    )
    assert file.reason == "disk full"
    monkeypatch.undo()


def test_settings_that_cannot_be_written_are_said_and_trainings_end_as_the_user_wants(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(engine=False)
    settings_path().mkdir(parents=True)
    said: list[str] = []
    window.session.message.connect(lambda sentence, _level: said.append(sentence))
    for _ in range(2):  # the same reason is said once
        with qtbot.waitSignal(
            window.memory.keeper._looked, check_params_cb=lambda _look, problem, *_: problem is not None
        ):
            window.memory.keeper.keep()
        qtbot.wait(1)
    assert [sentence.split(": ")[0] for sentence in said] == ["Settings and queue cannot be kept"]
    ended: list[bool] = []
    monkeypatch.setattr(window.engines, "shutdown", lambda *, keep_runs: ended.append(keep_runs))

    def fail(_keeper: SettingsKeeper) -> str:
        raise RuntimeError("planned")

    monkeypatch.setattr(SettingsKeeper, "end", fail)
    asked: list[str] = []

    def agree(_parent: QWidget, problem: str) -> bool:
        asked.append(problem)
        return True

    monkeypatch.setattr(dialogs, "ask_to_close_unkept", agree)
    window.closing.take(QCloseEvent())
    assert asked == said
    assert ended == [False]
