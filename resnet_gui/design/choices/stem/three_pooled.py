"""3×3 stride 1 and a pooling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resnet_gui.design.choice import StemChoice

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.spec import ResNetSpec


def _layers(builder: BlockBuilder) -> None:
    builder.conv("conv1", builder.outputs, 3)


def _undetermined(_spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    yield "stem", "whether a pooling follows the 3×3 convolution, and whether it strides; taken: stride 1, a pooling."


THREE_POOLED = StemChoice(
    key="3x3_pool",
    title="3×3, max-pooling",
    option="3×3, max-pool",
    short="3×3 + pool",
    help="A convolution of stride 1, then the pooling, met in public codes for small pictures.",
    rank=6,
    strides=(2,),
    pools=True,
    layers=_layers,
    undetermined=_undetermined,
)
