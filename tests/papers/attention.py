"""Squeeze-and-excitation (Hu et al. 2017, eq. 2 to 4)."""

from __future__ import annotations

import torch
from torch import Tensor

from tests.papers import Written


def squeeze_excitation(network: Written, f: Tensor, name: str) -> Tensor:
    if not network.spec.se_ratio:
        return f
    z = network.conv(f.mean((2, 3), keepdim=True), f"{name}.se.fc1", 1)
    return f * torch.sigmoid(network.conv(network.activate(z, f"{name}.se.act"), f"{name}.se.fc2", 1))


ORACLES = {"attention=se": squeeze_excitation}
