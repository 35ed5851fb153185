"""What a plan costs: parameters, MACs, activations, memory and receptive field; totals are sums of rows.

Conventions. Parameters: trainable values, BN's scale and shift included, running statistics not. MACs: multiply-
accumulates of convolutions and linear layers for one picture; biases, BN, ReLU, pooling and additions count nothing.
Activations: output values of convolutions and linear layers (Radosavovic et al. 2020, arXiv:2003.13678, section 3.1).
Memory: outputs of convolutions, BN, pooling and linear layers in fp32 for one picture; ReLU works in place.
Receptive field: theoretical, in input pixels, not clipped to the picture (Araujo et al. 2019, Distill).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import msgspec

from resnet_gui.spec.plan import BlockPlan, LayerPlan, Plan

_STORED = frozenset({"conv", "bn", "max_pool", "avg_pool", "linear"})


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


class Reach(msgspec.Struct, frozen=True):
    """Receptive field of one unit.

    Attributes:
        size: edge of the square of input pixels that can change it.
        jump: input pixels between neighbouring units.
    """

    size: int = 1
    jump: int = 1

    def through(self, layer: LayerPlan) -> Reach:
        """The reach after one more layer: size + (kernel − 1) · jump, jump · stride."""
        return Reach(self.size + (max(layer.kernel, 1) - 1) * self.jump, self.jump * layer.stride)


class Row(msgspec.Struct, frozen=True):
    """A layer of the plan with its full path, costs and receptive field."""

    path: str
    layer: LayerPlan
    cost: Cost
    receptive_field: int


class Totals(msgspec.Struct, frozen=True):
    """The headline figures of a design."""

    cost: Cost
    depth: int
    receptive_field: int
    rows: int


def layer_cost(layer: LayerPlan) -> Cost:
    """Costs of one layer."""
    outputs = prod(layer.output)
    memory = 4 * outputs if layer.kind in _STORED else 0
    match layer.kind:
        case "conv":
            weights = layer.output[0] * layer.input[0] * layer.kernel**2
            bias = layer.output[0] if layer.bias else 0
            macs = weights * layer.output[1] * layer.output[2]
            return Cost(weights + bias, macs, outputs, memory)
        case "linear":
            weights = layer.output[0] * layer.input[0]
            return Cost(weights + (layer.output[0] if layer.bias else 0), weights, outputs, memory)
        case "bn":
            return Cost(2 * layer.output[0], 0, 0, memory)
        case _:
            return Cost(memory=memory)


def block_cost(block: BlockPlan) -> Cost:
    """Costs of a block: the sum of its layers'."""
    return sum((layer_cost(layer) for layer in block.layers), Cost())


def reaches(block: BlockPlan, start: Reach) -> tuple[Reach, ...]:
    """The reach after each layer of a block whose input has the reach ``start``.

    The shortcut starts from the block's input; the addition sees the larger of its two branches.
    """
    main = shortcut = start
    found: list[Reach] = []
    for layer in block.layers:
        if layer.branch == "shortcut":
            shortcut = shortcut.through(layer)
            found.append(shortcut)
            continue
        if layer.branch == "join":
            main = Reach(max(main.size, shortcut.size), main.jump)
        main = main.through(layer)
        found.append(main)
    return tuple(found)


def block_reaches(plan: Plan) -> list[Reach]:
    """The reach at the output of the stem and of each block, in order; equal blocks are computed once."""
    # A block adds a multiple of the jump at its input, so its step from Reach(0, 1) serves for every equal block.
    steps: dict[int, Reach] = {}
    reach = reaches(plan.stem, Reach())[-1]
    found = [reach]
    for stage in plan.stages:
        for block in stage.blocks:
            step = steps.get(id(block))
            if step is None:
                step = steps[id(block)] = reaches(block, Reach(0, 1))[-1]
            reach = Reach(reach.size + step.size * reach.jump, reach.jump * step.jump)
            found.append(reach)
    return found


def stage_costs(plan: Plan) -> list[Cost]:
    """Costs of each stage."""
    costs: dict[int, Cost] = {}
    found = []
    for stage in plan.stages:
        counts: dict[int, int] = {}
        for block in stage.blocks:
            counts[id(block)] = counts.get(id(block), 0) + 1
            if id(block) not in costs:
                costs[id(block)] = block_cost(block)
        found.append(sum((costs[key].times(count) for key, count in counts.items()), Cost()))
    return found


def totals(plan: Plan) -> Totals:
    """The headline figures; the receptive field is that of the last convolution."""
    cost = sum(stage_costs(plan), block_cost(plan.stem) + block_cost(plan.head))
    rows = len(plan.stem.layers) + len(plan.head.layers)
    rows += sum(len(block.layers) for stage in plan.stages for block in stage.blocks)
    return Totals(cost, plan.spec.depth, block_reaches(plan)[-1].size, rows)


def rows(plan: Plan) -> Iterator[Row]:
    """Every layer with its costs and receptive field; the head's rows repeat the field of the last convolution.

    Global average pooling and the linear layer see every position, so the whole picture; the figure that the field
    quotes for a network is that of its last convolution.
    """
    reach = Reach()
    for prefix, group in plan.groups():
        if group.kind == "head":
            fields = [reach.size] * len(group.layers)
        else:
            steps = reaches(group, reach)
            fields, reach = [step.size for step in steps], steps[-1]
        for layer, field in zip(group.layers, fields, strict=True):
            yield Row(prefix + layer.name, layer, layer_cost(layer), field)
