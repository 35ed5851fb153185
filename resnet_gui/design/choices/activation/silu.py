"""SiLU (Elfwing et al. 2017)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import ActivationChoice
from resnet_gui.design.layer_kind import LayerKind

if TYPE_CHECKING:
    from torch import nn

    from resnet_gui.design.structure import LayerPlan


def _module(_layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.SiLU()


KIND = LayerKind(
    key="silu",
    title="SiLU",
    relevance="keeps",
    module=_module,
    stored=True,
    saved_maps=lambda _layer: "input",
    call="functional.silu({x})",
    code=lambda _layer: "nn.SiLU()",
)

SILU = ActivationChoice(key="silu", title="SiLU", help="x·σ(x) (Elfwing et al. 2017).", rank=4, kind=KIND)
