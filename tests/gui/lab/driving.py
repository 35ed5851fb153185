"""Ways to drive the Lab page in tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.gui.lab.figures.figure import ExperimentFigure
from resnet_gui.gui.lab.page import LabPage
from resnet_gui.gui.lab.parts.prediction import PredictionField
from resnet_gui.gui.session import Session
from tests.waiting import PATIENCE_MS


@dataclass
class LabDriver:
    """A page of its own.

    Attributes:
        make: makes the page; results that are to be found are written before.
        home: the program's folder.
        said: sentences of the page, in order.
    """

    qtbot: QtBot
    session: Session
    make: Callable[[], LabPage]
    home: Path
    said: list[str] = field(default_factory=list)
    pages: list[LabPage] = field(default_factory=list)

    def open(self, experiment: str = "", width: int = 1380, height: int = 828) -> LabPage:
        """A new page at the reference size, with an experiment on show."""
        self.session.message.connect(lambda sentence, _level: self.said.append(sentence))
        self.session.offered.connect(lambda sentence, _level, _actions: self.said.append(sentence))
        page = self.make()
        self.pages.append(page)
        page.setMinimumSize(1, 1)
        page.resize(width, height)
        page.show()
        if experiment:
            page.choose(experiment)
        QApplication.processEvents()
        return page

    def close(self) -> None:
        for page in self.pages:
            page.runner.jobs.kill()
            page.hide()
            page.deleteLater()

    def press(self, key: str) -> None:
        """Press a button of the head."""
        button = self.page.centre.head.button(key)
        assert button.isVisible(), f"{key} is not there"
        assert button.isEnabled(), f"{key} cannot be pressed"
        button.click()
        QApplication.processEvents()

    @property
    def page(self) -> LabPage:
        return self.pages[-1]

    @property
    def fields(self) -> list[PredictionField]:
        return self.page.centre.prediction.fields

    def answer(self, number: int, option: str) -> None:
        """Click an answer of a question."""
        segments = self.fields[number].segments
        titles = [title for _, title, _ in segments._options]
        place = segments._segment(titles.index(option)).center().toPoint()
        QTest.mouseClick(segments, Qt.MouseButton.LeftButton, pos=QPoint(place))
        QApplication.processEvents()

    def verdicts(self) -> dict[str, str]:
        """Claim -> the word of its verdict."""
        return {row.title: row.verdict.word for row in self.page.centre.claims.rows}

    def wait(self, ready: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(ready, timeout=PATIENCE_MS)

    def figure(self, kind: type[ExperimentFigure]) -> ExperimentFigure:
        found = self.page.figure
        assert isinstance(found, kind)
        return found
