"""5×5 stride 2 and a pooling."""

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
    yield "stem", "whether a pooling follows the 5×5 convolution; taken: yes."


FIVE_POOLED = StemChoice(
    key="5x5_pool",
    title="5×5 stride 2, max-pooling",
    option="5×5 /2, max-pool",
    short="5×5 /2 + pool",
    help="A 5×5 convolution of stride 2, then the pooling.",
    rank=8,
    large=True,
    strides=(2, 2),
    pools=True,
    layers=_layers,
    undetermined=_undetermined,
)
