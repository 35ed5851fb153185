"""Two networks on the same pictures: McNemar's test beside SciPy's, pictures matched by file."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation.answers import Answers, PictureSources
from resnet_gui.evaluation.comparison import EXACT_BELOW, Group, compare, mcnemar, paired_pictures, right_where
from resnet_gui.evaluation.intervals import paired_difference
from tests.conftest import examples
from tests.evaluation.made_answers import log_softmax, made_answers


@given(st.integers(0, 200), st.integers(0, 200))
@examples(30)
def test_mcnemars_test_is_scipys_binomial_or_chi_squared(first: int, second: int) -> None:
    p, test = mcnemar(first, second)
    if first + second < EXACT_BELOW:
        assert test == "exact binomial"
        assert p == pytest.approx(stats.binomtest(first, first + second).pvalue if first + second else 1.0)
    else:
        assert test == "chi-squared"
        statistic = max(abs(first - second) - 1, 0) ** 2 / (first + second)
        assert p == pytest.approx(stats.chi2.sf(statistic, 1), rel=1e-9)


def test_the_exact_test_of_few_is_symmetric_and_ends_where_chi_squared_begins() -> None:
    assert mcnemar(2, 9) == mcnemar(9, 2)
    assert (mcnemar(12, 12)[1], mcnemar(13, 12)[1]) == ("exact binomial", "chi-squared")


def right_on(right: list[bool], files: tuple[str, ...] = ()) -> Answers:
    """Answers about pictures of class 0, right on some of them."""
    outputs: NDArray[np.float64] = np.eye(2)[[0 if each else 1 for each in right]]
    return made_answers(outputs, [0] * len(right), files)


def test_the_table_says_who_is_right_where() -> None:
    first, second = right_on([True, True, False, False, True]), right_on([True, False, True, False, False])
    pairs = paired_pictures(first, second)
    found = compare(first, second, pairs)
    assert (found.both, found.first, found.second, found.neither, found.pictures) == (1, 2, 1, 1, 5)
    assert found.difference == paired_difference(2, 1, 5)
    assert found.difference.value == pytest.approx(first.top1.value - second.top1.value)
    where: dict[Group, list[int]] = {"both": [0], "first": [1, 4], "second": [2], "neither": [3]}
    for group, numbers in where.items():
        assert right_where(first, second, pairs, group).tolist() == numbers


def test_pictures_are_matched_by_file_and_the_others_left_out_and_said() -> None:
    first = right_on([True, False, True], ("a", "b", "c"))
    second = right_on([False, True, True, True], ("c", "x", "a", "y"))
    pairs = paired_pictures(first, second)
    assert (pairs.by, pairs.first.tolist(), pairs.second.tolist()) == ("file", [0, 2], [2, 0])
    found = compare(first, second)
    assert (found.pictures, found.both, found.first) == (2, 1, 1)
    assert found.notice == (
        "Left out of the comparison: pictures 1 that only the first has seen, 2 that only the second has seen."
    )


def test_a_file_that_is_listed_twice_is_matched_once_for_each_time() -> None:
    first = right_on([True, False, True], ("a", "b", "a"))
    pairs = paired_pictures(first, right_on([True, True, True, True], ("b", "a", "c", "a")))
    assert (pairs.first.tolist(), pairs.second.tolist()) == ([0, 1, 2], [1, 0, 3])
    pairs = paired_pictures(first, right_on([True, True], ("b", "a")))
    assert (pairs.first.tolist(), pairs.second.tolist(), pairs.first_alone) == ([0, 1], [1, 0], 1)


def test_pictures_of_a_class_that_differs_between_the_two_are_left_out_and_said() -> None:
    outputs = log_softmax(np.eye(2)[[0, 1, 1]] * 5)
    first = Answers(outputs, np.array([0, 1, 1], dtype=np.int32), ("cat", "dog"))
    # The other network has its classes in another order: 1 is its cat.
    second = Answers(outputs[:, ::-1].copy(), np.array([1, 0, 1], dtype=np.int32), ("dog", "cat"))
    pairs = paired_pictures(first, second)
    assert (pairs.by, pairs.first.tolist(), pairs.contradicting) == ("number", [0, 1], 1)
    assert compare(first, second).both == 2
    other_names = Answers(outputs, np.array([0, 1, 1], dtype=np.int32), ("0", "1"))
    assert len(paired_pictures(first, other_names).first) == 3


def in_array(right: list[bool], numbers: tuple[int, ...], data_sha: str = "set") -> Answers:
    """Answers about some pictures of a set in arrays."""
    plain = right_on(right)
    sources = plain.sources._replace(numbers=np.array(numbers), data_sha=data_sha)
    return Answers(plain.scores, plain.truth, plain.labels, sources)


def test_pictures_in_arrays_are_matched_by_their_number_in_the_data_though_some_were_left_out() -> None:
    pairs = paired_pictures(in_array([True, False, True], (0, 2, 3)), in_array([True, True, False], (1, 2, 3)))
    assert (pairs.by, pairs.first.tolist(), pairs.second.tolist()) == ("number", [1, 2], [1, 2])
    assert (pairs.first_alone, pairs.second_alone) == (1, 1)


def test_files_that_were_changed_between_the_two_measurements_are_left_out_and_said() -> None:
    plain = right_on([True, True], ("a", "b"))
    before = Answers(plain.scores, plain.truth, plain.labels, with_states(plain, [[1, 2, 3, 4], [5, 6, 7, 8]]))
    after = Answers(plain.scores, plain.truth, plain.labels, with_states(plain, [[1, 2, 3, 4], [5, 6, 9, 8]]))
    pairs = paired_pictures(before, after)
    assert (pairs.first.tolist(), pairs.changed) == ([0], 1)
    assert pairs.notice.endswith("pictures 1 whose file was changed between the two measurements.")
    assert paired_pictures(before, plain).first.tolist() == [0, 1]
    others = Answers(plain.scores, plain.truth, plain.labels, with_states(plain, [[9, 9, 9, 9]] * 2))
    with pytest.raises(InputError, match=r"share no picture .*; their files were changed between the two measurements"):
        paired_pictures(before, others)


def with_states(answers: Answers, states: list[list[int]]) -> PictureSources:
    return answers.sources._replace(states=np.array(states))


def test_what_cannot_be_matched_is_refused() -> None:
    array = in_array([True] * 3, (0, 1, 2))
    for other in (in_array([True] * 3, (0, 1, 2), "other"), right_on([True] * 3, ("a", "b", "c"))):
        with pytest.raises(InputError, match="3 and 3 pictures of different data"):
            paired_pictures(array, other)
    with pytest.raises(InputError, match="share no picture"):
        paired_pictures(right_on([True], ("a",)), right_on([True], ("b",)))


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        (
            [True] * 30 + [False] * 4, [False] * 30 + [True] * 4,
            "A is better than B on the same 34 pictures: it alone is right on 30, B alone on 4 (p < 0.001, McNemar's "
            "test, chi-squared).",
        ),
        (
            [False] * 7 + [True], [True] * 7 + [False],
            "No difference is shown on the same 8 pictures: B alone is right on 7, A alone on 1 (p = 0.070, McNemar's "
            "test, exact binomial).",
        ),
        ([True, False], [True, False], "A and B are right on the same 1 of 2 pictures."),
    ],
)  # fmt: skip
def test_the_outcome_is_a_sentence(first: list[bool], second: list[bool], sentence: str) -> None:
    found = compare(right_on(first), right_on(second))
    assert found.sentence("A", "B") == sentence
    assert found.differs == (found.p < 0.05)
