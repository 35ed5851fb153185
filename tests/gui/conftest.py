"""Fixtures of the window's tests: real windows, and real engines where a test asks for one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.gui.client import process
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.compare.page import ComparePage
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.kit.collector import CycleCollector, collect_where_due
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.shell.application import Application
from resnet_gui.gui.shell.main_window import MainWindow
from resnet_gui.protocol.events import Ready
from tests.forks import Forks
from tests.gui.driving import START
from tests.gui.predict.predicting import PredictDriver, WarmEngine
from tests.waiting import PATIENCE


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "dark")


@pytest.fixture(scope="session", autouse=True)
def cycles_are_collected_by_the_windows_thread(qapp: QApplication) -> Iterator[None]:
    collector = CycleCollector()
    yield
    collector.stop()


@pytest.fixture(autouse=True)
def every_step_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests press faster than people; what merges quick steps has tests of its own."""
    monkeypatch.setattr(Session, "merge_seconds", -1.0)


@pytest.fixture(autouse=True)
def forked_engines(monkeypatch: pytest.MonkeyPatch, forks: Forks) -> None:
    """Engines are forks of a process that has loaded torch.

    Windows in a process of their own (``train/test_training``) start theirs as the program does.
    """
    monkeypatch.setattr(process, "subprocess", forks.subprocess)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Free what a test has closed; hundreds of pages that only wait for it make every change of the theme slow."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    collect_where_due()


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session()
    yield made
    made.close()


@pytest.fixture
def page(qtbot: QtBot, session: Session, theme: Theme) -> DesignPage:
    """The Design page without a window around it, at the reference size."""
    made = DesignPage(session, theme)
    qtbot.addWidget(made)
    made.resize(1380, 828)
    made.show()
    return made


@pytest.fixture
def compare(qtbot: QtBot, session: Session, theme: Theme) -> ComparePage:
    """The Compare page without a window around it, at the reference size."""
    made = ComparePage(session, theme)
    qtbot.addWidget(made)
    made.resize(1380, 828)
    made.show()
    QApplication.processEvents()
    return made


@pytest.fixture
def open_window(qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Application]]:
    """Opens windows as the program does; their engines are ended with the test."""
    opened: list[Application] = []

    def make(settings: Settings | None = None, *, patience: float | None = None, engine: bool = True) -> Application:
        if not engine:  # loading torch is seconds of work, which a test that asks nothing can do without
            monkeypatch.setattr(Engines, "start", lambda _engines: None)
        window = MainWindow(theme)
        window.show()
        bench = Application(window, theme, settings or Settings(theme="dark"), patience=patience)
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
    collect_where_due()


@pytest.fixture(scope="session")
def warm(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Iterator[WarmEngine]:
    """An engine that serves every test of a process, each with a page of its own; it reads one folder all the time."""
    home = tmp_path_factory.mktemp("warm")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESNET_GUI_HOME", str(home))
        patch.setattr(process, "subprocess", forks.subprocess)
        engines, ready = Engines(), list[Ready]()
        engines.ready.connect(ready.append)
        engines.start()
        until = time.monotonic() + START / 1000
        while not ready and time.monotonic() < until:
            qapp.processEvents()
            time.sleep(0.01)
    yield WarmEngine(engines, ready[0], home)
    engines.blockSignals(True)
    engines.shutdown(keep_runs=False)
    engines.kill_all()
    if engines._main is not None:
        engines._main.wait(PATIENCE)  # Python complains of a child that nobody has waited for
    engines.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    collect_where_due()


@pytest.fixture
def driver(
    qtbot: QtBot, warm: WarmEngine, theme: Theme, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PredictDriver]:
    """The Predict page without a window around it, with a real engine."""
    monkeypatch.setenv("RESNET_GUI_HOME", str(warm.home))
    made = PredictDriver(qtbot, warm, theme)
    yield made
    made.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    collect_where_due()
