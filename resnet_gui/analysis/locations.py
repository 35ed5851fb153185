"""Places in a network that can be looked at, by name: ends of stages, inside of blocks, and every layer."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from resnet_gui.analysis.costs import ReceptiveField, rows
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import KINDS
from resnet_gui.design.layer_kind import Geometry
from resnet_gui.design.structure import BlockPlan, LayerPlan, Plan

Place = Literal["branch", "shortcut", "sum"]
INSIDE: Final[tuple[Place, ...]] = ("branch", "shortcut", "sum")


class Location(msgspec.Struct, frozen=True):
    """A place where a map can be read.

    Attributes:
        name: "layer4" is the end of a stage; "layer4.0:branch", "layer4.0:shortcut" and "layer4.0:sum" are F(x), the
            shortcut and their sum inside a block; "layer4.0" is the block's output; "layer4.0.conv1" is a layer's.
        title: for people.
        shape: of the map.
    """

    name: str
    title: str
    shape: Shape


def stage_points(planned: Plan) -> tuple[Location, ...]:
    """The end of every stage."""
    return tuple(
        Location(stage.name, f"Stage {stage.index + 1}, {stage.paper_name.removesuffix('_x')}", stage.output)
        for stage in planned.stages
    )


def default_point(planned: Plan) -> str:
    """Where Grad-CAM looks unless told otherwise: the end of the last stage (Selvaraju et al. 2017, section 3).

    With pre-activation that is the raw sum, before the head's norm and activation.
    """
    return planned.stages[-1].name


def block_points(name: str, block: BlockPlan) -> tuple[Location, ...]:
    """Branch, shortcut and sum of a block, then its output; a plain block has only its output."""
    points: list[Location] = []
    if block.shortcut != "none":
        added = next(layer for layer in block.layers if layer.kind == "add")
        words = {"branch": "branch F(x)", "shortcut": "shortcut", "sum": "sum"}
        points = [Location(f"{name}:{place}", words[place], added.output) for place in INSIDE]
    return (*points, Location(name, "output", block.output))


def blocks_of(planned: Plan) -> tuple[tuple[str, BlockPlan], ...]:
    """Every residual block with its path."""
    return tuple((prefix[:-1], group) for prefix, group in planned.groups() if prefix)


def layer_points(planned: Plan) -> tuple[Location, ...]:
    """Everything whose output is a map: layers and blocks in order, flattened ones left out."""
    points: list[Location] = []
    for prefix, group in planned.groups():
        points += [
            Location(prefix + layer.name, prefix + layer.name, layer.output)
            for layer in group.layers
            if len(layer.output) == 3
        ]
        if prefix:
            points.append(Location(prefix[:-1], f"{prefix[:-1]} output", group.output))
    return tuple(points)


def all_layers(planned: Plan) -> tuple[Location, ...]:
    """Every layer in order, flattened ones too."""
    return tuple(Location(path, path, layer.output) for path, layer in planned.layers())


def find_shape(planned: Plan, name: str) -> Shape | None:
    """Shape of the map at a point; None if there is no such point."""
    if ":" in name:
        block, _, place = name.partition(":")
        found = dict(blocks_of(planned)).get(block)
        if found is None or place not in INSIDE or found.shortcut == "none":
            return None
        return next(layer.output for layer in found.layers if layer.kind == "add")
    for stage in planned.stages:
        if stage.name == name:
            return stage.output
    return next((point.shape for point in layer_points(planned) if point.name == name), None)


def reach_of(planned: Plan, name: str) -> ReceptiveField:
    """Receptive field of the unit at position 0 of a layer's, block's or stage's map."""
    found = ReceptiveField()
    for row in rows(planned):
        if row.path == name or row.path.startswith(f"{name}."):
            found = row.reach
    return found


def _pools_all(layer: LayerPlan) -> bool:
    return KINDS[layer.kind].geometry(layer) == Geometry.GLOBAL


def _closes_part(layer: LayerPlan) -> bool:
    """Whether a layer multiplies a map with what a part of the branch has made of it."""
    return bool(layer.part_of) and KINDS[layer.kind].gates


def sees_everything(planned: Plan, name: str) -> bool:
    """Whether a layer stands behind global pooling, of the head or of squeeze-and-excitation."""
    for prefix, group in planned.groups():
        pooled = False
        for layer in group.layers:
            pooled = (pooled or _pools_all(layer)) and not _closes_part(layer)
            if prefix + layer.name == name:
                return pooled
    return False


def unit_centre(planned: Plan, name: str, x: int, y: int) -> tuple[float, float]:
    """Where in the input a unit looks: column and row of the middle of its receptive field, in pixels."""
    if sees_everything(planned, name):
        _, height, width = planned.spec.input
        return (width - 1) / 2, (height - 1) / 2
    reach = reach_of(planned, name)
    return reach.centre + x * reach.jump, reach.centre + y * reach.jump


def unit_box(planned: Plan, name: str, x: int, y: int) -> tuple[int, int, int, int]:
    """Receptive field of a unit by geometry: left, top, right, bottom (exclusive), which may stick out of the input.

    As in the plan, the gate of squeeze-and-excitation and a group's mean, which see everything, are left out of it.
    """
    if sees_everything(planned, name):
        _, height, width = planned.spec.input
        return 0, 0, width, height
    reach = reach_of(planned, name)
    left, top = reach.left + x * reach.jump, reach.left + y * reach.jump
    return left, top, left + reach.size, top + reach.size
