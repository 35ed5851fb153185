"""A strided 3×3 convolution as projection, met in public CIFAR checkpoints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from resnet_gui.design.choice import ProjectionChoice

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.spec import ResNetSpec

SAME_WHERE_ALL_STRIDE: Final = (
    "whether projections that do not stride are 3×3 too or 1×1, of which there are none; taken: {}."
)
"""The question about projections of 3×3 that all stride."""


def _layers(builder: BlockBuilder) -> int:
    builder.conv("downsample.0", builder.outputs, 3, builder.stride, dilation=builder.entry_dilation)
    return 1


def _undetermined(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    if 1 not in spec.projection_strides():
        yield "projection", SAME_WHERE_ALL_STRIDE.format("conv3x3")


CONV3X3 = ProjectionChoice(
    key="conv3x3",
    title="strided 3×3",
    help="A convolution that sees every pixel, met in public CIFAR checkpoints.",
    rank=3,
    kernels=(3,),
    layers=_layers,
    undetermined=_undetermined,
)
