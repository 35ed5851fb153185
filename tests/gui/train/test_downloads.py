"""Downloads on the Train page: how far they are, cancelled, failed, asked for again."""

from __future__ import annotations

from typing import ClassVar

import pytest
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtTest import QTest

from resnet_gui.data.datasets import known_folder
from resnet_gui.gui.client import process
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.protocol.events import Failed, JobDone, Progressed
from resnet_gui.protocol.jobs import Download, Message
from tests.gui.train.test_control import said, working_page
from tests.gui.train.test_plots import Opener, open_page

__all__ = ["open_page", "said", "working_page"]


class FakeEngine(QObject):
    """An engine that is told what to answer; as of a real one, its end is told a moment later."""

    answered = Signal(object)
    ended = Signal(str, bool)
    made: ClassVar[list[FakeEngine]] = []

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sent: list[Message] = []
        self.made.append(self)

    def send(self, message: Message) -> None:
        self.sent.append(message)

    def close(self) -> None:
        QTimer.singleShot(0, lambda: self.ended.emit("ended", True))

    def kill(self) -> None:
        QTimer.singleShot(0, lambda: self.ended.emit("was killed (signal 9, SIGKILL)", True))


@pytest.fixture
def fetching(open_page: Opener, monkeypatch: pytest.MonkeyPatch) -> tuple[TrainPage, FakeEngine]:
    """A page on which the download of MNIST has just been asked for."""
    monkeypatch.setattr(process, "EngineProcess", FakeEngine)
    monkeypatch.setattr(FakeEngine, "made", [])
    page = open_page(Settings(recipe_data="mnist"))
    assert page.first.data.isVisible()
    assert page.first.data.title.text() == "MNIST is not on this computer yet"
    assert page.first.data.note.text().startswith("12 MB, checked by MD5")
    page.first.data.download.click()
    page.form.choice.download.click()  # a second wish for the same is none
    (engine,) = FakeEngine.made
    assert [job.name for job in engine.sent if isinstance(job, Download)] == ["mnist"]
    assert page.first.data.cancel.isVisible()
    assert not page.first.data.download.isVisible()
    return page, engine


def test_a_download_shows_how_far_it_is_and_its_banner_goes_when_it_is_here(
    fetching: tuple[TrainPage, FakeEngine], said: list[str]
) -> None:
    page, engine = fetching
    banner = page.first.data
    engine.answered.emit(Progressed(1, "downloading", 2_900_000, 11_600_000))
    assert (banner.title.text(), banner.note.text()) == ("Fetching MNIST", "2.9 of 11.6 MB")
    assert banner.bar.value() == 250
    known_folder("mnist").mkdir(parents=True)
    (known_folder("mnist") / "complete").touch()
    engine.answered.emit(JobDone(1))
    QTest.qWait(10)
    assert said[-1] == "MNIST is here."
    assert banner.name != "mnist" or banner.isHidden()
    assert not page.form.choice.download.isVisible()
    assert page.setup.downloads.going() == []


def test_a_download_is_cancelled_and_can_be_asked_for_again(
    fetching: tuple[TrainPage, FakeEngine], said: list[str]
) -> None:
    page, engine = fetching
    engine.answered.emit(Progressed(1, "downloading", 2_900_000, 11_600_000))
    page.first.data.cancel.click()
    QTest.qWait(10)
    assert page.setup.downloads.going() == []
    assert said == []
    assert page.first.data.download.isVisible()
    assert not page.first.data.bar.isVisible()
    page.first.data.download.click()
    assert len(FakeEngine.made) == 2


def test_a_download_that_fails_or_dies_is_told_in_a_sentence_and_offered_again(
    fetching: tuple[TrainPage, FakeEngine], said: list[str]
) -> None:
    page, engine = fetching
    engine.answered.emit(Failed(1, "MNIST needs 35 MB of free disk until it is unpacked."))
    QTest.qWait(10)
    assert said == ["MNIST needs 35 MB of free disk until it is unpacked."]
    assert page.first.data.download.isVisible()
    page.first.data.download.click()
    FakeEngine.made[-1].ended.emit("was killed (signal 9, SIGKILL)", False)
    assert said[-1] == "The download was killed (signal 9, SIGKILL); start it again to go on."
    assert page.first.data.download.isVisible()


def test_a_window_that_is_closed_ends_its_downloads(fetching: tuple[TrainPage, FakeEngine]) -> None:
    page, _engine = fetching
    page.remember(Settings())
    assert page.setup.downloads.going(), "what is only written down goes on"
    page.leave()
    QTest.qWait(10)
    assert page.setup.downloads.going() == []
