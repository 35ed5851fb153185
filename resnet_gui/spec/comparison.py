"""Designs side by side: what they chose, what that costs, and block by block what one has that the other has not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Final, Literal

import msgspec

from resnet_gui.spec.arch import ResNetSpec
from resnet_gui.spec.choices import Shape
from resnet_gui.spec.costs import Cost, Totals, block_cost
from resnet_gui.spec.describe import ACTIVATION_TITLES, extras
from resnet_gui.spec.memory import stored_weights
from resnet_gui.spec.presets import ORDER_TITLES
from resnet_gui.spec.structure import BlockPlan, LayerPlan, Plan

STEMS: Final = {"imagenet": "7×7 /2 + pool", "7x7": "7×7 /2", "deep": "3 × 3×3 + pool", "cifar": "3×3", "3x3": "3×3 /2"}
SHORTCUTS: Final = {"A": "A, zero-pad", "B": "B, projection", "C": "C, all projected", "none": "none, plain"}
NORMS: Final = {"batch": "batch", "group": "group", "none": "none"}


class Choice(msgspec.Struct, frozen=True):
    """A row of the comparison: what the designs chose, in words."""

    title: str
    texts: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the designs do not all agree; a dash, where there is nothing to choose, agrees with everything."""
        return len(set(self.texts) - {"–"}) > 1


class Figure(msgspec.Struct, frozen=True):
    """A row of the comparison: a cost of each design; ``kind`` says how it is written."""

    title: str
    kind: Literal["count", "scaled", "bytes", "layers", "pixels"]
    values: tuple[int, ...]

    @property
    def differs(self) -> bool:
        """Whether the designs do not all agree."""
        return len(set(self.values)) > 1


def _range(values: Sequence[int]) -> str:
    return f"{min(values)} – {max(values)}" if min(values) != max(values) else str(values[0])


def _inner(spec: ResNetSpec) -> str:
    return _range([spec.inner_width(width) for width in spec.widths])


def _stride(spec: ResNetSpec) -> str:
    if spec.block == "basic":
        return "–"
    return "3×3 (v1.5)" if spec.stride_on == "3x3" else "first 1×1 (v1)"


def _excitation(spec: ResNetSpec) -> str:
    return f"ratio {spec.se_ratio}" if spec.se_ratio else "off"


_SHOWN_ABOVE: Final = ("norm", "group norm", "activation", "stride on", "squeeze")
"""How words of ``extras`` begin that have a row of their own."""


def _others(spec: ResNetSpec) -> list[str]:
    lines = [line for line in extras(spec) if not line.startswith(_SHOWN_ABOVE) and "3×3 conv" not in line]
    return [line for line in lines if not line.endswith(f"groups of width {spec.width_per_group}")]


_FURTHER: Final[tuple[tuple[str, Callable[[ResNetSpec], str]], ...]] = (
    ("Stride on", _stride),
    ("Norm", lambda spec: NORMS[spec.norm] + (f", {spec.norm_groups} groups" if spec.norm == "group" else "")),
    ("Activation", lambda spec: ACTIVATION_TITLES[spec.activation]),
    ("Input", lambda spec: " × ".join(map(str, spec.input))),
    ("Classes", lambda spec: f"{spec.classes:,}"),
    ("Other choices", lambda spec: "; ".join(_others(spec)) or "none"),
)
"""Choices that most designs share; their rows are shown where the designs differ."""

_CHOICES: Final[tuple[tuple[str, Callable[[ResNetSpec], str]], ...]] = (
    ("Block", lambda spec: spec.block.capitalize()),
    ("Order", lambda spec: "Post-activation" if spec.order == "original" else ORDER_TITLES[spec.order].capitalize()),
    ("Blocks per stage", lambda spec: ", ".join(map(str, spec.blocks))),
    ("Shortcut", lambda spec: SHORTCUTS[spec.shortcut]),
    ("Stem", lambda spec: STEMS[spec.stem]),
    ("Stage output widths", lambda spec: _range([spec.output_channels(n) for n in range(len(spec.widths))])),
    ("Inner widths, 3×3", _inner),
    ("Groups", lambda spec: str(spec.groups)),
    ("Squeeze-and-excitation", _excitation),
    *_FURTHER,
)


def choices(specs: Sequence[ResNetSpec]) -> list[Choice]:
    """What designs chose, a row each; choices that most designs share only where these differ."""
    found = [Choice(title, tuple(map(word, specs))) for title, word in _CHOICES]
    usual = len(_CHOICES) - len(_FURTHER)
    return [row for number, row in enumerate(found) if number < usual or row.differs]


def figures(plans: Sequence[Plan], totals: Sequence[Totals]) -> list[Figure]:
    """What designs cost for one picture, a row each; weights are the bytes of a state_dict in fp32."""
    return [
        Figure("Parameters", "count", tuple(total.cost.params for total in totals)),
        Figure("MACs", "scaled", tuple(total.cost.macs for total in totals)),
        Figure("Activations", "scaled", tuple(total.cost.activations for total in totals)),
        Figure("Weights, fp32", "bytes", tuple(map(stored_weights, plans))),
        Figure("Depth, weighted layers", "layers", tuple(total.depth for total in totals)),
        Figure("Receptive field", "pixels", tuple(total.receptive_field for total in totals)),
    ]


# ---- block by block

State = Literal["same", "changed", "added", "removed"]


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A block of one design beside its counterpart in another.

    Attributes:
        name: "stem", "head", or stage and block as the paper counts, such as ``3_1``.
        state: whether the other design has it, has it differently, or only one of them has it.
        changes: what is different, a phrase each.
        cost: what the other design has more (or less) of it.
    """

    name: str
    state: State
    changes: tuple[str, ...]
    cost: Cost


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Neighbouring blocks that differ in one way.

    Attributes:
        names: of the first and the last.
        count: how many.
        each: cost of one of them; ``cost`` of all.
    """

    names: tuple[str, str]
    count: int
    state: State
    changes: tuple[str, ...]
    each: Cost
    cost: Cost

    @property
    def title(self) -> str:
        """The names in short: ``3_2`` or ``3_2 – 3_4``."""
        first, last = self.names
        return first if first == last else f"{first} – {last}"


def align(one: Plan, other: Plan) -> list[Pair]:
    """Pair the blocks of two designs: stage with stage, and in a stage the first with the first.

    The first block of a stage strides and widens, the others repeat; so a deeper stage has its new blocks at its end.
    """
    pairs = [_pair("stem", one.stem, other.stem)]
    for index in range(max(len(one.stages), len(other.stages))):
        mine, its = (plan.stages[index].blocks if index < len(plan.stages) else () for plan in (one, other))
        names = [f"{index + 2}_{number + 1}" for number in range(max(len(mine), len(its)))]
        pairs += map(_pair, names, mine, its)
        for number in range(min(len(mine), len(its)), len(names)):
            state: State = "added" if number >= len(mine) else "removed"
            pairs.append(_single(names[number], state, (its if state == "added" else mine)[number]))
    return [*pairs, _pair("head", one.head, other.head)]


def runs(pairs: Sequence[Pair]) -> list[Run]:
    """Neighbours of one stage that differ in the same way, together."""

    def alike(pair: Pair) -> tuple[object, ...]:
        return pair.name.split("_")[0], pair.state, pair.changes, pair.cost

    found = []
    for _, group in groupby(pairs, key=alike):
        members = list(group)
        first = members[0]
        found.append(
            Run(
                names=(first.name, members[-1].name), count=len(members), state=first.state, changes=first.changes,
                each=first.cost, cost=first.cost.times(len(members)),
            )
        )  # fmt: skip
    return found


def _single(name: str, state: State, block: BlockPlan) -> Pair:
    sign = 1 if state == "added" else -1
    what = f"{_shape(block.input)} → {_shape(block.output)}"
    return Pair(name=name, state=state, changes=(what,), cost=block_cost(block).times(sign))


def _pair(name: str, one: BlockPlan, other: BlockPlan) -> Pair:
    if one is other or one == other:
        return Pair(name=name, state="same", changes=(), cost=Cost())
    cost = block_cost(other) + block_cost(one).times(-1)
    changes = tuple(_changes(one, other))
    return Pair(name=name, state="changed", changes=changes, cost=cost)


def _shape(shape: Shape) -> str:
    return "×".join(map(str, shape))


def _changes(one: BlockPlan, other: BlockPlan) -> Iterator[str]:
    """How one block became the other: kind, shapes, then layer by layer."""
    if one.kind != other.kind:
        yield f"{one.kind} → {other.kind}"
    if one.output != other.output:
        yield f"output {_shape(one.output)} → {_shape(other.output)}"
    elif one.input != other.input:
        yield f"input {_shape(one.input)} → {_shape(other.input)}"
    if one.shortcut != other.shortcut:
        yield f"{one.shortcut} shortcut → {other.shortcut}"
    mine = {layer.name: layer for layer in one.layers}
    its = {layer.name: layer for layer in other.layers}
    for name, layer in mine.items():
        if name in its and _facts(layer) != _facts(its[name]):
            yield f"{name}: {_facts(layer)} → {_facts(its[name])}"
    new, gone = [name for name in its if name not in mine], [name for name in mine if name not in its]
    if new:
        yield f"new: {', '.join(new)}"
    if gone:
        yield f"without: {', '.join(gone)}"
    if not new and not gone and [layer.name for layer in one.layers] != [layer.name for layer in other.layers]:
        yield "another order of its layers"


def _facts(layer: LayerPlan) -> str:
    """What a layer is, apart from the size of its maps."""
    if layer.kind == "conv":
        grouped = f", {layer.groups} groups" if layer.groups > 1 else ""
        stride = f" /{layer.stride}" if layer.stride > 1 else ""
        bias = ", biased" if layer.bias else ""
        return f"{layer.kernel}×{layer.kernel}{stride}, {layer.input[0]} → {layer.output[0]}{grouped}{bias}"
    if layer.kind == "linear":
        return f"linear {layer.input[0]} → {layer.output[0]}"
    if layer.kernel:
        return f"{layer.kind} {layer.kernel}×{layer.kernel} /{layer.stride}"
    rate = f" {layer.rate:g}" if layer.rate else ""
    grouped = f", {layer.groups} groups" if layer.kind == "group_norm" else ""
    return f"{layer.kind}{rate}{grouped}"
