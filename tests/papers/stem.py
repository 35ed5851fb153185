"""Stems (He et al. 2015, Table 1 and section 4.2; He et al. 2018, Fig. 2, ResNet-C)."""

from __future__ import annotations

import math

from torch import Tensor
from torch.nn import functional

from tests.papers import Written


def _max_pooled(x: Tensor) -> Tensor:
    edge = functional.pad(x, (1, 1, 1, 1), value=-math.inf)
    return edge.unfold(2, 3, 2).unfold(3, 3, 2).amax((4, 5))


def seven(network: Written, x: Tensor) -> Tensor:
    return network.stem_end(network.conv(x, "conv1", 7, 2))


def imagenet(network: Written, x: Tensor) -> Tensor:
    return _max_pooled(seven(network, x))


def deep(network: Written, x: Tensor) -> Tensor:
    for place, stride in ((0, 2), (3, 1)):
        x = network.run("na", network.conv(x, f"conv1.{place}", 3, stride), f"conv1.{place + 1}")
    return _max_pooled(network.stem_end(network.conv(x, "conv1.6", 3)))


def cifar(network: Written, x: Tensor) -> Tensor:
    return network.stem_end(network.conv(x, "conv1", 3))


def three(network: Written, x: Tensor) -> Tensor:
    return network.stem_end(network.conv(x, "conv1", 3, 2))


ORACLES = {"stem=imagenet": imagenet, "stem=7x7": seven, "stem=deep": deep, "stem=cifar": cifar, "stem=3x3": three}
