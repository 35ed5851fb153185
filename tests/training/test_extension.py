"""More epochs of a run: its recipe afterwards, and what is said of the learning rate."""

from __future__ import annotations

import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.training.extension import extended, extension_sentences
from resnet_gui.training.recipe import Recipe, Schedule, lr_at


@pytest.mark.parametrize(
    ("schedule", "epochs", "says"),
    [
        (
            "cosine",
            5,
            "extended: 20 → 25 epochs; the cosine falls to zero at epoch 25 instead of 20, so the rate goes back up to "
            "0.00955 at first (its last step had 6.17e-06)",
        ),
        ("constant", 5, "extended: 20 → 25 epochs; the rate stays what it was, 0.1"),
        (
            "step",
            20,
            "extended: 20 → 40 epochs; the rate is divided by ten at epochs 20, 30 instead of 10, 15, so the rate goes "
            "back up to 0.01 at first (its last step had 0.001)",
        ),
        (
            "one-cycle",
            80,
            "extended: 20 → 100 epochs; the one cycle ends at epoch 100 instead of 20, so the rate goes back up to "
            "0.076 at first and rises further (its last step had 1.3e-05)",
        ),
    ],
)
def test_what_an_extension_does_to_the_schedule_is_said(schedule: Schedule, epochs: int, says: str) -> None:
    recipe = Recipe(epochs=20, schedule=schedule)
    longer = extended(recipe, epochs)
    assert longer == Recipe(epochs=20 + epochs, schedule=schedule)
    (sentence,) = extension_sentences(recipe, longer, 200, 10)
    assert sentence == says
    assert f"{lr_at(longer, 200, longer.epochs * 10):.3g}" in sentence


def test_a_test_part_that_was_counted_is_named_before_it_is_counted_again() -> None:
    recipe = Recipe(epochs=20)
    _, again = extension_sentences(recipe, extended(recipe, 20), 400, 10, final_tests=1)
    assert again.startswith("the test pictures were counted once already and are counted again at the new end; if what")


def test_a_run_that_ended_early_is_given_epochs_from_where_it_ended() -> None:
    recipe = Recipe(epochs=40, patience=2)
    assert extended(recipe, 3, ended_after=7).epochs == 10
    assert extended(recipe, 3).epochs == 43


def test_of_a_run_that_was_stopped_the_rate_at_its_step_is_compared() -> None:
    recipe = Recipe(epochs=20)
    (sentence,) = extension_sentences(recipe, extended(recipe, 20), 100, 10)
    assert "goes back up to 0.0854 at first (its last step had 0.0508)" in sentence


@pytest.mark.parametrize(
    ("recipe", "epochs", "says"),
    [
        (Recipe(), 0, "--epochs is 0; a run is extended by one epoch at least"),
        (Recipe(), 100_000, "--epochs: epochs is 100020; it must be a whole number from 1 to 100,000"),
        (Recipe(steps=30), 5, "ends after 30 steps by its recipe .*--init RUN --init-weights last"),
    ],
)
def test_what_cannot_be_extended_is_refused_in_a_sentence(recipe: Recipe, epochs: int, says: str) -> None:
    with pytest.raises(InputError, match=says):
        extended(recipe, epochs)
