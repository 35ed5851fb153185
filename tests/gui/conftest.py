"""Fixtures of the window's tests: real windows, and real engines where a test asks for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.gui.main_window import MainWindow
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.theme import Theme


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "dark")


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def open_window(qtbot: QtBot, theme: Theme) -> Iterator[Callable[..., MainWindow]]:
    """Opens windows as the program does; their engines are ended with the test."""
    opened: list[MainWindow] = []

    def make(settings: Settings | None = None, *, patience: float | None = None) -> MainWindow:
        window = MainWindow(theme, settings or Settings(theme="dark"), patience=patience)
        opened.append(window)
        window.show()
        return window

    yield make
    for window in opened:
        window.engines.blockSignals(True)
        window.engines.shutdown(keep_runs=False)
        window.engines.kill_all()
        window.session.undo.blockSignals(True)
        window.hide()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
