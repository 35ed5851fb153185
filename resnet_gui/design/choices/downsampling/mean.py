"""The convolution sees every position, and average pooling behind its activation strides (CLIP; timm's resnetaa)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import DownsamplingChoice

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder


def _layers(builder: BlockBuilder) -> None:
    builder.average("aa.0", builder.stride)


MEAN = DownsamplingChoice(
    key="mean_pool",
    title="average pooling behind the convolution",
    option="average pooling behind it",
    short="average pooling",
    help="Average pooling strides, behind the activation (CLIP, Radford et al. 2021, section 2.4; timm's resnetaa).",
    rank=3,
    layers=_layers,
    phrase=lambda _spec: "blocks stride by average pooling",
)
