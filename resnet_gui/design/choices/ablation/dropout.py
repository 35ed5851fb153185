"""Half of the shortcut's values are dropped (He et al. 2016, section 3)."""

from __future__ import annotations

from resnet_gui.design.choice import AblationChoice, SignalLayer
from resnet_gui.design.kinds.pointwise import DROPOUT

DROPOUT_SHORTCUT = AblationChoice(
    key="dropout",
    title="dropout shortcut",
    option="dropout",
    short="dropout shortcut",
    help="Half of the shortcut's values are dropped in training.",
    rank=6,
    references=("K16",),
    shortcut=SignalLayer("drop_shortcut", DROPOUT, 0.5),
    phrase=lambda _spec: "shortcut ablation: dropout shortcut",
)
