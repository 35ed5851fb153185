"""A strided 3×3 convolution as projection, met in public CIFAR checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import ProjectionChoice

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder


def _layers(builder: BlockBuilder) -> int:
    builder.conv("downsample.0", builder.outputs, 3, builder.stride, dilation=builder.entry_dilation)
    return 1


CONV3X3 = ProjectionChoice(
    key="conv3x3",
    title="strided 3×3",
    help="A convolution that sees every pixel, met in public CIFAR checkpoints.",
    rank=3,
    kernel=3,
    layers=_layers,
)
