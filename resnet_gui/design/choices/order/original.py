"""The original order (He et al. 2016, Fig. 4 a)."""

from __future__ import annotations

from resnet_gui.design.choice import OrderChoice

ORIGINAL = OrderChoice(
    key="original",
    title="original",
    option="Post-activation, conv–BN–ReLU",
    short="original",
    compared="Post-activation",
    latex="conv, norm, activation",
    help="The last activation after the addition (a).",
    rank=1,
    behind="na",
    last="n",
    out="a",
)
