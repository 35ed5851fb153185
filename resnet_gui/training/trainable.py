"""Whether a design can be trained here, to tell classes apart, and by a recipe as it is."""

from __future__ import annotations

from resnet_gui.base.errors import InputError, RecipeError, SpecError
from resnet_gui.design.choices import HEADS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.training.phases import frozen_parts
from resnet_gui.training.recipe import Recipe, steps_of_phases, total_steps


def check_trainable(spec: ResNetSpec) -> None:
    """Refuse a design that answers no classes.

    Raises:
        SpecError: it has no head.
    """
    if not HEADS[spec.head].classifies:
        raise SpecError(
            "head",
            "head: a network without a head answers no classes, so that it cannot be trained; choose another head.",
        )


def check_phases(spec: ResNetSpec, recipe: Recipe) -> None:
    """Refuse phases that freeze what a design does not have.

    Raises:
        RecipeError: one names a stage that is not there.
    """
    stages = len(spec.blocks)
    for phase in recipe.phases:
        try:
            frozen_parts(phase.frozen, stages)
        except ValueError as error:
            has = "one stage, stage1" if stages == 1 else f"{stages} stages, stage1 to stage{stages}"
            raise RecipeError(
                "phases",
                f"phases freeze {phase.frozen}, but the design has {has}; freeze one that it has, or backbone.",
            ) from error


def check_steps(recipe: Recipe, steps_per_epoch: int) -> None:
    """Refuse a recipe that is over before its schedule has begun or its last phase comes.

    Raises:
        InputError: it is.
    """
    total = total_steps(recipe, steps_per_epoch)
    if recipe.warmup >= total:
        raise InputError(f"A warm-up of {recipe.warmup:,} steps is longer than the whole training ({total:,} steps).")
    if not steps_of_phases(recipe, steps_per_epoch)[-1]:
        raise InputError(
            f"The training ends after {total:,} steps, before its last phase begins; shorten the phases before it, or "
            "train for more steps."
        )


def check_turns(spec: ResNetSpec, recipe: Recipe) -> None:
    """Refuse quarter turns of pictures that are not square: they would have another shape.

    Raises:
        RecipeError: the recipe turns pictures, and the design's input is not square.
    """
    _, height, width = spec.input
    if recipe.quarter_turns and height != width:
        raise RecipeError(
            "quarter_turns",
            f"quarter_turns is on, but the input has {width} × {height} pixels; pictures must be square to be turned.",
        )
