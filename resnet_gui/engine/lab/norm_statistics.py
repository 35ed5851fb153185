"""Statistics of batch norms measured again: exactly those of what each norm reads, and put back afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Final

import torch
from torch import Tensor, nn

from resnet_gui.design.structure import Plan

LARGEST_MAP: Final = 2**27
"""Values of the largest map of a pass over all measuring pictures at once: half a GB."""


def measured_norms(network: nn.Module) -> tuple[nn.Module, ...]:
    """The norms that have running statistics."""
    return tuple(module for module in network.modules() if isinstance(getattr(module, "running_mean", None), Tensor))


def most_pictures(planned: Plan) -> int:
    """How many pictures can be measured over: they pass through the network together."""
    return max(1, LARGEST_MAP // max(prod(layer.output) for _, layer in planned.layers()))


def _measure(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    """Give a norm the mean and the variance (divided by n, as it normalises by in training) of what it reads."""
    x = inputs[0]
    variance, mean = torch.var_mean(x, dim=[0, *range(2, x.ndim)], correction=0)
    module.get_buffer("running_mean").copy_(mean)
    module.get_buffer("running_var").copy_(variance)


@contextmanager
def measuring(network: nn.Module) -> Iterator[None]:
    """Within it, each norm in eval mode measures what it reads before it normalises: one pass, layer by layer.

    What a norm reads was normalised by statistics that are measured already, so that all of them belong together. A
    pass has all pictures in one batch.
    """
    hooks = [module.register_forward_pre_hook(_measure) for module in measured_norms(network)]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@contextmanager
def kept_statistics(network: nn.Module) -> Iterator[None]:
    """Puts the statistics of all norms back as they were."""
    held = [
        (buffer, buffer.clone())
        for module in measured_norms(network)
        for buffer in (module.get_buffer("running_mean"), module.get_buffer("running_var"))
    ]
    try:
        yield
    finally:
        for buffer, before in held:
            buffer.copy_(before)
