"""What a plan costs: parameters, MACs, activations, memory and receptive field; totals are sums of rows.

Conventions. Parameters: trainable values, a norm's scale and shift included, running statistics not. MACs: multiply-
accumulates of convolutions and linear layers for one picture; biases, norms, activations, pooling, additions and gates'
products count nothing. Activations: output values of convolutions and linear layers (Radosavovic et al. 2020,
arXiv:2003.13678, section 4, who leave the linear layers out). Memory: outputs of convolutions, norms, pooling, linear
layers, sigmoids and activations in fp32 for one picture; activations that may write over what they read, as ReLU, count
nothing (``LayerKind.stored``; what a device must hold in all is in ``analysis.memory``). Receptive field: theoretical,
in input pixels, not clipped to the picture (Araujo et al. 2019, Distill); the global pooling of a channel attention,
which lets every unit see the whole picture, is left out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from math import prod
from typing import Final, Generic, TypeVar, overload

import msgspec

from resnet_gui.design.choices import KINDS
from resnet_gui.design.structure import BlockPlan, LayerPlan, Plan, StagePlan, first_alike

Found = TypeVar("Found")

KEPT_BLOCKS: Final = 1024
"""A design has two or three different blocks a stage, but for their probabilities of being dropped."""


class Cost(msgspec.Struct, frozen=True):
    """Costs of a layer, or of several together.

    Attributes:
        params: trainable values.
        macs: multiply-accumulates for one picture.
        activations: values that convolutions and linear layers put out for one picture.
        memory: bytes of stored outputs for one picture in fp32.
    """

    params: int = 0
    macs: int = 0
    activations: int = 0
    memory: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.params + other.params,
            self.macs + other.macs,
            self.activations + other.activations,
            self.memory + other.memory,
        )

    def times(self, count: int) -> Cost:
        """The cost of ``count`` equal parts."""
        return Cost(self.params * count, self.macs * count, self.activations * count, self.memory * count)


class ReceptiveField(msgspec.Struct, frozen=True):
    """Receptive field: the input pixels that can change the unit at position 0 of a map, the same in both directions.

    Attributes:
        left: first pixel; negative where it lies in the padding.
        right: last pixel, included.
        jump: input pixels between neighbouring units ("stride" of the field).
    """

    left: int = 0
    right: int = 0
    jump: int = 1

    @property
    def size(self) -> int:
        """Edge of the square of pixels."""
        return self.right - self.left + 1

    @property
    def centre(self) -> float:
        """Middle of the field of the unit at position 0, in pixels; the middle of the first pixel is 0."""
        return (self.left + self.right) / 2

    def through(self, layer: LayerPlan) -> ReceptiveField:
        """The field after one more layer (Araujo et al. 2019, eq. 1 and 2)."""
        kernel = max(layer.span, 1)
        if kernel == layer.stride == 1 and not layer.padding:
            # Most layers look at one position: they leave the field as it is.
            return self
        return ReceptiveField(
            self.left - layer.padding * self.jump,
            self.right + (kernel - 1 - layer.padding) * self.jump,
            self.jump * layer.stride,
        )

    def joined(self, other: ReceptiveField) -> ReceptiveField:
        """The field of a unit that reads two maps."""
        return ReceptiveField(min(self.left, other.left), max(self.right, other.right), self.jump)

    def then(self, step: ReceptiveField) -> ReceptiveField:
        """The field after a block whose own field is ``step``."""
        return ReceptiveField(
            self.left + step.left * self.jump, self.right + step.right * self.jump, self.jump * step.jump
        )


class Row(msgspec.Struct, frozen=True):
    """A layer of the plan with its full path, costs and receptive field."""

    path: str
    layer: LayerPlan
    cost: Cost
    field: ReceptiveField

    @property
    def receptive_field(self) -> int:
        """Edge of the receptive field (pixels)."""
        return self.field.size


class Totals(msgspec.Struct, frozen=True):
    """The headline figures of a design."""

    cost: Cost
    depth: int
    receptive_field: int
    rows: int


@lru_cache(maxsize=8192)
def layer_cost(layer: LayerPlan) -> Cost:
    """Costs of one layer; kept, as an edit leaves most layers of a design as they were."""
    kind, outputs = KINDS[layer.kind], prod(layer.output)
    return Cost(kind.params(layer), kind.macs(layer), outputs if kind.mixes else 0, 4 * outputs if kind.stored else 0)


class BlockMemo(Generic[Found]):
    """A memo of what follows from a block, whatever its probability of dropping its path is.

    By identity: equal blocks are one object, and to compare or hash the layers of a block would take longer than most
    of what follows from it. What is found for one of blocks that are alike is found for all.
    """

    def __init__(self, work: Callable[[BlockPlan], Found]) -> None:
        self._work = work
        # Whoever is in here holds its block, so that no other one gets its identity.
        self._found: dict[int, tuple[BlockPlan, Found]] = {}

    def __call__(self, block: BlockPlan) -> Found:
        """What follows from a block."""
        first = first_alike(block)
        known = self._found.get(id(first))
        if known is not None:
            return known[1]
        if len(self._found) >= KEPT_BLOCKS:
            self._found.clear()
        found = self._work(first)
        self._found[id(first)] = first, found
        return found


def _block_cost(block: BlockPlan) -> Cost:
    # Numbers added one by one: a Cost for each sum on the way takes longer than all else here, at every edit.
    params = macs = activations = memory = 0
    for layer in block.layers:
        cost = layer_cost(layer)
        params += cost.params
        macs += cost.macs
        activations += cost.activations
        memory += cost.memory
    return Cost(params, macs, activations, memory)


_block_costs: Final = BlockMemo(_block_cost)


def block_cost(block: BlockPlan) -> Cost:
    """Costs of a block: the sum of its layers'."""
    return _block_costs(block)


def receptive_fields(block: BlockPlan, start: ReceptiveField) -> tuple[ReceptiveField, ...]:
    """The receptive field after each layer of a block whose input has the field ``start``.

    Shortcut and gate start where the main path does; a layer that reads two maps sees what either has seen.
    """
    ends: dict[str, ReceptiveField] = {"shared": start, "gate": start}
    found: list[ReceptiveField] = []
    for layer in block.layers:
        match layer.branch:
            case "join":
                field = ends.get("main", ends["shared"]).joined(ends.get("shortcut", ends["shared"]))
            case "out":
                field = ends.get("join", ends.get("main", start)).through(layer)
            case "gate":
                field = ends["gate"].through(layer)
            case branch:
                field = ends.get(branch, ends["shared"]).through(layer)
                if KINDS[layer.kind].gates and not layer.part_of:
                    field = field.joined(ends["gate"])
        ends["join" if layer.branch == "out" else layer.branch] = field
        found.append(field)
    return tuple(found)


_own_fields: Final = BlockMemo(lambda block: receptive_fields(block, ReceptiveField()))


def own_fields(block: BlockPlan) -> tuple[ReceptiveField, ...]:
    """The receptive field after each layer of a block of the block's own input; behind another field, ``then``."""
    return _own_fields(block)


def block_field(block: BlockPlan) -> ReceptiveField:
    """The receptive field of a block's output of the block's own input."""
    return _own_fields(block)[-1]


class BlockFields(Sequence[ReceptiveField]):
    """The receptive field at the output of the stem and of each block, in order; worked out where it is asked for.

    A block widens the field by multiples of the jump at its input, so its own field serves for every equal block, and
    of a row of equal blocks the last field follows from the first: a network of thousands costs what one of ten does.
    """

    def __init__(self, plan: Plan) -> None:
        field = receptive_fields(plan.stem, ReceptiveField())[-1]
        self._begins, self._fields, self._steps = [0], [field], [ReceptiveField()]
        self._count = 1
        for stage in plan.stages:
            for block, count in stage.runs():
                step = block_field(block)
                if step.jump == 1 or count == 1:
                    self._begin(field, step)
                    self._count += count
                    field = _widened(field, step, count)
                    continue
                for _ in range(count):
                    self._begin(field, step)
                    self._count += 1
                    field = field.then(step)

    def _begin(self, field: ReceptiveField, step: ReceptiveField) -> None:
        """Begin a row of equal blocks that reads a field."""
        self._begins.append(self._count)
        self._fields.append(field)
        self._steps.append(step)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> ReceptiveField: ...

    @overload
    def __getitem__(self, place: slice) -> list[ReceptiveField]: ...

    def __getitem__(self, place: int | slice) -> ReceptiveField | list[ReceptiveField]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(self._count))]
        number = place + self._count if place < 0 else place
        if not 0 <= number < self._count:
            raise IndexError(place)
        run = bisect_right(self._begins, number) - 1
        if run == 0:
            return self._fields[0]
        return _widened(self._fields[run], self._steps[run], number - self._begins[run] + 1)


def block_receptive_fields(plan: Plan) -> BlockFields:
    """The receptive field at the output of the stem and of each block, in order."""
    return _of_last_plan(plan)[0]


def _widened(field: ReceptiveField, step: ReceptiveField, count: int) -> ReceptiveField:
    """The field after equal blocks whose own field is ``step``; several of them must not stride."""
    many = field.jump * count
    return ReceptiveField(field.left + step.left * many, field.right + step.right * many, field.jump * step.jump)


def stage_costs(plan: Plan) -> list[Cost]:
    """Costs of each stage; equal blocks, which are one object, are computed once."""
    return list(_of_last_plan(plan)[1])


def _stage_cost(stage: StagePlan) -> Cost:
    params = macs = activations = memory = 0
    for block, count in stage.runs():
        cost = block_cost(block)
        params += cost.params * count
        macs += cost.macs * count
        activations += cost.activations * count
        memory += cost.memory * count
    return Cost(params, macs, activations, memory)


_LAST: Final[list[tuple[Plan, BlockFields, list[Cost]]]] = []
"""The plan that was asked for last, with its fields and costs: an edit asks for them several times."""


def _of_last_plan(plan: Plan) -> tuple[BlockFields, list[Cost]]:
    last = next(iter(_LAST), None)
    if last is None or last[0] is not plan:
        last = plan, BlockFields(plan), [_stage_cost(stage) for stage in plan.stages]
        _LAST[:] = [last]
    return last[1], last[2]


def totals(plan: Plan) -> Totals:
    """The headline figures; the receptive field is that of the last convolution."""
    cost = sum(stage_costs(plan), block_cost(plan.stem) + block_cost(plan.head))
    rows = len(plan.stem.layers) + len(plan.head.layers)
    rows += sum(len(block.layers) * count for stage in plan.stages for block, count in stage.runs())
    return Totals(cost, plan.spec.depth, block_receptive_fields(plan)[-1].size, rows)


def rows(plan: Plan) -> Iterator[Row]:
    """Every layer with its costs and receptive field; the head's rows repeat the field of the last convolution.

    Global average pooling and the linear layer see every position, so the whole picture; the figure that the field
    quotes for a network is that of its last convolution.
    """
    field = ReceptiveField()
    # Equal blocks share one plan: its costs and its own receptive fields are computed once.
    known: dict[int, tuple[tuple[Cost, ...], tuple[ReceptiveField, ...]]] = {}
    for prefix, group in plan.groups():
        if id(group) not in known:
            known[id(group)] = tuple(map(layer_cost, group.layers)), own_fields(group)
        costs, steps = known[id(group)]
        for layer, cost, step in zip(group.layers, costs, steps, strict=True):
            yield Row(prefix + layer.name, layer, cost, field if group.kind == "head" else field.then(step))
        field = field.then(steps[-1])
