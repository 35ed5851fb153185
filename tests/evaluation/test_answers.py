"""The figures of answers beside scikit-learn's and beside plain loops; what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation import calibration
from resnet_gui.evaluation.answers import Answers, prepare
from resnet_gui.evaluation.calibration import SMALLEST, TEMPERATURES, confidences_at, fit_temperature
from resnet_gui.evaluation.intervals import wilson
from resnet_gui.evaluation.picture_figures import picture_figures
from tests.conftest import examples
from tests.evaluation.made_answers import class_names, drawn_answers, log_softmax, made_answers, seeded_answers


@given(drawn_answers)
@examples(20)
def test_answer_rank_and_confidence_are_those_of_a_sorted_row(answers: Answers) -> None:
    for number, row in enumerate(answers.scores):
        # The stable order is the law: of equal probabilities the first class counts as likelier.
        order = sorted(range(answers.classes), key=lambda each: -row[each])
        truth = int(answers.truth[number])
        assert answers.answer[number] == order[0]
        assert answers.rank[number] == order.index(truth)
        assert answers.confidence[number] == pytest.approx(np.exp(row[order[0]]))
        assert answers.correct[number] == (order[0] == truth)
        assert [each for each, _ in answers.likeliest(number, 3)] == order[:3]


@given(drawn_answers)
@examples(20)
def test_top_1_log_loss_and_brier_score_are_scikit_learns(answers: Answers) -> None:
    from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, top_k_accuracy_score

    likely = np.exp(answers.scores.astype(np.float64))
    likely /= likely.sum(axis=1, keepdims=True)
    labels = range(answers.classes)
    assert answers.top1.value == pytest.approx(accuracy_score(answers.truth, answers.answer))
    if answers.classes == 1:
        assert (answers.log_loss, answers.brier) == (0, 0)
        return
    theirs = brier_score_loss(answers.truth, likely, labels=labels, scale_by_half=False)
    assert answers.brier == pytest.approx(theirs, abs=1e-6)
    if answers.scores.min() > np.log(np.finfo(np.float64).eps):  # below that scikit-learn clips
        assert answers.log_loss == pytest.approx(log_loss(answers.truth, likely, labels=labels), rel=1e-5)
    if answers.classes > 5 and all(len(np.unique(row)) == answers.classes for row in answers.scores):
        assert answers.top5 is not None
        near = top_k_accuracy_score(answers.truth, answers.scores, k=5, labels=labels)
        assert answers.top5.value == pytest.approx(near)


def test_top_5_holds_the_fifth_class_and_not_the_sixth() -> None:
    assert made_answers([np.arange(8)] * 3, [4, 3, 2]).top5 == wilson(2, 3)


def test_top_5_says_nothing_of_five_classes() -> None:
    assert seeded_answers(0, 9, 5).top5 is None
    assert seeded_answers(0, 9, 6).top5 is not None


def test_a_network_that_is_right_by_construction_is_right() -> None:
    answers = made_answers(np.eye(8)[[0, 3, 5, 5]] * 1e4, [0, 3, 5, 5])
    assert (answers.top1, answers.top5) == (wilson(4, 4), wilson(4, 4))
    assert (answers.log_loss, answers.brier, answers.reliability().error) == (0, 0, 0)


def test_a_network_that_is_wrong_by_construction_is_wrong() -> None:
    answers = made_answers(np.eye(8)[[1, 4, 6, 6]] * 1e4, [0, 3, 5, 5])
    assert answers.top1 == wilson(0, 4)
    assert (answers.brier, answers.reliability().error) == (2, 1)
    assert answers.counts.sum() == 4
    assert not np.diagonal(answers.counts).any()


def test_a_probability_of_zero_for_the_truth_has_the_loss_of_the_smallest_float() -> None:
    with np.errstate(divide="ignore"):
        scores = np.log(np.array([[1, 0], [1, 0]], dtype=np.float32))
    scores[1, 1] = -3e38  # No zero, but smaller than any float32: its loss is not larger than that of 0.
    answers = Answers(scores, np.array([1, 1], dtype=np.int32), class_names(2))
    assert answers.prepared.pictures.loss.tolist() == pytest.approx([-SMALLEST] * 2)
    assert answers.log_loss == pytest.approx(-SMALLEST)
    fitted = fit_temperature(scores, answers.truth)
    # A quarter of a logarithm without end is as far off.
    assert (fitted.loss_before, fitted.loss_after) == pytest.approx((-SMALLEST, -SMALLEST))
    assert np.exp(np.float32(SMALLEST)) > 0


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.5])
def test_answers_that_are_no_probabilities_are_refused_with_the_picture(value: float) -> None:
    scores = log_softmax(np.zeros((5, 3)))
    scores[3, 1] = value
    with pytest.raises(InputError, match="about picture 3 is no set of probabilities"):
        picture_figures(scores, np.zeros(5, dtype=np.int32))


@pytest.mark.parametrize("truth", [3, -1])
def test_a_class_that_the_network_does_not_know_is_refused_with_the_picture(truth: int) -> None:
    with pytest.raises(InputError, match=f"Picture 101 is of class number {truth}, but the network has 3 classes"):
        picture_figures(log_softmax(np.zeros((2, 3))), np.array([0, truth], dtype=np.int32), first=100)


@pytest.mark.parametrize(
    ("pictures", "classes", "files", "words"),
    [(0, 2, (), "no labelled pictures"), (3, 4, (), "do not fit"), (3, 2, ("a.png",), "do not fit")],
)
def test_what_cannot_be_counted_is_refused(pictures: int, classes: int, files: tuple[str, ...], words: str) -> None:
    scores = np.zeros((pictures, 2), dtype=np.float32)
    with pytest.raises(InputError, match=words):
        Answers(scores, np.zeros(pictures, dtype=np.int32), class_names(classes), files)


def test_blocks_of_pictures_give_the_same_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = seeded_answers(3, 50, 7)
    prepared = prepare(whole.scores, whole.truth)
    monkeypatch.setattr(calibration, "BLOCK", 40)
    blocked = prepare(whole.scores, whole.truth)
    assert blocked.temperature is not None
    assert prepared.temperature is not None
    assert blocked.temperature.value == pytest.approx(prepared.temperature.value, rel=1e-7)
    assert np.array_equal(blocked.confidences, prepared.confidences)
    for ours, theirs in ((blocked.pictures, prepared.pictures), (blocked.suspects, prepared.suspects)):
        assert all(one == pytest.approx(other, rel=1e-6) for one, other in zip(ours, theirs, strict=True))


def test_a_temperature_on_the_grid_is_looked_up_and_any_other_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = seeded_answers(4, 30, 5)
    fitted = answers.temperature
    assert fitted is not None
    expected = confidences_at(answers.scores, (1.7, fitted.value, TEMPERATURES[3]))
    computed: list[tuple[float, ...]] = []

    def counted(scores: NDArray[np.float32], temperatures: tuple[float, ...]) -> NDArray[np.float32]:
        computed.append(temperatures)
        return confidences_at(scores, temperatures)

    monkeypatch.setattr("resnet_gui.evaluation.answers.confidences_at", counted)
    for temperature, row in zip((1.7, fitted.value, TEMPERATURES[3], 1.7), (*expected, expected[0]), strict=True):
        assert np.array_equal(answers.confidence_at(temperature), row)
    assert answers.confidence_at(1.0) == pytest.approx(answers.confidence)
    assert computed == [(1.7,)]


def test_a_picture_without_a_file_is_named_by_its_number() -> None:
    assert made_answers([[1, 0], [0, 1]], [0, 0], ("cats/a.png", "")).name(0) == "cats/a.png"
    assert made_answers([[1, 0], [0, 1]], [0, 0]).name(1) == "picture 1"
    assert seeded_answers(0, 1, 3).temperature is None
