"""Three 3×3 and a fourth in place of the pooling (Bello et al. 2021, ResNet-RS, section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import StemChoice

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.spec import ResNetSpec


def _inner(spec: ResNetSpec) -> tuple[int, int, int]:
    half = max(1, spec.stem_channels // 2)
    return half, half, spec.stem_channels


def _layers(builder: BlockBuilder) -> None:
    for place, channels, stride in zip((0, 3, 6), _inner(builder.spec), (2, 1, 1), strict=True):
        builder.conv(f"conv1.{place}", channels, 3, stride)
        builder.norm(f"conv1.{place + 1}")
        builder.activate(f"conv1.{place + 2}", named=True)
    builder.conv("conv1.9", builder.outputs, 3, 2)


DEEP_STRIDED = StemChoice(
    key="deep_strided",
    title="four 3×3, the first and the last of stride 2",
    option="four 3×3, no pooling",
    short="4 × 3×3 /4",
    help="The deep stem, a strided convolution in place of its pooling (ResNet-RS, Bello et al. 2021).",
    rank=11,
    large=True,
    inner=_inner,
    strides=(2, 2),
    references=("I. Bello et al.: Revisiting ResNets, 2021, arXiv:2103.07579",),
    layers=_layers,
)
