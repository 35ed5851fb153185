"""Rows of the layer table as plain data: what a plan's stages, blocks and layers are called and what they cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import IntEnum
from functools import lru_cache
from math import prod
from operator import attrgetter
from typing import Final

import msgspec

from resnet_gui.analysis.costs import (
    Cost,
    ReceptiveField,
    block_cost,
    block_receptive_fields,
    layer_cost,
    receptive_fields,
    stage_costs,
)
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import BLOCKS, KINDS
from resnet_gui.design.layer_kind import Geometry
from resnet_gui.design.location import Location
from resnet_gui.design.structure import BlockPlan, LayerPlan, Plan, StagePlan
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


def mebibytes(size: int) -> str:
    """Memory for a narrow column: two decimals as long as there is room."""
    found = size / MIB
    return f"{found:.2f}" if found < 1000 else f"{found:,.0f}" if found < 1e6 else short(found)


def tip(row: RowData) -> str:
    """Full names and unrounded values."""
    cost = row.cost
    lines = [f"{row.path or row.torch_name}: {shape(row.output, wide=True)}"]
    lines.append(f"{count(cost.params)} parameters, {count(cost.macs)} MACs, {count(cost.memory)} bytes")
    lines.append(f"receptive field {count(row.field.size)} px")
    return "\n".join(lines)


# ---- from a plan to rows


def top_rows(plan: Plan) -> list[tuple[RowData, list[RowData]]]:
    """Input, stem, stages and head in order, each stage with its blocks."""
    picture = plan.spec.input
    found: list[tuple[RowData, list[RowData]]] = []
    # The picture itself is stored too; the convention for layers counts outputs, so it has a row of its own.
    stored = Cost(memory=4 * prod(picture))
    first = RowData(
        name="input", location=None, kind="Tensor", input=picture, output=picture, window="", cost=stored,
        field=ReceptiveField(), level=0,
    )  # fmt: skip
    found.append((first, []))
    fields = block_receptive_fields(plan)
    found.append((_group_row(Location("stem"), plan.stem, (ReceptiveField(), fields[0])), []))
    position = 0
    for stage, cost in zip(plan.stages, stage_costs(plan), strict=True):
        blocks = list(_block_rows(stage, fields, position))
        position += len(stage.blocks)
        row = RowData(
            name=stage.paper_name, location=stage.location, path=stage.name, kind="Stage",
            input=stage.blocks[0].input, output=stage.output, window=_stride(stage.blocks[0].stride), cost=cost,
            field=fields[position], level=0,
        )  # fmt: skip
        found.append((row, blocks))
    found.append((_group_row(Location("head"), plan.head, (fields[-1], fields[-1])), []))
    return found


def _block_rows(stage: StagePlan, fields: list[ReceptiveField], position: int) -> Iterator[RowData]:
    costs: dict[int, Cost] = {}
    strides: dict[int, str] = {}
    kind = BLOCKS[stage.blocks[0].kind].option_text
    for number, block in enumerate(stage.blocks):
        key = id(block)
        if key not in costs:
            costs[key], strides[key] = block_cost(block), _stride(block.stride)
        location = Location(stage.index, number)
        yield RowData(
            name=location.paper_name, location=location, path=location.path, kind=kind, input=block.input,
            output=block.output, window=strides[key], cost=costs[key], field=fields[position + number + 1],
            level=1, before=fields[position + number], group=block,
        )  # fmt: skip


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
    block, whole = row.group, row.location
    if block is None or whole is None:
        return []
    found = [row.field] * len(block.layers) if block.kind == "head" else list(receptive_fields(block, row.before))
    prefix = whole.prefix
    return [
        RowData(
            name=paper_layer_name(layer), location=whole.with_layer(layer.name), path=prefix + layer.name,
            kind=KINDS[layer.kind].title, input=layer.input, output=layer.output, window=window_text(layer),
            cost=layer_cost(layer), field=field, level=2, layer=layer,
        )
        for layer, field in zip(block.layers, found, strict=True)
    ]  # fmt: skip


def paper_layer_name(layer: LayerPlan) -> str:
    """A layer's name for people: the shortcut's layers say that they are."""
    if layer.branch == "shortcut":
        return f"shortcut {KINDS[layer.kind].on_shortcut or layer.kind}"
    if layer.branch == "gate":
        return f"gate {layer.kind}"
    return layer.name


def window_text(layer: LayerPlan) -> str:
    """Kernel and stride of a layer: ``3×3 /2``; global pooling reads the whole map."""
    if not layer.kernel:
        return shape(layer.input[1:]) if KINDS[layer.kind].geometry(layer) is Geometry.GLOBAL else ""
    return f"{layer.kernel}×{layer.kernel}" + (f" /{layer.stride}" if layer.stride > 1 else "")


def largest(plan: Plan, top: list[tuple[RowData, list[RowData]]]) -> dict[tuple[int, int], int]:
    """The largest value of each column with bars among the rows of a level; equal blocks are looked at once."""
    costs: dict[int, list[Cost]] = {0: [row.cost for row, _ in top], 1: [], 2: []}
    seen: set[int] = set()
    groups = [(plan.stem, None), (plan.head, None), *((row.group, row) for _, rows in top for row in rows)]
    for group, row in groups:
        if group is not None and id(group) not in seen:
            seen.add(id(group))
            costs[2] += map(layer_cost, group.layers)
            costs[1] += [row.cost] if row is not None else []
    return {
        (level, column): max(map(amount, found), default=0)
        for level, found in costs.items()
        for column, amount in _AMOUNTS.items()
    }


# ---- finding


@lru_cache(maxsize=20_000)
def _plain(text: str) -> str:
    """A text without what a filter does not tell apart; names and paths come again with every edit."""
    return text.casefold().replace("×", "x").replace("-", "")


class Filter:
    """A filter of rows by words of their name, path, kind, shapes or window, such as ``3x3``, ``bn``, ``28x28``.

    A whole word may also be one of ``owners`` of the stage and the block above a row: ``conv3_x 3x3``, ``bottleneck``.
    Letters' case, hyphens and the sign for "times" do not matter; spaces around that sign neither.
    """

    def __init__(self, text: str) -> None:
        self._name = joined = _plain(text).strip()
        for spaced in (" x ", " x", "x "):
            # "28 x 28" is one word, but "max pool" stays two.
            head, _, tail = joined.partition(spaced)
            while tail and head[-1:].isdecimal() and tail[:1].isdecimal():
                joined = f"{head}x{tail}"
                head, _, tail = joined.partition(spaced)
        self._words = joined.split()

    def matches(self, row: RowData, above: frozenset[str]) -> bool:
        """Whether a row is found; ``above`` are the owners of the stage and the block that it stands in."""
        own = haystack(row)
        return above.issuperset([word for word in self._words if word not in own])

    def means(self, row: RowData) -> bool:
        """Whether the text is the row's own name, so that the filter means everything in it."""
        return self._name in _names(row) or self._name == row.torch_name.casefold()


def _names(row: RowData) -> tuple[str, ...]:
    """What a row is called: as the paper does, as PyTorch does, and a block also as the diagram does (``3_1``)."""
    names = _plain(row.name), _plain(row.path)
    return (*names, row.location.number) if row.level == 1 and row.location is not None else names


def owners(row: RowData) -> frozenset[str]:
    """Words by which a stage or a block stands for everything in it."""
    return frozenset(" ".join((*_names(row), _plain(row.kind))).split())


def haystack(row: RowData) -> str:
    """Everything of a row that a filter looks at, in one text."""
    key = row.layer.kind if row.layer is not None else ""
    return f"{row.name} {row.path} {_shared(row.kind, key, row.output, row.window)}".casefold()


@lru_cache(maxsize=2000)
def _shared(kind: str, key: str, output: Shape, window: str) -> str:
    """What many rows have in common, as ``_plain`` leaves it."""
    return _plain(f"{kind} {key.replace('_', '')} {shape(output)} {window.replace(' ', ' s')}")
