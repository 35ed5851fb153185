"""The zeros behind the old channels."""

from __future__ import annotations

from resnet_gui.design.choice import PadSideChoice
from resnet_gui.design.choices.pad_side.both_sides import undetermined, zero_pad_kind

KIND = zero_pad_kind("zero_pad_behind", "behind the old channels", lambda _new: 0, "0, new")

BEHIND = PadSideChoice(
    key="zeros_behind",
    title="behind the old channels",
    help="Zeros behind the old channels, as torch.cat and many other codes have it (MONAI's option A).",
    rank=2,
    kind=KIND,
    phrase=lambda _spec: "zeros of the shortcut behind the old channels",
    undetermined=undetermined,
)
