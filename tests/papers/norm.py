"""Normalisations."""

from __future__ import annotations

from torch import Tensor

from tests.papers import Written


def _scaled(network: Written, x: Tensor, name: str) -> Tensor:
    weight, bias = (network.values[f"{name}.{part}"].view(-1, 1, 1) for part in ("weight", "bias"))
    return x * weight + bias


def batch(network: Written, x: Tensor, name: str) -> Tensor:
    """Ioffe & Szegedy 2015, algorithms 1 and 2."""
    if network.training:
        mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0)
    else:
        mean, variance = network.values[f"{name}.running_mean"], network.values[f"{name}.running_var"]
    return _scaled(network, (x - mean.view(-1, 1, 1)) / (variance.view(-1, 1, 1) + network.spec.norm_eps).sqrt(), name)


def group(network: Written, x: Tensor, name: str) -> Tensor:
    """Wu & He 2018, eq. 1 to 3."""
    cut = x.reshape(len(x), network.spec.norm_groups, -1)
    cut = (cut - cut.mean(2, keepdim=True)) / (cut.var(2, keepdim=True, correction=0) + network.spec.norm_eps).sqrt()
    return _scaled(network, cut.reshape(x.shape), name)


def none(_network: Written, x: Tensor, _name: str) -> Tensor:
    return x


ORACLES = {"norm=batch": batch, "norm=group": group, "norm=none": none}
