"""Settings that the disk does not take."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QCloseEvent

from resnet_gui.gui.appearance import settings_path
from resnet_gui.gui.settings import Settings
from tests.gui.driving import Opener


def test_settings_that_cannot_be_written_are_said_and_trainings_end_as_the_user_wants(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(engine=False)
    settings_path().mkdir(parents=True)
    assert window.settings.save().startswith("Settings and queue cannot be kept: ")
    ended: list[bool] = []
    monkeypatch.setattr(window.engines, "shutdown", lambda *, keep_runs: ended.append(keep_runs))

    def fail(_settings: Settings) -> str:
        raise RuntimeError("planned")

    monkeypatch.setattr(Settings, "save", fail)
    with pytest.raises(RuntimeError, match="planned"):
        window._closing(QCloseEvent())
    assert ended == [False]
