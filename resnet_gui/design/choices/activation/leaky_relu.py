"""LeakyReLU of slope 0.01 (Maas et al. 2013)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import ActivationChoice
from resnet_gui.design.layer_kind import LayerKind

if TYPE_CHECKING:
    from torch import nn

    from resnet_gui.design.structure import LayerPlan


def _module(_layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.LeakyReLU(inplace=True)


KIND = LayerKind(
    key="leaky_relu",
    title="LeakyReLU",
    relevance="keeps",
    module=_module,
    short="LReLU",
    saved_maps=lambda _layer: "input",
    in_place=True,
    call="functional.leaky_relu({x}, 0.01)",
    code=lambda _layer: "nn.LeakyReLU(0.01)",
)

LEAKY_RELU = ActivationChoice(
    key="leaky_relu", title="LeakyReLU", help="x above 0, 0.01·x below (Maas et al. 2013).", rank=2, kind=KIND
)
