"""The shortcut is the identity."""

from __future__ import annotations

from resnet_gui.design.choice import AblationChoice

NONE = AblationChoice(
    key="none",
    title="identity",
    rank=1,
)
