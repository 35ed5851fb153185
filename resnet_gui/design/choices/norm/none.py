"""No normalisation."""

from __future__ import annotations

from resnet_gui.design.choice import NormChoice

NONE = NormChoice(
    key="none",
    title="no norms",
    option="none",
    help="No normalisation.",
    rank=3,
    kind=None,
    phrase=lambda _spec: "no norms",
)
