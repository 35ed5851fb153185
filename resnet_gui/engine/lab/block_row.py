"""A network as a row of blocks that can be left out and change places, and what pictures are before each of them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from math import prod
from typing import Final, NamedTuple

from torch import Tensor, nn

from resnet_gui.network.block import Block
from resnet_gui.network.layers import Layers
from resnet_gui.network.resnet import ResNet

KEPT_BYTES: Final = 256 * 2**20
"""Of maps before blocks that are kept, so that a change of a late block need not compute the early ones again."""


class PlacedBlock(NamedTuple):
    """A block of a row: its number in the trained network, and whether it is deleted."""

    number: int
    deleted: bool = False


class BlockRow:
    """The stem, the blocks and the head of a network, which stays as it is.

    Attributes:
        model: in eval mode.
        names: paths of the blocks, in order.
    """

    def __init__(self, model: ResNet) -> None:
        self.model = model
        self.names = tuple(location.path for location, _ in model.plan.blocks())
        stages = {stage.name for stage in model.plan.stages}
        self._stem, self._head = Layers(), Layers()
        place = self._stem
        for name, module in model.named_children():
            if name in stages:
                place = self._head
            else:
                place.add_module(name, module)
        self._blocks = [model.get_submodule(name) for name in self.names]
        self._deleted = [_deleted(block) for block in self._blocks]

    @property
    def whole(self) -> tuple[PlacedBlock, ...]:
        """The blocks as they were trained."""
        return tuple(map(PlacedBlock, range(len(self.names))))

    def stem(self, inputs: Tensor) -> Tensor:
        """From the network's input (N, C, H, W) to what the first block reads."""
        x: Tensor = self._stem(inputs)
        return x

    def block(self, placed: PlacedBlock, x: Tensor) -> Tensor:
        """What a block, or what is left of it, makes of a map."""
        modules = self._deleted if placed.deleted else self._blocks
        y: Tensor = modules[placed.number](x)
        return y

    def through(self, row: Sequence[PlacedBlock], x: Tensor) -> Tensor:
        """What some blocks, one after the other, make of a map."""
        for placed in row:
            x = self.block(placed, x)
        return x

    def rest(self, row: Sequence[PlacedBlock], x: Tensor) -> Tensor:
        """From what the first block of a row reads to logits (N, classes)."""
        logits: Tensor = self._head(self.through(row, x))
        return logits


def _deleted(block: nn.Module) -> nn.Module:
    """The same block, with the same modules, whose branch is turned off."""
    made = copy.copy(block)
    if isinstance(made, Block):
        made.lesioned = True
    return made


class KeptMaps:
    """The maps of pictures before the blocks of a row as it was trained: kept for some, computed for the others."""

    def __init__(self, row: BlockRow, inputs: Sequence[Tensor]) -> None:
        """Compute them once.

        Args:
            row: of the network.
            inputs: batches of the network's input, each (N, C, H, W).
        """
        self._row, self._inputs = row, inputs
        count = sum(map(len, inputs))
        sizes = [4 * count * prod(block.input) for _, block in row.model.plan.blocks()]
        self._every = max(1, -(-sum(sizes) // KEPT_BYTES))
        self._maps: dict[int, list[Tensor]] = {}
        for inputs_of_batch in inputs:
            x = row.stem(inputs_of_batch)
            for placed in row.whole:
                # Of pictures whose maps are larger than all that is kept, none is.
                if placed.number % self._every == 0 and sizes[placed.number] <= KEPT_BYTES:
                    self._maps.setdefault(placed.number, []).append(x)
                x = row.block(placed, x)

    def before(self, number: int) -> Iterator[Tensor]:
        """Batches of what a block reads; behind the last block, of what the head reads."""
        known = max((kept for kept in self._maps if kept <= number), default=None)
        between = self._row.whole[known or 0 : number]
        maps = map(self._row.stem, self._inputs) if known is None else self._maps[known]
        return (self._row.through(between, x) for x in maps)
