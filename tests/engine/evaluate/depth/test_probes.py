"""Linear probes on the halves of an evaluation, against scikit-learn's ridge classifier."""

from __future__ import annotations

import numpy as np
import pytest

from resnet_gui.engine.evaluate.depth.probes import probe_accuracy, probe_halves
from resnet_gui.evaluation.intervals import wilson

PICTURES = 90
RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.choice([2, 5, 700], PICTURES).astype(np.int32)
FEATURES = (RANDOM.normal(size=(PICTURES, 6)) + (TRUTH[:, None] == [2, 5, 700, 0, 0, 0]) * 1.2 + 4).astype(np.float32)


def test_a_probe_is_scikit_learns_ridge_classifier_of_one_half_tested_with_the_other() -> None:
    from sklearn.linear_model import RidgeClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    halves = probe_halves(TRUTH)
    learnt = halves.learnt
    model = make_pipeline(StandardScaler(), RidgeClassifier(alpha=halves.split.ridge * int(learnt.sum())))
    model.fit(FEATURES[learnt].astype(np.float64), TRUTH[learnt])
    right = int((model.predict(FEATURES[~learnt].astype(np.float64)) == TRUTH[~learnt]).sum())
    found = probe_accuracy(FEATURES, halves)
    assert found == wilson(right, PICTURES - int(learnt.sum()))
    assert 1 / 3 < found.value < 1


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
    assert found.count == int((halves.truth[~halves.learnt] == commonest).sum())
