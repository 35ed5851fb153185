"""How a branch strides: He et al. 2015, section 3.3, or behind the convolution (Zhang 2019, section 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from tests.papers import Written


def blurred(_network: Written, x: Tensor, stride: int) -> Tensor:
    """The filter (1, 2, 1) x (1, 2, 1) / 16 on the map with its mirror image around it."""
    row = torch.tensor([1, 2, 1], dtype=x.dtype)
    weight = (row[:, None] * row / 16).expand(x.shape[1], 1, 3, 3)
    return functional.conv2d(functional.pad(x, (1, 1, 1, 1), mode="reflect"), weight, stride=stride, groups=x.shape[1])


def means(_network: Written, x: Tensor, stride: int) -> Tensor:
    """Windows that stick out of the map average what lies inside."""
    height, width = (-(-edge // stride) for edge in x.shape[2:])
    rows = [x[:, :, row * stride : (row + 1) * stride] for row in range(height)]
    cut = [[row[..., place * stride : (place + 1) * stride].mean((2, 3)) for place in range(width)] for row in rows]
    return torch.stack([torch.stack(row, -1) for row in cut], -2)


ORACLES = {"downsampling=strided_conv": None, "downsampling=blurred": blurred, "downsampling=mean_pool": means}
