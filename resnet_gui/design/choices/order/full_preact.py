"""Full pre-activation (He et al. 2016, Fig. 4 e)."""

from __future__ import annotations

from resnet_gui.design.choice import OrderChoice

FULL_PREACT = OrderChoice(
    key="full_preact",
    title="full pre-activation",
    option="Full pre-activation",
    short="full pre-activation",
    compared="Full pre-activation",
    latex="full pre-activation",
    help="Norm and activation before each convolution (e).",
    rank=5,
    before="na",
    stem="",
    references=("K16",),
)
