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

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from math import prod

import msgspec

from resnet_gui.design.choices import KINDS
from resnet_gui.design.structure import BlockPlan, LayerPlan, Plan


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


def block_cost(block: BlockPlan) -> Cost:
    """Costs of a block: the sum of its layers'."""
    # Numbers added one by one: a Cost for each sum on the way takes longer than all else here, at every edit.
    params = macs = activations = memory = 0
    for layer in block.layers:
        cost = layer_cost(layer)
        params += cost.params
        macs += cost.macs
        activations += cost.activations
        memory += cost.memory
    return Cost(params, macs, activations, memory)


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


def block_receptive_fields(plan: Plan) -> list[ReceptiveField]:
    """The receptive field at the output of the stem and of each block, in order; equal blocks are computed once."""
    # A block widens the field by multiples of the jump at its input, so its own field serves for every equal block.
    steps: dict[int, ReceptiveField] = {}
    field = receptive_fields(plan.stem, ReceptiveField())[-1]
    found = [field]
    for stage in plan.stages:
        for block in stage.blocks:
            step = steps.get(id(block))
            if step is None:
                step = steps[id(block)] = receptive_fields(block, ReceptiveField())[-1]
            field = field.then(step)
            found.append(field)
    return found


def stage_costs(plan: Plan) -> list[Cost]:
    """Costs of each stage; equal blocks, which are one object, are computed once."""
    found = []
    for stage in plan.stages:
        counts = Counter(map(id, stage.blocks))
        different = {id(block): block for block in stage.blocks}
        found.append(sum((block_cost(different[key]).times(count) for key, count in counts.items()), Cost()))
    return found


def totals(plan: Plan) -> Totals:
    """The headline figures; the receptive field is that of the last convolution."""
    cost = sum(stage_costs(plan), block_cost(plan.stem) + block_cost(plan.head))
    rows = len(plan.stem.layers) + len(plan.head.layers)
    rows += sum(len(block.layers) for stage in plan.stages for block in stage.blocks)
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
            known[id(group)] = tuple(map(layer_cost, group.layers)), receptive_fields(group, ReceptiveField())
        costs, steps = known[id(group)]
        for layer, cost, step in zip(group.layers, costs, steps, strict=True):
            yield Row(prefix + layer.name, layer, cost, field if group.kind == "head" else field.then(step))
        field = field.then(steps[-1])
