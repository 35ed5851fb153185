"""``plan(spec)``: every layer with its shapes; pure arithmetic, read by everything that shows or builds a network.

Names are torchvision's where it has one, so that state_dicts fit; equal blocks of a stage share one ``BlockPlan``.
"""

from __future__ import annotations

from math import prod

import msgspec

from resnet_gui.design.block import last_activation, residual_block, stem
from resnet_gui.design.bounds import Shape
from resnet_gui.design.builder import PlanBuilder
from resnet_gui.design.choices import HEADS
from resnet_gui.design.kinds.convolution import LINEAR
from resnet_gui.design.kinds.pointwise import DROP_PATH
from resnet_gui.design.kinds.pooling import AVG_POOL, FLATTEN
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.structure import ALIKE, BlockPlan, Plan, StagePlan


def plan(spec: ResNetSpec) -> Plan:
    """Compute every layer of a design."""
    before = _stem(spec)
    shape = before.output
    stages: list[StagePlan] = []
    seen = 0
    total, strides, dilations = sum(spec.blocks), spec.stage_steps, (1, *spec.stage_dilations)
    for index, count in enumerate(spec.blocks):
        blocks: list[BlockPlan] = []
        known: dict[tuple[object, ...], tuple[BlockPlan, float]] = {}
        # Without stochastic depth all blocks of a stage from the second on are equal.
        different = count if spec.stochastic_depth else min(count, 2)
        for number in range(different):
            stride = strides[index] if number == 0 else 1
            # Stochastic depth: block l of L is dropped with probability p · l / L (Huang et al. 2016, eq. 4).
            rate = spec.stochastic_depth * (seen + 1) / total
            entry = dilations[index + (number > 0)]
            key = (shape, stride, rate > 0, seen == 0, entry)
            if key not in known:
                builder = PlanBuilder(
                    spec, shape, spec.output_channels(index), inner=spec.inner_width(spec.widths[index]), stride=stride
                )
                builder.drop, builder.first = rate, seen == 0
                builder.entry_dilation, builder.dilation = entry, dilations[index + 1]
                known[key] = _block(builder), rate
            block, its_rate = known[key]
            blocks.append(block if its_rate == rate else _dropping(block, rate))
            shape = blocks[-1].output
            seen += 1
        blocks += blocks[-1:] * (count - different)
        seen += count - different
        stages.append(StagePlan(index=index, blocks=tuple(blocks)))
    return Plan(spec=spec, stem=before, stages=tuple(stages), head=_head(spec, shape))


def _stem(spec: ResNetSpec) -> BlockPlan:
    builder = PlanBuilder(spec, spec.input, spec.stem_channels)
    stem(builder)
    return BlockPlan(kind="stem", layers=tuple(builder.layers))


def _block(builder: PlanBuilder) -> BlockPlan:
    residual_block(builder)
    return BlockPlan(kind=builder.spec.block, layers=tuple(builder.layers), shortcut=builder.effect)


def _dropping(block: BlockPlan, rate: float) -> BlockPlan:
    """A block whose branch is dropped with another probability; all of its other layers are the same."""
    layers = tuple(
        [msgspec.structs.replace(layer, rate=rate) if layer.kind == DROP_PATH.key else layer for layer in block.layers]
    )
    return ALIKE.note(BlockPlan(kind=block.kind, layers=layers, shortcut=block.shortcut), block)


def _head(spec: ResNetSpec, source: Shape) -> BlockPlan:
    builder = PlanBuilder(spec, source)
    last_activation(builder)
    if HEADS[spec.head].pools:
        builder.write("avgpool", AVG_POOL, (source[0], 1, 1))
    builder.write("flatten", FLATTEN, (prod(builder.shape),))
    if not HEADS[spec.head].classifies:
        return BlockPlan(kind="head", layers=tuple(builder.layers))
    for number, width in enumerate(spec.hidden):
        builder.write(f"hidden.{2 * number}", LINEAR, (width,), bias=True)
        builder.activate(f"hidden.{2 * number + 1}", named=True)
    builder.write("fc", LINEAR, (spec.classes,), bias=True)
    return BlockPlan(kind="head", layers=tuple(builder.layers))
