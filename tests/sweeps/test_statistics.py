"""Intervals and verdicts against SciPy, and against sweeps that were drawn with a known truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from resnet_gui.sweeps.statistics import (
    MOST_SEEDS,
    Bound,
    MeanEstimate,
    differs,
    estimate,
    largest_difference,
    paired,
    seeds_needed,
    seeds_to_differ,
    verdict,
)
from resnet_gui.sweeps.students_t import t_quantile
from tests.conftest import FACTOR

PICTURES = 360
VALUES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12)
EDGES = st.one_of(st.just(math.inf), st.floats(-1e6, 1e6))


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.99, 0.9999])
def test_quantiles_are_those_of_scipy(level: float) -> None:
    for freedom in (*range(1, 31), 99, 100, 500, 999):
        assert t_quantile(level, freedom) == pytest.approx(stats.t.ppf((1 + level) / 2, freedom), rel=1e-9)


@pytest.mark.parametrize(("level", "freedom"), [(0.95, 0), (0.0, 3), (1.0, 3)])
def test_a_quantile_that_is_none_is_refused(level: float, freedom: int) -> None:
    with pytest.raises(ValueError, match="degrees of freedom"):
        t_quantile(level, freedom)


@given(VALUES)
def test_an_interval_is_that_of_scipy(values: list[float]) -> None:
    found = estimate(values)
    assert found.mean == pytest.approx(np.mean(values), rel=1e-9, abs=1e-9)
    assert found.sd == pytest.approx(np.std(values, ddof=1), rel=1e-6, abs=1e-6)
    if np.ptp(values) > 1e-6:
        low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-6, abs=1e-6)


@given(VALUES, VALUES)
def test_a_paired_difference_is_that_of_scipys_paired_test(first: list[float], second: list[float]) -> None:
    seeds = range(min(len(first), len(second)))
    values, others = ({seed: row[seed] for seed in seeds} for row in (first, second))
    differences = [values[seed] - others[seed] for seed in seeds]
    found = paired(values | {99: 1.0}, others | {98: 2.0})
    assert found.n == len(seeds)
    if np.ptp(differences) > 1e-3:
        interval = stats.ttest_rel(list(values.values()), list(others.values())).confidence_interval(0.95)
        assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-5, abs=1e-5)


def test_one_value_says_nothing_of_the_spread() -> None:
    found = estimate([0.3])
    assert (found.mean, found.sd, found.low, found.high) == (0.3, None, -math.inf, math.inf)
    assert verdict(found, Bound(high=0.5)) == "cannot tell"
    assert not differs(found)
    assert seeds_needed(found, Bound(high=0.5)) is None


def test_no_value_and_one_that_is_no_number_are_refused() -> None:
    for values in ([], [0.1, math.nan], [math.inf]):
        with pytest.raises(ValueError, match="finite"):
            estimate(values)
    with pytest.raises(ValueError, match="finite"):
        paired({1: 0.1}, {2: 0.1})


def test_equal_counts_have_the_spread_of_their_rounding() -> None:
    found = estimate([0.0, 0.0, 0.0], 1 / PICTURES)
    assert found.sd == pytest.approx(1 / PICTURES / math.sqrt(12))
    assert found.high == pytest.approx(4.302652729749 * 1 / PICTURES / 6)
    many = estimate([0.0] * 50, 1 / PICTURES)
    assert (many.low, many.high) == (-0.5 / PICTURES, 0.5 / PICTURES)
    both = paired(dict.fromkeys(range(50), 0.1), dict.fromkeys(range(50), 0.1), 1 / PICTURES)
    assert both.high == 1 / PICTURES


@given(VALUES, EDGES, EDGES, st.sampled_from([0.0, 1.0, 100.0]))
def test_a_verdict_is_given_only_if_all_of_the_interval_agrees(
    values: list[float], low: float, high: float, resolution: float
) -> None:
    bound = Bound(-low if math.isinf(low) else low, high)
    found = estimate(values, resolution)
    said = verdict(found, bound)
    inside = bound.low <= found.low and found.high <= bound.high
    outside = found.high < bound.low or found.low > bound.high
    assert (said == "reproduced") == inside
    assert (said == "not reproduced") == (outside and not inside)
    crosses = any(found.low < edge < found.high for edge in (bound.low, bound.high))
    assert not (crosses and said == "reproduced")


DRAWN = [
    # seeds, deviation in points, how far the truth is from the bound in points
    (2, 5.0, 0.0), (3, 5.0, 0.0), (3, 0.05, 0.1), (3, 1.0, 0.5), (5, 5.0, 0.0), (5, 0.3, 0.0), (10, 0.1, 0.05),
]  # fmt: skip


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize(("seeds", "deviation", "distance"), DRAWN)
def test_at_most_five_percent_of_a_thousand_drawn_sweeps_get_a_false_verdict(
    seeds: int, deviation: float, distance: float, rounded: bool
) -> None:
    generator = np.random.default_rng(1600 + FACTOR)
    truths = generator.uniform(0.2, 0.6, 1000)
    errors = truths[:, None] + generator.normal(0, deviation / 100, (1000, seeds))
    resolution = 1 / PICTURES if rounded else 0.0
    counted = np.round(errors * PICTURES) / PICTURES if rounded else errors
    false = {"holds": 0, "does not": 0}
    for truth, row in zip(truths, counted.tolist(), strict=True):
        found = estimate(row, resolution)
        # The bound lies at, or a little beyond, the truth: where a verdict is hardest.
        false["holds"] += verdict(found, Bound(high=truth + distance / 100)) == "not reproduced"
        false["does not"] += verdict(found, Bound(high=truth - distance / 100 - 1e-9)) == "reproduced"
    assert max(false.values()) <= 50, false


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize("seeds", [2, 3, 5, 10])
def test_equal_configurations_differ_as_rarely_as_the_level_says(seeds: int, rounded: bool) -> None:
    generator = np.random.default_rng(23 + FACTOR)
    common = generator.normal(0.05, 0.01, (4000, seeds, 1))  # what a seed does to both
    errors = common + generator.normal(0, 0.004, (4000, seeds, 2))
    counted = np.round(errors * PICTURES) / PICTURES if rounded else errors
    resolution = 1 / PICTURES if rounded else 0.0
    said = sum(
        differs(paired(dict(enumerate(row[:, 0].tolist())), dict(enumerate(row[:, 1].tolist())), resolution))
        for row in counted
    )
    # 5 % of 4,000 are 200; four standard deviations of chance above that.
    assert said <= 200 + 4 * math.sqrt(190)


def test_pairing_finds_a_difference_that_the_spread_between_seeds_hides() -> None:
    values, others = {1: 0.101, 2: 0.201, 3: 0.3011}, {1: 0.1, 2: 0.2, 3: 0.3}
    assert differs(paired(values, others))
    assert estimate(list(values.values())).low < 0.2 < estimate(list(values.values())).high


@given(st.floats(0.001, 5), st.floats(0.01, 5), st.integers(2, 10))
def test_as_many_seeds_as_are_said_to_be_needed_are_just_enough(sd: float, margin: float, n: int) -> None:
    def after(count: int) -> MeanEstimate:
        half = stats.t.ppf(0.975, count - 1) * sd / math.sqrt(count)
        return MeanEstimate(count, margin, sd, margin - half, margin + half)

    needed = seeds_to_differ(after(n))
    if needed is None:
        assert not differs(after(MOST_SEEDS))
        return
    assert differs(after(needed))
    assert needed == 2 or not differs(after(needed - 1))
    assert seeds_needed(after(n), Bound(low=0.0)) == needed


def test_what_no_number_of_seeds_could_tell_has_none() -> None:
    assert seeds_needed(estimate([0.4, 0.6]), Bound(high=0.5)) is None
    assert seeds_to_differ(estimate([0.0, 0.0, 0.0], 0.1)) is None
    assert largest_difference(estimate([-0.3, 0.1])) > 0.3
