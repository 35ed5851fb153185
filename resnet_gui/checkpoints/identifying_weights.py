"""Identifying weights: lone ones of a kind of layer that only one choice has, which identify it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

from resnet_gui.base.errors import SpecError
from resnet_gui.checkpoints.tensor_layers import ForeignTensorError, tensor_text
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choice import Choice
from resnet_gui.design.choices import CHOICES, KINDS, ORDERS
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec, evolve

IDENTIFYING_KINDS: Final = frozenset(
    choice.identified_by.key
    for known in CHOICES.values()
    for choice in known.values()
    if choice.identified_by is not None
)
"""Kinds of layers of which a lone weight identifies the choice."""


def find_identifying_weights(shapes: Mapping[str, Shape]) -> dict[Choice, list[str]]:
    """Names of lone weights that a choice recognises, in the file's order, by that choice."""
    parts: dict[str, list[str]] = {}
    for name in shapes:
        parts.setdefault(name.rpartition(".")[0], []).append(name)
    known = [choice for choices in CHOICES.values() for choice in choices.values() if choice.identified_by is not None]
    found: dict[Choice, list[str]] = {}
    for names in parts.values():
        if len(names) != 1 or not names[0].endswith(".weight"):
            continue
        for choice in known:
            if choice.identified_by is not None and choice.identified_by.recognises(shapes[names[0]]):
                found.setdefault(choice, []).append(names[0])
                break
    return found


def pair_identifying_weights(
    found: Mapping[Choice, list[str]], spec: ResNetSpec, shapes: Mapping[str, Shape]
) -> tuple[ResNetSpec, dict[str, str]]:
    """The design that has as many such weights, and our name of each -> its name in the file.

    Several designs have the same other tensors, but another number of activations; the first that fits is taken.

    Raises:
        ForeignTensorError: none fits.
    """
    for candidate in _alike(spec):
        pairs = _pairs(found, candidate, shapes)
        if pairs is not None:
            return candidate, pairs
    choice, names = next(iter(found.items()))
    raise ForeignTensorError(
        names[0],
        f"tensor '{names[0]}' ({tensor_text(shapes[names[0]])}) is like a weight of {choice.title}, but such a network "
        f"has not {len(names)} of them in these places",
    )


def _alike(spec: ResNetSpec) -> Iterator[ResNetSpec]:
    """Designs whose convolutions and norms have the shapes of this one's, the likeliest first."""
    yield spec
    wanted = _others(spec)
    for order, *switches in product(ORDERS, (True, False), (False, True), (True, False), (False, True)):
        fields = ("final_activation", "activated_stem", "shared_first", "raw_projection")
        try:
            candidate = evolve(spec, order=order, **dict(zip(fields, switches, strict=True)))
        except SpecError:
            continue
        if candidate != spec and _others(candidate) == wanted:
            yield candidate


def _others(spec: ResNetSpec) -> list[tuple[str, Shape]]:
    """Kind and weight of every layer that more than one choice has."""
    kinds = (
        (layer, KINDS[layer.kind].tensors(layer))
        for _, layer in plan(spec).layers()
        if layer.kind not in IDENTIFYING_KINDS
    )
    return [(layer.kind, tensors["weight"]) for layer, tensors in kinds if tensors]


def _pairs(found: Mapping[Choice, list[str]], spec: ResNetSpec, shapes: Mapping[str, Shape]) -> dict[str, str] | None:
    """Pair by names that end in ours, else in the file's order if that is not alphabetical; None if nothing fits."""
    pairs: dict[str, str] = {}
    layers = list(plan(spec).layers())
    for choice, names in found.items():
        kind = choice.identified_by
        if kind is None:
            continue
        wanted = {f"{path}.weight": kind.tensors(layer)["weight"] for path, layer in layers if layer.kind == kind.key}
        if len(wanted) != len(names):
            return None
        order = _by_name(wanted, names)
        if order is None:
            if list(shapes) == sorted(shapes):
                # A sorted file does not tell which of several weights of one shape comes first.
                return None
            order = names
        if any(shapes[name] != shape for name, shape in zip(order, wanted.values(), strict=True)):
            return None
        pairs.update(zip(wanted, order, strict=True))
    return pairs


def _by_name(wanted: Mapping[str, Shape], names: list[str]) -> list[str] | None:
    """The file's names in the order of ours, if all of them are ours behind one prefix."""
    prefix = min(names, key=len).removesuffix(min(wanted, key=len))
    order = [prefix + name for name in wanted]
    return order if set(order) == set(names) else None
