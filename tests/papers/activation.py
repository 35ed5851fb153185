"""Activations without weights."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tests.papers import Written


def relu(_network: Written, x: Tensor, _name: str) -> Tensor:
    return x * (x > 0)


def leaky_relu(_network: Written, x: Tensor, _name: str) -> Tensor:
    """Maas et al. 2013, eq. 2."""
    return torch.where(x > 0, x, 0.01 * x)


def gelu(_network: Written, x: Tensor, _name: str) -> Tensor:
    """Hendrycks & Gimpel 2016, section 2."""
    return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def silu(_network: Written, x: Tensor, _name: str) -> Tensor:
    """Elfwing et al. 2017, eq. 5."""
    return x / (1 + torch.exp(-x))


ORACLES = {
    "activation=relu": relu,
    "activation=leaky_relu": leaky_relu,
    "activation=gelu": gelu,
    "activation=silu": silu,
}
