"""The bottleneck of SENet-154, whose first convolution puts out half of the width of its 3×3 (Hu et al. 2017)."""

from __future__ import annotations

from resnet_gui.design.choice import BlockChoice, ConvUnit
from resnet_gui.design.choices.block.bottleneck import BOTTLENECK

HALF_BOTTLENECK = BlockChoice(
    key="half_bottleneck",
    title="half bottleneck",
    option="Half",
    short="half bottleneck",
    compared="Half bottleneck",
    rank=3,
    expansion=4,
    grouped=True,
    units=(ConvUnit(1, divisor=2), ConvUnit(3, grouped=True), ConvUnit(1, widens=True)),
    # It has as many convolutions as the bottleneck, so that it has the same depths.
    imagenet_blocks=BOTTLENECK.imagenet_blocks,
    cifar_depths=BOTTLENECK.cifar_depths,
    references=("SE",),
    help="A bottleneck whose first 1×1 puts out half of the 3×3's channels (SENet-154, Hu et al. 2017).",
)
