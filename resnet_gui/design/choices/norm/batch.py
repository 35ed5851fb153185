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

    return nn.BatchNorm2d(layer.output[0], eps=layer.eps)


KIND = LayerKind(
    key="bn",
    title="BN",
    tensors=_tensors,
    stored=True,
    is_norm=True,
    zeroed=True,
    saved_maps=lambda _layer: "input",
    saved_batch_bytes=lambda layer: 2 * _FP32 * layer.output[0],
    folds=True,
    working=lambda layer: f"2 · {layer.output[0]}",
    working_note="scale and shift",
    torchinfo=lambda layer: 2 * layer.output[0],
    torchinfo_note="scales and shifts of norms",
    fvcore=lambda layer: 2 * prod(layer.input),
    fvcore_note="for the values of norms",
    relevance="keeps",
    module=_module,
    code=lambda layer: f"nn.BatchNorm2d({layer.outputs}{layer.eps})",
)

BATCH = NormChoice(
    key="batch",
    title="batch normalisation",
    option="batch",
    help="Mean and variance of a channel over the batch (Ioffe & Szegedy 2015).",
    rank=1,
    kind=KIND,
    references=("BN",),
)
