"""The stride on the 3×3 (v1.5: torchvision; Goyal et al. 2017)."""

from __future__ import annotations

from resnet_gui.design.choice import StrideChoice

THREE = StrideChoice(
    key="3x3",
    title="the 3×3 (v1.5)",
    option="on the 3×3 (v1.5)",
    short="3×3 (v1.5)",
    help="As torchvision has it (Goyal et al. 2017; ResNet-B, He et al. 2018, section 4.2).",
    rank=1,
    unit=1,
    references=("GOYAL",),
)
