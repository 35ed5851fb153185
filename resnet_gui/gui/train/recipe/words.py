"""A recipe in a few words."""

from __future__ import annotations

from typing import Final

from resnet_gui.gui.kit.format import figures
from resnet_gui.gui.train.recipe.fields import MORE, SWITCHES
from resnet_gui.training.recipe import Recipe

SCHEDULES: Final = {"constant": "constant", "step": "step ÷10", "cosine": "cosine", "one-cycle": "one cycle"}

USUAL: Final = Recipe()
"""A recipe as it is before anybody has changed it."""


def optimiser_words(recipe: Recipe) -> str:
    """``SGD 0.9, cosine, weight decay 1e-4``."""
    name = f"SGD {recipe.momentum:g}" if recipe.optimizer == "sgd" else "AdamW"
    return f"{name}, {SCHEDULES[recipe.schedule]}, weight decay {figures(recipe.weight_decay)}"


def changed_fields(recipe: Recipe) -> int:
    """How many of the fields that few people change are not as they usually are."""
    return sum(getattr(recipe, field.name) != getattr(USUAL, field.name) for field in (*MORE, *SWITCHES))


def advanced_note(recipe: Recipe, *, begins: bool) -> str:
    """What stands beside the folded part of the form; where a run begins from weights, how it learns is in there."""
    if begins:
        return optimiser_words(recipe)
    more = changed_fields(recipe)
    return f"{more} changed" if more else ""
