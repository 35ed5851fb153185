"""The mean and the deviation of the pictures, where a network keeps them beside its layers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import msgspec
from torch import Tensor

from resnet_gui.checkpoints.tensor_layers import normalisation_role, normalises

BYTES: Final = 255.0
"""The largest value of a pixel, where a mean is one of bytes."""


class StoredNormalisation(msgspec.Struct, frozen=True):
    """A pair of tensors that normalises pictures.

    Attributes:
        names: of the tensors, the mean's first.
        mean, std: of each channel, on the scale 0 to 1; empty where the values can be none.
    """

    names: tuple[str, str]
    mean: tuple[float, ...]
    std: tuple[float, ...]


def stored_normalisation(state: Mapping[str, Tensor], channels: int) -> StoredNormalisation | None:
    """The first pair of a mean and a deviation that a file holds for so many channels; None if it has none.

    Values of bytes (0 to 255) are brought to the scale 0 to 1.
    """
    found: dict[str, dict[str, str]] = {}
    for name, tensor in state.items():
        if normalises(name, tuple(tensor.shape)) and tensor.numel() in {1, channels} and tensor.is_floating_point():
            found.setdefault(name.rpartition(".")[0], {}).setdefault(normalisation_role(name), name)
    for roles in found.values():
        if len(roles) == 2:
            names = roles["mean"], roles["std"]
            mean, std = (_values(state[name], channels) for name in names)
            return StoredNormalisation(names, *scaled(mean, std))
    return None


def _values(tensor: Tensor, channels: int) -> tuple[float, ...]:
    values = [float(value) for value in tensor.reshape(-1).tolist()]
    return tuple(values * channels if len(values) == 1 else values)


def scaled(mean: tuple[float, ...], std: tuple[float, ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation on the scale 0 to 1; both empty if they can be none of pictures."""
    if not all(map(math.isfinite, (*mean, *std))) or min(mean) < 0 or max(mean) > BYTES or min(std) <= 0:
        return (), ()
    if max(mean) > 1 or max(std) > 16:
        mean, std = (tuple(value / BYTES for value in values) for values in (mean, std))
    return (mean, std) if 1e-6 <= min(std) <= max(std) <= BYTES else ((), ())
