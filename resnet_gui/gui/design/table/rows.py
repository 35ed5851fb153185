"""Rows of the layer table as plain data: what a plan's stages, blocks and layers are called and what they cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import IntEnum
from math import prod
from operator import attrgetter
from typing import Final, overload

import msgspec

from resnet_gui.analysis.costs import (
    BlockMemo,
    Cost,
    ReceptiveField,
    block_cost,
    block_receptive_fields,
    layer_cost,
    own_fields,
    stage_costs,
)
from resnet_gui.analysis.layer_names import paper_layer_name
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import BLOCKS, KINDS
from resnet_gui.design.layer_kind import Geometry
from resnet_gui.design.location import Location
from resnet_gui.design.structure import BlockPlan, LayerPlan, Plan
from resnet_gui.gui.common.section_hues import section_token
from resnet_gui.gui.kit.format import count, shape, short

MIB: Final = 2**20


class Column(IntEnum):
    """Columns of the table, in their order."""

    NAME = 0
    KIND = 1
    INPUT = 2
    OUTPUT = 3
    WINDOW = 4
    GROUPS = 5
    PARAMS = 6
    MACS = 7
    ACTIVATIONS = 8
    MEMORY = 9
    FIELD = 10
    JUMP = 11


TITLES: Final = (
    "Layer", "Type", "Input", "Output", "k / s", "Groups", "Params", "MACs", "Acts", "Mem MiB", "RF", "RF stride",
)  # fmt: skip
TIPS: Final = (
    "Name in the paper, or the module's path in PyTorch",
    "What the layer computes",
    "Channels × height × width that it reads, without the batch",
    "Channels × height × width of the output, without the batch; click one for its arithmetic",
    "Edge of the window, and stride where it is not 1",
    "Groups of a convolution or a group normalisation",
    "Trainable values",
    "Multiply-accumulates for one picture",
    "Values that convolutions and linear layers put out for one picture",
    "Stored output in fp32 for one picture; ReLU works in place",
    "Receptive field: edge of the square of input pixels that one unit can see; click one for its arithmetic",
    "Input pixels between neighbouring units",
)
BARS: Final = (Column.PARAMS, Column.MACS, Column.ACTIVATIONS, Column.MEMORY)
"""Columns with a bar in their cells."""

_AMOUNTS: Final[dict[int, Callable[[Cost], int]]] = {
    # By plain numbers: Python has to be asked for the hash of a member of an enumeration.
    int(Column.PARAMS): attrgetter("params"), int(Column.MACS): attrgetter("macs"),
    int(Column.ACTIVATIONS): attrgetter("activations"), int(Column.MEMORY): attrgetter("memory"),
}  # fmt: skip

OPTIONAL: Final = frozenset({Column.INPUT, Column.GROUPS, Column.ACTIVATIONS, Column.JUMP})
"""Columns that are shown on request."""


class RowData(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a row of the table.

    Attributes:
        name: the paper's.
        location: where it stands in the network; None for the picture.
        path: PyTorch's full path, the location's; of a stage or block that of its module, of picture, stem and head
            none. Kept, as a filter reads it of thousands of rows at every edit.
        kind: word for what it is.
        window: kernel and stride as text.
        field: receptive field behind it; ``before`` in front of a block.
        level: 0 for stem, stages and head, 1 for blocks, 2 for layers.
        group: the block, stem or head that it stands for; None for stages and layers.
        layer: the layer that it stands for.
    """

    name: str
    location: Location | None
    kind: str
    input: Shape
    output: Shape
    window: str
    cost: Cost
    field: ReceptiveField
    level: int
    before: ReceptiveField = ReceptiveField()
    group: BlockPlan | None = None
    layer: LayerPlan | None = None
    path: str = ""

    @property
    def hue(self) -> str:
        """Token of the hue of its stage, of the stem or the head."""
        return section_token(self.location.stage if self.location is not None else "head")

    @property
    def torch_name(self) -> str:
        """The module's path as PyTorch prints it; inside a block without the block's own."""
        if self.level == 2 and self.layer is not None:
            return self.layer.name
        return self.path or (self.location.number if self.location is not None else "input")


def value(row: RowData, column: Column) -> float | str:
    """What a column sorts by."""
    match column:
        case Column.NAME:
            # conv2_10 comes behind conv2_9.
            return re.sub(r"\d+", lambda digits: digits[0].zfill(6), row.name)
        case Column.KIND:
            return row.kind
        case Column.INPUT:
            return prod(row.input)
        case Column.OUTPUT:
            return prod(row.output)
        case Column.WINDOW:
            return row.layer.kernel if row.layer is not None else 0
        case Column.GROUPS:
            return row.layer.groups if row.layer is not None else 0
        case Column.FIELD:
            return row.field.size
        case Column.JUMP:
            return row.field.jump
        case _:
            return column_amount(row.cost, column)


def column_amount(cost: Cost, column: int) -> int:
    """The part of a cost that a column with bars shows."""
    return _AMOUNTS[int(column)](cost)


def cell_texts(row: RowData) -> tuple[str, ...]:
    """What the cells of a row show behind the name, in the order of the columns from ``Column.KIND`` on."""
    cost, layer = row.cost, row.layer
    return (
        row.kind,
        shape(row.input),
        shape(row.output),
        row.window,
        str(layer.groups) if layer is not None and KINDS[layer.kind].grouped else "",
        amount_text(cost, Column.PARAMS),
        amount_text(cost, Column.MACS),
        amount_text(cost, Column.ACTIVATIONS),
        amount_text(cost, Column.MEMORY),
        plain(row.field.size),
        plain(row.field.jump),
    )


def amount_text(cost: Cost, column: Column) -> str:
    """A cost as a narrow column shows it; nothing is a dash."""
    found = column_amount(cost, column)
    if not found:
        return "–"
    if column == Column.PARAMS:
        return count(found) if found < 1e8 else short(found)
    return mebibytes(found) if column == Column.MEMORY else short(found)


def exact_heads() -> tuple[str, ...]:
    """The titles of the columns for a spreadsheet, with their units."""
    units = {Column.MEMORY: "Mem (bytes)", Column.FIELD: "RF (px)", Column.JUMP: "RF stride (px)"}
    return tuple(units.get(column, TITLES[column]) for column in Column)


def exact_text(row: RowData, column: Column, shown: str) -> str:
    """A cell for a spreadsheet: numbers in full and without commas, anything else as it is shown."""
    if column in BARS:
        return str(column_amount(row.cost, column))
    if column in {Column.FIELD, Column.JUMP}:
        return str(row.field.size if column == Column.FIELD else row.field.jump)
    return shown


def plain(number: int) -> str:
    """A number of pixels in a narrow column."""
    return str(number) if number < 100_000 else short(number)


LEAST_SHOWN: Final = 0.005
"""MiB that two decimals would write as nothing."""


def mebibytes(size: int) -> str:
    """Memory for a narrow column: two decimals as long as there is room; what they would lose is said to be less."""
    found = size / MIB
    if 0 < found < LEAST_SHOWN:
        return "<0.01"
    return f"{found:.2f}" if found < 1000 else f"{found:,.0f}" if found < 1e6 else short(found)


def tip(row: RowData) -> str:
    """Full names and unrounded values."""
    cost = row.cost
    lines = [f"{row.path or row.torch_name}: {shape(row.output, wide=True)}"]
    lines.append(f"{count(cost.params)} parameters, {count(cost.macs)} MACs, {count(cost.memory)} bytes")
    lines.append(f"receptive field {count(row.field.size)} px")
    return "\n".join(lines)


# ---- from a plan to rows


class BlockRows(Sequence[RowData]):
    """The rows of a stage's blocks, each made when it is asked for: of thousands only a screenful is seen."""

    def __init__(
        self, stage: int = 0, blocks: tuple[BlockPlan, ...] = (), fields: Sequence[ReceptiveField] = (), before: int = 0
    ) -> None:
        """The rows of some blocks.

        Args:
            stage: number of the stage, from 0.
            blocks: of the stage; none for what is no stage.
            fields: at the output of the stem and of every block of the plan.
            before: so many blocks stand before the stage.
        """
        self.blocks = blocks
        self._stage, self._fields, self._before = stage, fields, before
        self._kind = BLOCKS[blocks[0].kind].option_text if blocks else ""

    def __len__(self) -> int:
        return len(self.blocks)

    @overload
    def __getitem__(self, place: int) -> RowData: ...

    @overload
    def __getitem__(self, place: slice) -> list[RowData]: ...

    def __getitem__(self, place: int | slice) -> RowData | list[RowData]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        block = self.blocks[place]
        number = place + len(self) if place < 0 else place
        location, field = Location(self._stage, number), self._before + number
        return RowData(
            name=location.paper_name, location=location, path=location.path, kind=self._kind, input=block.input,
            output=block.output, window=_stride(block.stride), cost=block_cost(block), field=self._fields[field + 1],
            level=1, before=self._fields[field], group=block,
        )  # fmt: skip


NO_BLOCKS: Final = BlockRows()
"""Below the picture, the stem and the head."""

TopRows = Sequence[tuple[RowData, BlockRows]]
"""The rows of the first level with the blocks below them."""


def top_rows(plan: Plan) -> list[tuple[RowData, BlockRows]]:
    """Input, stem, stages and head in order, each stage with its blocks."""
    picture = plan.spec.input
    found: list[tuple[RowData, BlockRows]] = []
    # The picture itself is stored too; the convention for layers counts outputs, so it has a row of its own.
    stored = Cost(memory=4 * prod(picture))
    first = RowData(
        name="input", location=None, kind="Tensor", input=picture, output=picture, window="", cost=stored,
        field=ReceptiveField(), level=0,
    )  # fmt: skip
    found.append((first, NO_BLOCKS))
    fields = block_receptive_fields(plan)
    found.append((_group_row(Location("stem"), plan.stem, (ReceptiveField(), fields[0])), NO_BLOCKS))
    position = 0
    for stage, cost in zip(plan.stages, stage_costs(plan), strict=True):
        blocks = BlockRows(stage.index, stage.blocks, fields, position)
        position += len(stage.blocks)
        row = RowData(
            name=stage.paper_name, location=stage.location, path=stage.name, kind="Stage",
            input=stage.blocks[0].input, output=stage.output, window=_stride(stage.blocks[0].stride), cost=cost,
            field=fields[position], level=0,
        )  # fmt: skip
        found.append((row, blocks))
    found.append((_group_row(Location("head"), plan.head, (fields[-1], fields[-1])), NO_BLOCKS))
    return found


def _stride(stride: int) -> str:
    return f"/{stride}" if stride > 1 else ""


def _group_row(location: Location, group: BlockPlan, field: tuple[ReceptiveField, ReceptiveField]) -> RowData:
    return RowData(
        name=location.paper_name, location=location, kind=location.section_title, input=group.input,
        output=group.output, window=_stride(group.stride), cost=block_cost(group), field=field[1], level=0,
        before=field[0], group=group,
    )  # fmt: skip


def layer_rows(row: RowData) -> list[RowData]:
    """The layers of a block, stem or head."""
    return [] if row.group is None else [layer_row(row, number) for number in range(len(row.group.layers))]


def layer_row(row: RowData, number: int) -> RowData:
    """One of the layers of a block, stem or head.

    Raises:
        ValueError: the row is none of these.
    """
    block, whole = row.group, row.location
    if block is None or whole is None:
        raise ValueError(f"the row {row.name} has no layers")
    layer = block.layers[number]
    return RowData(
        name=paper_layer_name(layer), location=whole.with_layer(layer.name), path=whole.prefix + layer.name,
        kind=KINDS[layer.kind].title, input=layer.input, output=layer.output, window=window_text(layer),
        cost=layer_cost(layer), level=2, layer=layer,
        field=row.field if block.kind == "head" else row.before.then(own_fields(block)[number]),
    )  # fmt: skip


def window_text(layer: LayerPlan) -> str:
    """Kernel and stride of a layer: ``3×3 /2``; global pooling reads the whole map."""
    if not layer.kernel:
        return shape(layer.input[1:]) if KINDS[layer.kind].geometry(layer) is Geometry.GLOBAL else ""
    return f"{layer.kernel}×{layer.kernel}" + (f" /{layer.stride}" if layer.stride > 1 else "")


def largest(plan: Plan, top: TopRows) -> dict[tuple[int, int], int]:
    """The largest value of each column with bars among the rows of a level; equal blocks are looked at once."""
    blocks = [block for stage in plan.stages for block, _ in stage.runs()]
    # Blocks that are alike share what follows from them, which is looked at once.
    layers = {id(found): found for found in map(_largest_layer, (plan.stem, plan.head, *blocks))}
    costs = {
        0: [row.cost for row, _ in top],
        1: list({id(cost): cost for cost in map(block_cost, blocks)}.values()),
        2: list(layers.values()),
    }
    return {
        (level, column): max(map(amount, found), default=0)
        for level, found in costs.items()
        for column, amount in _AMOUNTS.items()
    }


def _most_of_a_layer(block: BlockPlan) -> Cost:
    costs = [layer_cost(layer) for layer in block.layers]
    return Cost(*(max(map(amount, costs), default=0) for amount in _AMOUNTS.values()))


_largest_layer: Final = BlockMemo(_most_of_a_layer)
"""The largest of each column with bars among the layers of a block."""
