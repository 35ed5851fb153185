"""A 3×3 convolution where a block strides, so that it sees every pixel, else 1×1 (SENet-154, Hu et al. 2017)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resnet_gui.design.choice import ProjectionChoice
from resnet_gui.design.choices.projection.conv3x3 import SAME_WHERE_ALL_STRIDE

if TYPE_CHECKING:
    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.spec import ResNetSpec

KEY = "conv3x3_where_strided"


def _layers(builder: BlockBuilder) -> int:
    kernel = builder.kernel_where_strided(3, 1)
    builder.conv("downsample.0", builder.outputs, kernel, builder.stride, dilation=builder.entry_dilation)
    return 1


def _undetermined(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    strides = spec.projection_strides()
    if 1 not in strides:
        yield "projection", SAME_WHERE_ALL_STRIDE.format(KEY)
    elif strides == {1}:
        yield "projection", f"what projection blocks that stride would have, of which there are none; taken: {KEY}."


CONV3X3_WHERE_STRIDED = ProjectionChoice(
    key=KEY,
    title="3×3 where it strides and 1×1 elsewhere",
    option="3×3 where it strides",
    help="A strided 3×3 sees every pixel; 1×1 where only the channels change (SENet-154, Hu et al. 2017).",
    rank=4,
    kernels=(3, 1),
    references=("SE",),
    layers=_layers,
    undetermined=_undetermined,
)
