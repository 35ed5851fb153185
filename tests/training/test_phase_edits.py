"""Phases that are edited one by one: what each edit makes of the rest, the words, and the counts of parameters."""

from __future__ import annotations

import random

import pytest

from resnet_gui.analysis.costs import totals
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.training.phase_edits import (
    Phases,
    epochs_of,
    is_probe,
    learning_words,
    part_parameters,
    parts_of,
    rows_of,
    stage_problem,
    title_of,
    with_cached,
    with_epochs,
    with_frozen,
    with_phase,
    with_probe,
    with_rate,
    without_phase,
)
from resnet_gui.training.phases import BACKBONE, WHOLE, Phase, phases_problem, rate_factor

THREE = (Phase(epochs=3, frozen=BACKBONE, cached=True), Phase(epochs=7, frozen="stage3"), Phase())


def test_a_later_phase_never_freezes_more_than_the_one_before() -> None:
    assert with_frozen(THREE, 1, 5, 4)[1].frozen == BACKBONE
    assert with_frozen(THREE, 2, 5, 4)[2].frozen == "stage3"
    assert with_frozen(THREE, 0, 2, 4)[0].frozen == "stage3"


def test_a_probe_that_lets_more_than_the_head_learn_is_none() -> None:
    assert is_probe(THREE)
    assert not is_probe(with_frozen(THREE, 0, 4, 4))


def test_features_are_computed_once_where_anything_is_frozen() -> None:
    assert with_cached(THREE, 1, on=True)[1] == Phase(epochs=7, frozen="stage3", cached=True)
    assert with_cached(THREE, 2, on=True) == THREE
    assert with_frozen(THREE, 0, 4, 4)[0].cached
    assert not with_frozen(THREE[:1], 0, 0, 4)[0].cached


def test_one_rate_is_changed_and_no_other() -> None:
    changed = with_rate((), 0, 4, 0.25, 4)
    assert [rate_factor(changed[0], part, 4) for part in range(6)] == [1, 1, 1, 1, 0.25, 1]
    assert with_rate(changed, 0, 4, 1.0, 4) == ()
    assert with_rate((Phase(rates=(1.0, 0.1)),), 0, 0, 0.1, 4) == (Phase(rates=(1.0, 0.1)),)


def test_the_epochs_of_one_phase_are_changed_and_the_others_keep_theirs() -> None:
    assert epochs_of(THREE, 16) == (3, 7, 6)
    changed, total = with_epochs(THREE, 16, 1, 9)
    assert (epochs_of(changed, total), total) == ((3, 9, 6), 18)
    changed, total = with_epochs(THREE, 16, 2, 1)
    assert (epochs_of(changed, total), total) == ((3, 7, 1), 11)


def test_phases_are_added_and_taken_away() -> None:
    head, total = with_phase((), 15)
    assert (head, total) == ((Phase(epochs=3, frozen=BACKBONE), WHOLE), 15)
    assert without_phase(head, total, 0) == ((), 12)
    assert with_phase((), 1) == ((Phase(epochs=3, frozen=BACKBONE), WHOLE), 4)
    frozen, total = with_phase((Phase(frozen="stage2"),), 5)
    assert (frozen, total) == ((Phase(epochs=3, frozen="stage2"), WHOLE), 5)
    assert without_phase(THREE, 16, 2) == ((THREE[0], Phase(frozen="stage3")), 10)


def test_a_probe_stands_before_the_others_and_goes_without_a_trace() -> None:
    probed, total = with_probe((), 15, on=True)
    assert (probed[0].cached, probed[0].frozen, total) == (True, BACKBONE, 18)
    assert with_probe(probed, total, on=False) == ((), 15)
    assert with_probe(THREE, 16, on=True) == (THREE, 16)


def test_whatever_is_edited_the_phases_stay_such_that_a_recipe_takes_them() -> None:
    """A thousand drawn edits."""
    drawn = random.Random(3)  # noqa: S311
    phases: Phases = ()
    total = 15
    for _ in range(1000):
        row, stages = drawn.randrange(len(rows_of(phases))), 4
        match drawn.randrange(7):
            case 0:
                phases = with_frozen(phases, row, drawn.randrange(6), stages)
            case 1:
                phases = with_rate(phases, row, drawn.randrange(6), drawn.choice([0.1, 1.0, 2.0]), stages)
            case 2:
                phases, total = with_epochs(phases, total, row, drawn.randrange(1, 9))
            case 3 if len(phases) < 5:
                phases, total = with_phase(phases, total)
            case 4:
                phases, total = without_phase(phases, total, row)
            case 5:
                phases, total = with_probe(phases, total, on=drawn.random() < 0.5)
            case 6:
                phases = with_cached(phases, row, on=drawn.random() < 0.5)
        assert phases_problem(phases, total) == "", phases
        assert min(epochs_of(phases, total)) >= 1


def test_phases_in_words() -> None:
    assert [title_of(phase) for phase in (*THREE, Phase(frozen=BACKBONE))] == ["Probe", "Fine-tune", "All", "Head"]
    words = [learning_words(Phase(frozen=frozen), 4) for frozen in ("backbone", "stage3", "stage1", "stem", "nothing")]
    assert words == ["head only", "stage 4 and head", "stages 2–4, head", "stages 1–4, head", "all parts"]
    assert parts_of(Phase(frozen="stage9"), 4) == 5
    assert stage_problem((Phase(frozen="stage4"),), 3) == (
        "A phase freezes stage4; the design has 3 stages. Move its handle."
    )
    assert stage_problem(THREE, 3) == ""


@pytest.mark.parametrize("name", ["resnet18", "preact_resnet22", "digits-resnet"])
def test_the_parameters_of_the_parts_are_those_of_the_network(name: str) -> None:
    planned = plan(PRESETS[name].spec)
    counts = part_parameters(planned)
    assert len(counts) == len(planned.stages) + 2
    assert sum(counts) == totals(planned).cost.params


def test_the_head_of_resnet_18_is_its_last_layer() -> None:
    assert part_parameters(plan(PRESETS["resnet18"].spec))[-1] == 512 * 1000 + 1000
