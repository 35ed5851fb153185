"""Four 3×3 with norms and activations between them, the first of stride 2, and the pooling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import StemChoice

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.spec import ResNetSpec


def _inner(spec: ResNetSpec) -> tuple[int, ...]:
    return (max(1, spec.stem_channels // 2),) * 3


def _layers(builder: BlockBuilder) -> None:
    for number, channels in enumerate(_inner(builder.spec)):
        builder.conv(f"conv1.{3 * number}", channels, 3, 1 if number else 2)
        builder.norm(f"conv1.{3 * number + 1}")
        builder.activate(f"conv1.{3 * number + 2}", named=True)
    builder.conv("conv1.9", builder.outputs, 3)


FOUR = StemChoice(
    key="four", title="four 3×3, max-pooling", rank=10, help="Four convolutions.", large=True, inner=_inner,
    strides=(2, 2), pools=True,
    layers=_layers,
)  # fmt: skip
