"""What names say about blocks: whether the layers that a reading takes together are named together."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from os.path import commonprefix

from resnet_gui.checkpoints.grammar import BlockFound, ParseFailure
from resnet_gui.checkpoints.tensor_layers import FoundLayer, has_containers


class BlockNames:
    """The names of all layers of a file, asked whether blocks agree with them.

    Attributes:
        contained: whether names have more than one level, so that blocks are likely to have one of their own.
    """

    def __init__(self, layers: Sequence[FoundLayer]) -> None:
        self._paths = sorted(layer.path for layer in layers)
        self.contained = has_containers(self._paths)

    def agreeing(self, blocks: Sequence[BlockFound]) -> int:
        """How many blocks are exactly the layers whose names begin alike.

        Where shapes leave a choice (in a row of equal channels a norm may end one block or begin the next), names
        decide.
        """
        return sum(self._agrees(block) for block in blocks)

    def reached(self, stopped: ParseFailure) -> tuple[int, int, int]:
        """How far a reading came that has stopped, to compare it with others: the largest points at the right tensor.

        Where names have containers: blocks that agree with them from the start, then the fewest that do not; then
        layers.
        """
        if not self.contained:
            return 0, 0, stopped.place
        agrees = [self._agrees(block) for block in stopped.blocks]
        leading = agrees.index(False) if False in agrees else len(agrees)
        return leading, -agrees.count(False), stopped.place

    def culprit(self, row: Sequence[FoundLayer], stopped: ParseFailure) -> FoundLayer:
        """The layer to name when a reading has stopped.

        A layer too few or too many shifts what follows, which may fit by its shapes for a while; where names have
        containers, the first block that mixes two of them is where it began.
        """
        if self.contained:
            for block in stopped.blocks:
                if not self._agrees(block):
                    return min(block.layers.values(), key=row.index)
        return row[min(stopped.place, len(row) - 1)]

    def _agrees(self, block: BlockFound) -> bool:
        group = [layer.path for layer in block.layers.values()]
        common = commonprefix(group)  # noqa: RUF071 (characters are meant: names may have no dots)
        if self.contained:
            # Whole parts count; a letter that two names share by chance is no container.
            common = common[: common.rfind(".") + 1]
        # Of the sorted paths, those that begin like this stand together; the last character ends their range.
        begun = bisect_left(self._paths, common + "\U0010ffff") - bisect_left(self._paths, common)
        return bool(common) and begun == len(group)
