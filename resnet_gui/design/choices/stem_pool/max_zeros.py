"""3×3 maxima of stride 2 that see an edge of zeros (BiT: Kolesnikov et al. 2019, its published code)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import StemPoolChoice
from resnet_gui.design.choices.stem_pool.max_padded import undetermined
from resnet_gui.design.kinds.edges import ZERO_EDGE
from resnet_gui.design.kinds.pooling import MAX_POOL

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder


def _layers(builder: BlockBuilder) -> None:
    builder.window("maxpool_edge", ZERO_EDGE, builder.outputs, kernel=1, padding=1)
    builder.window("maxpool", MAX_POOL, builder.outputs, kernel=3, stride=2)


MAX_ZEROS = StemPoolChoice(
    key="max_zeros",
    title="3×3 maxima with an edge of zeros",
    option="3×3 maxima, zero edge",
    short="zero edge",
    help="The edge counts as zeros, which win where the stem is not activated (BiT, Kolesnikov et al. 2019).",
    rank=3,
    layers=_layers,
    undetermined=undetermined,
)
