"""The arithmetic behind a shape, a receptive field or a cost, step by step with a layer's own numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Final

import msgspec

from resnet_gui.analysis.costs import Cost, ReceptiveField, block_cost, layer_cost, receptive_fields
from resnet_gui.base.text import shape_text
from resnet_gui.design.choices import KINDS
from resnet_gui.design.layer_kind import Geometry
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


class LocatedLayer(msgspec.Struct, frozen=True):
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
            part = f"part {layer.part_of}"
            if name == path:
                return inside[part] if layer.part_of and KINDS[layer.kind].gates else read
            if layer.part_of:
                inside.setdefault(part, read)
            inside[layer.branch] = name
        before = prefix + block.layers[-1].name
    return ""


def find_layer(plan: Plan, path: str) -> LocatedLayer | None:
    """The layer of a path; None if the plan has none."""
    try:
        location = Location.parse(path)
    except ValueError:
        return None
    block, prefix = plan.find_section(location), location.prefix
    if block is None:
        return None
    found = (layer for layer in block.layers if prefix + layer.name == path)
    return next((LocatedLayer(path, prefix, block, layer) for layer in found), None)


def has_path(plan: Plan, path: str) -> bool:
    """Whether a plan has the stage, block or layer of a path."""
    try:
        return plan.has(Location.parse(path))
    except ValueError:
        return False


# ---- one layer


def size_rule(layer: LayerPlan) -> str:
    """How the output shape of a kind of layer follows from its input, in a line."""
    return _SIZE_RULES[KINDS[layer.kind].geometry(layer)]


_SIZE_RULES: Final = {
    Geometry.WINDOW: WINDOW_RULE,
    Geometry.CEIL: "⌈(size − kernel) / stride⌉ + 1, the last window may stick out",
    Geometry.COVER: "⌈size / stride⌉, windows that stick out count what lies inside",
    Geometry.GLOBAL: "the mean of all positions of a channel",
    Geometry.FLATTEN: "channels · height · width",
    Geometry.LINEAR: "one output for each row of the weight matrix",
    Geometry.SUM: "branch and shortcut have one shape, and so has their sum",
    Geometry.SAME: "each value for itself: the shape stays",
}


def shortcut_symbol(block: BlockPlan) -> str:
    """How the papers write what comes along a block's shortcut: x, or h(x) where layers lie on it."""
    return "h(x)" if block.on("shortcut") else "x"


def size_steps(layer: LayerPlan, block: BlockPlan | None = None) -> list[Step]:
    """Edge by edge, how a layer's output shape comes about (Dumoulin & Visin 2016, relationship 6, for windows).

    Args:
        layer: of a plan.
        block: in which the layer stands, which says what an addition adds; without it the shortcut is any.
    """
    match KINDS[layer.kind].geometry(layer):
        case Geometry.WINDOW:
            steps = _edges(layer, _window_working)
        case Geometry.CEIL:
            steps = _edges(layer, lambda layer, size: f"⌈({size} − {layer.kernel}) / {layer.stride}⌉ + 1")
        case Geometry.COVER:
            steps = _edges(layer, lambda layer, size: f"⌈{size} / {layer.stride}⌉")
        case Geometry.GLOBAL:
            working = f"mean of {shape_text(layer.input[1:])} = {prod(layer.input[1:])} values"
            steps = [Step("positions", working, "1×1", is_sum=False)]
        case Geometry.FLATTEN:
            return [Step("features", " · ".join(map(str, layer.input)), str(layer.output[0]))]
        case Geometry.LINEAR:
            working = f"{layer.output[0]} rows of {layer.input[0]} weights"
            return [Step("features", working, str(layer.output[0]), is_sum=False)]
        case Geometry.SUM:
            return _sum_steps(layer, block)
        case _:
            return [Step("shape", f"as its input {shape_text(layer.input)}", shape_text(layer.output), is_sum=False)]
    channels = KINDS[layer.kind].channels(layer)
    return [*steps, Step("channels", channels, str(layer.output[0]), is_sum=False)]


def _sum_steps(layer: LayerPlan, block: BlockPlan | None) -> list[Step]:
    """The two that an addition adds, each with its shape, and their sum."""
    symbol = shortcut_symbol(block) if block is not None else "h(x)"
    on_shortcut = block.on("shortcut") if block is not None else ()
    words = ", ".join(KINDS[each.kind].on_shortcut or each.kind for each in on_shortcut)
    way = f"the shortcut ({words})" if words else "the shortcut, as it was before the branch"
    read = shape_text(layer.input)
    return [
        Step("F(x)", "the branch", read, is_sum=False),
        Step(symbol, way, read, is_sum=False),
        Step("shape", f"F(x) + {symbol}, value by value", shape_text(layer.output), is_sum=False),
    ]


def _edges(layer: LayerPlan, working: Callable[[LayerPlan, int], str]) -> list[Step]:
    """Height and width; one line where they are the same."""
    heights = (layer.input[1], layer.output[1])
    widths = (layer.input[2], layer.output[2])
    named = (("size", heights),) if heights == widths else (("height", heights), ("width", widths))
    return [Step(name, working(layer, read), str(written)) for name, (read, written) in named]


def _window_working(layer: LayerPlan, size: int) -> str:
    return f"⌊({size} + 2·{layer.padding} − {layer.span}) / {layer.stride}⌋ + 1"


def cost_steps(layer: LayerPlan) -> list[Step]:
    """Parameters and MACs of a layer, and the additions of a sum, which are neither; nothing for any other layer."""
    cost, kind = layer_cost(layer), KINDS[layer.kind]
    if kind.geometry(layer) is Geometry.SUM:
        working = " · ".join(map(str, layer.output))
        return [Step("additions", working, f"{prod(layer.output):,}", "no parameters, no MACs")]
    if kind.working is None:
        return []
    weights = kind.working(layer)
    bias = f" + {layer.output[0]}" if layer.bias else ""
    steps = [Step("parameters", weights + bias, f"{cost.params:,}", kind.working_note)]
    if cost.macs:
        positions = weights + "".join(f" · {edge}" for edge in layer.output[1:])
        working = kind.macs_working(layer) if kind.macs_working else positions
        steps.append(Step("MACs", working, f"{cost.macs:,}"))
    return steps


# ---- the whole chain from the input


_SEES_ALL: Final = frozenset({Geometry.GLOBAL, Geometry.FLATTEN, Geometry.LINEAR})
_ROUTES: Final[dict[str, frozenset[str]]] = {
    "gate": frozenset({"gate"}),
    "shared": frozenset({"shared"}),
    "main": frozenset({"shared", "main"}),
    "shortcut": frozenset({"shared", "shortcut"}),
    "join": frozenset({"shared", "main", "join"}),
    "out": frozenset({"shared", "main", "join", "out"}),
}
"""Branches of a block that a signal passes on its way to a layer of a branch."""


def _works_pooled(layer: LayerPlan) -> bool:
    """Whether a layer of a part reads what is left of the map, and not the map itself."""
    return bool(layer.part_of) and not KINDS[layer.kind].gates


def _route(block: BlockPlan, last: LayerPlan | None) -> list[LayerPlan]:
    """The layers of a block that a signal passes on its way to ``last``, on the main path where it may choose."""
    wanted = _ROUTES["out" if last is None else last.branch]
    inside = last is not None and _works_pooled(last)
    found: list[LayerPlan] = []
    for layer in block.layers:
        # Only a layer of the part itself sees what the pooling leaves; the product with it reads the whole map.
        if layer.branch in wanted and (not _works_pooled(layer) or inside):
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
    """Every layer on the way from the picture to a layer that changes height and width, and that layer itself.

    Before an addition stands the layer that gives the branch its channels too: it adds what has one shape.
    """
    steps = [Step("input", "", shape_text(plan.spec.input), is_sum=False)]
    for prefix, block, layers in _chain(plan, path):
        adds = prefix + layers[-1].name == path and KINDS[layers[-1].kind].geometry(layers[-1]) is Geometry.SUM
        widens = next((each for each in reversed(layers) if adds and each.input[0] != each.output[0]), None)
        for layer in layers:
            if layer.input[1:] == layer.output[1:] and prefix + layer.name != path and layer is not widens:
                continue
            lines = size_steps(layer, block)
            is_join = KINDS[layer.kind].geometry(layer) is Geometry.SUM
            chosen = lines[-1] if is_join else lines[0]
            shown = chosen.is_sum and KINDS[layer.kind].geometry(layer) != Geometry.FLATTEN
            note = f"channels {layer.input[0]} → {layer.output[0]}" if layer is widens else ""
            steps.append(Step(prefix + layer.name, chosen.working, shape_text(layer.output), note, is_sum=shown))
    return steps


def field_steps(plan: Plan, path: str) -> list[Step]:
    """The receptive field of a layer, window by window from one pixel (Araujo et al. 2019, eq. 1 and 2).

    Where the shortcut sees what the branch does not, the sum sees both, and a line says so. Pooling, flattening and
    linear layers of the head see every position; for them the table quotes the last convolution's field.
    """
    field = ReceptiveField()
    steps = [Step("input", "one pixel", "1", "jump 1", is_sum=False)]
    for prefix, block, layers in _chain(plan, path):
        ends = dict(zip((layer.name for layer in block.layers), receptive_fields(block, field), strict=True))
        for layer in layers:
            if block.kind == "head" and KINDS[layer.kind].geometry(layer) in _SEES_ALL:
                words = "sees every position; quoted as the last convolution's"
                return [*steps, Step(path, words, str(field.size), is_sum=False)]
            after = ends[layer.name]
            if layer.kernel > 1 or layer.stride > 1:
                jump = (
                    f"jump {field.jump} · {layer.stride} = {after.jump}" if layer.stride > 1 else f"jump {after.jump}"
                )
                working = f"{field.size} + ({layer.span} − 1) · {field.jump}"
                steps.append(Step(prefix + layer.name, working, str(after.size), jump))
            elif after != field:
                working = f"branch and shortcut: pixels {after.left} to {after.right}".replace("-", "−")
                steps.append(Step(prefix + layer.name, working, str(after.size), is_sum=False))
            elif prefix + layer.name == path:
                steps.append(Step(path, "as before: one position", str(after.size), f"jump {after.jump}", is_sum=False))
            field = after
    return steps


# ---- the costs of a block, a stage, the stem or the head


def group_steps(plan: Plan, path: str, amount: Callable[[Cost], int], name: str) -> list[Step]:
    """What the parts of a block, a stage, "stem" or "head" cost, and the sum under them; nothing for another path.

    Args:
        plan: of the network.
        path: of the block or stage, or "stem" or "head".
        amount: the part of a cost that is summed, such as its parameters.
        name: of the sum.
    """
    parts = _parts(plan, path)
    counted = [(part, amount(cost)) for part, cost in parts if amount(cost)]
    steps = [Step(part, "", f"{cost:,}", is_sum=False) for part, cost in counted]
    if counted:
        working = " + ".join(f"{cost:,}" for _, cost in counted)
        steps.append(Step(name, working, f"{sum(cost for _, cost in counted):,}", is_sum=len(counted) > 1))
    return steps


def _parts(plan: Plan, path: str) -> list[tuple[str, Cost]]:
    """The layers of a block, stem or head, or the blocks of a stage, by their paths."""
    outside = {"stem": plan.stem, "head": plan.head}
    if path in outside:
        return [(layer.name, layer_cost(layer)) for layer in outside[path].layers]
    if not has_path(plan, path):
        return []
    location = Location.parse(path)
    if not isinstance(location.stage, int) or location.layer:
        return []
    blocks = plan.stages[location.stage].blocks
    if location.block is None:
        return [(Location(location.stage, number).path, block_cost(block)) for number, block in enumerate(blocks)]
    return [(location.with_layer(layer.name).path, layer_cost(layer)) for layer in blocks[location.block].layers]
