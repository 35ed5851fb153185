"""ELU (Clevert et al. 2016), which works in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import ActivationChoice
from resnet_gui.design.layer_kind import LayerKind

if TYPE_CHECKING:
    from torch import nn

    from resnet_gui.design.structure import LayerPlan


def _module(_layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.ELU(inplace=True)


KIND = LayerKind(
    key="elu",
    title="ELU",
    module=_module,
    saved_maps=lambda _layer: "output",
    in_place=True,
    call="functional.elu({x})",
    code=lambda _layer: "nn.ELU()",
)

ELU = ActivationChoice(key="elu", title="ELU", help="Below 0 it ends at -1.", rank=9, kind=KIND)
