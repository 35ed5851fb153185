"""The parts of a network that do not learn: they cost a forward pass in evaluation, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from resnet_gui.design.choices import KINDS
from resnet_gui.network.block import Block
from resnet_gui.network.fusion import folded, fused
from resnet_gui.network.parts import first_parts, other_parts
from resnet_gui.network.resnet import ResNet
from resnet_gui.training.recipe import FrozenNorms

ROUNDING: Final = 1e-4
"""Largest difference of what fused parts compute, as a fraction of their largest value."""


class FrozenParts:
    """The first parts of a network, which do not learn.

    Their parameters need no gradient, so that autograd keeps nothing of them, no optimiser has a state for them and no
    weight decay reaches them. Where their norms keep their statistics they compute in evaluation, by a copy with norms,
    activations and additions inside the convolutions: measured, a third of the time of ResNet-18's first stages.

    Attributes:
        count: how many parts.
        rest: what learns, as a module that reads what the frozen parts make.
    """

    def __init__(self, model: ResNet, count: int, norms: FrozenNorms, *, half: bool = False) -> None:
        self.count = count
        self.rest = other_parts(model, count)
        self._model, self._modules = model, first_parts(model, count)
        self._kept, self._half = norms == "keep", half
        paths = {path for part, path, layer in model.plan.parts() if part < count and KINDS[layer.kind].is_norm}
        self._norms = [model.get_submodule(path) for path in paths]
        self._copy: nn.Module | None = None
        for part in (self._modules, self.rest) if count else (model,):
            for parameter in part.parameters():
                parameter.requires_grad_(part is not self._modules)

    def begin_step(self) -> None:
        """Put the frozen modules into the state that they compute in; the whole network is in training mode."""
        if self.count:
            self._modules.eval()
            for norm in () if self._kept else self._norms:
                norm.train()

    @torch.no_grad()
    def __call__(self, images: Tensor, *, plain: bool = False) -> Tensor:
        """What the frozen parts make of pictures (N, C, H, W): what the next part reads, without a gradient.

        Args:
            images: normalised.
            plain: whether the network's own modules compute, which probes look at; equal but for rounding.
        """
        if not self.count:
            return images
        made: Tensor = (self._modules if plain or not self._kept else self._ready(images))(images)
        return made
