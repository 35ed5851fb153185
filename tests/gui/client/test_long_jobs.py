"""Engines that work on a folder of their own: they end with their work, and their end is a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from resnet_gui.gui.client.long_jobs import LongJobs
from resnet_gui.protocol.events import Event, Failed
from resnet_gui.protocol.sweep_jobs import RunSweep
from tests.waiting import PATIENCE_MS


@pytest.fixture
def jobs() -> Iterator[LongJobs]:
    made = LongJobs()
    yield made
    made.blockSignals(True)
    made.kill()
    made.deleteLater()


def test_work_that_cannot_begin_says_so_and_its_engine_ends(qtbot: QtBot, jobs: LongJobs, tmp_path: Path) -> None:
    heard, ended = list[Event](), list[tuple[str, str]]()
    folder = str(tmp_path / "nothing")
    jobs.answered.connect(lambda _folder, event: heard.append(event))
    jobs.ended.connect(lambda where, sentence: ended.append((where, sentence)))
    jobs.begin(folder, lambda job: RunSweep(job, folder))
    assert jobs.running() == [folder]
    qtbot.waitUntil(lambda: bool(ended), timeout=PATIENCE_MS)
    failures = [event.message for event in heard if isinstance(event, Failed)]
    assert failures == [f"There is no sweep {folder}."]
    assert ended == [(folder, "")]
    assert not jobs.owns(folder)


def test_an_engine_that_is_killed_ends_in_a_sentence(qtbot: QtBot, jobs: LongJobs, tmp_path: Path) -> None:
    heard, ended = list[Event](), list[str]()
    jobs.answered.connect(lambda _folder, event: heard.append(event))
    jobs.ended.connect(lambda _folder, sentence: ended.append(sentence))
    jobs.begin(str(tmp_path), lambda job: RunSweep(job, str(tmp_path)))
    jobs._engines[str(tmp_path)].kill(wanted=False)
    qtbot.waitUntil(lambda: bool(ended), timeout=PATIENCE_MS)
    assert "was killed (signal 9, SIGKILL); what was finished stays." in ended[0]
