"""The stride on the first 1×1, as the paper has it (v1: He et al. 2015)."""

from __future__ import annotations

from resnet_gui.design.choice import StrideChoice

FIRST = StrideChoice(
    key="1x1",
    title="the first 1×1 (v1)",
    option="on the first 1×1 (v1)",
    short="first 1×1 (v1)",
    help="As the paper has it (He et al. 2015).",
    rank=2,
    unit=0,
    phrase=lambda _spec: "stride on the first 1×1 (v1)",
)
