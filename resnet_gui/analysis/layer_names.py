"""What the parts of a network are called: as the paper does, or as PyTorch does."""

from __future__ import annotations

from typing import Literal

from resnet_gui.design.choices import KINDS
from resnet_gui.design.location import Location
from resnet_gui.design.structure import LayerPlan, Plan

Naming = Literal["paper", "torch"]


def paper_layer_name(layer: LayerPlan) -> str:
    """A layer's name for people: the shortcut's layers say that they are."""
    if layer.branch == "shortcut":
        return f"shortcut {KINDS[layer.kind].on_shortcut or layer.kind}"
    if layer.branch == "gate":
        return f"gate {layer.kind}"
    return layer.name


def layer_name(layer: LayerPlan, naming: Naming) -> str:
    """A layer's name inside its block."""
    return paper_layer_name(layer) if naming == "paper" else layer.name


def layer_title(section: Location, layer: LayerPlan, naming: Naming) -> str:
    """A layer's name in the whole network, such as ``conv4_1 conv2`` or ``layer3.0.conv2``.

    Args:
        section: the block that it stands in, or the stem or head.
        layer: of that.
        naming: as the paper does, or PyTorch's path.
    """
    if naming == "torch":
        return section.with_layer(layer.name).path
    name = paper_layer_name(layer)
    return f"{section.paper_name} {name}" if section.block is not None else name


def path_title(plan: Plan, path: str, naming: Naming) -> str:
    """The name of a stage, block or layer, or of "stem" or "head", from its path; another text stays as it is."""
    if path in {"stem", "head"}:
        return path.capitalize()
    try:
        location = Location.parse(path)
    except ValueError:
        return path
    if naming == "torch" or not plan.has(location):
        return path
    section = plan.find_section(location)
    layers = section.layers if section is not None and location.layer else ()
    found = next((layer for layer in layers if layer.name == location.layer), None)
    if found is None:
        return location.paper_name if location.term is None else f"{location.paper_name} {location.term}"
    return layer_title(location.without_layer(), found, naming)
