"""The arithmetic behind a shape, a receptive field or a cost, step by step with a layer's own numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Final

import msgspec

from resnet_gui.analysis.costs import ReceptiveField, layer_cost, reaches
from resnet_gui.base.text import shape_text
from resnet_gui.design.location import Location
from resnet_gui.design.structure import BlockPlan, LayerPlan, Plan

WINDOW_RULE = "⌊(size + 2·pad − kernel) / stride⌋ + 1"
FIELD_RULE = "field + (kernel − 1) · jump, then jump · stride"


class Step(msgspec.Struct, frozen=True):
    """One line of a calculation.

    Attributes:
        name: what it is about.
        working: the sum with its numbers, or what takes its place.
        result: what it gives.
        note: what else the line changes.
        is_sum: whether ``working`` is a sum that equals the result.
    """

    name: str
    working: str
    result: str
    note: str = ""
    is_sum: bool = True


class Place(msgspec.Struct, frozen=True):
    """A layer of a plan with the block that it stands in.

    Attributes:
        path: full path of the layer, such as ``layer2.0.conv2``.
        prefix: of its block, such as ``layer2.0.``; empty in stem and head.
    """

    path: str
    prefix: str
    block: BlockPlan
    layer: LayerPlan


def producer(plan: Plan, path: str) -> str:
    """The layer whose output a layer reads; empty for the picture, or where the plan has no such layer."""
    before = ""
    for prefix, block in plan.groups():
        inside: dict[str, str] = {}
        for layer in block.layers:
            name = prefix + layer.name
            shared = inside.get("shared", before)
            main = inside.get("main", shared)
            source = {"gate": inside.get("gate", before), "join": main, "out": inside.get("join", main)}
            read = source.get(layer.branch, inside.get(layer.branch, shared))
            if layer.branch == "out":
                read = inside.get("out", read)
            if name == path:
                return inside["se"] if layer.name == "se.scale" else read
            if layer.name == "se.pool":
                inside["se"] = read
            inside[layer.branch] = name
        before = prefix + block.layers[-1].name
    return ""


def find_layer(plan: Plan, path: str) -> Place | None:
    """The layer of a path; None if the plan has none."""
    for prefix, block in plan.groups():
        if path.startswith(prefix):
            for layer in block.layers:
                if prefix + layer.name == path:
                    return Place(path, prefix, block, layer)
    return None


def has_path(plan: Plan, path: str) -> bool:
    """Whether a plan has the stage, block or layer of a path."""
    try:
        return plan.has(Location.parse(path))
    except ValueError:
        return False


# ---- one layer


def size_rule(layer: LayerPlan) -> str:
    """How the output shape of a kind of layer follows from its input, in a line."""
    match layer.kind:
        case "conv" | "max_pool" | "zero_pad":
            return WINDOW_RULE
        case "avg_pool" if layer.kernel:
            return "⌈size / stride⌉, windows that stick out count what lies inside"
        case "avg_pool":
            return "the mean of all positions of a channel"
        case "flatten":
            return "channels · height · width"
        case "linear":
            return "one output for each row of the weight matrix"
        case "add":
            return "branch and shortcut have one shape, and so has their sum"
        case _:
            return "each value for itself: the shape stays"


def size_steps(layer: LayerPlan) -> list[Step]:
    """Edge by edge, how a layer's output shape comes about (Dumoulin & Visin 2016, relationship 6, for windows)."""
    match layer.kind:
        case "conv" | "max_pool" | "zero_pad":
            steps = _edges(layer, _window_working)
        case "avg_pool" if layer.kernel:
            steps = _edges(layer, lambda layer, size: f"⌈{size} / {layer.stride}⌉")
        case "avg_pool":
            steps = [
                Step(
                    "positions",
                    f"mean of {shape_text(layer.input[1:])} = {prod(layer.input[1:])} values",
                    "1×1",
                    is_sum=False,
                )
            ]
        case "flatten":
            return [Step("features", " · ".join(map(str, layer.input)), str(layer.output[0]))]
        case "linear":
            return [
                Step(
                    "features",
                    f"{layer.output[0]} rows of {layer.input[0]} weights",
                    str(layer.output[0]),
                    is_sum=False,
                )
            ]
        case _:
            return [Step("shape", f"as its input {shape_text(layer.input)}", shape_text(layer.output), is_sum=False)]
    return [*steps, Step("channels", _channels(layer), str(layer.output[0]), is_sum=False)]


def _edges(layer: LayerPlan, working: Callable[[LayerPlan, int], str]) -> list[Step]:
    """Height and width; one line where they are the same."""
    heights = (layer.input[1], layer.output[1])
    widths = (layer.input[2], layer.output[2])
    named = (("size", heights),) if heights == widths else (("height", heights), ("width", widths))
    return [Step(name, working(layer, read), str(written)) for name, (read, written) in named]


def _window_working(layer: LayerPlan, size: int) -> str:
    return f"⌊({size} + 2·{layer.padding} − {layer.kernel}) / {layer.stride}⌋ + 1"


def _channels(layer: LayerPlan) -> str:
    match layer.kind:
        case "conv":
            return "one for each filter"
        case "zero_pad":
            more = layer.output[0] - layer.input[0]
            return f"{layer.input[0]} and {more} of zeros, half of them in front"
        case _:
            return "as many as it reads"


def cost_steps(layer: LayerPlan) -> list[Step]:
    """Parameters and MACs of a layer; nothing for a layer without either."""
    cost = layer_cost(layer)
    steps: list[Step] = []
    if layer.kind == "conv":
        filters = f"{layer.output[0]} · {layer.input[0] // layer.groups} · {layer.kernel}²"
        bias = f" + {layer.output[0]}" if layer.bias else ""
        steps.append(Step("parameters", filters + bias, f"{cost.params:,}"))
        steps.append(Step("MACs", f"{filters} · {layer.output[1]} · {layer.output[2]}", f"{cost.macs:,}"))
    elif layer.kind == "linear":
        weights = f"{layer.output[0]} · {layer.input[0]}"
        steps.append(Step("parameters", weights + (f" + {layer.output[0]}" if layer.bias else ""), f"{cost.params:,}"))
        steps.append(Step("MACs", weights, f"{cost.macs:,}"))
    elif cost.params:
        steps.append(Step("parameters", f"2 · {layer.output[0]}", f"{cost.params:,}", "scale and shift"))
    return steps


# ---- the whole chain from the input


_ROUTES: Final[dict[str, frozenset[str]]] = {
    "gate": frozenset({"gate"}),
    "shared": frozenset({"shared"}),
    "main": frozenset({"shared", "main"}),
    "shortcut": frozenset({"shared", "shortcut"}),
    "join": frozenset({"shared", "main", "join"}),
    "out": frozenset({"shared", "main", "join", "out"}),
}
"""Branches of a block that a signal passes on its way to a layer of a branch."""


def _route(block: BlockPlan, last: LayerPlan | None) -> list[LayerPlan]:
    """The layers of a block that a signal passes on its way to ``last``, on the main path where it may choose."""
    wanted = _ROUTES["out" if last is None else last.branch]
    inside = last is not None and last.name.startswith("se.") and last.kind != "gate"
    found: list[LayerPlan] = []
    for layer in block.layers:
        # Only a layer of the excitation itself sees what the pooling leaves; the product with it reads the whole map.
        excites = layer.name.startswith("se.") and layer.kind != "gate"
        if layer.branch in wanted and (not excites or inside):
            found.append(layer)
        if layer is last:
            break
    return found


def _chain(plan: Plan, path: str) -> Iterator[tuple[str, BlockPlan, list[LayerPlan]]]:
    """Block by block with its prefix, the layers that lie between the picture and a layer."""
    place = find_layer(plan, path)
    if place is None:
        return
    for prefix, block in plan.groups():
        if prefix == place.prefix and block is place.block:
            yield prefix, block, _route(block, place.layer)
            return
        yield prefix, block, _route(block, None)


def chain_steps(plan: Plan, path: str) -> list[Step]:
    """Every layer on the way from the picture to a layer that changes height and width, and that layer itself."""
    steps = [Step("input", "", shape_text(plan.spec.input), is_sum=False)]
    for prefix, _, layers in _chain(plan, path):
        for layer in layers:
            if layer.input[1:] == layer.output[1:] and prefix + layer.name != path:
                continue
            first = size_steps(layer)[0]
            shown = first.is_sum and layer.kind != "flatten"
            steps.append(Step(prefix + layer.name, first.working, shape_text(layer.output), is_sum=shown))
    return steps


def field_steps(plan: Plan, path: str) -> list[Step]:
    """The receptive field of a layer, window by window from one pixel (Araujo et al. 2019, eq. 1 and 2).

    Where the shortcut sees what the branch does not, the sum sees both, and a line says so. Pooling, flattening and
    linear layers of the head see every position; for them the table quotes the last convolution's field.
    """
    reach = ReceptiveField()
    steps = [Step("input", "one pixel", "1", "jump 1", is_sum=False)]
    for prefix, block, layers in _chain(plan, path):
        ends = dict(zip((layer.name for layer in block.layers), reaches(block, reach), strict=True))
        for layer in layers:
            if block.kind == "head" and layer.kind in {"avg_pool", "flatten", "linear"}:
                words = "sees every position; quoted as the last convolution's"
                return [*steps, Step(path, words, str(reach.size), is_sum=False)]
            after = ends[layer.name]
            if layer.kernel > 1 or layer.stride > 1:
                jump = (
                    f"jump {reach.jump} · {layer.stride} = {after.jump}" if layer.stride > 1 else f"jump {after.jump}"
                )
                working = f"{reach.size} + ({layer.kernel} − 1) · {reach.jump}"
                steps.append(Step(prefix + layer.name, working, str(after.size), jump))
            elif after != reach:
                working = f"branch and shortcut: pixels {after.left} to {after.right}".replace("-", "−")
                steps.append(Step(prefix + layer.name, working, str(after.size), is_sum=False))
            elif prefix + layer.name == path:
                steps.append(Step(path, "as before: one position", str(after.size), f"jump {after.jump}", is_sum=False))
            reach = after
    return steps
