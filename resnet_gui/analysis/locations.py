"""Locations in a network that can be looked at, by path: ends of stages, inside of blocks, and every layer."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from resnet_gui.analysis.costs import ReceptiveField, Row, rows
from resnet_gui.analysis.layer_names import Naming, layer_title
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import KINDS
from resnet_gui.design.layer_kind import Geometry
from resnet_gui.design.location import TERMS, Location
from resnet_gui.design.structure import BlockPlan, LayerPlan, Plan


class MapLocation(msgspec.Struct, frozen=True):
    """A location where a map can be read.

    Attributes:
        location: the end of a stage, what is added inside a block, a block's output, or a layer's.
        title: for people.
        shape: of the map.
    """

    location: Location
    title: str
    shape: Shape

    @property
    def name(self) -> str:
        """Its path, as messages have it."""
        return self.location.path


def stage_maps(planned: Plan, naming: Naming = "paper") -> tuple[MapLocation, ...]:
    """The end of every stage."""

    def title(location: Location) -> str:
        return location.path if naming == "torch" else f"{location.section_title}, {location.paper_name}"

    return tuple(MapLocation(stage.location, title(stage.location), stage.output) for stage in planned.stages)


def short_title(location: Location, naming: Naming) -> str:
    """A stage or block where there is little room: ``conv4_x`` or ``layer3``."""
    return location.path if naming == "torch" else location.paper_name


def default_location(planned: Plan) -> str:
    """Where Grad-CAM looks unless told otherwise: the end of the last stage (Selvaraju et al. 2017, section 3).

    With pre-activation that is the raw sum, before the head's norm and activation. A map of 1×1 would colour the whole
    picture alike, so of a network that ends in one it is the last stage with a larger map, if there is any.
    """
    larger = [stage.name for stage in planned.stages if max(stage.output[1:]) > 1]
    return larger[-1] if larger else planned.stages[-1].name


def block_maps(location: Location, block: BlockPlan) -> tuple[MapLocation, ...]:
    """Branch, shortcut and sum of a block, then its output; a plain block has only its output."""
    found: list[MapLocation] = []
    if block.adds:
        added = next(layer for layer in block.layers if layer.kind == "add")
        words = {"branch": "branch F(x)", "shortcut": "shortcut", "sum": "sum"}
        found = [MapLocation(location.with_term(term), words[term], added.output) for term in TERMS]
    return (*found, MapLocation(location, "output", block.output))


def blocks_of(planned: Plan) -> tuple[tuple[str, BlockPlan], ...]:
    """Every residual block with its path, as messages name it."""
    return tuple((location.path, block) for location, block in planned.blocks())


def layer_maps(planned: Plan, naming: Naming = "torch") -> tuple[MapLocation, ...]:
    """Everything whose output is a map: layers and blocks in order, flattened ones left out."""
    found: list[MapLocation] = []
    for location, group in planned.sections():
        found += [
            MapLocation(location.with_layer(layer.name), layer_title(location, layer, naming), layer.output)
            for layer in group.layers
            if len(layer.output) == 3
        ]
        if location.block is not None:
            found.append(MapLocation(location, f"{short_title(location, naming)} output", group.output))
    return tuple(found)


def all_layers(planned: Plan, naming: Naming = "torch") -> tuple[MapLocation, ...]:
    """Every layer in order, flattened ones too."""
    return tuple(
        MapLocation(location.with_layer(layer.name), layer_title(location, layer, naming), layer.output)
        for location, group in planned.sections()
        for layer in group.layers
    )


def find_shape(planned: Plan, name: str) -> Shape | None:
    """Shape of the map at a location; None if there is no such one."""
    try:
        location = Location.parse(name)
    except ValueError:
        return None
    if not planned.has(location):
        return None
    group = planned.find_section(location)
    if group is None:
        stage = next(stage for stage in planned.stages if stage.location == location)
        return stage.output
    if location.term is not None:
        return next(layer.output for layer in group.layers if layer.kind == "add")
    if location.layer:
        shape = next(layer.output for layer in group.layers if layer.name == location.layer)
        return shape if len(shape) == 3 else None
    return group.output


def receptive_field_of(planned: Plan, name: str) -> ReceptiveField:
    """Receptive field of the unit at position 0 of a layer's, block's or stage's map."""
    found = ReceptiveField()
    for row in rows(planned):
        if row.path == name or row.path.startswith(f"{name}."):
            found = row.field
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
    field = receptive_field_of(planned, name)
    return field.centre + x * field.jump, field.centre + y * field.jump


def unit_box(planned: Plan, name: str, x: int, y: int) -> tuple[int, int, int, int]:
    """Receptive field of a unit by geometry: left, top, right, bottom (exclusive), which may stick out of the input.

    As in the plan, the gate of squeeze-and-excitation and a group's mean, which see everything, are left out of it. Of
    a unit at a border it holds what an edge of reflection mirrors there, too.
    """
    if sees_everything(planned, name):
        _, height, width = planned.spec.input
        return 0, 0, width, height
    field, mirrors = receptive_field_of(planned, name), _mirrors(planned, name)
    left, right = _reach(field, x, mirrors, 2)
    top, bottom = _reach(field, y, mirrors, 1)
    return left, top, right + 1, bottom + 1


def _mirrors(planned: Plan, name: str) -> list[Row]:
    """The layers on the way to a location that mirror a map at its border."""
    found: list[Row] = []
    way: list[Row] = []
    for row in rows(planned):
        if KINDS[row.layer.kind].mirrors:
            way.append(row)
        if row.path == name and row.layer.branch == "shortcut":
            block = name.removesuffix(row.layer.name)
            return [before for before in way if not before.path.startswith(block)]
        if row.path == name or row.path.startswith(f"{name}."):
            found = list(way)
    return found


def _reach(field: ReceptiveField, place: int, mirrors: Sequence[Row], axis: int) -> tuple[int, int]:
    """First and last pixel of a unit's field along an axis of its map, with what borders mirror into it."""
    first, last = field.left + place * field.jump, field.right + place * field.jump
    for row in reversed(mirrors):
        own, padding, end = row.field, row.layer.padding, row.layer.output[axis] - 1
        low = max(0, (first - own.left) // own.jump)
        high = min(end, -((own.right - last) // own.jump))
        if low < padding:
            last = max(last, own.right + (2 * padding - low) * own.jump)
        if high > end - padding:
            first = min(first, own.left + (2 * (end - padding) - high) * own.jump)
    return first, last
