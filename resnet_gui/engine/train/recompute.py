"""Blocks that keep only what they read and are computed again in the backward pass (Chen et al. 2016)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

from torch import Tensor, nn
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
    """What surrounds a block when it is computed, and when it is computed again."""
    buffers = [(module, *each) for module in block.modules() for each in module.named_buffers(recurse=False)]
    return nullcontext(), _as_before([(module, name, value.clone()) for module, name, value in buffers])


@contextmanager
def _as_before(buffers: list[tuple[nn.Module, str, Tensor]]) -> Iterator[None]:
    """Compute with buffers as they were: running statistics, of a norm of any kind, take in a batch once.

    The own ones are back afterwards. To write values into them would not do: autograd refuses buffers that have changed
    since it saved them.
    """
    own = [(module, name, module.get_buffer(name)) for module, name, _ in buffers]
    for module, name, value in buffers:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in own:
            setattr(module, name, value)
