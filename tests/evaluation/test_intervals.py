"""Wilson's and Tango's intervals beside SciPy's, and beside their own definitions."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from resnet_gui.evaluation.intervals import paired_difference, share, wilson
from tests.conftest import examples

COUNTS = st.integers(1, 100_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(COUNTS, st.sampled_from([0.68, 0.95, 0.99]))
@examples(25)
def test_wilsons_interval_is_scipys(counts: tuple[int, int], level: float) -> None:
    ours = wilson(*counts, level)
    theirs = stats.binomtest(*counts).proportion_ci(level, method="wilson")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert 0 <= ours.low <= ours.value <= ours.high <= 1


def test_all_and_none_of_few_pictures_leave_room_for_others() -> None:
    all_right, none_right = wilson(10, 10), wilson(0, 10)
    assert (all_right.high, none_right.low) == (1.0, 0.0)
    assert all_right.low == pytest.approx(1 - none_right.high)
    assert 0.6 < all_right.low < 0.8


@pytest.mark.parametrize(("count", "of"), [(0, 0), (3, 2), (-1, 4)])
def test_what_is_no_share_is_refused(count: int, of: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(count, of)


def test_no_pictures_have_no_share() -> None:
    assert share(0, 0) is None
    assert share(1, 2) == wilson(1, 2)


def rejected_by(difference: float, first: int, second: int, pictures: int) -> float:
    """Tango's score by its definition: the likeliest of all shares with this difference found by a search."""

    def unlikely(q21: float) -> float:
        q12 = q21 + difference
        shares = ((first, q12), (second, q21), (pictures - first - second, 1 - q12 - q21))
        return -sum(count * math.log(max(each, 1e-300)) for count, each in shares if count)

    found = optimize.minimize_scalar(
        unlikely, bounds=(max(0, -difference), (1 - difference) / 2), method="bounded", options={"xatol": 1e-12}
    )
    variance = pictures * (2 * found.x + difference - difference**2)
    return (first - second - pictures * difference) / math.sqrt(variance)


@pytest.mark.parametrize(("first", "second", "pictures"), [(12, 3, 50), (1, 7, 30), (40, 41, 1000), (0, 5, 20)])
def test_the_interval_of_a_difference_ends_where_its_score_test_rejects(first: int, second: int, pictures: int) -> None:
    found = paired_difference(first, second, pictures)
    bound = stats.norm.ppf(0.975)
    assert rejected_by(found.low, first, second, pictures) == pytest.approx(bound, abs=1e-4)
    assert rejected_by(found.high, first, second, pictures) == pytest.approx(-bound, abs=1e-4)


@given(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 200)))
@examples(25)
def test_an_interval_of_a_difference_holds_it_and_turns_with_the_networks(counts: tuple[int, int, int]) -> None:
    first, second, others = counts
    pictures = first + second + max(others, 1)
    found, turned = paired_difference(first, second, pictures), paired_difference(second, first, pictures)
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((-turned.high, -turned.low), abs=1e-9)
    # At 0 the test is McNemar's without correction.
    if first + second:
        rejects = abs(first - second) / math.sqrt(first + second) > stats.norm.ppf(0.975)
        assert rejects == (not found.low <= 0 <= found.high)


def test_even_networks_that_agree_on_all_of_few_pictures_may_differ_a_little() -> None:
    few, many = paired_difference(0, 0, 10), paired_difference(0, 0, 10_000)
    assert few.low == pytest.approx(-few.high)
    assert few.high > 0.2
    assert many.high < 0.001


@pytest.mark.parametrize("counts", [(0, 0, 0), (3, 3, 5), (-1, 0, 5)])
def test_what_are_no_paired_counts_is_refused(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="paired counts"):
        paired_difference(*counts)
