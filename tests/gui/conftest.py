"""Fixtures of the window's tests: real windows, and real engines where a test asks for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.gui.main_window import MainWindow
from resnet_gui.gui.pages.compare import ComparePage
from resnet_gui.gui.pages.design import DesignPage
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.theme import Theme
from resnet_gui.gui.workbench import Workbench


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "dark")


@pytest.fixture(autouse=True)
def every_step_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests press faster than people; what merges quick steps has tests of its own."""
    monkeypatch.setattr(Session, "merge_seconds", -1.0)


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def page(qtbot: QtBot, session: Session, theme: Theme) -> Iterator[DesignPage]:
    """The Design page without a window around it, at the reference size."""
    made = DesignPage(session, theme)
    qtbot.addWidget(made)
    made.resize(1380, 828)
    made.show()
    yield made
    session.undo.blockSignals(True)


@pytest.fixture
def compare(qtbot: QtBot, session: Session, theme: Theme) -> Iterator[ComparePage]:
    """The Compare page without a window around it, at the reference size."""
    made = ComparePage(session, theme)
    qtbot.addWidget(made)
    made.resize(1380, 828)
    made.show()
    QApplication.processEvents()
    yield made
    session.undo.blockSignals(True)


@pytest.fixture
def open_window(qtbot: QtBot, theme: Theme) -> Iterator[Callable[..., Workbench]]:
    """Opens windows as the program does; their engines are ended with the test."""
    opened: list[Workbench] = []

    def make(settings: Settings | None = None, *, patience: float | None = None) -> Workbench:
        window = MainWindow(theme)
        window.show()
        bench = Workbench(window, theme, settings or Settings(theme="dark"), patience=patience)
        opened.append(bench)
        return bench

    yield make
    for bench in opened:
        bench.engines.blockSignals(True)
        bench.engines.shutdown(keep_runs=False)
        bench.engines.kill_all()
        bench.after_close()
        bench.window.hide()
        bench.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
