"""Linear probes on the halves of an evaluation, against scikit-learn's ridge classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from resnet_gui.engine.evaluate.depth.probes import RIDGES, probe_accuracy, probe_halves
from resnet_gui.evaluation.intervals import wilson

Rows = tuple[NDArray[np.floating[Any]], NDArray[np.integer[Any]]]
PICTURES = 90
RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.choice([2, 5, 700], PICTURES).astype(np.int32)
FEATURES = (RANDOM.normal(size=(PICTURES, 6)) + (TRUTH[:, None] == [2, 5, 700, 0, 0, 0]) * 1.2 + 4).astype(np.float32)


def scikit_learns_right(ridge: float, learnt: Rows, tested: Rows) -> int:
    """Tested pictures that scikit-learn's classifier of the learnt ones names rightly."""
    from sklearn.linear_model import RidgeClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), RidgeClassifier(alpha=ridge * len(learnt[1]))).fit(*learnt)
    return int((model.predict(tested[0]) == tested[1]).sum())


@pytest.mark.parametrize("channels", [6, 45])
def test_a_probe_is_scikit_learns_of_one_half_tested_with_the_other_its_penalty_from_a_fifth(
    channels: int,
) -> None:
    features = np.concatenate([FEATURES, RANDOM.normal(size=(PICTURES, channels - 6)).astype(np.float32)], axis=1)
    halves = probe_halves(TRUTH)
    learnt = (features[halves.learnt].astype(np.float64), TRUTH[halves.learnt])
    tested = (features[~halves.learnt].astype(np.float64), TRUTH[~halves.learnt])
    fifth = np.isin(np.arange(len(learnt[1])), learnt[1].argsort(kind="stable")[::5])
    parts = [(learnt[0][rows], learnt[1][rows]) for rows in (~fifth, fifth)]
    right = [scikit_learns_right(ridge, parts[0], parts[1]) for ridge in RIDGES]
    found = probe_accuracy(features, halves)
    assert found is not None
    assert found.ridge == RIDGES[int(np.argmax(right))]
    assert found.share == wilson(scikit_learns_right(found.ridge, learnt, tested), len(tested[1]))
    assert 1 / 3 < found.share.value < 1


def test_as_many_channels_as_pictures_do_not_make_a_probe_fail() -> None:
    """With the Lab's penalty for all it would name a third fewer: what it learns by heart is noise."""
    random = np.random.default_rng(4)
    truth = random.integers(0, 4, 400)
    features = (random.normal(size=(400, 200)) + np.eye(4, 200)[truth] * 2.5).astype(np.float32)
    halves = probe_halves(truth)
    found = probe_accuracy(features, halves)
    assert found is not None
    learnt, tested = ((features[rows], truth[rows]) for rows in (halves.learnt, ~halves.learnt))
    assert found.share.count > 1.3 * scikit_learns_right(RIDGES[0], learnt, tested)


def test_the_halves_are_stated_and_even_in_every_class() -> None:
    halves = probe_halves(TRUTH)
    split = halves.split
    assert (split.learnt, split.tested) == (int(halves.learnt.sum()), int((~halves.learnt).sum()))
    assert split.learnt + split.tested == PICTURES
    assert (split.classes, split.classes_in_both) == (3, 3)
    for number in (2, 5, 700):
        each = halves.learnt[number == TRUTH]
        assert abs(2 * int(each.sum()) - len(each)) <= 1
    assert probe_halves(np.array([3, 3, 3, 4])).split.classes_in_both == 1


@pytest.mark.parametrize("count", [0, 1])
def test_without_a_picture_to_learn_from_or_to_test_with_there_is_no_probe(count: int) -> None:
    assert probe_accuracy(FEATURES[:count], probe_halves(TRUTH[:count])) is None


def test_features_that_are_no_numbers_have_no_probe_and_those_that_do_not_vary_know_nothing() -> None:
    halves = probe_halves(TRUTH)
    odd = FEATURES.copy()
    odd[7, 1] = np.nan
    assert probe_accuracy(odd, halves) is None
    found = probe_accuracy(np.ones_like(FEATURES), halves)
    assert found is not None
    commonest = np.bincount(halves.truth[halves.learnt]).argmax()
    assert found.share.count == int((halves.truth[~halves.learnt] == commonest).sum())
