"""ReLU-only pre-activation (He et al. 2016, Fig. 4 d)."""

from __future__ import annotations

from resnet_gui.design.choice import OrderChoice

RELU_ONLY_PREACT = OrderChoice(
    key="relu_only_preact",
    title="ReLU-only pre-activation",
    compared="Relu-only pre-activation",
    latex="activation-only pre-activation",
    help="The activation before each convolution, the norm behind it (d).",
    rank=4,
    before="a",
    behind="n",
    last="n",
    stem="n",
    references=("K16",),
)
