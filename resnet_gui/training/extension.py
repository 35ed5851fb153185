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


def extension_sentences(
    recipe: Recipe, longer: Recipe, step: int, steps_per_epoch: int, final_tests: int = 0
) -> tuple[str, ...]:
    """What an extension changes: the epochs, where the schedule ends or steps now, and what its test is worth.

    Args:
        recipe: of the run before.
        longer: its recipe after it.
        step: optimiser steps behind.
        steps_per_epoch: batches in one pass.
        final_tests: how many times the test part of the data has been counted.
    """
    recount = (recount_sentence(final_tests),) if final_tests else ()
    return _schedule_sentence(recipe, longer, step, steps_per_epoch), *recount


def recount_sentence(final_tests: int) -> str:
    """What is said before a test part is counted again that was counted so many times."""
    times = "once" if final_tests == 1 else f"{final_tests} times"
    return (
        f"the test pictures were counted {times} already and are counted again at the new end; if what they said is "
        "why the run goes on, they flatter then"
    )


def _schedule_sentence(recipe: Recipe, longer: Recipe, step: int, steps_per_epoch: int) -> str:
    before, after = recipe.epochs, longer.epochs
    had = lr_at(recipe, max(0, step - 1), before * steps_per_epoch)
    has = lr_at(longer, step, after * steps_per_epoch)
    first = f"extended: {before:,} → {after:,} epochs; {_schedule_words(longer, before, after)}"
    if longer.schedule == "constant":
        return f"{first}, {has:.3g}"
    done = step / (after * steps_per_epoch)
    rises = longer.schedule == "one-cycle" and done < ONE_CYCLE_RISE
    way = "goes back up to" if has > had * 1.0005 else "goes down to" if has < had * 0.9995 else "stays"
    more = " and rises further" if rises else ""
    return f"{first}, so the rate {way} {has:.3g} at first{more} (its last step had {had:.3g})"


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
