"""Three 3×3, the first of stride 2, and the pooling (He et al. 2018, Fig. 2, ResNet-C)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resnet_gui.design.choice import StemChoice

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.spec import ResNetSpec


def _inner(spec: ResNetSpec) -> tuple[int, int]:
    """Half of the third's channels (He et al. 2018, Fig. 2)."""
    return (max(1, spec.stem_channels // 2),) * 2


def _layers(builder: BlockBuilder) -> None:
    # Places 1 and 4 are the norms' and 2 and 5 the activations', also where there is no norm (timm's names).
    (half, _) = _inner(builder.spec)
    for place, stride in ((0, 2), (3, 1)):
        builder.conv(f"conv1.{place}", half, 3, stride)
        builder.norm(f"conv1.{place + 1}")
        builder.activate(f"conv1.{place + 2}", named=True)
    builder.conv("conv1.6", builder.outputs, 3)


def _undetermined(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    yield "stem", f"what pooling follows the three convolutions; taken: {spec.stem_pool}, see stem_pool."


DEEP = StemChoice(
    key="deep",
    title="three 3×3, max-pooling",
    option="three 3×3, max-pool",
    short="3 × 3×3 + pool",
    help="The first of stride 2, then the pooling (ResNet-C, He et al. 2018, Fig. 2).",
    rank=3,
    large=True,
    inner=_inner,
    strides=(2, 2),
    pools=True,
    references=("TRICKS",),
    layers=_layers,
    undetermined=_undetermined,
)
