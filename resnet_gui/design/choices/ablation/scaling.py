"""Constant scaling of the shortcut (He et al. 2016, section 3)."""

from __future__ import annotations

from resnet_gui.design.choice import AblationChoice, SignalLayer
from resnet_gui.design.kinds.pointwise import SCALE

SCALING = AblationChoice(
    key="scaling",
    title="shortcut scaled by 0.5",
    option="scaled by 0.5",
    short="shortcut scaled by 0.5",
    help="The shortcut is halved.",
    rank=2,
    references=("K16",),
    shortcut=SignalLayer("scale_shortcut", SCALE, 0.5),
    phrase=lambda _spec: "shortcut ablation: shortcut scaled by 0.5",
)
