"""Tensors that tell a choice by themselves: weights of a kind of layer that only one choice has."""

from __future__ import annotations

from collections.abc import Mapping

from resnet_gui.checkpoints.tensor_layers import ForeignTensorError, natural, tensor_text
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choice import Choice
from resnet_gui.design.choices import CHOICES
from resnet_gui.design.structure import Plan


def find_telling(shapes: Mapping[str, Shape]) -> dict[Choice, list[str]]:
    """Names of lone weights that a choice recognises, in the file's order, by that choice."""
    parts: dict[str, list[str]] = {}
    for name in shapes:
        parts.setdefault(name.rpartition(".")[0], []).append(name)
    known = [choice for choices in CHOICES.values() for choice in choices.values() if choice.told_by is not None]
    found: dict[Choice, list[str]] = {}
    for names in parts.values():
        if len(names) != 1 or not names[0].endswith(".weight"):
            continue
        for choice in known:
            if choice.told_by is not None and choice.told_by.recognises(shapes[names[0]]):
                found.setdefault(choice, []).append(names[0])
                break
    return found


def pair_telling(found: Mapping[Choice, list[str]], planned: Plan, shapes: Mapping[str, Shape]) -> dict[str, str]:
    """Our name of each such weight -> its name in the file: by name where it is ours, else in order.

    Raises:
        ForeignTensorError: there are too many or too few, or one has another shape.
    """
    pairs: dict[str, str] = {}
    for choice, names in found.items():
        kind = choice.told_by
        if kind is None:
            continue
        wanted = {
            f"{path}.weight": kind.tensors(layer)["weight"]
            for path, layer in planned.layers()
            if layer.kind == kind.key
        }
        for order in (list(wanted), names, sorted(names, key=natural)):
            fits = set(order) == set(names) and len(order) == len(wanted)
            if fits and all(shapes[name] == shape for name, shape in zip(order, wanted.values(), strict=True)):
                pairs.update(zip(wanted, order, strict=True))
                break
        else:
            name = names[0]
            raise ForeignTensorError(
                name,
                f"tensor '{name}' ({tensor_text(shapes[name])}) is like a weight of {choice.title}, but the file has "
                f"{len(names)} of them where such a network has {len(wanted)}, or they have other shapes",
            )
    return pairs
