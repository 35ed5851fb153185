"""What the parts of a network are called: as the paper does, or as PyTorch does."""

from __future__ import annotations

from typing import Literal

from resnet_gui.analysis.arithmetic import find_layer, has_path
from resnet_gui.design.location import Location
from resnet_gui.design.structure import Plan
from resnet_gui.gui.design.table.rows import paper_layer_name

Naming = Literal["paper", "torch"]


def path_title(plan: Plan, path: str, naming: Naming) -> str:
    """The name of a stage, block or layer, or of "stem" or "head", from its path; another text stays as it is."""
    if path in {"stem", "head"}:
        return path.capitalize()
    if not has_path(plan, path) or naming == "torch":
        return path
    location, place = Location.parse(path), find_layer(plan, path)
    if place is None:
        return location.paper_name
    name = paper_layer_name(place.layer)
    return f"{location.without_layer().paper_name} {name}" if location.block is not None else name
