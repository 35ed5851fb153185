"""Orders of the wrong ones, selections, and label errors that were planted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from resnet_gui.evaluation.answers import Answers
from resnet_gui.evaluation.label_errors import label_errors
from resnet_gui.evaluation.mistakes import ORDERS, mistakes
from resnet_gui.evaluation.selection import ALL, Selection
from tests.conftest import examples
from tests.evaluation.made_answers import drawn_answers, log_softmax, made_answers, seeded_answers


@given(drawn_answers)
@examples(20)
def test_the_wrong_ones_are_in_their_order(answers: Answers) -> None:
    wrong = [number for number in range(len(answers)) if answers.answer[number] != answers.truth[number]]
    keys = {
        "confidence": lambda number: -answers.confidence[number],
        "loss": lambda number: -answers.loss[number],
        "class": lambda number: (answers.truth[number], answers.answer[number], -answers.confidence[number]),
    }
    for order, key in keys.items():
        assert mistakes(answers, order).tolist() == sorted(wrong, key=key)  # type: ignore[arg-type]
    assert set(ORDERS) == {*keys, "label"}


def plain_label_errors(answers: Answers) -> dict[int, int]:
    """Picture -> the class that it is counted to instead of its label, by Northcutt's equations 1 and 2 in loops."""
    likely = np.exp(answers.scores)
    thresholds = {
        int(number): np.float32(np.mean([float(np.exp(np.float64(row[number]))) for row, label in
                                         zip(answers.scores, answers.truth, strict=True) if label == number]))
        for number in np.unique(answers.truth)
    }  # fmt: skip
    found = {}
    for number, row in enumerate(likely):
        reached = [each for each, threshold in thresholds.items() if row[each] >= threshold]
        if reached and (best := max(reached, key=lambda each: row[each])) != answers.truth[number]:
            found[number] = best
    return found


@given(drawn_answers)
@examples(20)
def test_label_errors_are_those_off_the_diagonal_of_the_confident_joint(answers: Answers) -> None:
    found = answers.suspects
    assert dict(zip(found.numbers.tolist(), found.suggested.tolist(), strict=True)) == plain_label_errors(answers)
    likely = np.exp(answers.scores)
    for number, margin in zip(found.numbers.tolist(), found.margin.tolist(), strict=True):
        label = answers.truth[number]
        others = [likely[number, each] for each in range(answers.classes) if each != label]
        assert margin == pytest.approx(likely[number, label] - max(others), abs=1e-6)
    assert (np.diff(found.margin) >= 0).all()


def test_the_margin_is_to_the_likeliest_other_class_also_where_another_is_suggested() -> None:
    # Class 1 is likelier for the last picture, but class 2 alone reaches its threshold.
    likely = np.array([[0.9, 0.05, 0.05], [0.05, 0.9, 0.05], [0.6, 0.1, 0.3], [0.25, 0.4, 0.35]], dtype=np.float32)
    found = label_errors(np.log(likely), np.array([0, 1, 2, 0], dtype=np.int32))
    assert (found.numbers.tolist(), found.suggested.tolist()) == ([2, 3], [0, 2])
    assert found.margin.tolist() == pytest.approx([-0.3, -0.15])


def test_labels_that_were_exchanged_are_found_and_are_first() -> None:
    answers = seeded_answers(5, 400, 4, sharpness=1.5, right=4.0)
    labels = answers.truth.copy()
    exchanged = np.arange(0, 400, 25)
    labels[exchanged] = (labels[exchanged] + 1) % 4
    found = label_errors(answers.scores, labels)
    first = found.numbers[: len(exchanged)].tolist()
    assert len(set(first) & set(exchanged.tolist())) >= 14
    suggested = dict(zip(found.numbers.tolist(), found.suggested.tolist(), strict=True))
    assert sum(suggested.get(number) == answers.truth[number] for number in exchanged.tolist()) >= 14


def test_equal_probabilities_everywhere_make_no_label_of_the_first_class_suspect() -> None:
    truth = np.array([0, 0, 0], dtype=np.int32)
    assert len(label_errors(log_softmax(np.zeros((3, 4))), truth).numbers) == 0


@pytest.fixture(scope="module")
def answers() -> Answers:
    # truth  0 0 0 1 1 2, answer 0 1 1 1 0 2
    outputs = np.eye(3)[[0, 1, 1, 1, 0, 2]] * np.array([[1], [2], [3], [1], [1], [1]])
    return made_answers(outputs, [0, 0, 0, 1, 1, 2])


@pytest.mark.parametrize(
    ("selection", "pictures", "words"),
    [
        (ALL, [0, 1, 2, 3, 4, 5], ""),
        (Selection(truth=0, answer=1), [1, 2], "class 0 taken for class 1"),
        (Selection(truth=0, answer=0), [0], "class 0 answered rightly"),
        (Selection(truth=1), [3, 4], "class 1"),
        (Selection(answer=1), [1, 2, 3], "answered class 1"),
        (Selection(numbers=(5, 1, 0)), [0, 1, 5], "3 picked out"),
        (Selection(truth=0, numbers=(5, 1, 0)), [0, 1], "class 0, 3 picked out"),
        (Selection(numbers=()), [], "0 picked out"),
        (Selection(numbers=(-1, 99, 2)), [2], "3 picked out"),
    ],
)
def test_a_selection_has_its_pictures_and_its_words(
    answers: Answers, selection: Selection, pictures: list[int], words: str
) -> None:
    assert selection.pictures(answers).tolist() == pictures
    assert selection.words(answers) == words
    assert selection.is_all == (selection == ALL)


def test_the_gallery_of_a_selection_has_its_wrong_ones_and_of_a_right_cell_its_right_ones(answers: Answers) -> None:
    assert mistakes(answers, "confidence").tolist() == [2, 1, 4]
    assert mistakes(answers, "confidence", Selection(truth=0)).tolist() == [2, 1]
    assert mistakes(answers, "confidence", Selection(truth=0, answer=0)).tolist() == [0]
    assert mistakes(answers, "confidence", Selection(numbers=(0, 2))).tolist() == [2, 0]
    assert mistakes(answers, "label", Selection(truth=2)).tolist() == []
