"""Networks as they are measured: freshly drawn, or copies that can be read inside; batch norms by choice."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import torch
from torch import Tensor, nn

from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import InputError
from resnet_gui.data.datasets import DIGITS
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import KINDS
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.structure import Plan
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.lab.norm_statistics import measured_norms, measuring
from resnet_gui.network.fresh import fresh_network
from resnet_gui.network.resnet import ResNet

CPU: Final = torch.device("cpu")

SHORT_LAYER: Final = 500_000_000
"""Multiply-accumulates of a layer, on average, below which a second thread is no use."""


@contextmanager
def exact_arithmetic(threads: int) -> Iterator[None]:
    """Within it, torch computes in plain fp32 and to the same bits each time.

    On a GPU it else may round to TF32, choose among algorithms by timing, and add in any order.

    Args:
        threads: on the CPU, for each operation.
    """
    before, tf32 = torch.get_num_threads(), torch.backends.cuda.matmul.allow_tf32
    torch.set_num_threads(threads)
    torch.backends.cuda.matmul.allow_tf32 = False
    try:
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
            yield
    finally:
        torch.set_num_threads(before)
        torch.backends.cuda.matmul.allow_tf32 = tf32


def useful_threads_of(planned: Plan, pictures: int) -> int:
    """Threads for a batch of so many pictures: one where layers are too short for more.

    Measured while other processes compute too: two threads cost five to eleven times as much processor time as one, as
    each waits for the other at the end of every layer; alone they gain a third.
    """
    macs = totals(planned).cost.macs * pictures // planned.spec.depth
    return 1 if macs < SHORT_LAYER else torch.get_num_threads()


def seeded(purpose: str, seed: int) -> torch.Generator:
    """Random numbers for one purpose; the weights of the same seed are drawn from others."""
    digest = hashlib.sha256(f"{purpose} {seed}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)


def draw_network(spec: ResNetSpec, seed: int, device: torch.device) -> ResNet:
    """A network in eval mode with the weights of a seed, which no other use of random numbers changes.

    Designs of one seed begin with the same numbers: a plain network and its residual twin of option A have the same
    weights, so that they differ in the shortcuts alone.
    """
    return without_overwriting(fresh_network(plan(spec), seed)).to(device)


def without_overwriting(network: ResNet) -> ResNet:
    """The same network, no layer of which works in place, so that every map can be read when all is computed."""
    for path, layer in network.plan.layers():
        if KINDS[layer.kind].in_place:
            network.get_submodule(path).inplace = False  # type: ignore[assignment]
    return network


def readable_copy(network: ResNet, device: torch.device) -> ResNet:
    """A copy in eval mode that can be read inside and sent elsewhere; the network stays as it is."""
    return without_overwriting(copy.deepcopy(network)).requires_grad_(False).eval().to(device)


def use_batch_statistics(network: nn.Module) -> None:
    """Let batch norms use mean and variance of each batch; all else, such as dropout, stays as in evaluation."""
    network.eval()
    for module in measured_norms(network):
        module.train()


@torch.no_grad()
def fix_statistics(network: nn.Module, compute: Callable[[], object]) -> None:
    """Let batch norms keep the mean and variance of what each reads in one computation, as constants.

    Args:
        network: in eval mode from here on.
        compute: runs the network on one batch; each norm already works with its new statistics.
    """
    network.eval()
    with measuring(network):
        compute()


def digits_of(shape: Shape) -> tuple[Tensor, Tensor]:
    """The training digits of the set inside at the size of an input, (N, C, H, W) normalised, and labels (N,)."""
    data = load(DIGITS, shape)
    mean, std = (torch.tensor(each).view(1, -1, 1, 1) for each in (data.identity.mean, data.identity.std))
    return (data.train.images.float() / 255 - mean) / std, data.train.labels


def check_finite(values: Tensor, what: str) -> None:
    """Refuse a result that overflowed.

    Raises:
        InputError: a value is no finite number.
    """
    if not bool(torch.isfinite(values).all()):
        raise InputError(f"{what} is too large for fp32; choose a design with norms, or with fewer blocks.")
