"""Constant scaling of shortcut and branch (He et al. 2016, section 3)."""

from __future__ import annotations

from resnet_gui.design.choice import AblationChoice, SignalLayer
from resnet_gui.design.kinds.pointwise import SCALE

SCALING_BOTH = AblationChoice(
    key="scaling_both",
    title="shortcut and branch scaled by 0.5",
    option="shortcut and branch × 0.5",
    short="shortcut and branch scaled by 0.5",
    help="Both are halved.",
    rank=3,
    references=("K16",),
    branch=SignalLayer("scale_branch", SCALE, 0.5),
    shortcut=SignalLayer("scale_shortcut", SCALE, 0.5),
    phrase=lambda _spec: "shortcut ablation: shortcut and branch scaled by 0.5",
)
