"""What every run of a sweep trains with, in words: a field that is varied is not quoted from the base recipe."""

from __future__ import annotations

from typing import cast

from resnet_gui.data.datasets import data_title
from resnet_gui.sweeps.sweep import Sweep


def data_words(sweep: Sweep) -> str:
    """What a sweep learns from: ``Digits``, or that this is varied."""
    found = recipe_values(sweep, "data")
    return data_title(str(*found)) if len(found) == 1 else "several data sets"


def recipe_words(sweep: Sweep) -> str:
    """What a sweep trains with: ``Digits, 8 epochs, batch 64``, or ``Digits, epochs varied, batch 64``."""
    epochs, batch = recipe_values(sweep, "epochs"), recipe_values(sweep, "batch_size")
    words = [data_words(sweep), "epochs varied", "batch varied"]
    if len(epochs) == 1:
        (count,) = cast("set[int]", epochs)
        words[1] = f"{count:,} epoch{'s' if count != 1 else ''}"
    if len(batch) == 1:
        (size,) = cast("set[int]", batch)
        words[2] = f"batch {size:,}"
    return ", ".join(words)


def recipe_values(sweep: Sweep, name: str) -> set[object]:
    """The values that a field of the recipe has among the configurations; that of the base recipe where none sets it.

    Args:
        sweep: of the configurations.
        name: of a field of the recipe whose values can be hashed.
    """
    found: set[object] = {getattr(sweep.recipe, name)}
    for axis in sweep.axes:
        set_here = [
            next((value.settings[key] for key in (name, f"recipe.{name}") if key in value.settings), None)
            for value in axis.values
        ]
        # A value that leaves the field alone has what there was before.
        kept = found if None in set_here else set()
        found = kept | {value for value in set_here if value is not None}
    return found
