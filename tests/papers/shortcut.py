"""Shortcuts (He et al. 2015, sections 3.3 and 4.1)."""

from __future__ import annotations

import torch
from torch import Tensor

from tests.papers import Place, Shortcut, Written


def zero_padded(network: Written, x: Tensor, place: Place) -> Tensor:
    """Every stride-th pixel, and zeros for the new channels, some of them in front."""
    kept = x[:, :, :: place.stride, :: place.stride]
    before = network.oracle("pad_side")(place.channels - x.shape[1])
    h = torch.zeros(len(x), place.channels, *kept.shape[2:], dtype=x.dtype)
    h[:, before : before + x.shape[1]] = kept
    return h


ORACLES = {
    "shortcut=A": Shortcut(zero_padded),
    "shortcut=B": Shortcut(Written.project),
    "shortcut=C": Shortcut(Written.project, everywhere=True),
    "shortcut=none": Shortcut(None),
}
