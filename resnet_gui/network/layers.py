"""Modules that torch does not have, and how the modules of planned layers are made and put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor, nn

from resnet_gui.design.choices import KINDS
from resnet_gui.design.structure import LayerPlan


class Add(nn.Module):
    """The addition of a residual block, F(x) + x, as a module so that it can be seen, measured and hooked."""

    def forward(self, residual: Tensor, shortcut: Tensor) -> Tensor:
        """Element-wise sum of two tensors of one shape."""
        return residual + shortcut


class FixedScale(nn.Module):
    """A constant factor (He et al. 2016, section 3.1, constant scaling)."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        """The tensor times the factor."""
        return x * self.factor

    def extra_repr(self) -> str:
        """What ``print`` shows."""
        return f"factor={self.factor}"


class Gate(nn.Module):
    """x · g, or x · (1 − g) where ``complement`` (He et al. 2016, section 3.1; Hu et al. 2017, eq. 4)."""

    def __init__(self, *, complement: bool = False) -> None:
        super().__init__()
        self.complement = complement

    def forward(self, x: Tensor, gate: Tensor) -> Tensor:
        """A tensor (N, C, H, W) weighed by a gate of its shape or (N, C, 1, 1)."""
        return x * (1 - gate) if self.complement else x * gate

    def extra_repr(self) -> str:
        """What ``print`` shows."""
        return f"complement={self.complement}"


class DropPath(nn.Module):
    """Stochastic depth: drops whole branches, one draw a picture, and scales what is left (Huang et al. 2016)."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """The branch in evaluation; in training 0 or branch / (1 − rate) for each picture."""
        if not self.training:
            return x
        kept = torch.empty((x.shape[0], 1, 1, 1), dtype=x.dtype, device=x.device).bernoulli_(1 - self.rate)
        return x * kept.div_(1 - self.rate)

    def extra_repr(self) -> str:
        """What ``print`` shows."""
        return f"rate={self.rate:g}"


def build(layer: LayerPlan) -> nn.Module:
    """The torch module of a planned layer, as its kind has it."""
    module = KINDS[layer.kind].module
    if module is None:
        raise KeyError(f"no module is known for layers of kind {layer.kind}")
    return module(layer)


class Layers(nn.Module):
    """Modules that run one after the other, under the names that the plan gives them."""

    def forward(self, x: Tensor) -> Tensor:
        """Each reads what the last one wrote."""
        for module in self.children():
            x = module(x)
        return x


def attach(
    parent: nn.Module, layers: Iterable[LayerPlan], containers: Mapping[str, type[nn.Module]] = MappingProxyType({})
) -> None:
    """Build layers under a module; ``conv1.0`` becomes the module ``0`` inside ``conv1``.

    ``containers`` says of what type a module with inner ones is, by its name, if it is no simple row.
    """
    for layer in layers:
        *path, name = layer.name.split(".")
        place = parent
        for part in path:
            if not hasattr(place, part):
                place.add_module(part, containers.get(part, Layers)())
            place = place.get_submodule(part)
        place.add_module(name, build(layer))


def initialise(module: nn.Module) -> None:
    """He initialisation of convolutions (He et al. 2015, arXiv:1502.01852, eq. 10, fan-out).

    Everything else begins as its kind makes it: norms as the identity, linear layers with torch's default, as in
    torchvision.
    """
    # Without values (device "meta"), torch takes milliseconds for each to draw nothing.
    if isinstance(module, nn.Conv2d) and not module.weight.is_meta:
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
