"""The Evaluate page: what is found again, measured, failed; its layout; one selection for all panels."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QRect, Qt
from pytestqt.qtbot import QtBot

from resnet_gui.base.file_states import file_state
from resnet_gui.base.files import runs_folder
from resnet_gui.data.labels import CIFAR10
from resnet_gui.data.weights_catalogue import SHIPPED
from resnet_gui.evaluation.calibrations import calibration_of, find_calibration, keep_calibration, key_of
from resnet_gui.evaluation.intervals import wilson
from resnet_gui.evaluation.record import ModelIdentity
from resnet_gui.evaluation.selection import Selection
from resnet_gui.gui.evaluate.bar.bar import AGAIN, MEASURE, STOP
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.settings import Settings
from resnet_gui.protocol.evaluation_events import EvaluationCounted, EvaluationMeasured, PictureFile
from resnet_gui.protocol.evaluation_messages import MeasureEvaluation, PrepareEvaluated
from resnet_gui.protocol.events import Failed
from resnet_gui.protocol.jobs import ModelRequest
from resnet_gui.runs.folder import BEST_FILE, LAST_FILE
from tests.gui.evaluate.evaluating import BESIDE, DATA, EvaluateDriver, answers_of, kept
from tests.gui.evaluate.measured_folders import make_answers
from tests.gui.train.test_control import finished_run


def test_an_evaluation_is_found_again_without_asking_the_engine_to_measure(shown: EvaluateDriver) -> None:
    share = wilson(54, 60)
    top1, top5, _, _, hardest, against = (shown.card(number) for number in range(6))
    assert (top1.number, top1.unit) == ("90.0", "%")
    assert top1.below == f"{100 * share.low:.1f} to {100 * share.high:.1f}, 95 % interval"
    assert top5.number == "–"  # three classes are always among five
    assert (hardest.number, hardest.unit) == ("90.0", "% of cat")
    assert hardest.below == "2 of 20 taken for dog"
    assert against.number == "–"
    assert shown.asked(MeasureEvaluation) == []
    assert shown.page.bar.measure.text() == AGAIN
    assert shown.page.area.isVisible()


def test_what_was_never_measured_is_a_sentence_and_one_button_which_asks(empty: EvaluateDriver) -> None:
    page = empty.page
    assert all(empty.card(number).number == "–" for number in range(6))
    assert page.invitation.isVisible()
    assert page.invitation.act.text() == MEASURE
    assert DATA in page.invitation.sentence.text()
    page.invitation.act.click()
    (asked,) = empty.asked(MeasureEvaluation)
    assert (asked.model_request.model, asked.data, asked.again) == (SHIPPED, DATA, False)


def test_cards_count_up_with_their_interval_until_it_is_measured(empty: EvaluateDriver) -> None:
    page = empty.page
    page.bar.measure.click()
    (asked,) = empty.asked(MeasureEvaluation)
    empty.answer(EvaluationCounted(job=asked.job, done=100, total=400, correct=80, near=95, images_per_second=50.0))
    share = wilson(80, 100)
    assert empty.card(0).number == "80.0"
    assert empty.card(0).below.startswith(f"{100 * share.low:.1f} to {100 * share.high:.1f}")
    assert empty.card(1).number == "95.0"
    assert empty.card(3).below == "100 of 400 pictures"
    assert (page.progress.value(), page.progress.maximum()) == (100, 400)
    assert page.bar.measure.text() == STOP
    evaluation = kept()
    empty.answer(EvaluationMeasured(asked.job, str(evaluation.folder)))
    assert empty.card(0).number == "90.0"
    assert not page.progress.isVisible()
    assert page.state.folder == evaluation.folder


def test_a_measurement_that_is_stopped_leaves_the_page_as_it_was(empty: EvaluateDriver) -> None:
    empty.page.bar.measure.click()
    (asked,) = empty.asked(MeasureEvaluation)
    empty.answer(EvaluationCounted(job=asked.job, done=10, total=400, correct=8, near=9))
    empty.page.bar.measure.click()
    empty.turn()
    assert not empty.page.measuring.busy
    assert empty.card(0).number == "–"
    assert empty.page.invitation.isVisible()


def test_a_cell_is_one_selection_of_all_panels_and_escape_takes_it_back(shown: EvaluateDriver) -> None:
    page = shown.page
    place = page.matrix.matrix.box(0, 1).center().toPoint()
    shown.qtbot.mouseClick(page.matrix.matrix, Qt.MouseButton.LeftButton, pos=place)
    shown.turn()
    assert page.state.selection == Selection(truth=0, answer=1)
    rows = page.classes.table.selectionModel().selectedRows()
    assert [page.classes.classes.figures(row.row()).label for row in rows] == ["cat"]
    assert page.gallery.pictures.numbers.tolist() == [0, 10]
    assert page.gallery.filter.currentText() == "cat taken for dog"
    shown.press(page.matrix.matrix, Qt.Key.Key_Escape)
    assert page.state.selection.is_all
    assert len(page.gallery.pictures.numbers) == 6
    assert page.classes.table.selectionModel().selectedRows() == []


def test_a_class_of_the_table_or_of_the_filter_selects_its_pictures(shown: EvaluateDriver) -> None:
    page = shown.page
    row = page.classes.classes.row_of(1)
    shown.qtbot.mouseClick(
        page.classes.table.viewport(), Qt.MouseButton.LeftButton,
        pos=page.classes.table.visualRect(page.classes.classes.index(row, 0)).center(),
    )  # fmt: skip
    shown.turn()
    assert page.state.selection == Selection(truth=1)
    assert page.gallery.pictures.numbers.tolist() == [20, 30]
    page.gallery.filter.setCurrentIndex(page.gallery.filter.findData(2))
    page.gallery.filter.activated.emit(page.gallery.filter.currentIndex())
    assert page.state.selection == Selection(truth=2)


def test_predict_uses_the_fitted_temperature_when_asked_and_the_switch_remembers_it(shown: EvaluateDriver) -> None:
    page = shown.page
    assert page.state.evaluation is not None
    key = key_of(page.state.evaluation.record)
    assert not page.reliability.use.isChecked()
    page.reliability.use.click()
    found = find_calibration(key)
    assert found is not None
    fitted = page.reliability.fitted
    assert fitted is not None
    assert found.temperature == fitted.value
    assert shown.said[-1].startswith("Predict uses T = ")
    page.question.choose_data(DATA)
    assert page.reliability.use.isChecked()
    page.reliability.use.click()
    assert find_calibration(key) is None


def test_a_picture_of_the_gallery_is_opened_in_predict_with_its_model(shown: EvaluateDriver) -> None:
    gallery = shown.page.gallery.gallery
    first = gallery.visualRect(shown.page.gallery.pictures.index(0)).center()
    shown.qtbot.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=first)
    (asked,) = shown.asked(PrepareEvaluated)
    assert asked.number == int(shown.page.gallery.pictures.numbers[0])
    shown.answer(PictureFile(asked.job, asked.number, "/somewhere/7.png"))
    assert shown.opened == [(SHIPPED, Path("/somewhere/7.png"))]


def test_what_is_dropped_on_the_page_is_the_model_or_the_data(shown: EvaluateDriver, tmp_path: Path) -> None:
    page = shown.page
    (tmp_path / "photos").mkdir()
    page.take_files([tmp_path / "photos"])
    assert page.question.data == str(tmp_path / "photos")
    assert page.state.answers is None
    page.take_files([tmp_path / "net.pth"])
    assert page.question.model is not None
    assert page.question.model.model == str(tmp_path / "net.pth")
    assert page.takes_files([tmp_path / "photos"])
    assert page.takes_files([tmp_path / "net.pth"])
    for other in (tmp_path / "a.png", tmp_path / "design.json"):
        assert not page.takes_files([other])
    page.take_files([tmp_path / "photos", tmp_path / "net.pth"])
    assert shown.said[-1].startswith("2 files were dropped; drop one model")
    assert page.question.model.model == str(tmp_path / "net.pth")


@pytest.mark.parametrize(("words", "taken"), [("dog dog dog\nbad lines\n", False), ("a.png cat\n", True)])
def test_a_text_file_is_data_if_it_names_pictures_beside_it(
    shown: EvaluateDriver, tmp_path: Path, words: str, taken: bool
) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / "list.txt").write_text(words, encoding="utf-8")
    assert shown.page.takes_files([tmp_path / "list.txt"])
    shown.page.take_files([tmp_path / "list.txt"])
    assert (shown.page.question.data == str(tmp_path / "list.txt")) == taken
    assert ("is the data now" if taken else "is no table of pictures") in shown.said[-1]


def test_a_folder_of_an_evaluation_shows_that_evaluation_and_what_it_is_of(
    empty: EvaluateDriver, tmp_path: Path
) -> None:
    first = kept(model=BESIDE, data="elsewhere")
    kept(answers_of(make_answers().truth, 3), model=BESIDE, data="elsewhere")
    empty.page.open_evaluation(first.folder)
    empty.turn()
    assert empty.page.state.folder == first.folder
    assert empty.page.question.model == ModelRequest(model=BESIDE)
    assert empty.page.question.data == "elsewhere"
    assert empty.page.bar.measure.text() == AGAIN


def test_the_gallery_is_as_sure_as_the_slider_says(shown: EvaluateDriver) -> None:
    page, answers = shown.page, shown.page.state.answers
    assert answers is not None
    page.state.set_temperature(4.0)
    shown.turn()
    tile = page.gallery.pictures.tile(0)
    assert tile is not None
    assert tile.badge == f"{100 * answers.confidence_at(4.0)[tile.number]:.1f} %"
    assert "at temperature 4.00" in tile.tip


def test_calibration_says_both_errors_of_the_same_half(shown: EvaluateDriver) -> None:
    fitted = shown.page.reliability.fitted
    assert fitted is not None
    both = f"{100 * fitted.ece_before:.1f} to {100 * fitted.ece_after:.1f} %"
    assert shown.card(2).below == f"one half: {both} at T {fitted.value:.2f}"


def test_a_temperature_of_another_evaluation_is_named_and_not_removed(shown: EvaluateDriver) -> None:
    page = shown.page
    assert page.state.evaluation is not None
    found = calibration_of(page.state.evaluation.record)
    assert found is not None
    other = msgspec.structs.replace(found, temperature=1.91, data="other pictures")
    keep_calibration(other)
    page.exports.show_use(page.reliability)
    assert not page.reliability.use.isChecked()
    assert "T 1.91" in page.reliability.use.text()
    page.exports.use_temperature(False)
    assert find_calibration(found.key) == other


def test_choices_are_remembered_for_the_next_time(shown: EvaluateDriver, tmp_path: Path) -> None:
    page, settings = shown.page, shown.settings
    page.question.choose_data(str(tmp_path))
    page.question.choose_other(BESIDE)
    assert (settings.evaluated, settings.evaluated_beside, settings.evaluated_data) == (SHIPPED, BESIDE, str(tmp_path))
    assert settings.evaluated_recent[0] == str(tmp_path)


@pytest.mark.parametrize(("width", "height", "columns"), [(1380, 828, 4), (1040, 648, 2)])
def test_no_panel_covers_another_at_either_size(shown: EvaluateDriver, width: int, height: int, columns: int) -> None:
    page = shown.page
    page.resize(width, height)
    shown.turn()
    assert page.width() == width
    panels = [page.matrix, page.classes, page.reliability, page.gallery, page.by_depth, page.robustness]
    boxes = [QRect(panel.geometry()) for panel in panels]
    for number, box in enumerate(boxes):
        assert box.left() >= 0
        assert box.right() < page.scroll_area.viewport().width()
        assert not any(box.intersects(other) for other in boxes[:number])
    assert len({box.left() for box in boxes[:4]}) == columns
    cards = {card.geometry().top() for card in page.cards.cards}
    assert len(cards) == (1 if columns == 4 else 2)


def test_a_failure_is_said_and_what_there_was_can_be_measured_once_more(empty: EvaluateDriver) -> None:
    empty.page.bar.measure.click()
    (asked,) = empty.asked(MeasureEvaluation)
    empty.answer(Failed(asked.job, "The file is damaged; copy it again."))
    assert empty.page.banner.text.text() == "The file is damaged; copy it again."
    assert not empty.page.banner.action.isVisible()
    assert not empty.page.progress.isVisible()
    empty.page.bar.measure.click()
    assert not empty.page.banner.isVisible()
    _, asked = empty.asked(MeasureEvaluation)
    empty.answer(Failed(asked.job, "The file is damaged; copy it again."))
    empty.page.hide()
    assert empty.page.banner.isHidden(), "it is of what was asked for then"


def test_a_run_offers_its_best_and_its_last_weights_and_each_is_a_model_of_its_own(
    qtbot: QtBot, theme: Theme, home: Path
) -> None:
    run = finished_run("mine")
    for name in (BEST_FILE, LAST_FILE):
        (run / name).write_bytes(b"weights")
    settings = Settings(evaluated=str(run), evaluated_data=DATA)
    driver = EvaluateDriver(qtbot, theme, settings=settings)
    weights = driver.page.bar.weights
    assert [weights.itemText(row) for row in range(weights.count())] == ["best, 2/2", "last, 2/2"]
    assert driver.page.bar.model.currentText() == "mine, a run"
    for wide in (1380, 1040):
        driver.page.resize(wide, 828)
        driver.turn()
        # Less than this around the text, and the style cuts it.
        needed = weights.fontMetrics().horizontalAdvance("best, 2/2") + 48
        assert weights.width() >= needed, "the epoch is what tells them apart"
        assert driver.page.bar.other.currentText() == "none"
    weights.setCurrentIndex(1)
    weights.activated.emit(1)
    driver.page.bar.measure.click()
    (asked,) = driver.asked(MeasureEvaluation)
    assert asked.model_request.weights == "last"
    driver.close()


@pytest.mark.parametrize("changed", ["weights", "data"])
def test_an_evaluation_of_weights_or_data_that_have_changed_since_is_not_shown(
    qtbot: QtBot, theme: Theme, home: Path, changed: str
) -> None:
    run = finished_run("mine")
    (run / BEST_FILE).write_bytes(b"older weights")
    state = file_state(run / BEST_FILE)
    model = ModelIdentity(name="mine", path=str(run), file=str(run / BEST_FILE), state=state)
    data = home / "data"
    data.mkdir()
    kept(model=str(run), identity=model, places={str(data): file_state(data)})
    driver = EvaluateDriver(qtbot, theme, settings=Settings(evaluated=str(run), evaluated_data=DATA))
    assert driver.page.state.answers is not None
    if changed == "data":
        (data / "new.png").touch()
    else:
        (run / BEST_FILE).write_bytes(b"newer weights")
    # Not the time tells it: copies keep that of their source.
    os.utime(run / BEST_FILE, ns=(state[1], state[1]))
    driver.page.measuring.look_again()
    driver.turn()
    assert driver.page.invitation.isVisible()
    driver.close()


def test_the_page_begins_with_what_is_on_this_computer(
    qtbot: QtBot, theme: Theme, home: Path, trained_run: Path
) -> None:
    """The last own run on its own data; without one the network inside on the sample pictures."""
    for remembered in (Settings(), Settings(evaluated=SHIPPED, evaluated_data="cifar10")):
        driver = EvaluateDriver(qtbot, theme, settings=remembered)
        asked, data = driver.page.question.model, Path(driver.page.question.data)
        assert asked is not None
        assert (asked.model, data.name) == (SHIPPED, "sample-pictures.csv")
        rows = [line.split(",") for line in data.read_text().splitlines()[1:]]
        assert len(rows) == 8
        assert all((data.parent / name).is_file() and label in CIFAR10 for name, label in rows)
        assert driver.page.question.whole
        driver.close()
    run = shutil.copytree(trained_run, runs_folder() / "20260101-000000-own")
    driver = EvaluateDriver(qtbot, theme, settings=Settings())
    asked = driver.page.question.model
    assert asked is not None
    assert (asked.model, driver.page.question.data) == (str(run), "digits")
    assert driver.page.question.whole
    driver.close()
