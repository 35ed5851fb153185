"""Gradients along a line, against plain autograd on a network written by hand."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
import torch

from resnet_gui.base.errors import InputError
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.lab.gradients import (
    agreement_by_block,
    draw_pair,
    input_gradients,
    measure_gradients,
    points_between,
    series_of,
)
from resnet_gui.engine.lab.networks import CPU, draw_network
from resnet_gui.lab.measured.gradients import (
    DesignGradients,
    GradientSeries,
    GradientSetup,
    GradientsMeasured,
    InputPair,
    residual_slope,
)
from tests.engine.lab.hand_written import SPEC, hand_written

PLAIN = evolve(SPEC, shortcut="none")
SETUP = GradientSetup(points=40)


@pytest.fixture(scope="module")
def measured() -> GradientsMeasured:
    return measure_gradients([("residual", SPEC), ("plain", PLAIN)], SETUP, 3)


def line_by_hand(pair: InputPair, points: int) -> torch.Tensor:
    first, second = (torch.tensor(each, dtype=torch.float64) for each in (pair.first, pair.second))
    rows = [first + (second - first) * (number / (points - 1)) for number in range(points)]
    return torch.stack(rows).view(points, *pair.shape).float()


def correlation_by_hand(series: np.ndarray, distance: int) -> float:
    found = []
    for values in series.T:
        mean = values.mean()
        products = sum((values[t] - mean) * (values[t + distance] - mean) for t in range(len(values) - distance))
        found.append(products / sum((value - mean) ** 2 for value in values))
    return float(np.mean(found))


@pytest.mark.parametrize(("number", "spec"), [(0, SPEC), (1, PLAIN)])
def test_correlations_are_those_of_plain_autograd_on_a_network_written_by_hand(
    measured: GradientsMeasured, number: int, spec: ResNetSpec
) -> None:
    network = hand_written(draw_network(spec, 3, CPU)).train()
    x = line_by_hand(measured.pair, 40).requires_grad_(True)
    network(x).sum().backward()
    assert x.grad is not None
    gradients = x.grad.flatten(1).double().numpy()
    found = measured.designs[number]
    expected = [correlation_by_hand(gradients, distance) for distance in range(17)]
    assert found.series.autocorrelation == pytest.approx(expected, abs=2e-3)
    step = np.array(measured.pair.second) - np.array(measured.pair.first)
    along = gradients @ (step / np.linalg.norm(step))
    assert found.series.values == pytest.approx(list(along / along.std()), abs=2e-2)
    assert found.norm == pytest.approx(float(np.linalg.norm(gradients, axis=1).mean()), rel=1e-3)
    assert (found.name, found.depth, found.residual) == (("residual", 10, True), ("plain", 10, False))[number]


@pytest.mark.parametrize("spec", [SPEC, PLAIN])
def test_agreement_at_a_block_is_that_of_plain_autograd_at_what_the_block_reads(spec: ResNetSpec) -> None:
    network = hand_written(draw_network(spec, 3, CPU)).train()
    x = line_by_hand(draw_pair(spec.input, (3, 8), 3), 40)
    read = [network.stem(x)]
    for block in network.rows:
        read.append(block(read[-1]))
    total = network.head(read[-1]).sum()
    gradients = torch.autograd.grad(total, read[:-1])
    expected = [correlation_by_hand(each.flatten(1).double().numpy(), 1) for each in gradients]
    assert agreement_by_block(spec, SETUP, 3) == pytest.approx(expected, abs=2e-3)


def test_with_fixed_statistics_each_point_has_the_gradient_that_it_has_alone() -> None:
    network = draw_network(SPEC, 1, CPU)
    points, _ = points_between(draw_pair(SPEC.input, (3, 8), 1), 40)
    together = input_gradients(network, points, "fixed")
    alone = points[7:8].clone().requires_grad_(True)
    network(alone).sum().backward()
    assert alone.grad is not None
    assert together[7] == pytest.approx(alone.grad.flatten().double().numpy(), abs=1e-4)
    # The figures are those of the batch: the network answers as it does when they are taken from it.
    with torch.no_grad():
        fixed = network(points).numpy()
        assert hand_written(draw_network(SPEC, 1, CPU)).train()(points).numpy() == pytest.approx(fixed, abs=1e-3)


def test_the_pair_is_two_digits_of_the_classes_asked_for_and_the_line_joins_them(measured: GradientsMeasured) -> None:
    pair = draw_pair(SPEC.input, (3, 8), 3)
    assert measured.pair == pair
    assert (pair.first_label, pair.second_label) == ("3", "8")
    points, direction = points_between(pair, 5)
    assert points[0].flatten().tolist() == list(pair.first)
    assert points[-1].flatten().tolist() == list(pair.second)
    assert float(direction.norm()) == pytest.approx(1)
    assert draw_pair(SPEC.input, (3, 8), 4) != pair
    same_class = draw_pair(SPEC.input, (5, 5), 4)
    assert same_class.first != same_class.second


def test_noise_has_the_correlation_of_its_colour(measured: GradientsMeasured) -> None:
    assert abs(measured.white.neighbours) < 0.06
    assert measured.brown.neighbours > 0.8
    assert measured.white.autocorrelation[0] == measured.brown.autocorrelation[0] == pytest.approx(1)


def test_a_design_gets_the_same_bits_alone_and_random_numbers_elsewhere_are_left_alone(
    measured: GradientsMeasured,
) -> None:
    before = torch.get_rng_state()
    shares: list[float] = []
    again = measure_gradients([("plain", PLAIN)], SETUP, 3, shares.append)
    assert again.designs == measured.designs[1:]
    assert (again.pair, again.white) == (measured.pair, measured.white)
    assert bool((torch.get_rng_state() == before).all())
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert measure_gradients([("plain", PLAIN)], SETUP, 4).designs != again.designs
    assert msgspec.json.decode(msgspec.json.encode(measured), type=GradientsMeasured) == measured


def test_a_measurement_that_is_not_wanted_any_more_ends() -> None:
    def give_up(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure_gradients([("residual", SPEC)], SETUP, 1, give_up)


def test_what_cannot_be_measured_gets_a_sentence() -> None:
    pair = InputPair((1, 8, 8), (0.0,) * 64, (1.0,) * 64)
    with pytest.raises(InputError, match=r"'large' reads 3×32×32, but the line joins inputs of 1×8×8"):
        measure_gradients([("large", PRESETS["resnet20"].spec)], GradientSetup(pair=pair), 1)
    with pytest.raises(InputError, match="at least one design"):
        measure_gradients([], SETUP, 1)
    with pytest.raises(InputError, match="the same, so there is no line"):
        InputPair((1, 1, 2), (1.0, 2.0), (1.0, 2.0))
    with pytest.raises(InputError, match="1 and 2 values; their shape 1×1×2 needs 2 each"):
        InputPair((1, 1, 2), (1.0,), (1.0, 2.0))
    with pytest.raises(InputError, match="not finite"):
        InputPair((1, 1, 2), (1.0, math.nan), (1.0, 2.0))
    with pytest.raises(InputError, match="32 to 4096 points, not 31"):
        GradientSetup(points=31)
    with pytest.raises(InputError, match="0 to 9, not 3 and 10"):
        GradientSetup(digits=(3, 10))
    with pytest.raises(InputError, match="'flat' is the same at all points"):
        series_of(torch.ones(40, 4, dtype=torch.float64), torch.ones(4, dtype=torch.float64) / 2, "flat")


def series(correlation: float) -> GradientSeries:
    return GradientSeries((0.0,), (1.0, correlation))


def test_the_slope_is_that_of_the_residual_networks_in_logarithms() -> None:
    falling = [DesignGradients(str(depth), depth, True, series(3 / math.sqrt(depth)), 1.0) for depth in (20, 56, 110)]
    plain = DesignGradients("plain", 20, False, series(-0.1), 1.0)
    assert residual_slope([*falling, plain]) == pytest.approx(-0.5)
    assert residual_slope(falling[:1]) is None
    assert residual_slope([*falling, DesignGradients("none", 1202, True, series(-0.01), 1.0)]) is None


@pytest.mark.prove
def test_plain_gradients_shatter_and_residual_ones_do_not_in_ten_of_ten_repetitions() -> None:
    designs = [
        (name, evolve(PRESETS[name].spec, input=(1, 8, 8))) for name in ("plain20", "plain56", "plain110", "resnet110")
    ]
    for seed in range(10):
        found = measure_gradients(designs, GradientSetup(), 1000 + seed)
        shallow, deep, deepest, residual = (design.series.neighbours for design in found.designs)
        assert shallow - deep > 0.2
        assert residual - deepest > 0.3
