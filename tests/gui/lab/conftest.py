"""The Lab page without a window around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.collector import collect_where_due
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.page import LabPage
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from tests.gui.lab.driving import LabDriver
from tests.gui.predict.predicting import WarmEngine


@pytest.fixture
def lab(
    qtbot: QtBot, warm: WarmEngine, theme: Theme, home: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LabDriver]:
    """The page on an engine that is warm, with a folder of its own."""
    session.set_devices(warm.ready.devices, warm.ready.no_cuda)
    settings = Settings(theme="dark")
    made = LabDriver(qtbot, session, lambda: LabPage(session, warm.engines, theme, settings), home)
    yield made
    made.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    collect_where_due()
