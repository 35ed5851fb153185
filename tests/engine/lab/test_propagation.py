"""The signal behind each block, against a loop by hand."""

from __future__ import annotations

import math

import msgspec
import pytest
import torch
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.lab.networks import CPU, check_finite, digits_of, draw_network
from resnet_gui.engine.lab.propagation import measure_propagation, signal
from resnet_gui.lab.measured.propagation import PropagationMeasured, PropagationSetup
from tests.engine.lab.hand_written import SPEC, hand_written

PLAIN = evolve(SPEC, shortcut="none")
SETUP = PropagationSetup(pictures=6)


def figures_by_hand(values: Tensor) -> tuple[float, float]:
    """Average over channels of the squared mean and of the variance."""
    squared_means, variances = 0.0, 0.0
    for channel in range(values.shape[1]):
        numbers = values[:, channel].flatten().double().tolist()
        mean = math.fsum(numbers) / len(numbers)
        squared_means += mean**2
        variances += math.fsum((number - mean) ** 2 for number in numbers) / len(numbers)
    return squared_means / values.shape[1], variances / values.shape[1]


@pytest.fixture(scope="module")
def measured() -> PropagationMeasured:
    return measure_propagation([("residual", SPEC), ("plain", PLAIN)], SETUP, 2)


@pytest.mark.parametrize(("number", "spec"), [(0, SPEC), (1, PLAIN)])
def test_mean_and_variance_are_those_of_a_loop_by_hand(
    measured: PropagationMeasured, number: int, spec: ResNetSpec
) -> None:
    network = hand_written(draw_network(spec, 2, CPU)).train()
    found = measured.designs[number]
    with torch.no_grad():
        x = network.stem(signal(SETUP, spec.input, 2))
        assert found.stem == pytest.approx(figures_by_hand(x)[1], rel=1e-3)
        for block, got in zip(network.rows, found.blocks, strict=True):
            branch = block.branch(x)
            total = branch + block.shortcut(x) if block.residual else branch
            expected = (*figures_by_hand(total), figures_by_hand(branch)[1])
            assert (got.squared_mean, got.variance, got.branch_variance) == pytest.approx(expected, rel=1e-3, abs=1e-6)
            x = torch.relu(total)
    assert [(block.path, block.stage) for block in found.blocks] == [
        ("layer1.0", 0), ("layer1.1", 0), ("layer2.0", 1), ("layer2.1", 1),
    ]  # fmt: skip
    assert found.residual == (number == 0)


def test_orders_differ_where_the_norm_stands() -> None:
    orders = ("original", "full_preact", "bn_after_addition")
    designs = [(order, evolve(SPEC, blocks=(6,), widths=(8,), order=order)) for order in orders]
    found = measure_propagation(designs, PropagationSetup(pictures=32), 1)
    original, before, behind = (design.blocks for design in found.designs)
    # The last norm of a branch gives it a variance of 1; in front of the convolutions nothing does.
    assert [block.branch_variance for block in original] == pytest.approx([1] * 6, abs=0.01)
    assert all(abs(block.branch_variance - 1) > 0.05 for block in before)
    # Without a norm on the way of the shortcut, variances add up; a norm behind each addition holds what is read.
    assert original[-1].variance > 2 * original[0].variance
    assert before[-1].variance > 2 * before[0].variance
    assert behind[-1].variance < 1.5 * behind[0].variance


def test_what_is_sent_through_is_noise_or_digits_and_of_its_own_numbers() -> None:
    noise = signal(PropagationSetup(pictures=400), (1, 8, 8), 1)
    assert (float(noise.mean()), float(noise.var())) == pytest.approx((0, 1), abs=0.02)
    digits = signal(PropagationSetup(input="digits", pictures=5), (1, 8, 8), 1)
    known, _ = digits_of((1, 8, 8))
    assert all(bool((known == digit).flatten(1).all(dim=1).any()) for digit in digits)
    assert not bool((signal(SETUP, (1, 8, 8), 1) == signal(SETUP, (1, 8, 8), 2)).all())
    first = draw_network(SPEC, 1, CPU).get_parameter("conv1.weight").flatten()
    correlation = torch.corrcoef(torch.stack([first, noise.flatten()[: len(first)]]))[0, 1]
    assert abs(float(correlation)) < 0.9


def test_a_measurement_is_the_same_again_and_reports_block_by_block(measured: PropagationMeasured) -> None:
    shares: list[float] = []
    again = measure_propagation([("residual", SPEC), ("plain", PLAIN)], SETUP, 2, shares.append)
    assert again == measured
    assert shares == [*(number / 8 for number in range(1, 9)), 1]
    assert msgspec.json.decode(msgspec.json.encode(measured), type=PropagationMeasured) == measured


def test_what_cannot_be_followed_gets_a_sentence() -> None:
    with pytest.raises(InputError, match="at least one design"):
        measure_propagation([], SETUP, 1)
    with pytest.raises(InputError, match="2 to 4096 pictures at once, not 1"):
        PropagationSetup(pictures=1)
    with pytest.raises(InputError, match=r"1,438 digits for training, not 2,000"):
        signal(PropagationSetup(input="digits", pictures=2000), (1, 8, 8), 1)
    with pytest.raises(InputError, match="The signal in 'wild' is too large for fp32"):
        check_finite(torch.tensor([1.0, math.inf]), "The signal in 'wild'")
