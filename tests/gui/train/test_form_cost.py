"""What the form of a new run says that it will cost, and what a folder holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from resnet_gui.analysis.costs import totals
from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.layouts.description import ClassCount, DataDescription, LeftOut, PartSource
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.runs.earlier_pace import Wanted, earlier_pace
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.gui.train.recipe.form import RecipeForm
from resnet_gui.protocol.events import DataSetDescribed, DataSetListed, Failed, Fit, Progressed, TrainingEstimated
from resnet_gui.protocol.jobs import Describe, Estimate
from resnet_gui.runs.events import RunEnded, ThreadChange, TrainResult
from resnet_gui.runs.folder import run_folders, summarise
from resnet_gui.runs.lock import writing
from resnet_gui.training.memory_fit import run_memory
from resnet_gui.training.rates import SMALLER_RATE, few_steps_warning
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.starters import STARTERS
from tests.gui.driving import copy_run, set_field
from tests.gui.train.test_control import idle
from tests.gui.train.test_form import choose
from tests.gui.train.test_plots import SOON, Opener, add_events, info_of, open_page, row_of, started, step, write_run

__all__ = ["open_page"]


def question(qtbot: QtBot, page: TrainPage, kind: type[Any]) -> Any:
    """The last question of a kind that the page has asked, once the form rests."""
    engines = idle(page)
    qtbot.waitUntil(lambda: not page.setup._estimating.is_pending(), timeout=SOON)
    return [job for job in engines.asked if isinstance(job, kind)][-1]


def test_what_a_run_will_cost_is_asked_when_the_form_rests_and_only_the_newest_answer_is_shown(
    qtbot: QtBot, open_page: Opener
) -> None:
    page = open_page()
    first = question(qtbot, page, Estimate)
    set_field(page.form, "batch_size", 32)
    job = question(qtbot, page, Estimate)
    assert (job.recipe.batch_size, job.spec.classes) == (32, 10)
    page._engines.answered.emit(first, TrainingEstimated(first.job, 5.0, 0.1, 10**8, 10**10, "cpu"))
    assert "measuring" in page.form.note.text()
    page._engines.answered.emit(job, TrainingEstimated(job.job, 750.0, 0.1, 3 * 10**9, 10**10, "cpu", 1.8))
    assert page.form.note.text() == "about 12 min 30 s\nup to 3.0 GB; bf16 1.8× faster"
    assert page.form.warning.isHidden()
    set_field(page.form, "batch_size", 16)
    job = question(qtbot, page, Estimate)
    page._engines.answered.emit(job, Failed(job.job, "The engine died twice over this job."))
    assert page.form.warning.text() == "The engine died twice over this job."
    set_field(page.form, "batch_size", 8)
    job = question(qtbot, page, Estimate)
    busy = TrainingEstimated(job.job, 42.0, 0.1, 3 * 10**9, 10**10, "cpu", busy=True)
    page._engines.answered.emit(job, busy)
    assert page.form.note.text() == "busy now; alone about 42 s\nup to 3.0 GB"
    assert "its own pace says how long" in page.form.note.toolTip()


def test_a_run_that_will_not_fit_is_said_with_a_remedy_that_a_click_takes(
    qtbot: QtBot, open_page: Opener, session: Session
) -> None:
    session.choose_preset(PRESETS["resnet50"])
    page = open_page()
    set_field(page.form, "batch_size", 64)
    job = question(qtbot, page, Estimate)
    needed = run_memory(plan(session.spec), job.recipe, "fp32").total
    capacity = needed // 2
    page._engines.answered.emit(job, TrainingEstimated(job.job, None, None, needed, capacity, "cpu"))
    assert page.form.warning.isVisible()
    assert page.form.warning.text().startswith(f"This run will not fit: it needs {needed / 1e9:.1f} GB")
    assert page.form.memory_fix.isVisible()
    assert page.form.memory_fix.text().startswith("Use batch ")
    page.form.memory_fix.click()
    recipe = page.form.recipe()
    assert recipe.batch_size == 64
    assert recipe.accumulate > 1
    assert run_memory(plan(session.spec), recipe, "fp32").total <= 0.9 * capacity
    assert page.form.warning.isHidden()
    assert question(qtbot, page, Estimate).recipe == recipe


def test_a_folder_is_described_by_the_engine_and_only_its_own_answer_counts(
    qtbot: QtBot, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page()
    page.form.choice.choose_folder(tmp_path / "one")
    first = question(qtbot, page, Describe)
    page.form.choice.choose_folder(tmp_path / "two")
    second = question(qtbot, page, Describe)
    page._engines.answered.emit(first, DataSetDescribed(first.job, first.data, Fit((3, 64, 64), 3, 30, 6)))
    assert page.setup.fit is None
    page._engines.answered.emit(second, Failed(second.job, "There is nothing in it."))
    assert page.form.error.text() == "There is nothing in it."
    assert page.form.choice.combo.property("invalid") == "true"


DESCRIBED = DataDescription(
    name="pets",
    labels="folder names",
    classes=(ClassCount("cat", 40, 4), ClassCount("dog", 3, 2)),
    parts=(PartSource("training", 43, "train/"), PartSource("validation", 6, "val/", "the weights are selected on it")),
    left_out=(LeftOut("pictures without a class", 9, ("test1",)),),
    notes=("The classes are unequal: 'cat' has 40 training pictures, 'dog' 3.",),
)


def test_what_a_folder_holds_is_shown_as_soon_as_its_names_are_known_and_before_anything_is_measured(
    qtbot: QtBot, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page()
    before = len([job for job in idle(page).asked if isinstance(job, Estimate)])
    page.form.choice.choose_folder(tmp_path)
    job = question(qtbot, page, Describe)
    shown = page.form.choice.described
    reading = f"Reading {tmp_path.name} …"
    assert (shown.isVisible(), shown.text()) == (True, reading)
    page._engines.answered.emit(job, Progressed(job.job, "files found", 120_000, 0))
    assert (shown.isVisible(), shown.text()) == (True, f"{reading} 120,000 files found")
    page._engines.answered.emit(job, Progressed(job.job, "bytes unpacked", 5, 10, "It is unpacked there."))
    assert shown.text() == "bytes unpacked: 5 of 10. It is unpacked there."
    page._engines.answered.emit(job, DataSetListed(job.job, job.data, DESCRIBED))
    first, second = shown.text().splitlines()
    assert first == "2 classes, 49 pictures: 43 to train, 6 to validate; 9 left out"
    assert second == DESCRIBED.notes[0]
    assert "pets: 2 classes" in shown.toolTip()
    assert len([each for each in idle(page).asked if isinstance(each, Estimate)]) == before
    page._engines.answered.emit(job, DataSetDescribed(job.job, job.data, Fit((3, 64, 64), 2, 43, 6)))
    cost = question(qtbot, page, Estimate)
    assert cost.fit == Fit((3, 64, 64), 2, 43, 6), "the folder is not looked through again to measure"
    assert shown.isVisible()
    choose(page.form.choice.combo, "digits")
    assert shown.isHidden()


def test_the_time_of_a_way_to_begin_is_the_sum_over_its_runs_and_one_that_failed_is_not_measured(
    open_page: Opener,
) -> None:
    page = open_page()
    page.setup.time_starters(STARTERS)
    for number in range(2):
        # One after the other: a run that begins meanwhile ends the measuring.
        job = [job for job in idle(page).asked if isinstance(job, Estimate)][-1]
        answer = TrainingEstimated(job.job, 100.0, 0.1, 1, 10, "cpu")
        page._engines.answered.emit(job, Failed(job.job, "The engine died.") if number else answer)
    texts = [page.first.cards[each.key].values["Time here"].text() for each in STARTERS]
    assert texts == ["about 1 min 40 s", "not measured"]


def test_the_cost_is_measured_when_the_run_of_another_process_is_over(qtbot: QtBot, open_page: Opener) -> None:
    folder = write_run("a", started(2, 20), step(1, 1.0))
    with writing(folder):
        page = open_page()
        qtbot.waitUntil(lambda: not page.setup._estimating.is_pending(), timeout=SOON)
        assert not any(isinstance(job, Estimate) for job in idle(page).asked)
        assert "no run is going" in page.form.note.toolTip()
    add_events(folder, RunEnded("stopped", 1))
    qtbot.waitUntil(lambda: row_of(page, folder).status == "stopped", timeout=SOON)
    qtbot.waitUntil(lambda: any(isinstance(job, Estimate) for job in idle(page).asked), timeout=SOON)
    job = question(qtbot, page, Estimate)
    page._engines.answered.emit(job, TrainingEstimated(job.job, 750.0, 0.1, 3 * 10**9, 10**10, "cpu"))
    assert page.form.note.text().startswith("about")
    assert "no run is going" not in page.form.note.toolTip()


def test_a_folder_is_looked_through_at_once_and_what_it_holds_stays_while_its_pictures_are_read(
    qtbot: QtBot, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page()
    page.setup.time_starters(STARTERS)
    folder = tmp_path / "photos"
    folder.mkdir()
    page.form.choice.choose_folder(folder)
    described = page.form.choice.described
    assert described.text() == "Reading photos …"
    assert not page.setup._requests.asking("starter"), "the data do not wait for a measurement"
    job = next(each for each in reversed(idle(page).asked) if isinstance(each, Describe))
    counts = (ClassCount("cat", 90, 10, 0), ClassCount("dog", 9, 1, 0))
    description = DataDescription(name="photos", labels="folder names", classes=counts, parts=())
    page._engines.answered.emit(job, DataSetListed(job.job, job.data, description))
    page._engines.answered.emit(job, Progressed(job.job, "reading pictures", 50, 110))
    assert described.text().startswith("2 classes, 110 pictures")
    assert "The classes are unequal: 'cat' has 90 training pictures, 'dog' 9." in described.text()
    page._engines.answered.emit(job, DataSetDescribed(job.job, job.data, Fit((3, 32, 32), 2, 99, 11)))
    assert page.setup._requests.asking("starter"), "what was given up is measured after"
    page.form.choice.fit.setFocus()
    page.form.choice.fit.click()
    assert page.focusWidget() is page.form.choice.combo, "the button that had it is gone"
    stem = page.form.choice.stem
    assert stem.isVisible()
    assert "leaves 8×8 of 32×32 pixels" in page.form.choice.stem_line.text()
    stem.click()
    assert page._session.spec.stem == "cifar"
    assert not stem.isVisible()
    page._session.undo.undo()
    assert stem.isVisible()


def test_few_pictures_bring_a_warning_and_a_smaller_rate_by_one_click(theme: Theme, qtbot: QtBot) -> None:
    form = RecipeForm(theme, "digits")
    qtbot.addWidget(form)
    form.show_fit(Fit((3, 32, 32), 3, 144, 36))
    caution, rate = form.caution, form.caution.smaller_rate
    assert form.footer.isAncestorOf(rate), "it is seen without scrolling, beside the button that starts"
    assert caution.words.text() == "3 steps an epoch at a rate of 0.1: losses may be in the hundreds."
    assert "144 pictures are 3 steps an epoch" in caution.words.toolTip()
    assert not rate.isHidden()
    rate.click()
    assert form.recipe().lr == SMALLER_RATE
    assert caution.isHidden()
    assert rate.isHidden()
    assert few_steps_warning(Recipe(), 1438) == few_steps_warning(Recipe(optimizer="adamw", lr=0.001), 100) == ""
    form.take_recipe(Recipe())
    assert not caution.isHidden()
    form.show_fit(Fit((3, 32, 32), 3, 14_400, 36))
    assert caution.isHidden()
    form.show_error("data", "It cannot be read.")
    form.show_fit(None)
    assert form.error.text() == "It cannot be read."


def finished(name: str, seconds: float, **changes: Any) -> Path:
    """A run of 2 epochs of 46 steps that took so long; ``changes`` are of what it is."""
    info = msgspec.structs.replace(info_of(name, Recipe(epochs=2, batch_size=32)), threads_chosen=False)
    data = msgspec.structs.replace(info.data, train_images=1438, test_images=359)
    info = msgspec.structs.replace(info, **({"data": data} | changes))
    result = TrainResult(name, 2, 0.1, 0.1, 0.9, 0.9, seconds, 100.0, "00")
    return write_run(name, started(2, 45), RunEnded("finished", 90, result=result), info=info)


def test_a_run_will_take_as_long_as_earlier_ones_of_the_same_took(
    qtbot: QtBot, open_page: Opener, session: Session
) -> None:
    session.choose_preset(PRESETS["digits-resnet"])
    finished("mine", 20.0)
    page = open_page()
    set_field(page.form, "batch_size", 32)
    set_field(page.form, "epochs", 20)
    job = question(qtbot, page, Estimate)
    measured = TrainingEstimated(job.job, 750.0, 0.1, 3 * 10**9, 10**10, "cpu", threads=2)
    page._engines.answered.emit(job, measured)
    assert page.form.note.text() == "about 3 min 20 s, as an earlier run took\nup to 3.0 GB"
    assert page.form.note.toolTip() == "By mine; a few steps just now say 12 min 30 s."
    set_field(page.form, "batch_size", 64)
    job = question(qtbot, page, Estimate)
    page._engines.answered.emit(job, msgspec.structs.replace(measured, job=job.job))
    assert page.form.note.text() == "about 12 min 30 s\nup to 3.0 GB", "no run of that batch"


@pytest.mark.parametrize(
    "changes",
    [
        {"threads": 1}, {"threads_chosen": True}, {"processes": 2}, {"device": "cuda:0"},
        {"spec": PRESETS["resnet20"].spec}, {"recipe": Recipe(epochs=2, batch_size=32, mixup=0.2)},
        {"data": info_of("x").data},
    ],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_runs_that_computed_otherwise_say_nothing_of_the_time(home: Path, changes: dict[str, Any]) -> None:
    recipe, known = Recipe(epochs=20, batch_size=32, lr=0.01, seed=7), KNOWN["digits"]
    fit = Fit(known.shape, known.classes, known.train_images, known.test_images)
    wanted = Wanted(PRESETS["digits-resnet"].spec, recipe, fit, "cpu", 2)
    finished("same", 20.0)
    finished("slower", 40.0)
    rows = [RunRow.of(summarise(path)) for path in run_folders()]
    found = earlier_pace(rows, wanted)
    assert found is not None
    assert found.seconds == pytest.approx(300.0)
    assert found.runs == ("slower", "same")
    other = RunRow.of(summarise(finished("other", 20.0, **changes)))
    assert earlier_pace([other], wanted) is None
    elsewhere = RunRow.of(summarise(finished("moved", 20.0)))
    elsewhere.folder = home / "elsewhere"
    rows[0].recorded, rows[1].status = True, "stopped"
    assert earlier_pace([elsewhere, *rows], wanted) is None


def test_a_run_that_gave_up_threads_is_the_most_that_one_alone_is_said_to_take(
    qtbot: QtBot, open_page: Opener, session: Session
) -> None:
    session.choose_preset(PRESETS["digits-resnet"])
    gave_up = (ThreadChange(first=5, threads=1, why="busy"),)
    finished("slow", 90.0, thread_changes=gave_up)
    finished("mine", 24.0, thread_changes=gave_up)
    page = open_page()
    set_field(page.form, "batch_size", 32)
    set_field(page.form, "epochs", 20)
    job = question(qtbot, page, Estimate)
    measured = TrainingEstimated(job.job, 750.0, 0.1, 3 * 10**9, 10**10, "cpu", busy=True, threads=2)
    page._engines.answered.emit(job, measured)
    note = page.form.note
    assert note.text() == "about 4 min 00 s, as an earlier run took on the busy computer\nup to 3.0 GB"
    assert note.toolTip().endswith("By mine; a few steps just now say 12 min 30 s.")
    page.setup._cost.show_estimate(msgspec.structs.replace(measured, seconds=150.0))
    assert note.text() == "busy now; alone about 2 min 30 s\nup to 3.0 GB"
    assert note.toolTip().endswith("mine took 4 min 00 s on the busy computer.")


def test_a_run_that_had_the_computer_to_itself_is_a_better_measure_than_one_that_gave_up_threads(home: Path) -> None:
    known = KNOWN["digits"]
    fit = Fit(known.shape, known.classes, known.train_images, known.test_images)
    wanted = Wanted(PRESETS["digits-resnet"].spec, Recipe(epochs=20, batch_size=32), fit, "cpu", 2)
    finished("alone", 20.0)
    finished("kept off", 40.0, thread_changes=(ThreadChange(first=5, threads=1, why="busy"),))
    found = earlier_pace([RunRow.of(summarise(path)) for path in run_folders()], wanted)
    assert found is not None
    assert (found.runs, found.busy) == (("alone",), False)


def test_a_real_run_of_the_digits_is_known_by_what_the_form_knows_of_them(trained_run: Path) -> None:
    row, known = RunRow.of(summarise(copy_run(trained_run))), KNOWN["digits"]
    assert row.info is not None
    fit = Fit(known.shape, known.classes, known.train_images, known.test_images, known=True)
    row.info = msgspec.structs.replace(row.info, threads_chosen=False)
    wanted = Wanted(row.spec, msgspec.structs.replace(row.recipe, lr=0.5), fit, row.info.device, row.info.threads)
    found = earlier_pace([row], wanted)
    assert found is not None
    assert found.seconds == pytest.approx(row.seconds)


def test_a_design_that_was_edited_on_another_page_is_taken_over_before_the_form_is_seen(
    open_page: Opener, session: Session
) -> None:
    page = open_page()
    page.hide()
    session.choose_preset(PRESETS["resnet110"])
    following = page.setup._following, page.fitting._following
    assert [each.pending for each in following] == [True, True]
    page.show()
    assert [each.pending for each in following] == [False, False]
    fit = page.setup.fit
    assert fit is not None
    expected = totals(plan(evolve(PRESETS["resnet110"].spec, classes=fit.classes)))
    assert page.setup._cost.params == expected.cost.params
