"""Every position of the last map."""

from __future__ import annotations

from resnet_gui.design.choice import HeadChoice

FLATTEN = HeadChoice(
    call="{x}.flatten(1)",
    key="flatten",
    title="flatten",
    help="Every position of the last map, one after the other.",
    rank=2,
    phrase=lambda _spec: "head: every position flattened",
)
