"""Batch normalisation over all processes of a distributed training.

torch's own works on CUDA alone; this one computes the same on any device that its processes can talk about.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


class SynchronisedNorm(nn.BatchNorm2d):
    """Normalises (N, C, H, W) by mean and variance over the batches of all ranks (Ioffe and Szegedy 2015, eq. 1 to 4).

    Parameters, buffers and names are those of ``BatchNorm2d``.
    """

    def forward(self, x: Tensor) -> Tensor:
        """The normalised tensor; the running statistics are those of the whole batch too."""
        if not self.training:
            return super().forward(x)
        values = x.float()
        count = torch.tensor(float(x.numel() // x.shape[1]), device=x.device)
        dist.all_reduce(count)
        shape = (1, -1, 1, 1)
        mean = _total(values.sum((0, 2, 3))) / count
        centred = values - mean.view(shape)
        # Two rounds: the mean of squares minus the square of the mean would lose its digits.
        variance = _total(centred.square().sum((0, 2, 3))) / count
        self._remember(mean.detach(), variance.detach() * (count / (count - 1)))
        normal = centred * torch.rsqrt(variance + self.eps).view(shape)
        return (normal * self.weight.view(shape) + self.bias.view(shape)).to(x.dtype)

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        momentum = self.momentum if self.momentum is not None else 0.1
        for name, value in (("running_mean", mean), ("running_var", variance)):
            self.get_buffer(name).lerp_(value, momentum)
        self.get_buffer("num_batches_tracked").add_(1)


class _Sum(torch.autograd.Function):
    """The sum over all ranks; every rank's loss depends on each rank's values, so gradients are summed as well."""

    @staticmethod
    def forward(_context: Any, values: Tensor) -> Tensor:
        total = values.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(_context: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].clone()
        dist.all_reduce(total)
        return total


def _total(values: Tensor) -> Tensor:
    total: Tensor = _Sum.apply(values)
    return total


def synchronised(model: nn.Module, device: torch.device) -> nn.Module:
    """The model with every batch normalisation over all ranks; weights, buffers and names stay."""
    if device.type == "cuda":
        converted: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(model)  # type: ignore[no-untyped-call]
        return converted
    for module in model.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = SynchronisedNorm
    return model
