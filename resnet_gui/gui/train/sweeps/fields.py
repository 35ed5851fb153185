"""The fields that a sweep of the page can vary, what they are called, and their values in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from resnet_gui.design.depth import usual_depths
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.words import field_word
from resnet_gui.gui.common.spec_form.table import FIELDS
from resnet_gui.gui.kit.form import FormField
from resnet_gui.gui.train.recipe.fields import ALL
from resnet_gui.sweeps.settings import DEPTH, DESIGN_FIELDS, RECIPE_FIELDS, locate
from resnet_gui.training.recipe import Recipe

NEVER: Final = frozenset(
    ["input", "classes", "seed", "phases", "data", "split_seed", "split_groups", "validation", "test"]
)
"""Fields that other data, or other pictures, follow from: runs with different ones are not compared."""

FIRST: Final = ("depth", "shortcut", "order", "lr", "batch_size", "epochs", "warmup", "weight_decay", "optimizer")
"""Fields that are varied most, above the others."""

_SPEC_FIELDS: Final[dict[str, FormField]] = dict(FIELDS)
_RECIPE_FIELDS: Final[dict[str, FormField]] = {field.name: field for field in ALL}
_YES_NO: Final = ((True, "yes"), (False, "no"))


@dataclass(frozen=True)
class SweepField:
    """A field that can be varied.

    Attributes:
        name: as a sweep file and ``--set`` have it.
        title: for people.
        tip: what it does.
        choices: value and text, where it is one of a few; empty for what is typed.
    """

    name: str
    title: str
    tip: str = ""
    choices: tuple[tuple[object, str], ...] = ()


def sweep_fields() -> list[SweepField]:
    """Every field that can be varied, those that are varied most first."""
    names = [DEPTH, *_SPEC_FIELDS, *_RECIPE_FIELDS]
    names = [name for name in names if name not in NEVER and (name in DESIGN_FIELDS or name in RECIPE_FIELDS)]
    # A name that both rooms have would have to say whose it is.
    names = [name for name in names if not (name in DESIGN_FIELDS and name in RECIPE_FIELDS)]
    return [sweep_field(name) for name in sorted(names, key=lambda name: (name not in FIRST, _rank(name)))]


def _rank(name: str) -> int:
    return FIRST.index(name) if name in FIRST else 0


def sweep_field(name: str) -> SweepField:
    """A field by its name."""
    plain = name.rpartition(".")[2]
    if plain == DEPTH:
        return SweepField(name, "Depth", "Layers with weights, as He et al. count them; sets the blocks of each stage")
    design = name.startswith("design.") or (plain in _SPEC_FIELDS and not name.startswith("recipe."))
    row = _SPEC_FIELDS.get(plain) if design else _RECIPE_FIELDS.get(plain)
    if row is None:
        return SweepField(name, plain.replace("_", " ").capitalize())
    if row.kind == "switch":
        return SweepField(name, row.title, row.tip, _YES_NO)
    if row.kind in {"choice", "segment"}:
        words = [(value, field_word(plain, value) if design else text.casefold()) for value, text in row.options]
        apart = len({text for _, text in words}) == len(words)
        return SweepField(name, row.title, row.tip, tuple(words if apart else row.options))
    return SweepField(name, row.title, row.tip)


def axis_title(name: str) -> str:
    """What an axis is called: the title of its field, or its own name."""
    plain = name.rpartition(".")[2]
    if plain == DEPTH or plain in _SPEC_FIELDS or plain in _RECIPE_FIELDS:
        return sweep_field(name).title.replace(", ", " ")
    return name[:1].upper() + name[1:]


def axis_word(name: str) -> str:
    """The same within a sentence, in few letters: ``warm-up``."""
    title = axis_title(name)
    plain = title.removesuffix(" steps")
    return plain if plain[:2].isupper() else plain[:1].casefold() + plain[1:]


def value_label(field: SweepField, value: object) -> str:
    """A value as chips, tables and plots show it."""
    known = next((text for choice, text in field.choices if choice == value), None)
    if known is not None:
        return known
    if isinstance(value, list | tuple):
        return "-".join(map(str, value))
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else str(value)


def present_value(field: SweepField, spec: ResNetSpec, recipe: Recipe) -> object:
    """The value that a design and a recipe have, as JSON has it."""
    place = locate(field.name)
    if place.name == DEPTH:
        return spec.depth
    return msgspec.to_builtins(getattr(spec if place.of == "design" else recipe, place.name))


def proposed_values(field: SweepField, spec: ResNetSpec, recipe: Recipe) -> list[object]:
    """Values to begin with: the present one, and another that is worth comparing."""
    present = present_value(field, spec, recipe)
    if field.name == DEPTH:
        depths = [depth for depth in usual_depths(spec.stem, spec.block) if depth != present]
        deeper = next((depth for depth in depths if depth > spec.depth), None)
        return [*sorted([spec.depth, deeper if deeper is not None else depths[-1]])] if depths else [present]
    if field.choices:
        return [present, *[value for value, _ in field.choices if value != present][:1]]
    if field.name == "lr" and isinstance(present, float):
        return [present, round(present / 2, 12)]
    if field.name in {"batch_size", "epochs"} and isinstance(present, int):
        return [present, 2 * present]
    return [present]
