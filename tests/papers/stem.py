"""Stems (He et al. 2015, Table 1 and section 4.2; He et al. 2018, Fig. 2, ResNet-C)."""

from __future__ import annotations

from torch import Tensor

from tests.papers import Written


def pooled(network: Written, x: Tensor) -> Tensor:
    found: Tensor = network.oracle("stem_pool")(network, x)
    return found


def seven(network: Written, x: Tensor) -> Tensor:
    return network.stem_end(network.conv(x, "conv1", 7, network.first(2)))


def imagenet(network: Written, x: Tensor) -> Tensor:
    return pooled(network, seven(network, x))


def deep(network: Written, x: Tensor) -> Tensor:
    """Half as many channels in the first two."""
    half = max(1, network.spec.stem_channels // 2)
    assert [len(network.values[f"conv1.{place}.weight"]) for place in (0, 3)] == [half, half]
    return pooled(network, network.stem_end(network.conv(_rows(network, x, (0, 3)), "conv1.6", 3)))


def tiered(network: Written, x: Tensor) -> Tensor:
    """Three eighths of the channels, and a half."""
    half = max(1, network.spec.stem_channels // 2)
    assert [len(network.values[f"conv1.{place}.weight"]) for place in (0, 3)] == [max(1, half // 4 * 3), half]
    return pooled(network, network.stem_end(network.conv(_rows(network, x, (0, 3)), "conv1.6", 3)))


def _rows(network: Written, x: Tensor, places: tuple[int, ...]) -> Tensor:
    for place in places:
        stride = 1 if place else network.first(2)
        x = network.run("na", network.conv(x, f"conv1.{place}", 3, stride), f"conv1.{place + 1}")
    return x


def deep_strided(network: Written, x: Tensor) -> Tensor:
    """Bello et al. 2021, section 6: the pooling gives way to a convolution of its stride."""
    return network.stem_end(network.conv(_rows(network, x, (0, 3, 6)), "conv1.9", 3, 2))


def cifar(network: Written, x: Tensor) -> Tensor:
    return network.stem_end(network.conv(x, "conv1", 3, network.first(1)))


def three(network: Written, x: Tensor) -> Tensor:
    return network.stem_end(network.conv(x, "conv1", 3, network.first(2)))


def three_pooled(network: Written, x: Tensor) -> Tensor:
    return pooled(network, cifar(network, x))


def five(network: Written, x: Tensor) -> Tensor:
    return network.stem_end(network.conv(x, "conv1", 5, network.first(2)))


def five_pooled(network: Written, x: Tensor) -> Tensor:
    return pooled(network, five(network, x))


def one(network: Written, x: Tensor) -> Tensor:
    return network.stem_end(network.conv(x, "conv1", 1, network.first(1)))


ORACLES = {
    "stem=imagenet": imagenet, "stem=7x7": seven, "stem=deep": deep, "stem=tiered": tiered, "stem=cifar": cifar,
    "stem=3x3": three, "stem=3x3_pool": three_pooled, "stem=5x5": five, "stem=5x5_pool": five_pooled, "stem=1x1": one,
    "stem=deep_strided": deep_strided,
}  # fmt: skip
