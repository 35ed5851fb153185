"""The confusion matrix beside scikit-learn's, and its order beside SciPy's clusters."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from resnet_gui.evaluation.answers import Answers
from resnet_gui.evaluation.confusion import ConfusedPair, Counts, most_confused, normalised, order_by_confusion
from tests.conftest import examples
from tests.evaluation.made_answers import drawn_answers


@given(drawn_answers)
@examples(20)
def test_counts_and_shares_are_scikit_learns(answers: Answers) -> None:
    from sklearn.metrics import confusion_matrix

    labels = range(answers.classes)
    if answers.classes == 1:  # of which scikit-learn warns
        assert answers.counts.tolist() == [[len(answers)]]
        return
    assert np.array_equal(answers.counts, confusion_matrix(answers.truth, answers.answer, labels=labels))
    for ours, theirs in (("rows", "true"), ("columns", "pred")):
        shares = confusion_matrix(answers.truth, answers.answer, labels=labels, normalize=theirs)
        # scikit-learn writes 0 where there is nothing to share.
        assert np.nan_to_num(normalised(answers.counts, ours)) == pytest.approx(shares)  # type: ignore[arg-type]


def test_a_row_without_pictures_has_no_shares() -> None:
    counts = np.array([[2, 1], [0, 0]])
    assert np.isnan(normalised(counts, "rows")[1]).all()
    assert normalised(counts, "counts").tolist() == [[2, 1], [0, 0]]


def test_the_most_confused_pairs_come_first_and_equal_ones_by_number() -> None:
    counts = np.array([[5, 3, 0], [3, 9, 1], [7, 0, 0]])
    assert most_confused(counts, 3) == (ConfusedPair(2, 0, 7, 7), ConfusedPair(0, 1, 3, 8), ConfusedPair(1, 0, 3, 13))
    assert most_confused(np.diag([4, 4]), 3) == ()


def planted(groups: list[list[int]], between: int) -> Counts:
    """Counts in which the classes of a group are taken for each other."""
    classes = sum(map(len, groups))
    counts = np.full((classes, classes), between, dtype=np.int64)
    for group in groups:
        counts[np.ix_(group, group)] = 10
    np.fill_diagonal(counts, 100)
    return counts


def test_classes_that_are_taken_for_each_other_lie_together() -> None:
    groups = [[0, 7, 3], [1, 9], [2, 4, 5, 8], [6]]
    for between in (0, 1):
        order = order_by_confusion(planted(groups, between)).tolist()
        assert sorted(order) == list(range(10))
        places = [sorted(order.index(number) for number in group) for group in groups]
        assert all(place[-1] - place[0] == len(place) - 1 for place in places)


def test_a_chain_of_classes_lies_in_its_order() -> None:
    chain = [4, 1, 5, 0, 3, 2]
    counts = np.diag([50] * 6)
    for number, (one, other) in enumerate(itertools.pairwise(chain)):
        counts[one, other] = counts[other, one] = 9 - number
    assert order_by_confusion(counts).tolist() in (chain, chain[::-1])


def test_classes_that_are_never_confused_stay_in_their_order() -> None:
    assert order_by_confusion(np.diag([3, 0, 2])).tolist() == [0, 1, 2]
    assert order_by_confusion(np.array([[5]])).tolist() == [0]


def average_clusters(counts: Counts) -> list[set[int]]:
    """The clusters of SciPy's average linkage whose classes are confused at all."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    shares: NDArray[np.float64] = counts / counts.sum(axis=1, keepdims=True)
    distance = 2 - (shares + shares.T)
    np.fill_diagonal(distance, 0)
    clusters: list[set[int]] = [{number} for number in range(len(counts))]
    for one, other, apart, _ in linkage(squareform(distance), "average"):
        clusters.append(clusters[int(one)] | clusters[int(other)] if apart < 2 - 1e-9 else set())
    return clusters[len(counts) :]


@given(st.integers(0, 2**31), st.integers(2, 25))
@examples(10)
def test_each_of_scipys_clusters_lies_together(seed: int, classes: int) -> None:
    counts = np.random.RandomState(seed).randint(1, 10**6, (classes, classes))
    order = order_by_confusion(counts).tolist()
    assert sorted(order) == list(range(classes))
    for cluster in average_clusters(counts):
        places = sorted(order.index(number) for number in cluster)
        assert not places or places[-1] - places[0] == len(places) - 1
