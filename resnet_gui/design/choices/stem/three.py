"""3×3 stride 2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resnet_gui.design.choice import StemChoice

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.spec import ResNetSpec


def _layers(builder: BlockBuilder) -> None:
    builder.conv("conv1", builder.outputs, 3, 2)


def _undetermined(_spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    yield "stem", "whether the 3×3 convolution strides and a pooling follows; taken: stride 2, no pooling."


THREE = StemChoice(
    key="3x3",
    title="3×3 stride 2",
    option="3×3 /2",
    help="A single convolution of stride 2.",
    rank=5,
    strides=(2,),
    layers=_layers,
    undetermined=_undetermined,
)
