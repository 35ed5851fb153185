"""The zeros in front of the old channels."""

from __future__ import annotations

from resnet_gui.design.choice import PadSideChoice
from resnet_gui.design.choices.pad_side.both_sides import undetermined, zero_pad_kind

KIND = zero_pad_kind("zero_pad_front", "in front of the old channels", lambda new: new, "new, 0")

FRONT = PadSideChoice(
    key="zeros_in_front",
    title="in front of the old channels",
    help="Zeros in front of the old channels.",
    rank=3,
    kind=KIND,
    phrase=lambda _spec: "zeros of the shortcut in front of the old channels",
    undetermined=undetermined,
)
