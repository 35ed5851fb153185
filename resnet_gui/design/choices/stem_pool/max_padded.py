"""3×3 maxima of stride 2 with an edge that never wins (He et al. 2015, Table 1, as torchvision pads it)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resnet_gui.design.choice import StemPoolChoice
from resnet_gui.design.kinds.pooling import MAX_POOL

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.spec import ResNetSpec


def _layers(builder: BlockBuilder) -> None:
    builder.window("maxpool", MAX_POOL, builder.outputs, kernel=3, stride=2, padding=1)


def undetermined(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    """Poolings have no tensors."""
    how = "maxima (padded, zero edge or ceil mode), means, or blurred (anti-aliasing)"
    yield "stem_pool", f"how the stem pools: {how}; taken: {spec.stem_pool}."


MAX_PADDED = StemPoolChoice(
    key="max_padded",
    title="3×3 maxima",
    help="Stride 2, an edge of one pixel that never wins (He et al. 2015, Table 1; torchvision).",
    rank=1,
    layers=_layers,
    undetermined=undetermined,
)
