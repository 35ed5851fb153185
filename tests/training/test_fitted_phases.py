"""The phases of a recipe in a training of fewer epochs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.training.named_recipes import FINE_TUNE, RECIPES
from resnet_gui.training.phases import BACKBONE, Phase, fitted_phases, phases_problem

HEAD, STAGE, REST = Phase(epochs=6, frozen=BACKBONE), Phase(epochs=4, frozen="stage2"), Phase(rates=(1.0, 0.1))
PHASES = (HEAD, STAGE, REST)


def epochs_of(phases: tuple[Phase, ...]) -> list[int]:
    return [phase.epochs for phase in phases]


def test_phases_that_fit_stay_as_they_are_and_others_are_shortened_in_proportion() -> None:
    assert fitted_phases(PHASES, 20, 11) == PHASES
    assert fitted_phases(PHASES, 20, 30) == PHASES
    assert epochs_of(fitted_phases(PHASES, 20, 10)) == [3, 2, 0]
    assert epochs_of(fitted_phases(PHASES, 20, 3)) == [1, 1, 0]


def test_the_first_phases_are_left_out_where_there_are_too_few_epochs_for_all() -> None:
    assert fitted_phases(PHASES, 20, 2) == (Phase(epochs=1, frozen="stage2"), REST)
    assert fitted_phases(PHASES, 20, 1) == (REST,)
    assert fitted_phases((), 20, 1) == ()
    assert fitted_phases((REST,), 20, 1) == (REST,)


@given(st.integers(1, 40))
def test_what_is_fitted_is_in_order_for_every_number_of_epochs(epochs: int) -> None:
    for named in RECIPES.values():
        assert phases_problem(fitted_phases(named.recipe.phases, named.recipe.epochs, epochs), epochs) == ""
    fine = RECIPES[FINE_TUNE].recipe
    assert fitted_phases(fine.phases, fine.epochs, epochs)[-1] == fine.phases[-1]
