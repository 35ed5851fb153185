"""Settings that the disk does not take."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.gui.appearance import settings_path
from resnet_gui.gui.kept.keeper import SettingsKeeper
from resnet_gui.gui.shell import dialogs
from tests.gui.driving import Opener


def test_settings_that_cannot_be_written_are_said_and_trainings_end_as_the_user_wants(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(engine=False)
    settings_path().mkdir(parents=True)
    said: list[str] = []
    window.session.message.connect(lambda sentence, _level: said.append(sentence))
    for _ in range(2):  # the same reason is said once
        with qtbot.waitSignal(window.memory.keeper._written):
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
