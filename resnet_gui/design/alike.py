"""Blocks that differ in nothing but the probability with which their branch is dropped: most is the same for them."""

from __future__ import annotations

from typing import Final

from resnet_gui.design.structure import BlockPlan

KEPT: Final = 16_384
"""With stochastic depth each block of a design is another; a design of ten thousand is to be known as a whole."""


class AlikeBlocks:
    """The first block that was asked for of those that are alike, for the blocks that were asked for last.

    By identity: such blocks share all of their other layers (``design.plan``), and to compare or hash the layers of a
    block would take longer than most of what follows from it.
    """

    def __init__(self) -> None:
        # Whoever is in here holds its block, so that no other one gets its identity or that of its layers.
        self._first: dict[int, tuple[BlockPlan, BlockPlan]] = {}
        self._known: dict[tuple[object, ...], BlockPlan] = {}

    def first(self, block: BlockPlan) -> BlockPlan:
        """The first block that is alike; the block itself if there was none before, or if it drops nothing."""
        known = self._first.get(id(block))
        if known is not None:
            return known[1]
        if len(self._first) >= KEPT:
            self._first.clear()
            self._known.clear()
        found = block
        layers = block.layers
        if any(layer.rate for layer in layers):
            shared = [layer.kind if layer.rate else id(layer) for layer in layers]
            found = self._known.setdefault((block.kind, block.shortcut, *shared), block)
        self._first[id(block)] = block, found
        return found


first_alike: Final = AlikeBlocks().first
"""``AlikeBlocks.first`` for the whole program."""
