"""3×3 maxima at every pixel, blurred by a stride of 2 (Zhang 2019, section 3.2, MaxBlurPool)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import StemPoolChoice
from resnet_gui.design.choices.stem_pool.max_padded import undetermined
from resnet_gui.design.kinds.edges import REFLECTION_EDGE
from resnet_gui.design.kinds.pooling import AVG_WINDOW, MAX_POOL

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder


def _layers(builder: BlockBuilder) -> None:
    channels = builder.outputs
    builder.window("maxpool", MAX_POOL, channels, kernel=3, padding=1)
    # (1, 2, 1) / 4 along each axis is the mean of two neighbours, twice.
    builder.window("blur_edge", REFLECTION_EDGE, channels, kernel=1, padding=1)
    builder.window("blur1", AVG_WINDOW, channels, kernel=2)
    builder.window("blur2", AVG_WINDOW, channels, kernel=2, stride=2)


MAX_BLURRED = StemPoolChoice(
    key="max_blurred",
    title="blurred 3×3 maxima (anti-aliased)",
    option="3×3 maxima, blurred",
    short="blurred",
    help="Maxima at every pixel, then a blur that strides (Zhang 2019, section 3.2; timm's resnetblur).",
    rank=5,
    references=("R. Zhang: Making Convolutional Networks Shift-Invariant Again, 2019, arXiv:1904.11486",),
    layers=_layers,
    undetermined=undetermined,
)
