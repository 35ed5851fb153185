"""GELU (Hendrycks and Gimpel 2016)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import ActivationChoice
from resnet_gui.design.layer_kind import LayerKind

if TYPE_CHECKING:
    from torch import nn

    from resnet_gui.design.structure import LayerPlan


def _module(_layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.GELU()


KIND = LayerKind(
    key="gelu",
    title="GELU",
    relevance="keeps",
    module=_module,
    stored=True,
    saved_maps=lambda _layer: "input",
    call="functional.gelu({x})",
    code=lambda _layer: "nn.GELU()",
)

GELU = ActivationChoice(
    key="gelu",
    title="GELU",
    help="x·Φ(x), Φ the normal distribution function (Hendrycks & Gimpel 2016).",
    rank=3,
    kind=KIND,
)
