"""What a plan is made of: layers, blocks, stages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final, Literal

import msgspec

from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import KINDS
from resnet_gui.design.layer_kind import Geometry
from resnet_gui.design.location import Location
from resnet_gui.design.spec import ResNetSpec

Branch = Literal["shared", "gate", "main", "shortcut", "join", "out"]


class LayerPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A layer with the shapes that it reads and writes.

    Attributes:
        name: attribute path inside its block, such as ``conv1`` or ``downsample.0``.
        kind: what it computes, a key of ``design.choices.KINDS``.
        input: shape that it reads, without the batch.
        output: shape that it writes.
        kernel: edge of the square window; 0 where there is none (average pooling without a window is global).
        stride: step of the window, the same in both directions.
        padding: zeros (for pooling: minus infinity) added on each side.
        bias: whether a bias is learned.
        groups: of a convolution or a group normalisation.
        rate: probability of a dropout or of a dropped path; factor of a scaling.
        branch: where it stands in a residual block: on the "gate", "shared" by both paths, on the "main" path or the
            "shortcut", the "join" (the addition), or "out", behind it.
        dilation: step between the positions that a window looks at.
        eps: what is added to a variance, of a norm or of standardised weights.
        part_of: the part of a branch with a map of its own that it belongs to, such as "se"; empty for most.
    """

    name: str
    kind: str
    input: Shape
    output: Shape
    kernel: int = 0
    stride: int = 1
    padding: int = 0
    bias: bool = False
    groups: int = 1
    rate: float = 0.0
    dilation: int = 1
    eps: float = 1e-5
    branch: Branch = "main"
    part_of: str = ""

    @property
    def span(self) -> int:
        """Edge of what a window covers, the gaps of its dilation included."""
        return self.dilation * (self.kernel - 1) + 1 if self.kernel else 0


NO_ADDITION: Final = "none"
"""What the shortcut of a block without an addition is called."""


class BlockPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A residual block, or the stem or head; layers in the order of computation, the shortcut before the addition.

    Attributes:
        kind: "stem", "head", or the block's choice.
        shortcut: how the input reaches the addition; "none" where nothing is added.
    """

    kind: str
    layers: tuple[LayerPlan, ...]
    shortcut: str = NO_ADDITION

    @property
    def adds(self) -> bool:
        """Whether it has an addition, which a plain block, the stem and the head have not."""
        return self.shortcut != NO_ADDITION

    @property
    def input(self) -> Shape:
        """Shape that the block reads."""
        return self.layers[0].input

    @property
    def output(self) -> Shape:
        """Shape that the block writes."""
        return self.layers[-1].output

    @property
    def stride(self) -> int:
        """Product of the strides on the main path."""
        stride = 1
        for layer in self.layers:
            if layer.branch == "main":
                stride *= layer.stride
        return stride

    def main(self) -> tuple[LayerPlan, ...]:
        """The layers of the main path without those of its parts."""
        return tuple(layer for layer in self.layers if layer.branch == "main" and not layer.part_of)

    def on(self, *branches: Branch) -> tuple[LayerPlan, ...]:
        """The layers of some branches, in order."""
        return tuple(layer for layer in self.layers if layer.branch in branches)


KEPT_ALIKE: Final = 10_240
"""With stochastic depth each block of a design is another; a design of ten thousand is to be known as a whole."""


class AlikeBlocks:
    """The memory of which blocks differ from another in nothing but the probability of being dropped.

    Most of what follows from a block is the same for them. Of those that were made last it is known: at least
    ``KEPT_ALIKE`` of them, at most twice as many.
    """

    def __init__(self) -> None:
        # By identity. Whoever is in here holds its block, so that no other one gets its identity.
        self._first: dict[int, tuple[BlockPlan, BlockPlan]] = {}
        self._before: dict[int, tuple[BlockPlan, BlockPlan]] = {}

    def note(self, block: BlockPlan, first: BlockPlan) -> BlockPlan:
        """Take note that a block differs from ``first`` in that probability alone; returns the block."""
        if len(self._first) >= KEPT_ALIKE:
            self._before, self._first = self._first, {}
        self._first[id(block)] = block, first
        return block

    def first(self, block: BlockPlan) -> BlockPlan:
        """The block that it was made from; the block itself if there is none, or if that is long ago."""
        known = self._first.get(id(block)) or self._before.get(id(block))
        return block if known is None else known[1]


ALIKE: Final = AlikeBlocks()
"""Those of the whole program."""

first_alike: Final = ALIKE.first


class StagePlan(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive blocks of one width; ``index`` counts from 0."""

    index: int
    blocks: tuple[BlockPlan, ...]

    @property
    def location(self) -> Location:
        """The whole stage."""
        return Location(self.index)

    @property
    def last_block(self) -> Location:
        """Its last block."""
        return Location(self.index, len(self.blocks) - 1)

    @property
    def last_layer(self) -> Location:
        """The last layer of its last block."""
        return self.last_block.with_layer(self.blocks[-1].layers[-1].name)

    @property
    def name(self) -> str:
        """Module name, as in torchvision: ``layer1``."""
        return self.location.path

    @property
    def paper_name(self) -> str:
        """The paper's name, ``conv2_x`` for the first stage (He et al. 2015, Table 1)."""
        return self.location.paper_name

    @property
    def output(self) -> Shape:
        """Shape that the last block writes."""
        return self.blocks[-1].output

    def runs(self) -> Iterator[tuple[BlockPlan, int]]:
        """Rows of equal blocks, which share one plan, as (block, how many); what is the same for all is done once."""
        for _, run in groupby(self.blocks, key=id):
            blocks = list(run)
            yield blocks[0], len(blocks)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The plan of a network, which follows from a spec: stem, stages of blocks, head."""

    spec: ResNetSpec
    stem: BlockPlan
    stages: tuple[StagePlan, ...]
    head: BlockPlan

    def blocks(self) -> Iterator[tuple[Location, BlockPlan]]:
        """Every residual block in order."""
        for stage in self.stages:
            for number, block in enumerate(stage.blocks):
                yield Location(stage.index, number), block

    def sections(self) -> Iterator[tuple[Location, BlockPlan]]:
        """Stem, every block and head in order."""
        yield Location("stem"), self.stem
        yield from self.blocks()
        yield Location("head"), self.head

    def find_section(self, location: Location) -> BlockPlan | None:
        """The block that a place lies in, or the stem or head; None for a stage and for what the plan has not."""
        if not isinstance(location.stage, int):
            return self.stem if location.stage == "stem" else self.head
        if location.block is None or not 0 <= location.stage < len(self.stages):
            return None
        blocks = self.stages[location.stage].blocks
        return blocks[location.block] if 0 <= location.block < len(blocks) else None

    def has(self, location: Location) -> bool:
        """Whether the plan has a place; a block without a shortcut adds nothing."""
        if isinstance(location.stage, int) and location.block is None:
            return 0 <= location.stage < len(self.stages)
        group = self.find_section(location)
        if group is None or (location.term is not None and not group.adds):
            return False
        return not location.layer or any(layer.name == location.layer for layer in group.layers)

    def places(self) -> Iterator[tuple[Location, LayerPlan]]:
        """Every layer in order with its place."""
        for location, group in self.sections():
            for layer in group.layers:
                yield location.with_layer(layer.name), layer

    def groups(self) -> Iterator[tuple[str, BlockPlan]]:
        """Stem, every block and head in order, with the prefix of their layers' paths (empty, or ``layer1.0.``)."""
        for location, group in self.sections():
            yield location.prefix, group

    def layers(self) -> Iterator[tuple[str, LayerPlan]]:
        """Every layer in order with its full path, such as ``layer3.0.downsample.1``."""
        for prefix, group in self.groups():
            for layer in group.layers:
                yield prefix + layer.name, layer

    def learning_head(self) -> tuple[LayerPlan, ...]:
        """The layers behind the pooling: what learns where the whole backbone is frozen.

        The norm and activation that pre-activation networks end in stand before the pooling: they are the backbone's,
        so that its features are what a linear layer reads.
        """
        layers = self.head.layers
        kinds = [KINDS[layer.kind].geometry(layer) for layer in layers]
        return layers[kinds.index(Geometry.FLATTEN) + 1 :]

    def input_of_part(self, part: int) -> Shape:
        """Shape that a part reads: the stem (0), a stage (1 to n), or the head behind the pooling (n + 1)."""
        if part == 0:
            return self.stem.input
        if part <= len(self.stages):
            return self.stages[part - 1].blocks[0].input
        head = self.learning_head()
        return head[0].input if head else self.head.output

    def parts(self) -> Iterator[tuple[int, str, LayerPlan]]:
        """Every layer in order with its part and its full path.

        The parts are the stem (0), the stages (1 to n) and the head (n + 1), which begins behind the pooling.
        """
        last = len(self.stages)
        heads = len(self.learning_head())
        for location, group in self.sections():
            for number, layer in enumerate(group.layers):
                if isinstance(location.stage, int):
                    part = location.stage + 1
                elif location.stage == "stem":
                    part = 0
                else:
                    part = last + (number >= len(group.layers) - heads)
                yield part, location.prefix + layer.name, layer
