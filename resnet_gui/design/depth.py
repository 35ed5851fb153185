"""Depth algebra: which depths a family has, and which blocks give a depth (He et al. 2015, Table 1 and section 4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from resnet_gui.base.errors import SpecError
from resnet_gui.design.bounds import MAX_BLOCKS, MAX_WIDTH
from resnet_gui.design.choices import BLOCKS, HEADS, STEMS
from resnet_gui.design.spec import ResNetSpec

IMAGENET_BLOCKS: Final[dict[str, Mapping[int, tuple[int, ...]]]] = {
    key: choice.imagenet_blocks for key, choice in BLOCKS.items()
}
"""Block -> depth -> blocks per stage of the ImageNet networks."""

CIFAR_STAGES: Final = 3


def depth_arithmetic(spec: ResNetSpec) -> str:
    """The sum that gives the depth, such as ``2 + 3 × (3 + 4 + 6 + 3)``."""
    return (
        f"{1 + HEADS[spec.head].classifies} + {len(BLOCKS[spec.block].units)} × ({' + '.join(map(str, spec.blocks))})"
    )


def family_depth(spec: ResNetSpec) -> int:
    """The depth that a design's family is called by: with the last layer, also where it is left out."""
    return spec.depth + (not HEADS[spec.head].classifies)


def usual_depths(stem: str, block: str) -> tuple[int, ...]:
    """The depths that the papers print for a family, to offer as a choice; 200 is one more that can be typed."""
    if STEMS[stem].large:
        return (18, 34, 50, 101, 152)
    return BLOCKS[block].cifar_depths


def block_for_depth(stem: str, block: str, depth: int) -> str:
    """The block that a family has at a depth: ImageNet networks change theirs at 50 layers; else the present one."""
    if STEMS[stem].large and depth not in IMAGENET_BLOCKS[block]:
        return next((kind for kind, depths in IMAGENET_BLOCKS.items() if depth in depths), block)
    return block


def blocks_for_depth(stem: str, block: str, depth: int) -> tuple[int, ...]:
    """Blocks per stage that give a depth.

    Raises:
        SpecError: the family has no such depth; the sentence gives the rule and the two nearest depths.
    """
    if STEMS[stem].large:
        table = IMAGENET_BLOCKS[block]
        if depth in table:
            return table[depth]
        nearest = sorted(table, key=lambda known: abs(known - depth))[:2]
        other = block_for_depth(stem, block, depth)
        elsewhere = f" ({depth} is one of {BLOCKS[other].title} blocks)" if other != block else ""
        raise SpecError(
            "depth",
            f"The paper has no {BLOCKS[block].title} ImageNet ResNet of depth {depth}{elsewhere}; the nearest are "
            f"{' and '.join(map(str, sorted(nearest)))}. For another depth, set the blocks of each stage.",
        )
    step = CIFAR_STAGES * len(BLOCKS[block].units)
    count, rest = divmod(depth - 2, step)
    if rest == 0 and 1 <= count <= MAX_BLOCKS:
        return (count,) * CIFAR_STAGES
    lower = min(max(count, 1), MAX_BLOCKS - 1)
    reason = f"so {depth} cannot be" if rest else f"and n goes from 1 to {MAX_BLOCKS:,}"
    raise SpecError(
        "depth",
        f"A CIFAR ResNet of {BLOCKS[block].title} blocks has depth {step}n+2, {reason}; "
        f"the nearest are {step * lower + 2} and {step * (lower + 1) + 2}.",
    )


def change_block(spec: ResNetSpec, block: str) -> dict[str, object]:
    """What changes with the block: only the bottleneck has grouped convolutions, so leaving it leaves them."""
    if block == spec.block:
        return {}
    return {"block": block} | ({} if BLOCKS[block].grouped else {"groups": 1, "width_per_group": 64})


def change_depth(spec: ResNetSpec, depth: int) -> dict[str, object]:
    """What changes with the depth: the blocks of each stage, and where the family wants it the block and the stages.

    Raises:
        SpecError: the family has no such depth.
    """
    block = block_for_depth(spec.stem, spec.block, depth)
    blocks = blocks_for_depth(spec.stem, block, depth)
    widths = spec.widths[: len(blocks)]
    while len(widths) < len(blocks):
        widths = (*widths, min(widths[-1] * 2, MAX_WIDTH))
    strides = spec.strides if spec.strides is not None and len(spec.strides) == len(blocks) else None
    return {"blocks": blocks, "widths": widths, "strides": strides} | change_block(spec, block)
