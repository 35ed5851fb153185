"""7×7 stride 2 without the pooling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resnet_gui.design.choice import StemChoice

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.spec import ResNetSpec


def _layers(builder: BlockBuilder) -> None:
    builder.conv("conv1", builder.outputs, 7, 2)


def _undetermined(_spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    yield "stem", "whether a pooling follows the 7×7 convolution; taken: no."


SEVEN = StemChoice(
    key="7x7",
    title="7×7 stride 2",
    option="7×7 /2",
    help="The ImageNet stem without the pooling.",
    rank=2,
    large=True,
    strides=(2,),
    layers=_layers,
    undetermined=_undetermined,
)
