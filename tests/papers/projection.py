"""Projections by a 1×1 convolution (He et al. 2015, eq. 2; He et al. 2018, Fig. 2 c)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from tests.papers import Place, Written


def strided(network: Written, x: Tensor, place: Place) -> tuple[Tensor, int]:
    return network.conv(x, f"{place.name}.downsample.0", 1, place.stride), 1


def pooled(network: Written, x: Tensor, place: Place) -> tuple[Tensor, int]:
    """Windows that stick out of the map average what lies inside."""
    missing = [-edge % place.stride for edge in x.shape[2:]]
    total, inside = (
        functional.avg_pool2d(
            functional.pad(each, (0, missing[1], 0, missing[0])), place.stride, divisor_override=1
        )
        for each in (x, torch.ones_like(x[:1, :1]))
    )  # fmt: skip
    return network.conv(total / inside, f"{place.name}.downsample.1", 1), 2


ORACLES = {"projection=conv": strided, "projection=avg_pool": pooled}
