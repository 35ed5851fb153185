"""The shortcut is weighed by 1 − g (He et al. 2016, section 3)."""

from __future__ import annotations

from resnet_gui.design.choice import AblationChoice, SignalLayer
from resnet_gui.design.kinds.pointwise import COGATE

SHORTCUT_GATING = AblationChoice(
    key="shortcut_gating",
    title="shortcut-only gating",
    help="The shortcut alone is weighed by 1 − g, g a learnt gate.",
    rank=5,
    references=("K16",),
    gated=True,
    shortcut=SignalLayer("gate_shortcut", COGATE),
    phrase=lambda _spec: "shortcut ablation: shortcut-only gating",
)
