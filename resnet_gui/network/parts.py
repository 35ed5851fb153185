"""A network in two: its first parts, which may be frozen, and those behind them, in the modules that it has.

The parts are the stem (0), the stages (1 to n) and the head (n + 1), as ``Plan.parts`` has them.
"""

from __future__ import annotations

from collections.abc import Container

from torch import nn

from resnet_gui.network.layers import Layers
from resnet_gui.network.resnet import ResNet


def part_of_modules(model: ResNet) -> dict[str, int]:
    """Name -> part of each of the modules that a network runs one after the other, in this order."""
    return {path.partition(".")[0]: part for part, path, _ in model.plan.parts()}


def first_parts(model: ResNet, count: int) -> Layers:
    """The first ``count`` parts of a network as one module: from pictures to what the next part reads."""
    return _joined(model, range(count))


def other_parts(model: ResNet, count: int) -> nn.Module:
    """What follows behind the first ``count`` parts of a network as one module; the network itself if that is all."""
    return _joined(model, range(count, len(model.plan.stages) + 2)) if count else model


def _joined(model: ResNet, parts: Container[int]) -> Layers:
    """Some of a network's modules in a row: they are shared with it, under the names that they have there."""
    joined = Layers()
    for name, part in part_of_modules(model).items():
        if part in parts:
            joined.add_module(name, model.get_submodule(name))
    return joined


def sections_of(model: ResNet) -> tuple[nn.Module, ...]:
    """Stem, every block and head, in the order of the plan's sections: each reads what the one before it makes."""
    stages = {stage.name for stage in model.plan.stages}
    stem, head = Layers(), Layers()
    place = stem
    for name, module in model.named_children():
        if name in stages:
            place = head
        else:
            place.add_module(name, module)
    blocks = (model.get_submodule(location.path) for location, _ in model.plan.blocks())
    return stem, *blocks, head
