"""From the last map to a row of values (He et al. 2015, Table 1)."""

from __future__ import annotations

from torch import Tensor

from tests.papers import Written


def pool(network: Written, x: Tensor) -> Tensor:
    return network.classify(x.mean((2, 3)))


def flatten(network: Written, x: Tensor) -> Tensor:
    return network.classify(x.reshape(len(x), -1))


def none(_network: Written, x: Tensor) -> Tensor:
    """The features that a linear layer would read."""
    return x.mean((2, 3))


ORACLES = {"head=pool": pool, "head=flatten": flatten, "head=none": none}
