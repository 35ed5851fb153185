"""The convolution strides (He et al. 2015, section 3.3)."""

from __future__ import annotations

from resnet_gui.design.choice import DownsamplingChoice

STRIDED = DownsamplingChoice(
    key="strided_conv",
    title="strided convolution",
    help="The convolution itself looks at every second position (He et al. 2015, section 3.3).",
    rank=1,
    strides=True,
)
