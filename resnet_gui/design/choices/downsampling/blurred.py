"""The convolution sees every position, and a blur behind its activation strides (Zhang 2019, section 3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import DownsamplingChoice
from resnet_gui.design.kinds.edges import REFLECTION_EDGE
from resnet_gui.design.kinds.pooling import AVG_WINDOW

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder


def _layers(builder: BlockBuilder) -> None:
    # (1, 2, 1) / 4 along each axis is the mean of two neighbours, twice.
    channels = builder.conv_channels
    builder.window("aa.0", REFLECTION_EDGE, channels, kernel=1, padding=1)
    builder.window("aa.1", AVG_WINDOW, channels, kernel=2)
    builder.window("aa.2", AVG_WINDOW, channels, kernel=2, stride=builder.stride)


BLURRED = DownsamplingChoice(
    key="blurred",
    title="blur behind the convolution (anti-aliasing)",
    option="blur behind it",
    short="blur",
    help="A 3×3 binomial filter strides, behind the activation (Zhang 2019, section 3.2; timm's resnetblur).",
    rank=2,
    references=("R. Zhang: Making Convolutional Networks Shift-Invariant Again, 2019, arXiv:1904.11486",),
    layers=_layers,
    phrase=lambda _spec: "blocks stride by a blur (anti-aliasing)",
)
