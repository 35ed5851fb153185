"""Blocks that are computed twice learn as blocks that are kept, whatever their norms remember."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from resnet_gui.design.spec import evolve
from resnet_gui.engine.train.recompute import recompute_blocks
from resnet_gui.network.block import Block
from tests.engine.train.test_step import SPEC, data, learnt, net, normal, vary


@pytest.mark.parametrize("changes", [{}, {"dropout": 0.3, "stochastic_depth": 0.5}, {"se_ratio": 4}])
def test_recomputed_blocks_give_the_same_weights_and_statistics_to_the_bit(changes: dict[str, object]) -> None:
    spec = evolve(SPEC, **changes)
    plain, again = learnt(vary(ema=0.9, accumulate=2), spec), learnt(vary(ema=0.9, accumulate=2, recompute=True), spec)
    for name, value in plain.model.state_dict().items():
        assert torch.equal(again.model.state_dict()[name], value), name
    for name, value in plain.tested.state_dict().items():
        assert torch.equal(again.tested.state_dict()[name], value), name


class LargestNorm(nn.Module):
    """A norm that torch does not have: it divides by a running value, which it counts and takes in before."""

    seen: Tensor
    largest: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.register_buffer("seen", torch.tensor(0))
        self.register_buffer("largest", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """The normalised tensor (N, C, H, W)."""
        if self.training:
            self.seen += 1
            self.largest = torch.lerp(self.largest, x.detach().abs().amax((0, 2, 3)), 0.1)
        return x * (self.weight / self.largest).view(1, -1, 1, 1)


def instance_norm(channels: int) -> nn.Module:
    return nn.InstanceNorm2d(channels, affine=True, track_running_stats=True)


@pytest.mark.parametrize("kind", [LargestNorm, instance_norm])
def test_what_a_norm_of_any_kind_remembers_takes_in_a_batch_once(kind: Callable[[int], nn.Module]) -> None:
    found = []
    for again in (False, True):
        model = net()
        for block in (module for module in model.modules() if isinstance(module, Block)):
            block.bn1 = kind(8)
        if again:
            recompute_blocks(model)
        for step in range(3):
            model(normal(data(step)[0])).square().sum().backward()
        gradients = {name: value.grad for name, value in model.named_parameters() if value.grad is not None}
        found.append(gradients | dict(model.named_buffers()))
    assert found[0].keys() == found[1].keys()
    for name, value in found[0].items():
        assert torch.equal(found[1][name], value), name
    assert all(int(value) == 3 for name, value in found[1].items() if name.endswith("seen"))
