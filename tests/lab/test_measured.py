"""Plain figures of the Lab: the order of a surface's points, what may be compared, Kendall's tau, what JSON carries."""

from __future__ import annotations

import itertools
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.lab.measured.landscape import (
    EDGE,
    GRIDS,
    MIDDLE,
    ORDER,
    LandscapeSetup,
    LossSurface,
    SurfacePoint,
    bends,
    compare_losses,
    points_of_pass,
    steps,
)
from resnet_gui.lab.measured.lesions import (
    BlockDeletion,
    LesionedError,
    Lesions,
    LesionSetup,
    LesionStudy,
    RandomDeletions,
    RandomSwaps,
    kendall_tau,
)
from resnet_gui.lab.measured.probe import DepthProbe, ProbesByDepth, ProbeSetup
from tests.conftest import examples


def surface(count: int, **changes: object) -> LossSurface:
    setup = LandscapeSetup(**changes)  # type: ignore[arg-type]
    return LossSurface(setup, "digest", 360, 0.25, tuple(float(number) for number in range(count)))


@given(order=st.integers(0, 12).flatmap(lambda count: st.permutations(range(count))))
@examples(60)
def test_kendalls_tau_counts_every_pair(order: list[int]) -> None:
    pairs = list(itertools.combinations(order, 2))
    right = sum(one < other for one, other in pairs)
    expected = (right - (len(pairs) - right)) / len(pairs) if pairs else 1.0
    assert kendall_tau(order) == pytest.approx(expected)


def test_no_point_is_computed_twice_and_each_pass_has_the_points_of_its_grid() -> None:
    assert len(ORDER) == len(set(ORDER)) == EDGE * EDGE
    for number, grid in enumerate(GRIDS):
        so_far = {point for before in range(number + 1) for point in points_of_pass(before)}
        lines = [place * (EDGE - 1) // (grid - 1) for place in range(grid)]
        assert so_far == {SurfacePoint(row, column) for row in lines for column in lines}
        assert SurfacePoint(MIDDLE, MIDDLE) in so_far
        rows = [point.row for point in points_of_pass(number)]
        assert rows == sorted(rows), "a window draws a pass from one edge to the other"


def test_a_surface_knows_its_grids_its_centre_and_what_is_missing() -> None:
    found = surface(169 + 243)
    assert found.passes == (49, 120, 243)
    assert not found.finished
    assert all(loss is not None for row in found.grid(13) for loss in row)
    assert sum(loss is not None for row in found.grid() for loss in row) == 412
    assert found.grid(7)[3][3] == found.grid()[MIDDLE][MIDDLE] == ORDER.index(SurfacePoint(MIDDLE, MIDDLE))
    assert found.section(0) == found.grid()[0]
    assert (found.steps()[0], found.steps()[MIDDLE], found.steps()[-1]) == (-1.0, 0.0, 1.0)
    assert steps(0.5)[0] == -0.5


def test_a_caption_says_what_was_computed() -> None:
    assert surface(625).caption == "computed: 25 × 25 points, 360 pictures, seed 1, BN as trained"
    partly = surface(412, seed=3, statistics="remeasured").caption
    assert partly == "so far: 412 of 625 points, the rest 13 × 13; 360 pictures, seed 3, BN measured again"
    assert surface(5).caption == "so far: 5 of 625 points; 360 pictures, seed 1, BN as trained"


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (0.031, 0.028, ""),
        (0.0, 0.1, ""),
        (1.31, 0.03, "not comparable: training loss 1.3 against 0.03"),
        (0.03, 1.31, "not comparable: training loss 0.03 against 1.3"),
        (2.3, 2.29, "not comparable: neither has fitted, training loss 2.3 and 2.3"),
        (math.nan, 0.03, "not comparable: training loss nan against 0.03"),
    ],
)
def test_surfaces_are_compared_only_around_equal_losses_of_fitted_networks(
    first: float, second: float, reason: str
) -> None:
    found = compare_losses(first, second, 10)
    assert (found.reason, found.comparable) == (reason, not reason)


def test_bends_are_the_second_differences_of_the_logarithm() -> None:
    straight = [[math.exp(0.3 * row - 0.2 * column) for column in range(4)] for row in range(3)]
    assert bends(straight) == pytest.approx(0, abs=1e-12)
    bowl = [[math.exp(row * row + 3 * column * column) for column in range(4)] for row in range(4)]
    assert bends(bowl) == pytest.approx((2 + 6) / 2)
    assert bends([[1.0, math.inf, 1.0]] * 3) == math.inf


def test_all_of_it_goes_through_json() -> None:
    lesioned = LesionedError(Lesions(("layer1.0",), (("layer2.1", "layer2.2"),)), 0.25, 0.5)
    deletion = BlockDeletion("layer2.0", "none", None, "shape changes")
    study = LesionStudy(
        LesionSetup(), 4, 0, 0.25, 0.9, (deletion,), (RandomDeletions(1, (("layer1.0",),), (0.5,)),),
        (RandomSwaps(1, (lesioned,)),),
    )  # fmt: skip
    probes = ProbesByDepth(ProbeSetup(), 4, 4, (DepthProbe("stem", 16, 0.25, 0.5),), 0.0, 0.25)
    overflowed = msgspec.structs.replace(surface(3), losses=(0.5, None, 1.0))
    assert overflowed.grid(7)[0][:3] == (0.5, math.inf, 1.0)
    for one in (study, probes, overflowed, compare_losses(0.1, 2.0, 10)):
        assert msgspec.json.decode(msgspec.json.encode(one), type=type(one)) == one
