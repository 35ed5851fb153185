"""What every method of attribution is given and returns, and the logit that all of them explain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Final, TypeAlias

import torch
from torch import Tensor

from resnet_gui.design.structure import Plan
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.attribution_settings import AttributionSettings

PASS_BYTES: Final = 192 * 2**20
"""Bytes of all maps of a network that one batch may make; autograd keeps them until the way back."""

MOST_PICTURES: Final = 64
"""Of a batch: more are no faster, and between two batches somebody may give up."""

_FP32: Final = 4

Passed: TypeAlias = "Callable[[int], None]"
"""Takes how many pictures have passed through the network since it was last called; may raise to end the work."""


def passes_at_once(planned: Plan) -> int:
    """How many pictures one batch may hold, so that its maps stay within ``PASS_BYTES``."""
    each = _FP32 * sum(prod(layer.output) for _, layer in planned.layers())
    return max(1, min(MOST_PICTURES, PASS_BYTES // each))


@dataclass(frozen=True)
class AttributionQuestion:
    """The question that a method answers about a network.

    Attributes:
        x: the normalised picture (1, C, H, W).
        blank: what stands for "nothing" there, of the same shape.
        target: number of the class.
        settings: how; a window, stride and location of their own are filled in.
        batch: pictures that may pass through the network at once.
    """

    x: Tensor
    blank: Tensor
    target: int
    settings: AttributionSettings
    batch: int

    def logits(self, network: ResNet, x: Tensor) -> Tensor:
        """Logit of the class on pictures (N, C, H, W), (N,)."""
        return self.logit(network(x))

    def logit(self, output: Tensor) -> Tensor:
        """Logit of the class, (N,), of what a network puts out, (N, classes); one logit is that of class 1 of two."""
        if output.shape[1] == 1:
            return output[:, 0] if self.target == 1 else -output[:, 0]
        return output[:, self.target]

    def gradients(self, network: ResNet, x: Tensor) -> Tensor:
        """Gradient of the class's logit at pictures, each for itself; the shape of ``x``."""
        with torch.enable_grad():
            x = x.detach().requires_grad_(True)
            (gradient,) = torch.autograd.grad(self.logits(network, x).sum(), [x])
        return gradient

    def batches(self, count: int) -> Iterator[slice]:
        """The numbers below ``count``, a batch after the other."""
        for start in range(0, count, self.batch):
            yield slice(start, min(count, start + self.batch))


@dataclass(frozen=True)
class AttributionValues:
    """The answer of a method.

    Attributes:
        values: (C, H, W) of the pixels, or (1, H', W') where channels are not told apart; fp32, on the CPU.
        expected: what they should add up to with ``biases``; None where the method promises nothing.
        biases: what belongs to no pixel, see ``Attribution``.
    """

    values: Tensor
    expected: float | None = None
    biases: float = 0.0


AttributionMethod: TypeAlias = "Callable[[ResNet, AttributionQuestion, Passed], AttributionValues]"
