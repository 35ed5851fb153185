"""A strided 1×1 convolution as one of every stride-th pixel."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


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


def sample_first(model: nn.Module) -> None:
    """Have every strided 1×1 convolution of a network pick its pixels first."""
    for module in model.modules():
        if type(module) is nn.Conv2d and _samples(module):
            module.__class__ = SampledConv


def _samples(module: nn.Conv2d) -> bool:
    return module.kernel_size == (1, 1) and module.stride != (1, 1) and module.padding == (0, 0)
