"""Global average pooling (He et al. 2015, section 3.3)."""

from __future__ import annotations

from resnet_gui.design.choice import HeadChoice

POOL = HeadChoice(
    key="pool",
    title="average pool",
    option="pooling",
    short="pool",
    help="The mean of each channel (He et al. 2015, section 3.3).",
    rank=1,
    pools=True,
    call="{x}.mean((2, 3))",
)
