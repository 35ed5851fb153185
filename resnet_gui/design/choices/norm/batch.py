"""Batch normalisation (Ioffe and Szegedy 2015)."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from resnet_gui.design.bounds import Shape
from resnet_gui.design.choice import NormChoice
from resnet_gui.design.layer_kind import LayerKind

if TYPE_CHECKING:
    from torch import nn

    from resnet_gui.design.structure import LayerPlan

_FP32 = 4


def _tensors(layer: LayerPlan) -> dict[str, Shape]:
    each = layer.output[:1]
    return {"weight": each, "bias": each, "running_mean": each, "running_var": each, "num_batches_tracked": ()}


def _module(layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.BatchNorm2d(layer.output[0])


KIND = LayerKind(
    key="bn",
    title="BN",
    tensors=_tensors,
    stored=True,
    is_norm=True,
    zeroed=True,
    keeps=lambda _layer: "input",
    fixed=lambda layer: 2 * _FP32 * layer.output[0],
    working=lambda layer: f"2 · {layer.output[0]}",
    working_note="scale and shift",
    torchinfo=lambda layer: 2 * layer.output[0],
    fvcore=lambda layer: 2 * prod(layer.input),
    module=_module,
    code=lambda layer: f"nn.BatchNorm2d({layer.outputs})",
)

BATCH = NormChoice(
    key="batch",
    title="batch normalisation",
    option="batch",
    rank=1,
    kind=KIND,
    references=("BN",),
)
