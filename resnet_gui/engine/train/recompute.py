"""Blocks that keep only what they read and are computed again in the backward pass (Chen et al. 2016)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

from torch import nn
from torch.utils.checkpoint import checkpoint

from resnet_gui.network.block import Block


def recompute_blocks(model: nn.Module) -> None:
    """Have every residual block computed twice; outputs, gradients and running statistics stay as they are."""
    for block in model.modules():
        if isinstance(block, Block):
            again = partial(
                checkpoint,
                block.forward,
                use_reentrant=False,
                context_fn=partial(_contexts, block),
            )
            # On the instance, so that names and hooks stay those of the block.
            vars(block)["forward"] = again


def keep_blocks_whole(model: nn.Module) -> None:
    """Have every residual block computed once again, as at first."""
    for block in model.modules():
        if isinstance(block, Block):
            vars(block).pop("forward", None)


def _contexts(block: nn.Module) -> tuple[Any, Any]:
    return nullcontext(), _without_statistics(block)


@contextmanager
def _without_statistics(block: nn.Module) -> Iterator[None]:
    """Running statistics must take in a batch once, and not again when it is computed again."""
    norms = [module for module in block.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
        if norm.num_batches_tracked is not None:
            norm.num_batches_tracked -= 1
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
