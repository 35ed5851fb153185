"""1×1 stride 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import StemChoice

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder


def _layers(builder: BlockBuilder) -> None:
    builder.conv("conv1", builder.outputs, 1)


ONE = StemChoice(
    key="1x1",
    title="1×1",
    help="A convolution that only widens the picture, met where the picture is a map of something else.",
    rank=9,
    layers=_layers,
)
