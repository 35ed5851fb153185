"""Runs in phases: marks, thawing, patience, balance; and they go on from any step to the same bits."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from resnet_gui.base.errors import InputError, RecipeError
from resnet_gui.design.plan import plan
from resnet_gui.engine.checkpoint import load_checkpoint
from resnet_gui.engine.train.start.starting_weights import first_network
from resnet_gui.network.resnet import ResNet
from resnet_gui.runs.events import EpochDone, PhaseStarted, RunEvent, StepDone
from resnet_gui.runs.folder import read_run_info
from resnet_gui.runs.history import replay
from resnet_gui.training.phases import Phase
from resnet_gui.training.recipe import lr_at
from tests.conftest import daily
from tests.engine.train.test_kills import untimed
from tests.engine.train.tiny_run import SPEC, STEPS, PlainRun, Run, sha

PHASES = (Phase(epochs=1, frozen="backbone"), Phase(epochs=1, frozen="stage1"), Phase(rates=(1.0, 0.5, 0.1)))
VALUES = sum(value.numel() for value in ResNet(plan(SPEC)).parameters())
HEAD = 2 * 16 + 2


def after(step: int, run: Run) -> Callable[[RunEvent], None]:
    return lambda event: run.control.stop() if isinstance(event, StepDone) and event.step == step else None


def test_phases_begin_where_the_recipe_says_and_what_is_frozen_stays_until_then(new_run: Callable[[], Run]) -> None:
    run = new_run()
    tensors: dict[int, dict[str, torch.Tensor]] = {}

    def keep(event: RunEvent) -> None:
        if isinstance(event, StepDone) and event.step in {STEPS, 2 * STEPS}:
            run.control.stop()

    run.react = keep
    assert run.start(phases=PHASES).status == "stopped"
    tensors[0] = first_network(read_run_info(run.folder), None).state_dict()
    tensors[1] = load_checkpoint(run.folder)["model"]
    assert run.resume().status == "stopped"
    tensors[2] = load_checkpoint(run.folder)["model"]
    assert run.resume().status == "finished"
    tensors[3] = load_checkpoint(run.folder)["model"]
    head = {"fc.weight", "fc.bias"}
    changed = [
        {name for name in tensors[0] if not torch.equal(tensors[at][name], tensors[at + 1][name])} for at in range(3)
    ]
    assert changed[0] == head
    assert changed[1] == head | {name for name in tensors[0] if name.startswith("layer2")}
    assert changed[2] == set(tensors[0])
    marks = replay(run.folder).phases
    assert [(mark.step, mark.epoch, mark.number, mark.frozen) for mark in marks] == [
        (0, 1, 0, "backbone"), (STEPS, 2, 1, "stage1"), (2 * STEPS, 3, 2, "nothing"),
    ]  # fmt: skip
    assert [mark.learning_parameters for mark in (marks[0], marks[2])] == [HEAD, VALUES]
    assert {mark.frozen_parameters + mark.learning_parameters for mark in marks} == {VALUES}
    told = {event.step: event.lr for event in run.of(StepDone) if isinstance(event, StepDone)}
    assert list(told.values()) == [lr_at(run.recipe, step, 4 * STEPS) for step in range(4 * STEPS)]


CHANGED: dict[str, object] = {"frozen_norms": "measure", "ema": 0.8, "balance": "sampler"}
NOTHING: dict[str, object] = {}


@pytest.mark.parametrize(
    ("at", "changes"),
    daily(
        [*((at, CHANGED) for at in (1, 4, 6, 8, 9, 15)), (4, NOTHING), (9, NOTHING)],
        [(at, NOTHING) for at in (1, 6, 8, 15)],
    ),
)
def test_a_run_in_phases_goes_on_from_any_step_to_the_same_bits(
    new_run: Callable[[], Run], plain_run: PlainRun, at: int, changes: dict[str, object]
) -> None:
    run, (plain, expected) = new_run(), plain_run(phases=PHASES, **changes)
    run.react = after(at, run)
    assert run.start(phases=PHASES, **changes).status == "stopped"
    run.react = lambda _event: None
    assert sha(run.resume()) == sha(expected)
    states = replay(run.folder), replay(plain.folder)
    assert untimed(states[0]) == untimed(states[1])
    assert states[0].phases == states[1].phases


def test_a_run_without_phases_tells_of_none(new_run: Callable[[], Run]) -> None:
    run = new_run()
    run.start(epochs=1)
    assert not run.of(PhaseStarted)
    assert replay(run.folder).phases == []


def test_a_stage_that_the_design_lacks_is_said_before_anything_is_written(new_run: Callable[[], Run]) -> None:
    run = new_run()
    with pytest.raises(
        RecipeError, match=r"phases freeze stage3, but the design has 2 stages, stage1 to stage2;"
    ) as refused:
        run.start(phases=(Phase(frozen="stage3"),))
    assert refused.value.field == "phases"
    assert not run.folder.exists()


def test_phases_that_a_training_never_comes_to_are_refused(new_run: Callable[[], Run]) -> None:
    with pytest.raises(InputError, match=r"The training ends after 8 steps, before its last phase begins;"):
        new_run().start(phases=PHASES, steps=8)


# ---- patience


def test_a_run_ends_after_so_many_epochs_without_a_better_error_and_says_so(new_run: Callable[[], Run]) -> None:
    run = new_run()
    ended = run.start(lr=1e-12, patience=2, epochs=50, augment="none")
    assert ended.status == "finished"
    errors = [event.test_error for event in run.of(EpochDone) if isinstance(event, EpochDone)]
    best = errors.index(min(errors))
    assert len(errors) == best + 3
    assert ended.message == f"ended after epoch {best + 3} of 50: 2 epochs without a better validation error"
    assert ended.result is not None
    again = run.resume()
    assert (again.status, again.step, sha(again)) == ("finished", ended.step, sha(ended))


@pytest.mark.parametrize("at", [5, 9])
def test_patience_goes_on_with_a_run(new_run: Callable[[], Run], plain_run: PlainRun, at: int) -> None:
    run = new_run()
    changes = {"lr": 1e-12, "patience": 3, "epochs": 50, "augment": "none"}
    run.react = after(at, run)
    run.start(**changes)
    run.react = lambda _event: None
    found, (_, expected) = run.resume(), plain_run(**changes)
    assert (found.step, found.message) == (expected.step, expected.message)
    assert sha(found) == sha(expected)


def test_a_standstill_before_the_last_phase_is_no_end(new_run: Callable[[], Run]) -> None:
    run = new_run()
    phases = (Phase(epochs=4, frozen="backbone"), Phase())
    ended = run.start(lr=1e-12, patience=1, epochs=50, augment="none", phases=phases)
    assert ended.step > 4 * STEPS


# ---- balance


def test_even_classes_weigh_alike_and_uneven_ones_do_not(
    new_run: Callable[[], Run], picture_folder: Path, tmp_path: Path
) -> None:
    even = [sha(new_run().start(epochs=1, balance=balance)) for balance in ("none", "weights")]
    assert even[0] == even[1]
    uneven = tmp_path / "uneven"
    shutil.copytree(picture_folder, uneven)
    for path in sorted(min(uneven.iterdir()).iterdir())[5:]:
        path.unlink()
    found = {sha(new_run().start(data=str(uneven), epochs=1, balance=kind)) for kind in ("none", "weights", "sampler")}
    assert len(found) == 3
