"""Designs side by side: what they chose, what that costs, and block by block what one has that the other has not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any, Final, Literal, NamedTuple

import msgspec

from resnet_gui.analysis.costs import Cost, Totals, block_cost
from resnet_gui.analysis.layer_names import Naming, layer_name
from resnet_gui.analysis.memory import stored_weights
from resnet_gui.base.text import shape_text
from resnet_gui.design.applies import applies
from resnet_gui.design.choices import CHOICES, KINDS
from resnet_gui.design.location import Location
from resnet_gui.design.nearest import effective
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.structure import BlockPlan, LayerPlan, Plan
from resnet_gui.design.words import FIELD_TITLES, field_word


class ChoiceRow(msgspec.Struct, frozen=True):
    """A row of the comparison: what the designs chose.

    Attributes:
        texts: in words.
        values: what the words stand for; None where there is nothing to choose, which agrees with everything.
    """

    title: str
    texts: tuple[str, ...]
    values: tuple[object, ...]

    @property
    def differs(self) -> bool:
        """Whether the designs do not all agree."""
        return len(set(self.values) - {None}) > 1

    def apart(self, place: int) -> bool:
        """Whether the design at a place differs from the first."""
        first, value = self.values[0], self.values[place]
        return first is not None and value is not None and value != first


class Figure(msgspec.Struct, frozen=True):
    """A row of the comparison: a cost of each design; ``kind`` says how it is written."""

    title: str
    kind: Literal["count", "scaled", "bytes", "layers", "pixels"]
    values: tuple[int, ...]

    @property
    def differs(self) -> bool:
        """Whether the designs do not all agree."""
        return len(set(self.values)) > 1


class _ComparedChoice(NamedTuple):
    """A row of choices to be made: its title, what a spec chose, and how that is written, shortly and in full."""

    title: str
    value: Callable[[ResNetSpec], object]
    word: Callable[[Any], str]
    full: Callable[[Any], str]


def _range(values: tuple[int, ...]) -> str:
    return f"{min(values)} – {max(values)}" if min(values) != max(values) else str(values[0])


def _listed(values: tuple[int, ...]) -> str:
    return ", ".join(map(str, values))


def _plain(title: str, value: Callable[[ResNetSpec], object], word: Callable[[Any], str] = str) -> _ComparedChoice:
    return _ComparedChoice(title, value, word, word)


def _excitation(value: tuple[int, int]) -> str:
    ratio, divisor = value
    return f"ratio {ratio}" + (f", to {divisor}s" if divisor != USUAL_DIVISOR else "") if ratio else "off"


USUAL_DIVISOR: Final = 8


def _squeezing(spec: ResNetSpec) -> tuple[int, int]:
    """Ratio and rounding of squeeze-and-excitation, as far as they act."""
    ratio = spec.se_ratio if applies(spec, "se_ratio") else 0
    return ratio, spec.se_divisor if ratio else USUAL_DIVISOR


_ALWAYS: Final = (
    _plain("Block", lambda spec: spec.block, lambda block: CHOICES["block"][block].compared_text),
    _plain("Order", lambda spec: spec.order, lambda order: CHOICES["order"][order].compared_text),
    _plain("Blocks per stage", lambda spec: spec.blocks, _listed),
    _plain("Shortcut", lambda spec: spec.shortcut, lambda shortcut: CHOICES["shortcut"][shortcut].compared_text),
    _plain("Stem", lambda spec: spec.stem, lambda stem: CHOICES["stem"][stem].compared_text),
    _ComparedChoice(
        "Stage output widths", lambda spec: tuple(spec.output_channels(n) for n in range(len(spec.widths))),
        _range, _listed,
    ),
    _ComparedChoice("Inner widths, 3×3", lambda spec: tuple(map(spec.inner_width, spec.widths)), _range, _listed),
    _plain("Groups", lambda spec: spec.groups),
    _plain(
        "Squeeze-and-excitation", _squeezing,
        _excitation,
    ),
)  # fmt: skip
"""The rows that every comparison has."""

_COVERED: Final = frozenset(
    {"block", "order", "blocks", "shortcut", "stem", "widths", "width_per_group", "groups", "se_ratio", "se_divisor"}
)


def _field(name: str) -> _ComparedChoice:
    """The row of a field of its own, as far as it has an effect."""
    title = FIELD_TITLES[name]
    return _plain(
        title[:1].upper() + title[1:], lambda spec: _effect(spec, name), lambda value: field_word(name, value)
    )


def _effect(spec: ResNetSpec, name: str) -> object:
    return getattr(effective(spec), name) if applies(spec, name) else None


_WHERE_DIFFERENT: Final = tuple(_field(name) for name in ResNetSpec.__struct_fields__ if name not in _COVERED)
"""Rows of choices that most designs share: shown where the designs differ."""


def choices(specs: Sequence[ResNetSpec]) -> list[ChoiceRow]:
    """What designs chose, a row each; choices that most designs share only where these differ.

    A range of widths is written out where another design has the same range with other widths between.
    """
    found = [_choice(row, specs) for row in _ALWAYS]
    return found + [choice for choice in (_choice(row, specs) for row in _WHERE_DIFFERENT) if choice.differs]


def _choice(row: _ComparedChoice, specs: Sequence[ResNetSpec]) -> ChoiceRow:
    values = tuple(map(row.value, specs))
    texts = tuple(map(row.word, values))
    if len(set(texts)) < len(set(values)):
        texts = tuple(map(row.full, values))
    return ChoiceRow(row.title, texts, values)


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


class BlockPair(msgspec.Struct, frozen=True, kw_only=True):
    """A block of one design beside its counterpart in another.

    Attributes:
        location: of the stem, the block or the head.
        state: whether the other design has it, has it differently, or only one of them has it.
        changes: what is different, a phrase each.
        cost: what the other design has more (or less) of it.
        branch_differs, shortcut_differs: of one that changed, which of its two ways did; an order of layers is the
            branch's.
    """

    location: Location
    state: State
    changes: tuple[str, ...]
    cost: Cost
    branch_differs: bool = False
    shortcut_differs: bool = False

    @property
    def name(self) -> str:
        """Stage and block as the paper counts, such as ``3_1``; "stem" or "head"."""
        return self.location.number


class BlockGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Neighbouring blocks that differ in one way.

    Attributes:
        first, last: where they begin and end.
        count: how many.
        each: cost of one of them; ``cost`` of all.
    """

    first: Location
    last: Location
    count: int
    state: State
    changes: tuple[str, ...]
    each: Cost
    cost: Cost

    @property
    def title(self) -> str:
        """The names in short: ``3_2`` or ``3_2 – 3_4``."""
        return self.named("paper")

    def named(self, naming: Naming) -> str:
        """The names in short, as the paper counts or as PyTorch's paths: ``layer2.1 – layer2.3``."""
        first, last = (end.number if naming == "paper" or not end.path else end.path for end in (self.first, self.last))
        return first if first == last else f"{first} – {last}"


def align(one: Plan, other: Plan, naming: Naming = "torch") -> list[BlockPair]:
    """Pair the blocks of two designs: stage with stage, and in a stage the first with the first.

    The first block of a stage strides and widens, the others repeat; so a deeper stage has its new blocks at its end.

    Args:
        one: plan of the first design.
        other: plan of the second.
        naming: how layers are called in the phrases about what is different.
    """
    pair = partial(_pair, naming=naming)
    pairs = [pair(Location("stem"), one.stem, other.stem)]
    for index in range(max(len(one.stages), len(other.stages))):
        mine, its = (plan.stages[index].blocks if index < len(plan.stages) else () for plan in (one, other))
        places = [Location(index, number) for number in range(max(len(mine), len(its)))]
        pairs += map(pair, places, mine, its)
        for number in range(min(len(mine), len(its)), len(places)):
            state: State = "added" if number >= len(mine) else "removed"
            pairs.append(_single(places[number], state, (its if state == "added" else mine)[number]))
    return [*pairs, pair(Location("head"), one.head, other.head)]


def runs(pairs: Sequence[BlockPair]) -> list[BlockGroup]:
    """Neighbours of one stage that differ in the same way, together."""

    def alike(pair: BlockPair) -> tuple[object, ...]:
        return pair.location.stage, pair.state, pair.changes, pair.cost

    found = []
    for _, group in groupby(pairs, key=alike):
        members = list(group)
        first = members[0]
        found.append(
            BlockGroup(
                first=first.location, last=members[-1].location, count=len(members), state=first.state,
                changes=first.changes, each=first.cost, cost=first.cost.times(len(members)),
            )
        )  # fmt: skip
    return found


def _single(location: Location, state: State, block: BlockPlan) -> BlockPair:
    sign = 1 if state == "added" else -1
    what = f"{shape_text(block.input)} → {shape_text(block.output)}"
    return BlockPair(location=location, state=state, changes=(what,), cost=block_cost(block).times(sign))


def _pair(location: Location, one: BlockPlan, other: BlockPlan, naming: Naming) -> BlockPair:
    if one is other or one == other:
        return BlockPair(location=location, state="same", changes=(), cost=Cost())
    cost = block_cost(other) + block_cost(one).times(-1)
    changes = _changes(one, other, naming)
    same_branch, same_shortcut = (_parts(one, shortcut=on) == _parts(other, shortcut=on) for on in (False, True))
    return BlockPair(
        location=location, state="changed", changes=changes, cost=cost, branch_differs=not same_branch,
        shortcut_differs=not same_shortcut,
    )  # fmt: skip


def _parts(block: BlockPlan, *, shortcut: bool) -> tuple[object, ...]:
    """What a block's shortcut is made of, or everything else in it but for the addition."""
    if shortcut:
        return block.shortcut, tuple((layer.name, _facts(layer)) for layer in block.on("shortcut"))
    kept = (layer for layer in block.layers if layer.branch not in {"shortcut", "join"})
    return block.kind, block.input, block.output, tuple((layer.name, _facts(layer)) for layer in kept)


def _changes(one: BlockPlan, other: BlockPlan, naming: Naming) -> tuple[str, ...]:
    """How one block became the other, with words for one whose layers have other names alone."""
    return tuple(_differences(one, other, naming)) or ("the same layers, named otherwise in PyTorch",)


def _differences(one: BlockPlan, other: BlockPlan, naming: Naming) -> Iterator[str]:
    """How one block became the other: kind, shapes, then layer by layer."""
    if one.kind != other.kind:
        yield f"{one.kind} → {other.kind}"
    if one.output != other.output:
        yield f"output {shape_text(one.output)} → {shape_text(other.output)}"
    elif one.input != other.input:
        yield f"input {shape_text(one.input)} → {shape_text(other.input)}"
    if one.shortcut != other.shortcut:
        yield f"{one.shortcut} shortcut → {other.shortcut}" if one.adds else f"no shortcut → {other.shortcut} shortcut"
    mine, its = _matched_layers(one, naming), _matched_layers(other, naming)
    for key, layer in mine.items():
        if key in its and _facts(layer) != _facts(its[key]):
            yield f"{layer_name(layer, naming)}: {_facts(layer)} → {_facts(its[key])}"
    new = [layer_name(layer, naming) for key, layer in its.items() if key not in mine]
    gone = [layer_name(layer, naming) for key, layer in mine.items() if key not in its]
    if new:
        yield f"new: {', '.join(new)}"
    if gone:
        yield f"without: {', '.join(gone)}"
    if not new and not gone and list(mine) != list(its):
        yield "another order of its layers"


def _matched_layers(block: BlockPlan, naming: Naming) -> dict[tuple[str, int], LayerPlan]:
    """A block's layers by what they have in common with those of another that they are compared with.

    PyTorch's names on a shortcut are places, at which two designs may have layers of two kinds; the paper's are kinds.
    """
    found: dict[tuple[str, int], LayerPlan] = {}
    for layer in block.layers:
        name = layer_name(layer, naming)
        found[name, sum(name == other for other, _ in found)] = layer
    return found


def _facts(layer: LayerPlan) -> str:
    """What a layer is, apart from the size of its maps."""
    kind = KINDS[layer.kind]
    grouped = f", {layer.groups} groups" if kind.grouped and layer.groups > 1 else ""
    if kind.mixes and layer.kernel:
        stride = f" /{layer.stride}" if layer.stride > 1 else ""
        bias = ", biased" if layer.bias else ""
        return f"{layer.kernel}×{layer.kernel}{stride}, {layer.input[0]} → {layer.output[0]}{grouped}{bias}"
    if kind.mixes:
        return f"{layer.kind} {layer.input[0]} → {layer.output[0]}"
    if layer.kernel:
        return f"{layer.kind} {layer.kernel}×{layer.kernel} /{layer.stride}"
    rate = f" {layer.rate:g}" if layer.rate else ""
    return f"{layer.kind}{rate}{grouped}"
