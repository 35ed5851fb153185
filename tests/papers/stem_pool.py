"""Poolings of a stem, each written by its windows."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from tests.papers import Written
from tests.papers.downsampling import blurred


def _windows(x: Tensor, size: int, stride: int) -> Tensor:
    return x.unfold(2, size, stride).unfold(3, size, stride)


def max_padded(_network: Written, x: Tensor) -> Tensor:
    return _windows(functional.pad(x, (1, 1, 1, 1), value=-math.inf), 3, 2).amax((4, 5))


def max_zeros(_network: Written, x: Tensor) -> Tensor:
    """The published code of BiT pads with zeros and then pools without padding."""
    return _windows(functional.pad(x, (1, 1, 1, 1)), 3, 2).amax((4, 5))


def max_ceil(_network: Written, x: Tensor) -> Tensor:
    """Caffe's rule: as many windows as it takes to see every pixel; the last one may stick out."""
    missing = [(2 - (edge - 3) % 2) % 2 for edge in x.shape[2:]]
    return _windows(functional.pad(x, (0, missing[1], 0, missing[0]), value=-math.inf), 3, 2).amax((4, 5))


def means(_network: Written, x: Tensor) -> Tensor:
    return _windows(x, 2, 2).mean((4, 5))


def max_blurred(network: Written, x: Tensor) -> Tensor:
    """Zhang 2019, section 3.2: the maximum at every pixel, then the blur that strides."""
    dense = _windows(functional.pad(x, (1, 1, 1, 1), value=-math.inf), 3, 1).amax((4, 5))
    found: Tensor = blurred(network, dense, 2)
    assert torch.is_tensor(found)
    return found


ORACLES = {
    "stem_pool=max_padded": max_padded, "stem_pool=max_zeros": max_zeros, "stem_pool=max_ceil": max_ceil,
    "stem_pool=means_2x2": means, "stem_pool=max_blurred": max_blurred,
}  # fmt: skip
