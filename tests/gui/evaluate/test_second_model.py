"""A second model on the Evaluate page: measured, and compared on the same pictures."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from resnet_gui.gui.evaluate.bar.bar import MEASURE
from resnet_gui.gui.evaluate.cards.card import NO_BADGE
from resnet_gui.gui.evaluate.cards.contents import DIFFERS
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.protocol.evaluation_events import EvaluationMeasured
from resnet_gui.protocol.evaluation_messages import MeasureEvaluation
from tests.gui.evaluate.evaluating import BESIDE, DATA, EvaluateDriver, answers_of, kept
from tests.gui.evaluate.measured_folders import make_answers


def test_a_second_model_is_compared_on_the_same_pictures_and_says_who_is_right_where(
    qtbot: QtBot, theme: Theme, home: Path
) -> None:
    kept()
    answers = make_answers()
    wrong = answers.answer.copy()
    wrong[:30] = (answers.truth[:30] + 1) % 3
    kept(answers_of(wrong, 3), model=BESIDE)
    driver = EvaluateDriver(qtbot, theme)
    page = driver.page
    page.question.choose_other(BESIDE)
    against = driver.card(5)
    assert against.title == "Against beside"
    assert (against.number, against.badge) == ("+45.0", DIFFERS)
    assert "McNemar" in against.tip
    menu = page.comparison.menu(page)
    words = {action.text().partition(":")[0]: action for action in menu.actions() if action.text()}
    words["Only ResNet-20 is right"].trigger()
    driver.turn()
    assert page.state.selection.numbers == tuple(number for number in range(30) if number % 10)
    assert len(page.gallery.pictures.numbers) == 27
    driver.close()


def test_a_model_beside_itself_gives_the_same_answers(qtbot: QtBot, theme: Theme, home: Path) -> None:
    kept()
    kept(model=BESIDE)
    driver = EvaluateDriver(qtbot, theme)
    driver.page.question.choose_other(BESIDE)
    card = driver.card(5)
    assert (card.number, card.below, card.badge) == ("0.0", "the same answers", NO_BADGE)
    driver.close()


def test_a_second_model_that_was_not_measured_is_measured_alone(shown: EvaluateDriver) -> None:
    page = shown.page
    page.question.choose_other(BESIDE)
    shown.turn()
    assert page.bar.measure.text() == MEASURE
    page.bar.measure.click()
    (asked,) = shown.asked(MeasureEvaluation)
    assert (asked.model_request.model, asked.data) == (BESIDE, DATA)


def test_measure_again_asks_for_both_models_one_after_the_other(qtbot: QtBot, theme: Theme, home: Path) -> None:
    first, second = kept(), kept(model=BESIDE)
    driver = EvaluateDriver(qtbot, theme)
    driver.page.question.choose_other(BESIDE)
    driver.turn()
    driver.page.bar.measure.click()
    (asked,) = driver.asked(MeasureEvaluation)
    assert asked.again
    driver.answer(EvaluationMeasured(asked.job, str(first.folder)))
    asked, other = driver.asked(MeasureEvaluation)
    assert (other.model_request.model, other.again) == (BESIDE, True)
    driver.answer(EvaluationMeasured(other.job, str(second.folder)))
    assert not driver.page.measuring.busy
    driver.close()
