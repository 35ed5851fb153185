"""More epochs of a run: what becomes of its recipe, and what that does to the learning rate, in sentences."""

from __future__ import annotations

import msgspec

from resnet_gui.base.errors import InputError, RecipeError
from resnet_gui.training.recipe import ONE_CYCLE_RISE, Recipe, lr_at


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """More epochs that a run was given.

    Attributes:
        step: optimiser steps behind when it was given them.
        before, after: epochs of the whole training.
        date: when, as ``run.json`` keeps times.
    """

    step: int
    before: int
    after: int
    date: str


def extended(recipe: Recipe, epochs: int, ended_after: int = 0) -> Recipe:
    """The recipe of a run with so many epochs more.

    Args:
        recipe: of the run before.
        epochs: how many more.
        ended_after: the epoch after which a run was over that ended before its recipe; 0 for any other.

    Raises:
        InputError: there is none more, or the recipe does not end by its epochs.
    """
    if epochs < 1:
        raise InputError(f"--epochs is {epochs}; a run is extended by one epoch at least.")
    if recipe.steps:
        raise InputError(
            f"This run ends after {recipe.steps:,} steps by its recipe (steps), so more epochs do not make it longer; "
            "begin a new run from its weights (train --init RUN --init-weights last)."
        )
    try:
        return msgspec.structs.replace(recipe, epochs=(ended_after or recipe.epochs) + epochs)
    except RecipeError as error:
        raise InputError(f"--epochs: {error}") from error


def extension_sentences(recipe: Recipe, longer: Recipe, step: int, steps_per_epoch: int) -> tuple[str, ...]:
    """What an extension changes: the epochs, and where the schedule ends or steps now.

    Args:
        recipe: of the run before.
        longer: its recipe after it.
        step: optimiser steps behind.
        steps_per_epoch: batches in one pass.
    """
    before, after = recipe.epochs, longer.epochs
    had = lr_at(recipe, max(0, step - 1), before * steps_per_epoch)
    has = lr_at(longer, step, after * steps_per_epoch)
    first = f"extended: {before:,} → {after:,} epochs; {_schedule_words(longer, before, after)}"
    if longer.schedule == "constant":
        return (f"{first}, {has:.3g}",)
    done = step / (after * steps_per_epoch)
    rises = longer.schedule == "one-cycle" and done < ONE_CYCLE_RISE
    way = "goes back up to" if has > had * 1.0005 else "goes down to" if has < had * 0.9995 else "stays"
    more = " and rises further" if rises else ""
    return (f"{first}, so the rate {way} {has:.3g} at first{more} (its last step had {had:.3g})",)


def _schedule_words(recipe: Recipe, before: int, after: int) -> str:
    match recipe.schedule:
        case "constant":
            return "the rate stays what it was"
        case "cosine":
            return f"the cosine falls to zero at epoch {after:,} instead of {before:,}"
        case "one-cycle":
            return f"the one cycle ends at epoch {after:,} instead of {before:,}"
        case "step":
            places = [", ".join(f"{at * epochs:.4g}" for at in recipe.step_at) for epochs in (after, before)]
            return f"the rate is divided by ten at epochs {places[0]} instead of {places[1]}"
