"""Running, stopping and running again on the Lab page, with engines that say what the test wants."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal

from resnet_gui.export.lab_text import about
from resnet_gui.gui.lab.words import training_seconds
from resnet_gui.lab.card import CARD_SUFFIX, encode_card, new_card
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.folder import begun, experiment_folder, measured_seeds, read_record
from resnet_gui.protocol.events import JobDone
from resnet_gui.protocol.jobs import Message
from resnet_gui.protocol.sweep_jobs import RunSweep
from tests.gui.lab import results
from tests.gui.lab.driving import LabDriver

SHATTERED = "shattered-gradients"
ANSWERS = {"plain-20": "over 0.7"}


class SaidEngine(QObject):
    """An engine of whose process nothing is there: it says and ends what a test wants."""

    answered = Signal(object)
    ended = Signal(str, bool)
    made: list[SaidEngine]

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sent: list[Message] = []
        self.made.append(self)

    def send(self, message: Message) -> None:
        self.sent.append(message)

    def close(self) -> None:
        """It ends when the test says so."""

    def kill(self) -> None:
        """Nothing is there."""


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[SaidEngine]:
    """Engines that were started, in order."""
    made = SaidEngine.made = []
    monkeypatch.setattr("resnet_gui.gui.client.process.EngineProcess", SaidEngine)
    return made


def test_what_was_stopped_goes_on_with_an_engine_of_its_own_once_the_old_one_is_gone(
    lab: LabDriver, engines: list[SaidEngine]
) -> None:
    page = lab.open("degradation")
    lab.press("skip")
    lab.press("run")
    lab.press("stop")
    engines[0].answered.emit(JobDone(1))
    assert [going.state for going in page.runner.all_going()] == ["stopping"]
    assert not page.centre.head.button("resume").isVisible()
    engines[0].ended.emit("ended", True)
    lab.press("resume")
    assert len(engines) == 2
    assert [going.state for going in page.runner.all_going()] == ["running"]


def test_a_new_engine_outlives_the_late_end_of_an_old_one(lab: LabDriver, engines: list[SaidEngine]) -> None:
    jobs = lab.open("degradation").runner.jobs
    jobs.begin("folder", lambda job: RunSweep(job, "folder"))
    first = engines[0]
    first.ended.emit("ended", True)
    jobs.begin("folder", lambda job: RunSweep(job, "folder"))
    first.ended.emit("ended", True)
    assert jobs.owns("folder")


def test_results_stay_until_run_is_pressed_and_come_back_with_cancel(lab: LabDriver) -> None:
    results.keep_gradients(answers=ANSWERS)
    page = lab.open(SHATTERED)
    folder = experiment_folder(EXPERIMENTS[SHATTERED], "quick")
    lab.press("again")
    assert {row.verdict.word for row in page.centre.claims.rows} == {"not run"}
    assert not page.centre.head.button("run").isEnabled()
    kept = read_record(folder)
    assert kept is not None
    assert (kept.answers, measured_seeds(folder)) == (ANSWERS, (1, 2, 3))
    lab.press("cancel")
    assert page.presenter.phase == "finished"
    assert page.state.record == kept
    lab.press("again")
    page.choose("degradation")
    page.choose(SHATTERED)
    assert page.presenter.phase == "finished"


def test_running_again_removes_the_old_results_before_the_new_answers_are_kept(lab: LabDriver) -> None:
    results.keep_gradients(answers=ANSWERS)
    page = lab.open(SHATTERED)
    lab.press("again")
    lab.press("skip")
    assert page.state.lock()
    folder = experiment_folder(EXPERIMENTS[SHATTERED], "quick")
    kept = read_record(folder)
    assert kept is not None
    assert (kept.answers, bool(kept.locked), measured_seeds(folder)) == ({}, True, ())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"options": {"points": -3}}, "points"),
        ({"options": {"blah": 1}}, "no field"),
        ({"seeds": list(range(500))}, "at most 20"),
    ],
)
def test_a_card_that_cannot_be_run_is_refused_when_it_is_opened(
    lab: LabDriver, tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    experiment = EXPERIMENTS[SHATTERED]
    document = json.loads(encode_card(new_card(experiment, begun(experiment, "quick")))) | changes
    path = tmp_path / f"odd{CARD_SUFFIX}"
    path.write_text(json.dumps(document), encoding="utf-8")
    page = lab.open(SHATTERED)
    page.open_card(path)
    assert words in lab.said[0]
    assert not page.centre.card.isVisible()
    assert page.state.record.options == {}


def test_what_a_card_holds_stays_when_its_experiment_is_clicked_and_goes_with_the_card(
    lab: LabDriver, tmp_path: Path
) -> None:
    experiment = EXPERIMENTS["degradation"]
    document = json.loads(encode_card(new_card(experiment, begun(experiment, "quick"), ("seeds", "scale"))))
    path = tmp_path / f"lesson{CARD_SUFFIX}"
    path.write_text(json.dumps(document | {"seeds": [4, 7]}), encoding="utf-8")
    page = lab.open(SHATTERED)
    page.open_card(path)
    for scale in ("quick", "paper"):
        page.list.cards["degradation", scale].click()
        assert (page.state.scale.key, page.state.record.seeds) == ("quick", (4, 7))
    assert "holds the scale" in lab.said[-1]
    page.centre.card.closed.emit()
    assert page.state.record.seeds == (1, 2, 3)


def test_a_card_leaves_what_was_chosen_before_it_and_its_answers_stay_when_it_is_closed(
    lab: LabDriver, tmp_path: Path
) -> None:
    experiment = EXPERIMENTS["degradation"]
    document = json.loads(encode_card(new_card(experiment, begun(experiment, "quick"))))
    path = tmp_path / f"lesson{CARD_SUFFIX}"
    path.write_text(json.dumps(document | {"seeds": [4, 7]}), encoding="utf-8")
    page = lab.open("degradation")
    page.state.set_seeds(5)
    page.open_card(path)
    question = experiment.questions[0]
    page.state.answer(question.key, question.options[0])
    (draft,) = page.state.drafts
    assert draft.seeds == (1, 2, 3, 4, 5), "the next window begins without the card"
    assert list(page.state.record.seeds) == [4, 7]
    page.centre.card.closed.emit()
    assert list(page.state.record.seeds) == [1, 2, 3, 4, 5]
    assert page.state.record.answers == {question.key: question.options[0]}


def test_a_card_says_that_its_experiment_was_run_otherwise(lab: LabDriver, tmp_path: Path) -> None:
    results.keep_gradients()
    experiment = EXPERIMENTS[SHATTERED]
    document = json.loads(encode_card(new_card(experiment, begun(experiment, "quick"), ("seeds",))))
    path = tmp_path / f"lesson{CARD_SUFFIX}"
    path.write_text(json.dumps(document | {"seeds": [5]}), encoding="utf-8")
    page = lab.open(SHATTERED)
    page.open_card(path)
    assert "was run here already" in lab.said[-1]
    assert not page.centre.head.button("add").isEnabled()
    lab.press("again")
    assert page.state.record.seeds == (5,)


def test_running_all_takes_the_answers_on_the_page_and_begins_one_at_a_time(
    lab: LabDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = lab.open("receptive-field")
    monkeypatch.setattr(page.runner._engines, "ask", lambda _make: 7_000_000 + len(page.runner.all_going()))
    lab.answer(0, page.centre.prediction.fields[0].segments._options[0][0])
    given = dict(page.state.record.answers)
    heading, link = next(iter(page.list.all.items()))
    link.click()
    page.starter.run_all(heading)
    assert len(page.runner.all_going()) == 1
    assert not link.isEnabled()
    while page.runner.all_going():
        page.runner._conclude(page.runner.all_going()[0], "")
    assert given
    assert page.state.record.answers == given
    for key in ("shattered-gradients", "signal-propagation", "receptive-field"):
        page.overview.show_one(key, "quick")
    assert not link.isVisible()


def test_what_trains_does_not_begin_beside_another_training(
    lab: LabDriver, engines: list[SaidEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = lab.open("degradation")
    monkeypatch.setattr(page.runner._engines, "running", lambda: ["sweep"])
    lab.press("skip")
    lab.press("run")
    assert engines == []
    assert not page.state.record.locked
    assert "A run or a sweep is being trained" in lab.said[-1]


def test_the_time_of_an_experiment_on_finished_runs_counts_its_networks_until_they_are_there(lab: LabDriver) -> None:
    page = lab.open("lesion-study")
    scale = page.state.scale
    assert page.presenter._seconds() > 2 * scale.seconds
    assert training_seconds(scale, 3, there=9) == 0
    assert page.list.cards["lesion-study", "quick"].data.time == about(page.presenter._seconds())
