"""BN after the addition (He et al. 2016, Fig. 4 b)."""

from __future__ import annotations

from resnet_gui.design.choice import OrderChoice

BN_AFTER_ADDITION = OrderChoice(
    key="bn_after_addition",
    title="BN after addition",
    latex="norm after the addition",
    help="The last norm after the addition (b).",
    rank=2,
    behind="na",
    out="na",
    references=("K16",),
)
