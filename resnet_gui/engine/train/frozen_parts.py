"""The parts of a network that do not learn: they cost a forward pass in evaluation, and nothing else."""

from __future__ import annotations

from math import prod
from typing import Final

import torch
from torch import Tensor, nn

from resnet_gui.design.choices import KINDS
from resnet_gui.engine.data.loaders import are_features
from resnet_gui.engine.malloc import keep_blocks
from resnet_gui.engine.train.recompute import keep_blocks_whole
from resnet_gui.network.fusion import FUSING_ERRORS, folded, fused
from resnet_gui.network.parts import first_parts, other_parts
from resnet_gui.network.resnet import ResNet
from resnet_gui.training.recipe import FrozenNorms

ROUNDING: Final = 1e-4
"""Largest difference of what fused parts make, as a fraction of its largest value."""


class FrozenParts:
    """The first parts of a network, which do not learn.

    Their parameters need no gradient, so that autograd keeps nothing of them, no optimiser has a state for them and no
    weight decay reaches them. Where their norms keep their statistics they compute by a copy with norms, activations
    and additions inside the convolutions: measured, two thirds of the time of ResNet-18's first stages in evaluation on
    a CPU, and six tenths of that in training.

    Attributes:
        count: how many parts.
        rest: what learns, as a module that reads what the frozen parts make.
    """

    def __init__(self, model: ResNet, count: int, norms: FrozenNorms, *, fp32: bool = True) -> None:
        self.count = count
        self.rest = other_parts(model, count)
        self._model, self._modules = model, first_parts(model, count)
        self._keeps, self._fp32 = norms == "keep", fp32
        own = [(path, KINDS[layer.kind]) for part, path, layer in model.plan.parts() if part < count]
        self._norms = [model.get_submodule(path) for path, kind in own if kind.is_norm]
        self._copy: nn.Module | None = None
        model.requires_grad_(requires_grad=True)
        self._modules.requires_grad_(requires_grad=False)

    def set_modes(self) -> None:
        """Put the frozen modules of a network in training mode into the mode that they compute in."""
        if self.count:
            self._modules.eval()
            for norm in () if self._keeps else self._norms:
                norm.train()

    @torch.no_grad()
    def __call__(self, images: Tensor, *, plain: bool = False) -> Tensor:
        """What the frozen parts make of normalised pictures (N, C, H, W), without a gradient; of no parts, these.

        Args:
            images: on the device; features (N, D), which were made of them already, have their shape again.
            plain: whether the network's own modules compute, which are probed; their result differs by rounding.
        """
        if are_features(images):
            return images.view(-1, *self._model.plan.input_of_part(self.count))
        if not self.count:
            return images
        made: Tensor = (self._modules if plain or not self._keeps else self._fast())(images)
        return made

    def tested(self, network: nn.Module, images: Tensor) -> Tensor:
        """The logits of a network in evaluation mode that has the same frozen parts, such as an average's."""
        if not self.count or not self._keeps or not isinstance(network, ResNet):
            logits: Tensor = network(images)
            return logits
        return other_parts(network, self.count)(self(images))  # type: ignore[no-any-return]

    @property
    def parameters(self) -> tuple[int, int]:
        """Values of the parameters that are frozen, and of those that learn."""
        frozen = sum(value.numel() for value in self._modules.parameters())
        return frozen, sum(value.numel() for value in self._model.parameters()) - frozen

    @property
    def fixed(self) -> frozenset[int]:
        """Addresses of the parameters and buffers that stay as they are."""
        buffers = self._modules.buffers() if self._keeps else ()
        return frozenset(value.data_ptr() for value in (*self._modules.parameters(), *buffers))

    def forget(self) -> None:
        """Compute by the network's weights as they are by now: they were replaced."""
        self._copy = None

    def _fast(self) -> nn.Module:
        if self._copy is None:
            # A tensor that is made for inference could not be used in a step.
            with torch.inference_mode(mode=False), torch.no_grad():
                self._copy = self._fastest()
        return self._copy

    def _fastest(self) -> nn.Module:
        """A copy with what oneDNN can compute in one pass, where it has that and makes the same, else with less."""
        plain = self._folded_parts()
        device = next(plain.parameters()).device
        if device.type != "cpu" or not self._fp32:
            return plain
        keep_blocks()
        shape = self._model.plan.spec.input
        # Always the same picture: a run that goes on has to choose as it did before.
        example = torch.linspace(-2, 2, prod(shape)).view(1, *shape)
        expected = plain(example)
        del plain  # one copy of the weights at a time
        try:
            made = first_parts(fused(self._folded()), self.count)
            difference = (made(example) - expected).abs().max()
        except FUSING_ERRORS:
            return self._folded_parts()
        return made if bool(difference <= ROUNDING * expected.abs().max()) else self._folded_parts()

    def _folded(self) -> ResNet:
        made = folded(self._model).requires_grad_(requires_grad=False)
        keep_blocks_whole(made)
        return made

    def _folded_parts(self) -> nn.Module:
        return first_parts(self._folded(), self.count)
