"""Which values the maps of a network take on pictures: what an 8-bit network needs to know of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from resnet_gui.network.block import Block
from resnet_gui.network.resnet import ResNet

Range = tuple[float, float]


class ActivationRanges(msgspec.Struct, frozen=True):
    """Smallest and largest value of maps, each the mean over pictures of a picture's own.

    The mean keeps one odd picture from making the steps of all others coarse; what lies outside is cut to the end.

    Attributes:
        inputs: path of a convolution -> range of what it reads.
        outputs: path of a layer or block -> range of what it writes.
    """

    inputs: dict[str, Range]
    outputs: dict[str, Range]


class _Sums:
    """Sums of the ends of ranges over pictures."""

    def __init__(self) -> None:
        self._found: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    def add(self, path: str, x: Tensor) -> None:
        """Take in a map (N, ...)."""
        flat = x.flatten(1).float()
        ends = torch.stack((flat.amin(1).double().sum(), flat.amax(1).double().sum()))
        self._found[path] = self._found[path] + ends if path in self._found else ends
        self._counts[path] = self._counts.get(path, 0) + len(x)

    def ranges(self) -> dict[str, Range]:
        """Their means."""
        means = {path: (ends / self._counts[path]).tolist() for path, ends in self._found.items()}
        return {path: (low, high) for path, (low, high) in means.items()}


def activation_ranges(model: ResNet, batches: Iterable[Tensor]) -> ActivationRanges:
    """Measure the ranges of all maps of a network that is folded (``network.fusion.folded``).

    Args:
        model: the network, in eval mode.
        batches: pictures (N, C, H, W), normalised.
    """
    read, written = _Sums(), _Sums()

    def before(path: str) -> Callable[[nn.Module, tuple[Any, ...]], None]:
        return lambda _module, given: read.add(path, given[0])

    def after(path: str) -> Callable[[nn.Module, tuple[Any, ...], Tensor], None]:
        return lambda _module, _given, made: written.add(path, made)

    handles = []
    for path, module in model.named_modules():
        if isinstance(module, nn.Conv2d):
            handles.append(module.register_forward_pre_hook(before(path)))
        if isinstance(module, Block) or not any(True for _ in module.children()):
            handles.append(module.register_forward_hook(after(path)))
    try:
        with torch.inference_mode():
            for batch in batches:
                model(batch)
    finally:
        for handle in handles:
            handle.remove()
    return ActivationRanges(read.ranges(), written.ranges())
