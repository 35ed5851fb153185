"""A 5×5 of stride 2 and a 3×3 of stride 2, without pooling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import StemChoice

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.spec import ResNetSpec


def _inner(spec: ResNetSpec) -> tuple[int]:
    return (max(1, spec.stem_channels // 4),)


def _layers(builder: BlockBuilder) -> None:
    builder.conv("conv1.0", *_inner(builder.spec), 5, 2)
    builder.norm("conv1.1")
    builder.activate("conv1.2", named=True)
    builder.conv("conv1.3", builder.outputs, 3, 2)


TWO = StemChoice(
    key="two",
    title="5×5 and 3×3, stride 2 each",
    rank=9,
    help="Two convolutions.",
    large=True,
    inner=_inner,
    strides=(2, 2),
    layers=_layers,
)
