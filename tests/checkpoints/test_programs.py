"""Networks of public programs give their own logits, by what their names tell or by the open field that is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from resnet_gui.checkpoints.identify import Identification, identify
from resnet_gui.checkpoints.load import adopt
from tests.checkpoints import program_networks as nets
from tests.checkpoints.public_checkpoints import refusal, shapes_of
from tests.checkpoints.public_networks import randomised

EXACT = 1e-5
"""Largest difference of logits, over their spread."""


def apart(network: nn.Module, mine: nn.Module, size: int = 32) -> float:
    pictures = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        wanted: Tensor = network(pictures)
        return float((mine(pictures) - wanted).abs().max() / wanted.std())


def opened(found: Identification) -> set[str]:
    return {sentence.partition(":")[0] for sentence in found.undetermined}


KNOWN: dict[str, Callable[[], nn.Module]] = {
    "weiaicunzai, pre-activation": lambda: nets.residual_preact(bottleneck=False),
    "weiaicunzai, pre-activated bottlenecks": lambda: nets.residual_preact(bottleneck=True),
    "weiaicunzai, squeeze-and-excitation": lambda: nets.residual_excited(bottleneck=False),
    "weiaicunzai, excited bottlenecks": lambda: nets.residual_excited(bottleneck=True),
    "BiT by its authors' names": nets.big_transfer,
    "SENet-154 by Cadene's names": nets.halved,
}


@pytest.mark.parametrize("name", KNOWN)
def test_names_of_a_program_give_its_own_logits(name: str) -> None:
    network = randomised(KNOWN[name]())
    state = network.state_dict()
    found = identify(shapes_of(state))
    assert apart(network, adopt(state, found)) < EXACT
    assert found.notices == ()


def test_a_stem_without_its_pooling_is_named_as_open_and_told_gives_its_own_logits() -> None:
    network = randomised(nets.places_wide())
    state = network.state_dict()
    found = identify(shapes_of(state))
    assert apart(network, adopt(state, found)) > EXACT
    assert any("whether a pooling follows" in line for line in found.undetermined if line.startswith("stem: "))
    told = identify(shapes_of(state), {"stem": "7x7"})
    assert "stem" not in opened(told)
    assert apart(network, adopt(state, told)) < EXACT


def test_what_no_design_does_is_said_where_names_tell_of_it() -> None:
    network = randomised(nets.survived())
    found = identify(shapes_of(network.state_dict()))
    (notice,) = found.notices
    assert "stochastic depth, which scale each branch" in notice
    assert notice.endswith("no design does, and the answers here are wrong.")


def test_grouped_convolutions_of_one_pixel_are_named() -> None:
    said = refusal(lambda: identify(shapes_of(nets.grouped_ones().state_dict())))
    assert "its 1×1 convolutions are grouped" in said
    assert "tensor 'conv2.0.split_transforms.0.weight' (8×2×1×1) reads 2 of 8 channels" in said


def test_bottlenecks_whose_first_convolution_has_a_quarter_of_the_width_are_named() -> None:
    said = refusal(lambda: identify(shapes_of(nets.narrowed().state_dict())))
    assert "neither as wide as the second ones nor half as wide" in said
    assert "tensor 'layer1.0.conv1.weight' (8×16×1×1) puts out 8 channels" in said
    assert "tensor 'layer1.0.conv2.weight' (32×1×3×3) 32" in said
