"""What would make a refused edit possible: the nearest value that fits, or one other field that gives way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

import msgspec

from resnet_gui.base.errors import SpecError
from resnet_gui.base.text import shape_text
from resnet_gui.design.applies import applies
from resnet_gui.design.choices import CHOICES
from resnet_gui.design.depth import change_depth, family_depth
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.gui.common.spec_form.field_error import Repair
from resnet_gui.gui.common.spec_form.table import FIELDS

MOST: Final = 2
"""Repairs that are offered: more would be a second form."""

FARTHEST: Final = 48
"""How far from a number that was refused another one is looked for."""

LARGEST_EDGE: Final = 512


def depth_repairs(spec: ResNetSpec, depth: int) -> tuple[Repair, ...]:
    """The nearest depth below and above that the family has."""
    below = next(_depths(spec, range(depth - 1, max(0, depth - FARTHEST), -1)), None)
    above = next(_depths(spec, range(depth + 1, depth + FARTHEST)), None)
    return tuple(found for found in (below, above) if found is not None)


def _depths(spec: ResNetSpec, candidates: range) -> Iterator[Repair]:
    for depth in candidates:
        try:
            changes = change_depth(spec, depth)
            if family_depth(evolve(spec, **changes)) == depth:
                yield Repair(f"Depth {depth}", changes)
        except SpecError:
            continue


def repairs(spec: ResNetSpec, changes: Mapping[str, object], field: str, sentence: str) -> tuple[Repair, ...]:
    """What makes refused changes of a design possible.

    Args:
        spec: the design as it is.
        changes: what was refused.
        field: the one of them that the user has edited.
        sentence: why; what it names as a way out comes before what it does not.
    """
    said = sentence.casefold()
    named = (repair for text, repair in _others(spec, changes, said) if text.casefold() in said)
    found = tuple(islice((*_nearest(spec, changes, field), *named), MOST))
    return found or tuple(repair for _, repair in islice(_others(spec, changes, said), 1))


def _fits(spec: ResNetSpec, changes: Mapping[str, object]) -> bool:
    try:
        evolve(spec, **changes)
    except (SpecError, TypeError, ValueError):
        return False
    return True


def _nearest(spec: ResNetSpec, changes: Mapping[str, object], field: str) -> Iterator[Repair]:
    """The nearest number, or the smallest picture, that fits."""
    wanted, title = changes.get(field), FIELDS[field].title if field in FIELDS else field
    if field == "input" and isinstance(wanted, tuple) and len(wanted) == 3:
        for edge in range(max(1, min(wanted[1:])), LARGEST_EDGE):
            picture = (wanted[0], max(wanted[1], edge), max(wanted[2], edge))
            if _fits(spec, {**changes, field: picture}):
                yield Repair(f"{title} {shape_text(picture)}", {**changes, field: picture})
                return
    elif isinstance(wanted, int) and not isinstance(wanted, bool):
        for distance in range(1, FARTHEST):
            for value in (wanted - distance, wanted + distance):
                if value >= 0 and value != getattr(spec, field) and _fits(spec, {**changes, field: value}):
                    yield Repair(f"{title} {value}", {**changes, field: value})
                    return


def _others(spec: ResNetSpec, changes: Mapping[str, object], said: str) -> Iterator[tuple[str, Repair]]:
    """Another field at its usual value, or a choice at another, with which the changes fit, and what that is called."""
    for name, field in FIELDS.items():
        if name in changes or not applies(spec, name):
            continue
        for value, text in sorted(_candidates(name), key=lambda candidate: candidate[1].casefold() not in said):
            if value != getattr(spec, name) and _fits(spec, {**changes, name: value}):
                yield text, Repair(f"{field.title}: {text}", {**changes, name: value})
                break


def _candidates(name: str) -> list[tuple[object, str]]:
    """The values of a field that may give way, each with what it is called."""
    if name in CHOICES:
        return [(key, choice.option_text) for key, choice in CHOICES[name].items()]
    default = _DEFAULTS.get(name)
    text = {True: "on", False: "off"}[default] if isinstance(default, bool) else str(default or "none")
    return [] if default is None else [(default, text)]


_DEFAULTS: Final = {
    field.name: field.default for field in msgspec.structs.fields(ResNetSpec) if field.default is not msgspec.NODEFAULT
}
