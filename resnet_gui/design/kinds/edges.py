"""Layers that widen a map by an edge, for the windows that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.layer_kind import Geometry, LayerKind

if TYPE_CHECKING:
    from torch import nn

    from resnet_gui.design.structure import LayerPlan


def _zeros_module(layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.ZeroPad2d(layer.padding)


def _reflection_module(layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.ReflectionPad2d(layer.padding)


ZERO_EDGE = LayerKind(
    key="zero_edge",
    title="Zero edge",
    pill=lambda layer: f"zeros {layer.padding}",
    opens=lambda _layer: True,
    geometry=lambda _layer: Geometry.WINDOW,
    relevance="selects",
    module=_zeros_module,
    call="nn.functional.pad({x}, ({padding},) * 4)",
)
"""Zeros around a map, which a maximum sees where padding of its own is minus infinity."""

REFLECTION_EDGE = LayerKind(
    key="reflection_edge",
    title="Reflection edge",
    short="Reflect",
    pill=lambda layer: f"reflect {layer.padding}",
    opens=lambda _layer: True,
    geometry=lambda _layer: Geometry.WINDOW,
    mirrors=True,
    saved_maps=lambda _layer: "input",
    relevance="selects",
    module=_reflection_module,
    call='nn.functional.pad({x}, ({padding},) * 4, mode="reflect")',
    code=lambda layer: f"nn.ReflectionPad2d({layer.padding})",
)
"""The map's own pixels around it, mirrored at its border."""
