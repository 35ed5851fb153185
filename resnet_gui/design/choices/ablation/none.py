"""The shortcut is the identity."""

from __future__ import annotations

from resnet_gui.design.choice import AblationChoice

NONE = AblationChoice(
    key="none",
    title="identity",
    help="The shortcut is added as it is.",
    rank=1,
)
