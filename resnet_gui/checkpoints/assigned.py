"""What tensors leave open of a design and somebody tells: names of known programs, and the user."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod

from resnet_gui.base.errors import SpecError
from resnet_gui.base.text import shape_text
from resnet_gui.checkpoints.identifying_weights import IDENTIFYING_KINDS
from resnet_gui.checkpoints.tensor_layers import FoundLayer
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import KINDS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.structure import Plan
from resnet_gui.design.tensors import layer_tensors
from resnet_gui.design.undetermined import open_fields
from resnet_gui.design.words import refused

Fault = Callable[[ResNetSpec], str]
"""Says why a design cannot have the file's tensors, as the end of a sentence; empty where it can."""

COMPANIONS = frozenset({"blocks", "widths"})
"""Fields that may change with an open one: where stages of one width end leaves no trace."""

OPTIONAL = frozenset({"bias", "num_batches_tracked"})
"""Tensors that a file may lack."""


def with_assigned(spec: ResNetSpec, assigned: Mapping[str, object], fault: Fault) -> ResNetSpec:
    """The design with what the user says of it.

    Raises:
        InputError: a field is not open, or its value does not fit the tensors; the sentence names it.
    """
    if not assigned:
        return spec
    try:
        changed = evolve(spec, **assigned)
    except SpecError as error:
        field = error.field if error.field in assigned else next(iter(assigned))
        raise refused(field, assigned[field], str(error)) from error
    may = open_fields(spec) | open_fields(changed)
    for field, value in assigned.items():
        if field not in may | COMPANIONS and value != getattr(spec, field):
            raise refused(
                field, value, f"the tensors of this file tell it: {_shown(getattr(spec, field))}; open are only "
                f"{', '.join(sorted(may))}."
            )  # fmt: skip
    why = fault(changed)
    if why:
        field = next((one for one in assigned if fault(_with(spec, one, assigned[one]))), next(iter(assigned)))
        raise refused(field, assigned[field], f"it does not fit the tensors of this file: {why}.")
    return changed


def _with(spec: ResNetSpec, field: str, value: object) -> ResNetSpec:
    try:
        return evolve(spec, **{field: value})
    except SpecError:
        return spec


def _shown(value: object) -> str:
    return shape_text(value, ",") if isinstance(value, tuple) else str(value)


def with_names(spec: ResNetSpec, assigned: Mapping[str, object], fault: Fault) -> ResNetSpec:
    """The design with what names say of it, as far as it is open and fits."""
    try:
        changed = evolve(spec, **assigned)
        may = open_fields(spec) | open_fields(changed)
        changed = evolve(spec, **{field: value for field, value in assigned.items() if field in may})
    except SpecError:
        return spec
    return spec if fault(changed) else changed


def layers_fault(planned: Plan, roles: Mapping[str, FoundLayer]) -> str:
    """The first layer of a plan whose tensors are not those of its role in the file, in words; empty if none."""
    missing = set(roles)
    for path, layer in planned.layers():
        wanted = layer_tensors(layer)
        if not wanted or layer.kind in IDENTIFYING_KINDS:
            continue
        missing.discard(path)
        if path not in roles:
            return f"{path} would have no tensors"
        found = roles[path]
        if not _alike(wanted["weight"], found.shape):
            return f"{path} would read {shape_text(wanted['weight'])} instead of {shape_text(found.shape)}"
        if set(wanted) - OPTIONAL != set(found.parts) - OPTIONAL and KINDS[layer.kind].is_norm:
            return f"{path} would be another norm"
    return f"{min(missing)} would be left over" if missing else ""


def _alike(one: Shape, other: Shape) -> bool:
    """Whether two weights are of one layer; a linear layer is a 1×1 convolution of one pixel."""
    return one[:2] == other[:2] and prod(one) == prod(other)


def check_kept(spec: ResNetSpec, assigned: Mapping[str, object]) -> None:
    """Refuse what weights that tell a choice have overruled.

    Raises:
        InputError: a field has another value than it was assigned.
    """
    for field, value in assigned.items():
        if getattr(spec, field) != value:
            raise refused(field, value, f"other tensors of this file tell it: {_shown(getattr(spec, field))}.")
