"""Average pooling and then a 1×1 convolution (ResNet-D, He et al. 2018, section 4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resnet_gui.design.choice import ProjectionChoice

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.spec import ResNetSpec


def _layers(builder: BlockBuilder) -> int:
    builder.average("downsample.0", builder.stride)
    builder.conv("downsample.1", builder.outputs, 1)
    return 2


def _undetermined(_spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    yield "projection", "whether an average pooling stands before the projection; taken: avg_pool."


AVG_POOL = ProjectionChoice(
    key="avg_pool",
    title="average pooling before the projection (ResNet-D)",
    option="average pooling, then 1×1",
    help="The pooling strides (ResNet-D, He et al. 2018, section 4.2).",
    rank=2,
    references=("TRICKS",),
    layers=_layers,
    phrase=lambda _spec: "average pooling before the projection (ResNet-D)",
    undetermined=_undetermined,
)
