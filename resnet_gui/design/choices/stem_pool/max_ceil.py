"""3×3 maxima of stride 2 without an edge, the last window sticking out (Caffe's rule: Cadene's SE nets)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import StemPoolChoice
from resnet_gui.design.choices.stem_pool.max_padded import undetermined
from resnet_gui.design.kinds.pooling import MAX_POOL
from resnet_gui.design.layer_kind import Geometry, LayerKind

if TYPE_CHECKING:
    from torch import nn

    from resnet_gui.design.block import BlockBuilder
    from resnet_gui.design.structure import LayerPlan


def _module(layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.MaxPool2d(layer.kernel, stride=layer.stride, ceil_mode=True)


KIND = LayerKind(
    key="max_pool_ceil",
    title="Max-pool",
    stored=True,
    ceil=True,
    geometry=lambda _layer: Geometry.CEIL,
    saved_maps=lambda _layer: "input",
    side_output_bytes=MAX_POOL.side_output_bytes,
    relevance="selects",
    module=_module,
    call="nn.functional.max_pool2d({x}, {kernel}, stride={stride}, ceil_mode=True)",
)


def _layers(builder: BlockBuilder) -> None:
    builder.window("maxpool", KIND, builder.outputs, kernel=3, stride=2)


MAX_CEIL = StemPoolChoice(
    key="max_ceil",
    title="3×3 maxima without an edge (ceil mode)",
    option="3×3 maxima, ceil mode",
    short="ceil mode",
    help="No edge, the last window sticks out: Caffe's rule, which Cadene's SE nets keep (Hu et al. 2017).",
    rank=2,
    floors=True,
    layers=_layers,
    undetermined=undetermined,
)
