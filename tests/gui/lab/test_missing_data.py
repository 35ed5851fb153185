"""An experiment whose pictures are not here says so first: nothing is locked before it can run."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from resnet_gui.data.datasets import known_folder
from resnet_gui.data.labels import CIFAR10
from resnet_gui.gui.client import process
from resnet_gui.gui.lab.page import LabPage
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.folder import begun, experiment_folder, locked, read_record, sweep_folder, write_record
from resnet_gui.protocol.events import JobDone, Progressed
from resnet_gui.protocol.jobs import Download
from resnet_gui.sweeps.folder import new_sweep_folder
from resnet_gui.sweeps.state import SweepState
from tests.gui.lab.driving import LabDriver
from tests.gui.train.test_downloads import FakeEngine

SENTENCE = "CIFAR-10 is not on this computer yet: 170 MB to download, or choose its folder."


def open_cifar(lab: LabDriver) -> LabPage:
    """Degradation on CIFAR-10, with every question answered."""
    page = lab.open("degradation")
    page.choose("degradation", "cifar")
    for question in page.state.experiment.questions:
        page.state.answer(question.key, question.options[0])
    page._show_parts()
    return page


def test_what_is_missing_is_said_when_the_scale_is_chosen_and_nothing_is_locked(lab: LabDriver) -> None:
    page = open_cifar(lab)
    strip, run = page.centre.missing, page.centre.head.button("run")
    assert strip.isVisible()
    assert strip.sentence.text() == SENTENCE
    assert (strip.download.text(), strip.folder.text()) == ("Download 170 MB", "Choose folder")
    assert not run.isEnabled()
    assert run.toolTip() == SENTENCE
    page.starter.run()
    assert lab.said[-1] == SENTENCE
    assert not page.state.record.locked
    assert not page.state.revealed
    assert read_record(page.state.folder) is None
    page.choose("degradation", "quick")
    assert not strip.isVisible()


def test_it_is_fetched_when_that_is_asked_for_and_can_be_run_then(
    lab: LabDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "EngineProcess", FakeEngine)
    monkeypatch.setattr(FakeEngine, "made", [])
    page = open_cifar(lab)
    strip = page.centre.missing
    strip.download.click()
    (engine,) = FakeEngine.made
    assert [job.name for job in engine.sent if isinstance(job, Download)] == ["cifar10"]
    engine.answered.emit(Progressed(1, "downloading", 34_100_000, 170_500_000))
    assert strip.sentence.text() == "Fetching CIFAR-10: 34.1 of 170.5 MB"
    assert strip.bar.value() == 200
    strip.cancel.click()
    QTest.qWait(1)
    assert strip.sentence.text() == SENTENCE
    strip.download.click()
    known_folder("cifar10").mkdir(parents=True)
    (known_folder("cifar10") / "complete").touch()
    FakeEngine.made[-1].answered.emit(JobDone(1))
    QTest.qWait(1)
    assert not strip.isVisible()
    assert page.centre.head.button("run").isEnabled()


def test_a_folder_that_holds_it_takes_its_place_and_another_is_refused(
    lab: LabDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = tmp_path / "holidays"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(chosen))
    page = open_cifar(lab)
    strip, run = page.centre.missing, page.centre.head.button("run")
    strip.folder.click()
    assert lab.said[-1].startswith("holidays does not hold CIFAR-10")
    assert not run.isEnabled()
    for part in ("train", "test"):
        for name in CIFAR10:
            (chosen / part / name).mkdir(parents=True)
    strip.folder.click()
    assert strip.sentence.text() == f"CIFAR-10 is read from {chosen}"
    assert run.isEnabled()
    assert page.state.record.data == str(chosen)
    assert [draft.data for draft in page.state.drafts] == [str(chosen)]


def begin_on(data: str) -> None:
    """Degradation on CIFAR-10, locked on other pictures than the scale's own, and its sweep, of which nothing ran."""
    experiment = EXPERIMENTS["degradation"]
    record = locked(msgspec.structs.replace(begun(experiment, "cifar"), data=data))
    write_record(experiment_folder(experiment, "cifar"), record)
    sweep = experiment.scales[-1].sweep
    assert sweep is not None
    recipe = msgspec.structs.replace(sweep.recipe, data=data or sweep.recipe.data)
    new_sweep_folder(
        msgspec.structs.replace(sweep, recipe=recipe, seeds=record.seeds), sweep_folder(experiment, record)
    )


@pytest.mark.parametrize("here", [False, True])
def test_a_sweep_begun_on_a_folder_that_is_away_stays_on_it(
    lab: LabDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: bool
) -> None:
    monkeypatch.setattr("resnet_gui.gui.lab.missing_data.is_here", lambda _name: here)
    away = tmp_path / "disk" / "cifar"
    begin_on(str(away))
    page = lab.open("degradation")
    page.choose("degradation", "cifar")
    strip, sentence = page.centre.missing, f"cifar is not here any more; bring {away} back, or Run again."
    assert strip.sentence.text() == sentence
    assert not strip.download.isVisible()
    assert not strip.folder.isVisible()
    page.data.download()
    page.data.ask_folder()
    page.starter.resume()
    assert lab.said[-1] == sentence
    kept = read_record(page.state.folder)
    assert kept is not None
    assert kept.data == page.state.record.data == str(away)
    away.mkdir(parents=True)
    page.data.changed.emit()
    assert not strip.isVisible()
    away.rmdir()
    # Asked for anew, it may learn from others.
    page.state.ask_anew()
    page.data.changed.emit()
    assert strip.download.text() == ("Use CIFAR-10" if here else "Download 170 MB")
    assert strip.download.isVisible()
    assert strip.folder.isVisible()


def test_seeds_are_added_to_a_finished_sweep_only_where_its_pictures_are(
    lab: LabDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SweepState, "status", property(lambda _self: "finished"))
    begin_on("")
    page = lab.open("degradation")
    page.choose("degradation", "cifar")
    began: list[str] = []
    monkeypatch.setattr(page.runner, "begin", lambda experiment, *_, **__: began.append(experiment.key))
    strip, seeds = page.centre.missing, page.state.record.seeds
    assert not strip.isVisible()
    page.starter.add_seeds()
    assert lab.said[-1] == "CIFAR-10 is not on this computer yet: 170 MB to download."
    assert (began, page.state.record.seeds) == ([], seeds)
    # What is missing can be fetched from where that is said.
    assert strip.download.isVisible()
    assert not strip.folder.isVisible()
    monkeypatch.setattr("resnet_gui.gui.lab.missing_data.is_here", lambda _name: True)
    page.starter.add_seeds()
    assert (began, len(page.state.record.seeds)) == (["degradation"], len(seeds) + 2)
