"""Group normalisation (Wu and He 2018)."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING

from resnet_gui.base.errors import SpecError
from resnet_gui.design.choice import NormChoice
from resnet_gui.design.layer_kind import LayerKind

if TYPE_CHECKING:
    from torch import nn

    from resnet_gui.design.spec import ResNetSpec
    from resnet_gui.design.structure import LayerPlan

_FP32 = 4


def _module(layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.GroupNorm(layer.groups, layer.output[0], eps=layer.eps)


def _statistics(layer: LayerPlan) -> int:
    """Bytes of mean and deviation of each group, for one picture."""
    return 2 * _FP32 * layer.groups


KIND = LayerKind(
    key="group_norm",
    title="GroupNorm",
    short="GN",
    on_shortcut="norm",
    grouped=True,
    tensors=lambda layer: {"weight": layer.output[:1], "bias": layer.output[:1]},
    stored=True,
    is_norm=True,
    zeroed=True,
    saved_maps=lambda _layer: "input",
    side_output_bytes=_statistics,
    working=lambda layer: f"2 · {layer.output[0]}",
    working_note="scale and shift",
    torchinfo=lambda layer: 2 * layer.output[0],
    torchinfo_note="scales and shifts of norms",
    fvcore=lambda layer: 5 * prod(layer.input),
    fvcore_note="for the values of norms",
    relevance="keeps",
    module=_module,
    code=lambda layer: f"nn.GroupNorm({layer.groups}, {layer.outputs}{layer.eps})",
)


def _refuse(spec: ResNetSpec) -> None:
    fitting = spec.fitting_norm_groups()
    if fitting == spec.norm_groups:
        return
    where, channels = next(
        (where, count)
        for where, count in spec.normed_channels()
        if count % spec.norm_groups or count <= spec.norm_groups
    )
    way_out = "use wider layers, or another norm" if fitting is None else f"use {fitting}"
    raise SpecError(
        "norm_groups",
        f"norm_groups is {spec.norm_groups}, which does not cut the {channels} channels of {where} into equal "
        f"groups of at least two; {way_out}.",
    )


def _undetermined(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    yield "norm_groups", f"into how many groups the channels are cut; taken: {spec.norm_groups}."


GROUP = NormChoice(
    key="group",
    title="group normalisation",
    option="group",
    help="Mean and variance of a group of channels of each picture (Wu & He 2018).",
    rank=2,
    kind=KIND,
    groups=True,
    references=("GN",),
    refuse=_refuse,
    phrase=lambda spec: f"group normalisation with {spec.norm_groups} groups",
    undetermined=_undetermined,
)
