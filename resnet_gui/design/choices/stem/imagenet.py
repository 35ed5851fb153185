"""7×7 stride 2 and 3×3 max-pooling stride 2 (He et al. 2015, Table 1)."""

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
    yield "stem", "whether a pooling follows the 7×7 convolution; taken: yes."


IMAGENET = StemChoice(
    key="imagenet",
    title="7×7 stride 2, max-pooling",
    option="7×7 /2, max-pool",
    short="7×7 /2 + pool",
    help="A convolution and a 3×3 pooling, both of stride 2 (He et al. 2015, Table 1).",
    rank=1,
    pill=("ImageNet", "7×7 /2 + max-pool"),
    large=True,
    strides=(2, 2),
    pools=True,
    layers=_layers,
    undetermined=_undetermined,
)
