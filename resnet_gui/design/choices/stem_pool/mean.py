"""2×2 means of stride 2 (CLIP, Radford et al. 2021, section 2.4; timm's resnetaa)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import StemPoolChoice
from resnet_gui.design.choices.stem_pool.max_padded import undetermined
from resnet_gui.design.kinds.pooling import AVG_WINDOW

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder


def _layers(builder: BlockBuilder) -> None:
    builder.window("maxpool", AVG_WINDOW, builder.outputs, kernel=2, stride=2)


MEAN = StemPoolChoice(
    key="means_2x2",
    title="2×2 means",
    help="Average pooling of stride 2 (CLIP, Radford et al. 2021; timm's resnetaa).",
    rank=4,
    floors=True,
    layers=_layers,
    undetermined=undetermined,
)
