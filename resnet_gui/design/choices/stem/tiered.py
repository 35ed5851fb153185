"""Three 3×3 of growing width, the first of stride 2, and the pooling (timm's ResNet-T)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resnet_gui.design.choice import StemChoice

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.spec import ResNetSpec


def _inner(spec: ResNetSpec) -> tuple[int, int]:
    """Three eighths and a half of the third's channels: 24, 32, 64 (timm's ``deep_tiered``)."""
    half = max(1, spec.stem_channels // 2)
    return max(1, 3 * (half // 4)), half


def _layers(builder: BlockBuilder) -> None:
    # The places of the deep stem.
    for place, channels, stride in zip((0, 3), _inner(builder.spec), (2, 1), strict=True):
        builder.conv(f"conv1.{place}", channels, 3, stride)
        builder.norm(f"conv1.{place + 1}")
        builder.activate(f"conv1.{place + 2}", named=True)
    builder.conv("conv1.6", builder.outputs, 3)


def _undetermined(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    yield "stem", f"what pooling follows the three convolutions; taken: {spec.stem_pool}, see stem_pool."


TIERED = StemChoice(
    key="tiered",
    title="three 3×3 of growing width, max-pooling",
    option="tiered 3×3, max-pool",
    short="tiered 3 × 3×3 + pool",
    help="As the deep stem, the first of three eighths of its channels (timm's ResNet-T).",
    rank=10,
    large=True,
    inner=_inner,
    strides=(2, 2),
    pools=True,
    references=("TRICKS",),
    layers=_layers,
    undetermined=_undetermined,
)
