"""Augmentation of a whole batch at once; each draw depends on seed and step alone, so that a resumed run repeats it."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from resnet_gui.spec.recipe import Augmentation

# Odd constants that keep the generators of order and augmentation apart for every seed and step.
_ORDER: Final = 0x9E3779B97F4A7C15
_AUGMENT: Final = 0xC2B2AE3D27D4EB4F
_MASK: Final = 2**63 - 1


def _generator(stream: int, seed: int, index: int) -> torch.Generator:
    mixed = (stream + seed * 0xD6E8FEB86659FD93 + index * 0xFF51AFD7ED558CCD) & (2**64 - 1)
    mixed ^= mixed >> 33
    mixed = (mixed * 0xC4CEB9FE1A85EC53) & (2**64 - 1)
    mixed ^= mixed >> 29
    return torch.Generator().manual_seed(mixed & _MASK)


def epoch_order(count: int, seed: int, epoch: int) -> Tensor:
    """The order of ``count`` pictures in an epoch: (count,) int64 on the CPU."""
    return torch.randperm(count, generator=_generator(_ORDER, seed, epoch))


def augment(batch: Tensor, kind: Augmentation, seed: int, step: int) -> Tensor:
    """Shift and mirror pictures at random (He et al. 2015, section 4.2: pad 4 of 32, crop, flip).

    Args:
        batch: (N, C, H, W), before normalisation; the padding is black.
        kind: "none", "shift" or "shift-flip".
        seed: of the run.
        step: that the batch belongs to.

    Returns:
        A tensor of the same shape.
    """
    if kind == "none":
        return batch
    count, _, height, width = batch.shape
    generator = _generator(_AUGMENT, seed, step)
    pads = [max(1, round(size / 8)) for size in (height, width)]
    offsets = [torch.randint(0, 2 * pad + 1, (count, 1), generator=generator).to(batch.device) for pad in pads]
    rows = offsets[0] + torch.arange(height, device=batch.device)
    columns = offsets[1] + torch.arange(width, device=batch.device)
    if kind == "shift-flip":
        mirrored = torch.rand((count, 1), generator=generator).to(batch.device) < 0.5
        columns = torch.where(mirrored, columns.flip(1), columns)
    padded = functional.pad(batch, (pads[1], pads[1], pads[0], pads[0]))
    numbers = torch.arange(count, device=batch.device)[:, None, None]
    # Advanced indices with a slice between them put the channels last.
    return padded[numbers, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
