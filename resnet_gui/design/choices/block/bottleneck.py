"""The bottleneck (He et al. 2015, Fig. 5, right)."""

from __future__ import annotations

from resnet_gui.design.choice import BlockChoice, ConvUnit

BOTTLENECK = BlockChoice(
    key="bottleneck",
    title="bottleneck",
    option="Bottleneck",
    rank=2,
    expansion=4,
    grouped=True,
    units=(ConvUnit(1), ConvUnit(3, grouped=True), ConvUnit(1, widens=True)),
    imagenet_blocks={50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3), 200: (3, 24, 36, 3)},
    cifar_depths=(29, 47, 83, 110, 164),
    help="1×1, 3×3 and 1×1 convolutions, four times as many channels out (He et al. 2015, Fig. 5, right).",
)
