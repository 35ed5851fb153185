"""Layers that mix channels: convolutions and the linear layer."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from resnet_gui.design.bounds import Shape
from resnet_gui.design.layer_kind import CodeArguments, Geometry, LayerKind

if TYPE_CHECKING:
    from torch import nn

    from resnet_gui.design.structure import LayerPlan


def _with_bias(layer: LayerPlan, weight: Shape) -> dict[str, Shape]:
    return {"weight": weight, "bias": weight[:1]} if layer.bias else {"weight": weight}


def _filters(layer: LayerPlan) -> Shape:
    return layer.output[0], layer.input[0] // layer.groups, layer.kernel, layer.kernel


def _pill(layer: LayerPlan) -> str:
    stride = f", /{layer.stride}" if layer.stride > 1 else ""
    stride += f", d{layer.dilation}" if layer.dilation > 1 else ""
    groups = f", g{layer.groups}" if layer.groups > 1 else ""
    return f"{layer.kernel}×{layer.kernel}, {layer.output[0]}{stride}{groups}"


def _conv_module(layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.Conv2d(
        layer.input[0],
        layer.output[0],
        layer.kernel,
        stride=layer.stride,
        padding=layer.padding,
        dilation=layer.dilation,
        groups=layer.groups,
        bias=layer.bias,
    )


def _linear_module(layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.Linear(layer.input[0], layer.output[0], bias=layer.bias)


def conv_arguments(layer: CodeArguments) -> str:
    """What stands between the brackets of a convolution of the exported file."""
    options = [layer.inputs, layer.outputs, layer.kernel]
    options += [f"stride={layer.stride}"] * bool(layer.stride) + [f"padding={layer.padding}"] * bool(layer.padding)
    options += [f"dilation={layer.dilation}"] * bool(layer.dilation)
    options += [f"groups={layer.groups}"] * bool(layer.groups) + ["bias=False"] * (not layer.bias)
    return ", ".join(options)


def _biases(layer: LayerPlan) -> int:
    return prod(layer.output) if layer.bias else 0


CONV = LayerKind(
    key="conv",
    title="Conv",
    pill=_pill,
    opens=lambda _layer: True,
    note=lambda layer: f"{layer.kernel}×{layer.kernel}",
    geometry=lambda _layer: Geometry.WINDOW,
    channels=lambda _layer: "one for each filter",
    tensors=lambda layer: _with_bias(layer, _filters(layer)),
    macs=lambda layer: prod(_filters(layer)) * layer.output[1] * layer.output[2],
    mixes=True,
    stored=True,
    grouped=True,
    zeroed=True,
    saved_maps=lambda _layer: "input",
    working=lambda layer: f"{layer.output[0]} · {layer.input[0] // layer.groups} · {layer.kernel}²",
    torchinfo=_biases,
    torchinfo_note="additions of biases",
    relevance="weights",
    module=_conv_module,
    code=lambda layer: f"nn.Conv2d({conv_arguments(layer)})",
)

LINEAR = LayerKind(
    key="linear",
    title="Linear",
    geometry=lambda _layer: Geometry.LINEAR,
    tensors=lambda layer: _with_bias(layer, (layer.output[0], layer.input[0])),
    macs=lambda layer: layer.output[0] * layer.input[0],
    mixes=True,
    stored=True,
    saved_maps=lambda _layer: "input",
    working=lambda layer: f"{layer.output[0]} · {layer.input[0]}",
    torchinfo=_biases,
    torchinfo_note="additions of biases",
    relevance="weights",
    module=_linear_module,
    code=lambda layer: f"nn.Linear({layer.inputs}, {layer.outputs})",
)
