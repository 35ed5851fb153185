"""Calibration error beside scikit-learn's curve and torchmetrics, the temperature beside SciPy's search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import optimize, special

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation.answers import Answers
from resnet_gui.evaluation.calibration import (
    TEMPERATURES,
    calibration_error,
    calibration_half,
    confidences_at,
    fit_temperature,
    reliability,
)
from tests.conftest import examples
from tests.evaluation.made_answers import drawn_answers, log_softmax, seeded_answers


@given(drawn_answers, st.sampled_from([1, 10, 15]))
@examples(20)
def test_the_reliability_diagram_is_scikit_learns_calibration_curve(answers: Answers, bins: int) -> None:
    from sklearn.calibration import calibration_curve

    found = reliability(answers.confidence, answers.correct, bins)
    # scikit-learn's bins are closed above too, and it leaves empty ones out.
    accuracy, confidence = calibration_curve(answers.correct, answers.confidence.astype(np.float64), n_bins=bins)
    assert [each for each in found.accuracy if each is not None] == pytest.approx(accuracy)
    assert [each for each in found.confidence if each is not None] == pytest.approx(confidence)
    weights = np.array([count for count in found.count if count]) / len(answers)
    assert found.error == pytest.approx(float(np.abs(accuracy - confidence) @ weights), abs=1e-12)
    assert sum(found.count) == len(answers)


def test_a_confidence_on_an_edge_is_in_the_bin_below_it() -> None:
    confidence = np.array([0.0, 0.25, 0.5, 0.75, 1.0], dtype=np.float32)
    found = reliability(confidence, np.array([True] * 5), bins=4)
    assert found.edges == (0.0, 0.25, 0.5, 0.75, 1.0)
    assert found.count == (2, 1, 1, 1)
    assert found.confidence == (0.125, 0.5, 0.75, 1.0)


@pytest.mark.prove
@pytest.mark.parametrize(("sharpness", "right"), [(0.5, 1.0), (2.0, 0.0), (3.0, 2.0), (30.0, 1.0)])
def test_the_calibration_error_is_that_of_torchmetrics(sharpness: float, right: float) -> None:
    import torch
    from torchmetrics.functional.classification import multiclass_calibration_error

    answers = seeded_answers(1, 2000, 10, sharpness=sharpness, right=right)
    # It closes bins below, and gives 1.0 a bin of its own: pictures on an edge are left out here.
    edges = np.linspace(0, 1, 16, dtype=np.float32)
    kept = ~np.isin(answers.confidence, edges)
    assert kept.sum() > 500
    theirs = multiclass_calibration_error(
        torch.from_numpy(np.exp(answers.scores[kept])), torch.from_numpy(answers.truth[kept].astype(np.int64)), 10, 15
    )
    assert calibration_error(answers.confidence[kept], answers.correct[kept]) == pytest.approx(float(theirs), abs=1e-5)


@given(drawn_answers)
@examples(15)
def test_confidences_at_a_temperature_are_those_of_scipys_softmax(answers: Answers) -> None:
    found = confidences_at(answers.scores, TEMPERATURES)
    assert found.shape == (len(TEMPERATURES), len(answers))
    for temperature, row in zip(TEMPERATURES, found, strict=True):
        theirs = special.softmax(answers.scores.astype(np.float64) / temperature, axis=1).max(axis=1)
        assert row == pytest.approx(theirs, rel=1e-5)


def test_the_grid_of_temperatures_goes_from_a_quarter_to_four_and_has_one() -> None:
    assert (TEMPERATURES[0], TEMPERATURES[-1]) == (0.25, 4.0)
    assert 1.0 in TEMPERATURES
    assert np.diff(np.log(TEMPERATURES)) == pytest.approx(np.log(2) / 8)


@pytest.mark.parametrize(("sharpness", "right"), [(1.0, 1.0), (2.5, 1.0), (0.5, 1.5)])
def test_the_temperature_is_the_one_that_scipy_finds(sharpness: float, right: float) -> None:
    answers = seeded_answers(2, 600, 6, sharpness=sharpness, right=right)
    found = fit_temperature(answers.scores, answers.truth, seed=5)
    half = calibration_half(answers.truth, 5)
    wide = answers.scores.astype(np.float64)

    def loss(temperature: float, part: NDArray[np.bool_]) -> float:
        scaled = special.log_softmax(wide[part] / temperature, axis=1)
        return float(-scaled[np.arange(len(scaled)), answers.truth[part]].mean())

    theirs = optimize.minimize_scalar(loss, args=(half,), bounds=(0.25, 4), method="bounded", options={"xatol": 1e-9})
    assert found.value == pytest.approx(theirs.x, rel=1e-5)
    assert not found.at_edge
    # What is said of it is of the other half.
    assert (found.loss_before, found.loss_after) == pytest.approx((loss(1, ~half), loss(found.value, ~half)), rel=1e-6)
    confidence = special.softmax(wide[~half] / found.value, axis=1).max(axis=1).astype(np.float32)
    assert found.ece_after == pytest.approx(calibration_error(confidence, answers.correct[~half]), abs=1e-6)
    before = calibration_error(answers.confidence[~half], answers.correct[~half])
    assert found.ece_before == pytest.approx(before, abs=1e-6)
    assert (found.pictures, found.held_out) == (half.sum(), (~half).sum())


def test_a_network_that_is_right_by_construction_is_best_as_cold_as_can_be_which_is_said() -> None:
    scores = log_softmax(np.eye(4)[[0, 1, 2, 3] * 5] * 3)
    truth = np.array([0, 1, 2, 3] * 5, dtype=np.int32)
    cold, hot = fit_temperature(scores, truth), fit_temperature(scores, (truth + 1) % 4)
    assert (cold.value, cold.at_edge) == (TEMPERATURES[0], True)
    assert (hot.value, hot.at_edge) == (TEMPERATURES[-1], True)


def test_a_temperature_is_found_also_among_probabilities_of_zero_and_one() -> None:
    with np.errstate(divide="ignore"):
        scores = np.log(np.eye(3, dtype=np.float32))[[0, 1, 2] * 4]
    truth = np.array([0, 1, 2] * 3 + [1, 1, 1], dtype=np.int32)
    found = fit_temperature(scores, truth)
    assert np.isfinite([found.value, found.loss_before, found.loss_after, found.ece_after]).all()


@given(st.integers(0, 2**31), st.integers(2, 60), st.integers(1, 7))
@examples(20)
def test_each_class_is_halved_and_the_seed_alone_says_how(seed: int, count: int, classes: int) -> None:
    truth = np.random.RandomState(seed).randint(0, classes, count).astype(np.int32)
    half = calibration_half(truth, seed)
    assert half.sum() == (count + 1) // 2
    assert all(abs(2 * half[truth == number].sum() - (truth == number).sum()) <= 1 for number in range(classes))
    assert np.array_equal(half, calibration_half(truth, seed))


def test_the_halves_of_a_seed_never_change() -> None:
    half = calibration_half(np.arange(20, dtype=np.int32) % 3, 7)
    assert np.flatnonzero(half).tolist() == [0, 5, 6, 7, 10, 12, 13, 14, 15, 17]


def test_one_picture_has_no_temperature() -> None:
    with pytest.raises(InputError, match="two are needed"):
        fit_temperature(log_softmax([[1.0, 0.0]]), np.zeros(1, dtype=np.int32))
