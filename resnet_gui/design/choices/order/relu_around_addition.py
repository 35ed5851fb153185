"""A ReLU before the addition and one behind it (timm's legacy_seresnet18 and 34, a ReLU before the excitation)."""

from __future__ import annotations

from resnet_gui.design.choice import OrderChoice
from resnet_gui.design.choices.order.relu_before_addition import refuse_zero_init

RELU_AROUND_ADDITION = OrderChoice(
    key="relu_around_addition",
    title="ReLU before and after addition",
    latex="activation before and after the addition",
    help="The last activation before the addition, and one behind it, as in timm's legacy_seresnet18.",
    rank=6,
    behind="na",
    last="na",
    out="a",
    refuse=refuse_zero_init,
)
