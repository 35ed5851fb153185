"""What is done to the shortcut's signal (He et al. 2016, section 3 and Table 1)."""

from __future__ import annotations

import torch
from torch import Tensor

from tests.papers import Place, Written


def _gate(network: Written, x: Tensor, place: Place) -> Tensor:
    return torch.sigmoid(network.conv(x, f"{place.name}.gate.0", 1, place.stride))


def none(_network: Written, _x: Tensor, f: Tensor, h: Tensor, _place: Place) -> tuple[Tensor, Tensor]:
    return f, h


def scaling(_network: Written, _x: Tensor, f: Tensor, h: Tensor, _place: Place) -> tuple[Tensor, Tensor]:
    return f, 0.5 * h


def scaling_both(_network: Written, _x: Tensor, f: Tensor, h: Tensor, _place: Place) -> tuple[Tensor, Tensor]:
    return 0.5 * f, 0.5 * h


def exclusive_gating(network: Written, x: Tensor, f: Tensor, h: Tensor, place: Place) -> tuple[Tensor, Tensor]:
    g = _gate(network, x, place)
    return g * f, (1 - g) * h


def shortcut_gating(network: Written, x: Tensor, f: Tensor, h: Tensor, place: Place) -> tuple[Tensor, Tensor]:
    return f, (1 - _gate(network, x, place)) * h


def dropout(network: Written, _x: Tensor, f: Tensor, h: Tensor, _place: Place) -> tuple[Tensor, Tensor]:
    assert not network.training, "what is dropped in training is drawn"
    return f, h


ORACLES = {
    "ablation=none": none,
    "ablation=scaling": scaling,
    "ablation=scaling_both": scaling_both,
    "ablation=exclusive_gating": exclusive_gating,
    "ablation=shortcut_gating": shortcut_gating,
    "ablation=dropout": dropout,
}
