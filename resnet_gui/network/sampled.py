"""A strided 1×1 convolution as one of every stride-th pixel."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

T = TypeVar("T", bound=nn.Module)


class SampledConv(nn.Conv2d):
    """A strided 1×1 convolution that picks its pixels first, in channels-last layout.

    oneDNN (its issue 6035) writes past its buffers in the gradient of a strided one with few channels in that layout.
    Parameters and names are those of ``Conv2d``.
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (torch's name)
        """From (N, C, H, W) to (N, C', ⌈H/stride⌉, ⌈W/stride⌉)."""
        high, wide = self.stride
        picked = input[:, :, ::high, ::wide].contiguous(memory_format=torch.channels_last)
        return functional.conv2d(picked, self.weight, self.bias, groups=self.groups)


def laid_out(model: T, layout: torch.memory_format) -> T:
    """A network for feature maps of a layout; on the CPU its strided 1×1 convolutions pick their pixels first."""
    model.to(memory_format=layout)
    if layout == torch.channels_last and next(model.parameters()).device.type == "cpu":
        for module in model.modules():
            if type(module) is nn.Conv2d and _samples(module):
                module.__class__ = SampledConv
    return model


def _samples(module: nn.Conv2d) -> bool:
    return module.kernel_size == (1, 1) and module.stride != (1, 1) and module.padding == (0, 0)
