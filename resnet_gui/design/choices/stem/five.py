"""5×5 stride 2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resnet_gui.design.choice import StemChoice

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.spec import ResNetSpec


def _layers(builder: BlockBuilder) -> None:
    builder.conv("conv1", builder.outputs, 5, 2)


def _undetermined(_spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    yield "stem", "whether a pooling follows the 5×5 convolution; taken: no."


FIVE = StemChoice(
    key="5x5",
    title="5×5 stride 2",
    option="5×5 /2",
    short="5×5 /2",
    help="A single 5×5 convolution of stride 2.",
    rank=7,
    strides=(2,),
    layers=_layers,
    undetermined=_undetermined,
)
