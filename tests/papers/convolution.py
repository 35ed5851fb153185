"""Convolutions with the weights as they are, or standardised (Qiao et al. 2019, eq. 1 to 3)."""

from __future__ import annotations

from torch import Tensor

from tests.papers import Written


def ordinary(_network: Written, weight: Tensor) -> Tensor:
    return weight


def standardised(network: Written, weight: Tensor) -> Tensor:
    each = weight.flatten(1)
    variance = each.var(1, correction=0, keepdim=True) + network.spec.conv_eps
    return ((each - each.mean(1, keepdim=True)) / variance.sqrt()).view_as(weight)


ORACLES = {"convolution=ordinary": ordinary, "convolution=standardised": standardised}
