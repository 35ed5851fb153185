"""3×3 stride 1 (He et al. 2015, section 4.2)."""

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
    yield "stem", "whether the 3×3 convolution strides and a pooling follows; taken: stride 1, no pooling."


CIFAR = StemChoice(
    key="cifar",
    title="3×3",
    help="A single convolution of stride 1 (He et al. 2015, section 4.2).",
    rank=4,
    pill=("CIFAR", "3×3, no pool"),
    layers=_layers,
    undetermined=_undetermined,
)
