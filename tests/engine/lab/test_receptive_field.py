"""The averaged gradient of the middle unit, against exact convolutions of kernels."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from resnet_gui.analysis.locations import unit_box
from resnet_gui.base.errors import InputError, SpecError
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.lab.receptive_field import measure_receptive_field, middle_of, spread_of
from resnet_gui.lab.measured.receptive_field import (
    ReceptiveFieldMeasured,
    ReceptiveFieldSetup,
)
from resnet_gui.network.resnet import ResNet
from tests.engine.lab.hand_written import SPEC

EDGE = 16
LINEAR = evolve(SPEC, blocks=(2,), widths=(3,), norm="none", input=(2, EDGE, EDGE))
SETUP = ReceptiveFieldSetup(inputs=4, edge=EDGE)

Kernels = NDArray[np.float64]
"""From channels to channels, (out, in, height, width)."""


def linear_network() -> ResNet:
    """A network without norms whose activations do nothing."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        network = ResNet(plan(LINEAR)).eval()
    for path, layer in network.plan.layers():
        if layer.kind == "relu":
            parent, _, name = path.rpartition(".")
            setattr(network.get_submodule(parent), name, nn.Identity())
    return network


def after(second: Kernels, first: Kernels) -> Kernels:
    """The kernels of two layers, one behind the other: their full convolution, summed over the channels between."""
    size = second.shape[2] + first.shape[2] - 1
    made = np.zeros((second.shape[0], first.shape[1], size, size))
    for y in range(second.shape[2]):
        for x in range(second.shape[3]):
            inner = np.einsum("om,mihw->oihw", second[:, :, y, x], first)
            made[:, :, y : y + first.shape[2], x : x + first.shape[3]] += inner
    return made


def with_identity(kernels: Kernels) -> Kernels:
    """A branch and its shortcut."""
    middle = kernels.shape[2] // 2
    made = kernels.copy()
    made[range(len(made)), range(len(made)), middle, middle] += 1
    return made


def test_the_field_of_a_linear_network_is_the_exact_convolution_of_its_kernels() -> None:
    network = linear_network()
    weights = {name: value.detach().double().numpy() for name, value in network.named_parameters()}
    whole = weights["conv1.weight"]
    for number in range(2):
        branch = after(weights[f"layer1.{number}.conv2.weight"], weights[f"layer1.{number}.conv1.weight"])
        whole = after(with_identity(branch), whole)
    hill = np.abs(whole.sum(axis=0)).mean(axis=0)  # all output channels added up, mean over the input's
    found = measure_receptive_field([], [("linear", network)], SETUP, 1).fields[0]
    expected = np.zeros((EDGE, EDGE))
    first = EDGE // 2 - hill.shape[0] // 2
    expected[first : first + hill.shape[0], first : first + hill.shape[1]] = hill / hill.max()
    assert found.theory == hill.shape[0] == 11
    assert np.array(found.values).reshape(EDGE, EDGE) == pytest.approx(expected, abs=1e-5)
    assert found.area == int((expected > SETUP.threshold).sum())
    assert found.centre == (EDGE / 2, EDGE / 2)
    assert (found.trained, found.residual, found.cut_off) == (True, True, False)
    assert found.size == math.sqrt(found.area)
    assert found.share == found.size / 11
    assert found.diameter == 2 * found.radius


def test_nothing_outside_the_theoretical_field_counts_and_a_field_that_the_input_cuts_off_says_so() -> None:
    small, deep = evolve(SPEC, blocks=(1, 1)), evolve(SPEC, blocks=(3, 3))
    setup = ReceptiveFieldSetup(inputs=3, edge=32)
    found = measure_receptive_field([("small", small), ("deep", deep)], [], setup, 1)
    planned = plan(evolve(small, input=(1, 32, 32)))
    row, column = middle_of(planned)
    left, top, right, bottom = unit_box(planned, "layer2", column, row)
    values = np.array(found.fields[0].values).reshape(32, 32)
    assert right - left == found.fields[0].theory == 13
    inside = np.zeros((32, 32), dtype=bool)
    inside[top:bottom, left:right] = True
    assert not values[~inside].any()
    assert values[inside].all()
    assert not found.fields[0].cut_off
    cut = measure_receptive_field([("deep", deep)], [], ReceptiveFieldSetup(inputs=3, edge=8), 1)
    assert cut.fields[0].cut_off


def test_a_measurement_is_the_same_again_and_leaves_a_trained_network_as_it_was() -> None:
    network = ResNet(plan(SPEC)).eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    shares: list[float] = []
    setup = ReceptiveFieldSetup(inputs=3, edge=16)
    found = measure_receptive_field([("fresh", SPEC)], [("run", network)], setup, 1, shares.append)
    again = measure_receptive_field([("fresh", SPEC)], [("run", network)], setup, 1)
    assert again == found
    assert [field.trained for field in found.fields] == [False, True]
    assert all(bool((value == before[name]).all()) for name, value in network.state_dict().items())
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert msgspec.json.decode(msgspec.json.encode(found), type=ReceptiveFieldMeasured) == found


def test_a_round_hill_has_the_spread_of_its_gaussian() -> None:
    rows, columns = np.indices((101, 91))
    hill = np.exp(-((rows - 48) ** 2 + (columns - 40) ** 2) / (2 * 6.5**2))
    assert spread_of(torch.tensor(hill)) == pytest.approx(6.5, rel=1e-4)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"inputs": 1}, "2 to 1000 inputs, not 1"),
        ({"edge": 4}, "8 to 512 pixels"),
        ({"threshold": 1.0}, "between 0 and 1, not 1"),
    ],
)
def test_a_setup_that_cannot_be_gets_a_sentence(changes: dict[str, float], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        ReceptiveFieldSetup(**changes)  # type: ignore[arg-type]


def dead() -> ResNet:
    """A network whose last activation lets nothing through."""
    network = ResNet(plan(SPEC)).eval()
    with torch.no_grad():
        network.get_parameter("layer2.1.bn2.bias").fill_(-1e6)
    return network


def test_a_field_that_is_not_there_gets_a_sentence() -> None:
    with pytest.raises(InputError, match="at least one design or network"):
        measure_receptive_field([], [], SETUP, 1)
    with pytest.raises(InputError, match="No pixel moves the middle unit of 'dead'"):
        measure_receptive_field([], [("dead", dead())], SETUP, 1)
    imagenet = ResNetSpec(block="basic", blocks=(1, 1, 1, 1), widths=(8, 8, 8, 8))
    with pytest.raises(SpecError):
        measure_receptive_field([("large", evolve(imagenet, stem="imagenet"))], [], ReceptiveFieldSetup(edge=8), 1)
