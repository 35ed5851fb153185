"""PReLU, written from He et al. 2015b, eq. 1: f(y) = max(0, y) + a·min(0, y), one a for each channel."""

from __future__ import annotations

import torch
from hypothesis import given
from torch import Tensor

from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.network.resnet import ResNet
from tests.conftest import examples
from tests.designs import designs
from tests.papers import Written, assert_written


def compute(network: Written, x: Tensor, name: str) -> Tensor:
    slope = network.values[f"{name}.weight"].view(-1, *(1 for _ in x.shape[2:]))
    return x.clamp(min=0) + slope * x.clamp(max=0)


ORACLES = {"activation=prelu": compute}


@given(spec=designs(activation="prelu"))
@examples(8)
def test_drawn_designs_compute_the_paper(spec: object) -> None:
    assert_written(spec)


def test_every_channel_has_a_slope_that_begins_at_a_quarter() -> None:
    spec = evolve(PRESETS["resnet18"].spec, activation="prelu")
    slopes = [value for name, value in ResNet(plan(spec)).state_dict().items() if "prelu" in name]
    # The stem's 64, and two activations a block: 2 · 2 · (64 + 128 + 256 + 512).
    assert sum(value.numel() for value in slopes) == 64 + 4 * (64 + 128 + 256 + 512)
    assert all(torch.equal(value, torch.full_like(value, 0.25)) for value in slopes)
