"""Blocks that differ in nothing but the probability with which their branch is dropped: most is the same for them."""

from __future__ import annotations

from typing import Final

from resnet_gui.design.structure import BlockPlan

KEPT: Final = 20_480
"""With stochastic depth each block of a design is another; two designs of ten thousand are to be known as a whole."""


class AlikeBlocks:
    """The block that others were made from with another probability of being dropped, for the blocks made last.

    By identity: to compare or hash the layers of a block would take longer than most of what follows from it.
    """

    def __init__(self) -> None:
        # Whoever is in here holds its block, so that no other one gets its identity.
        self._first: dict[int, tuple[BlockPlan, BlockPlan]] = {}

    def note(self, block: BlockPlan, first: BlockPlan) -> BlockPlan:
        """Take note that a block differs from ``first`` in that probability alone; returns the block."""
        if len(self._first) >= KEPT:
            self._first.clear()
        self._first[id(block)] = block, first
        return block

    def first(self, block: BlockPlan) -> BlockPlan:
        """The block that it was made from; the block itself if there is none, or if that is long ago."""
        known = self._first.get(id(block))
        return block if known is None else known[1]


ALIKE: Final = AlikeBlocks()
"""Those of the whole program."""

first_alike: Final = ALIKE.first
