"""Modules of the layers that every design may have; a kind that only one choice has brings its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor, nn

from resnet_gui.design.choices import KINDS
from resnet_gui.design.structure import LayerPlan


class Add(nn.Module):
    """The addition of a residual block, F(x) + x, as a module so that it can be seen, measured and hooked."""

    def forward(self, residual: Tensor, shortcut: Tensor) -> Tensor:
        """Element-wise sum of two tensors of one shape."""
        return residual + shortcut


class Scale(nn.Module):
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


def _conv(layer: LayerPlan) -> nn.Module:
    return nn.Conv2d(
        layer.input[0],
        layer.output[0],
        layer.kernel,
        stride=layer.stride,
        padding=layer.padding,
        groups=layer.groups,
        bias=layer.bias,
    )


def _average(layer: LayerPlan) -> nn.Module:
    if layer.kernel:
        # A window that sticks out of an odd map averages what lies inside (He et al. 2018, Fig. 2c, as timm has it).
        return nn.AvgPool2d(layer.kernel, stride=layer.stride, ceil_mode=True, count_include_pad=False)
    return nn.AdaptiveAvgPool2d((1, 1))


MODULES: Final[dict[str, Callable[[LayerPlan], nn.Module]]] = {
    "conv": _conv,
    "sigmoid": lambda _: nn.Sigmoid(),
    "max_pool": lambda layer: nn.MaxPool2d(layer.kernel, stride=layer.stride, padding=layer.padding),
    "avg_pool": _average,
    "flatten": lambda _: nn.Flatten(),
    "linear": lambda layer: nn.Linear(layer.input[0], layer.output[0], bias=layer.bias),
    "scale": lambda layer: Scale(layer.rate),
    "gate": lambda _: Gate(),
    "cogate": lambda _: Gate(complement=True),
    "dropout": lambda layer: nn.Dropout(layer.rate),
    "drop_path": lambda layer: DropPath(layer.rate),
    "add": lambda _: Add(),
}


def _missing(layer: LayerPlan) -> nn.Module:
    raise KeyError(f"no module is known for layers of kind {layer.kind}")


def build(layer: LayerPlan) -> nn.Module:
    """The torch module of a planned layer."""
    return MODULES.get(layer.kind, KINDS[layer.kind].module or _missing)(layer)


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
    """He initialisation (He et al. 2015, arXiv:1502.01852, eq. 10, fan-out), norms as the identity.

    The linear layer keeps torch's default, as in torchvision.
    """
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d | nn.GroupNorm):
        nn.init.ones_(module.weight)
        nn.init.zeros_(module.bias)
