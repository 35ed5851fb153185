"""ReLU (He et al. 2015, Fig. 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import ActivationChoice
from resnet_gui.design.layer_kind import LayerKind

if TYPE_CHECKING:
    from torch import nn

    from resnet_gui.design.structure import LayerPlan


def _module(_layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.ReLU(inplace=True)


KIND = LayerKind(
    key="relu",
    title="ReLU",
    relevance="keeps",
    module=_module,
    saved_maps=lambda _layer: "output",
    in_place=True,
    fused="relu",
    call="torch.relu({x})",
    code=lambda _layer: "nn.ReLU()",
)

RELU = ActivationChoice(
    key="relu", title="ReLU", help="x above 0, 0 below (He et al. 2015, Fig. 2).", rank=1, kind=KIND
)
