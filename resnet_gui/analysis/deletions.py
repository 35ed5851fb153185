"""What is left of a network where one of its blocks is deleted (Veit et al. 2016, section 4.1)."""

from __future__ import annotations

from typing import Literal

from resnet_gui.design.structure import BlockPlan

DeletionKind = Literal["shortcut", "bypass", "none"]
"""What is left where a block is deleted: its shortcut (the identity, a projection, or option A's slice and pad), in a
plain network nothing where the shapes agree (the block is bypassed), or no network at all, where they do not."""


def deletion_kind(block: BlockPlan) -> DeletionKind:
    """What is left where a block of this plan is deleted."""
    if block.adds:
        return "shortcut"
    return "bypass" if block.input == block.output else "none"
