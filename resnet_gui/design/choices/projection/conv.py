"""A strided 1×1 convolution (He et al. 2015, section 4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resnet_gui.design.choice import ProjectionChoice

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.spec import ResNetSpec


def _layers(builder: BlockBuilder) -> int:
    builder.conv("downsample.0", builder.outputs, 1, builder.stride)
    return 1


def _undetermined(_spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    yield "projection", "whether an average pooling stands before the projection; taken: conv."


CONV = ProjectionChoice(
    key="conv",
    title="strided 1×1",
    help="Every stride-th pixel (He et al. 2015, section 4.1).",
    rank=1,
    layers=_layers,
    undetermined=_undetermined,
)
