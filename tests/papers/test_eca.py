"""ECA, written from Wang et al. 2020, eq. 5, 9 and 12."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from resnet_gui.analysis.costs import totals
from resnet_gui.design.choices.attention.eca import kernel_size
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.network.resnet import ResNet
from tests.conftest import examples
from tests.designs import designs
from tests.papers import Written, assert_written


def compute(network: Written, x: Tensor, name: str) -> Tensor:
    weight = network.values[f"{name}.eca.conv.weight"].flatten()
    size = len(weight)
    # ω_i = σ(Σ_j w^j · y_i^j), y_i^j among the k neighbours of channel i; what lies outside counts nothing.
    y = torch.nn.functional.pad(x.mean((2, 3)), (size // 2, size // 2))
    gate = sum(weight[place] * y[:, place : place + x.shape[1]] for place in range(size))
    assert isinstance(gate, Tensor)
    return x * torch.sigmoid(gate)[:, :, None, None]


ORACLES = {"attention=eca": compute}


@given(spec=designs(attention="eca"))
@examples(8)
def test_drawn_designs_compute_the_paper(spec: object) -> None:
    assert_written(spec)


@pytest.mark.parametrize(("channels", "size"), [(64, 3), (128, 5), (256, 5), (512, 5), (1024, 5), (2048, 7)])
def test_the_filter_grows_with_the_channels(channels: int, size: int) -> None:
    # Eq. 12 gives |log2(C)/2 + 1/2|, and the nearest odd number: 3.5, 4, 4.5, 5, 5.5, 6; the authors' code rounds up.
    assert kernel_size(channels) == size
    assert abs(size - (math.log2(channels) + 1) / 2) <= 1.5


def test_its_parameters_and_macs_are_what_torch_counts() -> None:
    spec = evolve(PRESETS["resnet18"].spec, attention="eca", input=(3, 64, 64))
    plain = totals(plan(evolve(spec, attention="se"))).cost
    found = totals(plan(spec)).cost
    # ResNet-18 has two blocks of each width.
    assert found.params - plain.params == 2 * (3 + 5 + 5 + 5)
    with FlopCounterMode(display=False) as counter:
        ResNet(plan(spec)).eval()(torch.zeros(1, *spec.input))
    assert counter.get_total_flops() == 2 * found.macs
