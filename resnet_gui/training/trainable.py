"""Whether a design can be trained here, and by a recipe."""

from __future__ import annotations

from resnet_gui.base.errors import RecipeError, SpecError
from resnet_gui.design.choices import HEADS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.training.recipe import Recipe


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
