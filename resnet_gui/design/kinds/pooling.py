"""Pooling, and the row of values that the head makes of a map."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from resnet_gui.design.layer_kind import CodeArguments, Geometry, LayerKind, SavedMaps

if TYPE_CHECKING:
    from torch import nn

    from resnet_gui.design.structure import LayerPlan

_INT64 = 8


def _average_code(layer: CodeArguments) -> str:
    return f"nn.AvgPool2d({layer.kernel}, stride={layer.stride}, ceil_mode=True, count_include_pad=False)"


def _max_module(layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.MaxPool2d(layer.kernel, stride=layer.stride, padding=layer.padding)


def _average_module(layer: LayerPlan) -> nn.Module:
    from torch import nn

    if layer.kernel:
        # A window that sticks out of an odd map averages what lies inside (He et al. 2018, Fig. 2c, as timm has it).
        return nn.AvgPool2d(layer.kernel, stride=layer.stride, ceil_mode=True, count_include_pad=False)
    return nn.AdaptiveAvgPool2d((1, 1))


def _window_module(layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.AvgPool2d(layer.kernel, stride=layer.stride)


def _flatten_module(_layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.Flatten()


def _average_saves(layer: LayerPlan) -> SavedMaps:
    return "input" if layer.kernel else "nothing"


MAX_POOL = LayerKind(
    key="max_pool",
    title="Max-pool",
    stored=True,
    geometry=lambda _layer: Geometry.WINDOW,
    saved_maps=lambda _layer: "input",
    # Where the maxima stood is written down also when nobody asks for it.
    side_output_bytes=lambda layer: _INT64 * prod(layer.output),
    relevance="selects",
    module=_max_module,
    call="nn.functional.max_pool2d({x}, {kernel}, stride={stride}, padding={padding})",
)

AVG_POOL = LayerKind(
    key="avg_pool",
    title="Avg-pool",
    on_shortcut="pool",
    stored=True,
    pill=lambda layer: f"avg {layer.kernel}×{layer.kernel}" if layer.kernel else "Avg-pool",
    opens=lambda layer: layer.kernel > 0,
    geometry=lambda layer: Geometry.COVER if layer.kernel else Geometry.GLOBAL,
    saved_maps=_average_saves,
    fvcore=lambda layer: 0 if layer.kernel else prod(layer.input),
    fvcore_note="for the values that global pooling reads",
    relevance="averages",
    module=_average_module,
    code=_average_code,
)
"""Average pooling; without a window it is global."""

AVG_WINDOW = LayerKind(
    key="avg_window",
    title="Avg-pool",
    stored=True,
    pill=lambda layer: f"avg {layer.kernel}×{layer.kernel}",
    opens=lambda _layer: True,
    geometry=lambda _layer: Geometry.WINDOW,
    saved_maps=lambda _layer: "input",
    relevance="averages",
    module=_window_module,
    call="nn.functional.avg_pool2d({x}, {kernel}, stride={stride})",
    code=lambda layer: f"nn.AvgPool2d({layer.kernel}, stride={layer.stride or 1})",
)
"""Average pooling of whole windows: what is left of an odd map is dropped."""

FLATTEN = LayerKind(
    key="flatten",
    title="Flatten",
    geometry=lambda _layer: Geometry.FLATTEN,
    relevance="selects",
    module=_flatten_module,
    written_by="the call of the head's choice",
)
