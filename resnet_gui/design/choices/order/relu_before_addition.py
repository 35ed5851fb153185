"""The ReLU before the addition (He et al. 2016, Fig. 4 c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.base.errors import SpecError
from resnet_gui.design.choice import OrderChoice

if TYPE_CHECKING:
    from resnet_gui.design.spec import ResNetSpec


def refuse_zero_init(spec: ResNetSpec) -> None:
    """Refuse a ReLU whose input begins at zero."""
    if spec.zero_init and spec.activation == "relu":
        raise SpecError(
            "zero_init",
            "With the ReLU before the addition a branch that begins at zero never learns: ReLU passes no gradient "
            "at 0; switch zero_init off, or use another order.",
        )


RELU_BEFORE_ADDITION = OrderChoice(
    key="relu_before_addition",
    title="ReLU before addition",
    latex="activation before the addition",
    help="The last activation before the addition (c).",
    rank=3,
    behind="na",
    last="na",
    references=("K16",),
    refuse=refuse_zero_init,
)
