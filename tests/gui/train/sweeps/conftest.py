"""The sweeps of the Train page without the runs beside them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.sweeps.view import SweepView
from resnet_gui.training.recipe import Recipe
from tests.gui.train.sweeps.viewing import (
    SweepEngines,
    ViewOpener,
)


@pytest.fixture
def open_view(qtbot: QtBot, session: Session, theme: Theme) -> Iterator[ViewOpener]:
    """The sweeps of the page without the runs beside them; their engines do nothing."""
    views: list[SweepView] = []

    def make(width: int = 1380, height: int = 828) -> tuple[SweepView, SweepEngines]:
        engines = SweepEngines()
        session.choose_preset(PRESETS["digits-resnet"])
        view = SweepView(
            theme, session, engines, Settings(), lambda: (session.design, Recipe(), "cpu"),
            lambda: bool(engines.running()),
        )  # fmt: skip
        views.append(view)
        qtbot.addWidget(view)
        view.resize(width, height)
        view.load()
        view.show()
        return view, engines

    yield make
    for view in views:
        view.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
