"""A network with the weights that a seed draws."""

from __future__ import annotations

import torch

from resnet_gui.design.structure import Plan
from resnet_gui.network.resnet import ResNet


def fresh_network(planned: Plan, seed: int) -> ResNet:
    """A network as a training with that seed's weights would begin, on the CPU, in eval mode; other draws go on."""
    with torch.random.fork_rng(devices=[]):
        # Not ``torch.manual_seed``: that seeds the generators of accelerators too, which nobody would put back.
        torch.default_generator.manual_seed(seed)
        return ResNet(planned).eval().requires_grad_(False)
