"""Settings of a configuration: values of fields of the design and of the recipe, by the names of both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, get_args

import msgspec

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError, RecipeError, SpecError
from resnet_gui.design.depth import change_block, change_depth
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.training.phases import fitted_phases
from resnet_gui.training.rates import with_usual_rate
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.trainable import check_phases, check_trainable, check_turns

Settings = dict[str, Any]
"""Field -> its value as JSON has it."""

DEPTH: Final = "depth"
"""Layers with weights, as He et al. count: no field of a design, but sets the blocks of its stages."""

SEED: Final = "seed"
DESIGN, RECIPE = "design", "recipe"

DESIGN_FIELDS: Final[dict[str, Any]] = {field.name: field.type for field in msgspec.structs.fields(ResNetSpec)} | {
    DEPTH: int
}
RECIPE_FIELDS: Final[dict[str, Any]] = {field.name: field.type for field in msgspec.structs.fields(Recipe)}


class FieldLocation(msgspec.Struct, frozen=True):
    """A field that a sweep may set: ``of`` "design" or "recipe", its name, and the type of its values."""

    of: str
    name: str
    type: Any

    @property
    def several(self) -> bool:
        """Whether its value is several values itself, as the blocks of each stage are."""
        return any(str(kind).startswith("tuple") for kind in (self.type, *get_args(self.type)))


def locate(name: str) -> FieldLocation:
    """The field of a name, as ``--set`` writes it: its own, or "design.NAME" and "recipe.NAME" where both have it.

    Raises:
        InputError: there is none, or it may not be set.
    """
    of, dot, rest = name.partition(".")
    plain = (rest if dot else name).strip().replace("-", "_")
    tables = {DESIGN: DESIGN_FIELDS, RECIPE: RECIPE_FIELDS}
    if dot:
        tables = {of: tables[of]} if of in tables else {}
    if plain == SEED:
        raise InputError("seed is no field of a sweep: its seeds stand by themselves, and every configuration has all.")
    found = [FieldLocation(room, plain, table[plain]) for room, table in tables.items() if plain in table]
    if len(found) > 1:
        raise InputError(f"Both design and recipe have a field '{plain}'; write design.{plain} or recipe.{plain}.")
    if not found:
        import difflib

        near = difflib.get_close_matches(plain, [*DESIGN_FIELDS, *RECIPE_FIELDS], n=3, cutoff=0.6)
        hint = f"; did you mean {' or '.join(near)}?" if near else "."
        raise InputError(f"'{name}' is no field of a design or a recipe{hint}")
    return found[0]


def converted(name: str, value: object, *, text: bool = False) -> Any:
    """A value as its field has it.

    Args:
        name: of the field.
        value: as JSON has it.
        text: whether numbers and truth values may be written as text.

    Raises:
        InputError: it is no such value.
    """
    field = locate(name)
    try:
        found = msgspec.convert(value, field.type, strict=not text)
    except (msgspec.ValidationError, ValueError) as error:
        raise InputError(f"{decoding_fault(error, msgspec.json.encode(value), field.type, name)}.") from error
    numbers = found if isinstance(found, tuple) else (found,)
    if any(isinstance(number, float) and not math.isfinite(number) for number in numbers):
        raise InputError(f"{name} is {value}; it must be a finite number.")
    return found


def checked(settings: Mapping[str, Any]) -> None:
    """Refuse settings that name no field, one of them twice, or a value of another kind.

    Raises:
        InputError: they do.
    """
    seen: set[tuple[str, str]] = set()
    for name, value in settings.items():
        field = locate(name)
        if (field.of, field.name) in seen:
            raise InputError(f"The {field.of}'s {field.name} is set twice.")
        seen.add((field.of, field.name))
        converted(name, value)


def configured(spec: ResNetSpec, recipe: Recipe, settings: Mapping[str, Any]) -> tuple[ResNetSpec, Recipe]:
    """A design and a recipe with settings, and whether that can be trained.

    ``depth`` sets the blocks of the stages as the design's family has them. As in a form, what depends on a field
    follows where it is not set itself: groups follow the block, phases the epochs, the learning rate the optimiser.

    Raises:
        SpecError: this design cannot be, or not be trained.
        RecipeError: this recipe cannot be, or not with this design.
        InputError: a setting names no field, or has a value of another kind.
    """
    values: dict[str, dict[str, Any]] = {DESIGN: {}, RECIPE: {}}
    for name, value in settings.items():
        field = locate(name)
        values[field.of][field.name] = converted(name, value)
    spec, recipe = _changed_spec(spec, values[DESIGN]), _changed_recipe(recipe, values[RECIPE])
    check_trainable(spec)
    check_phases(spec, recipe)
    check_turns(spec, recipe)
    return spec, recipe


def _changed_spec(spec: ResNetSpec, values: dict[str, Any]) -> ResNetSpec:
    depth = values.pop(DEPTH, None)
    if depth is not None and "blocks" in values:
        raise SpecError("blocks", "depth and blocks say the same thing twice; set one of them.")
    if "block" in values:
        values = change_block(spec, values["block"]) | values
    if depth is None:
        return evolve(spec, **values) if values else spec
    # The depth is that of the family that the other settings make it.
    family = evolve(spec, **values) if values else spec
    return evolve(family, **(change_depth(family, depth) | values))


def _changed_recipe(recipe: Recipe, values: dict[str, Any]) -> Recipe:
    if not values:
        return recipe
    if "epochs" in values:
        values.setdefault("phases", fitted_phases(recipe.phases, recipe.epochs, values["epochs"]))
    try:
        changed = Recipe(**{name: getattr(recipe, name) for name in recipe.__struct_fields__} | values)
    except RecipeError:
        raise
    except TypeError as error:
        raise InputError(f"The recipe cannot be changed: {error}.") from error
    if changed.optimizer != recipe.optimizer and "lr" not in values:
        return with_usual_rate(changed)  # the other one's rate says nothing about this one
    return changed
