"""Branch and shortcut are weighed by g and 1 − g (He et al. 2016, section 3)."""

from __future__ import annotations

from resnet_gui.design.choice import AblationChoice, SignalLayer
from resnet_gui.design.kinds.pointwise import COGATE, GATE

EXCLUSIVE_GATING = AblationChoice(
    key="exclusive_gating",
    title="exclusive gating",
    help="The branch is weighed by a learnt gate g, the shortcut by 1 − g.",
    rank=4,
    references=("K16",),
    gated=True,
    branch=SignalLayer("gate_branch", GATE),
    shortcut=SignalLayer("gate_shortcut", COGATE),
    phrase=lambda _spec: "shortcut ablation: exclusive gating",
)
