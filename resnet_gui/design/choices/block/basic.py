"""The basic block (He et al. 2015, Fig. 5, left)."""

from __future__ import annotations

from resnet_gui.design.choice import BlockChoice, ConvUnit

BASIC = BlockChoice(
    key="basic",
    title="basic",
    option="Basic",
    rank=1,
    units=(ConvUnit(3), ConvUnit(3, widens=True)),
    expansion=1,
    imagenet_blocks={18: (2, 2, 2, 2), 34: (3, 4, 6, 3)},
    cifar_depths=(20, 32, 44, 56, 110),
    help="Two 3×3 convolutions (He et al. 2015, Fig. 5, left).",
)
