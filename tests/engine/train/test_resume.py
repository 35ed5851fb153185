"""Pause, stop and resume in this process: the weights are those of a run that was never interrupted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from resnet_gui.base.errors import InputError
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.checkpoint import load_checkpoint
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.protocol.jobs import Train
from resnet_gui.runs.events import EpochDone, RunEvent, RunPaused, RunStarted, RunUnpaused, StepDone
from resnet_gui.runs.folder import (
    LAST_FILE,
    STOP_FILE,
    read_run_info,
    summarise,
)
from resnet_gui.runs.history import EVENTS_FILE
from resnet_gui.training.recipe import Recipe
from tests.engine.train.tiny_run import STEPS, PlainRun, Run, sha

# ---- pause, stop, resume


def test_a_run_that_was_paused_and_went_on_has_the_weights_of_one_that_was_not(
    new_run: Callable[[], Run], plain_run: PlainRun
) -> None:
    run, (_, expected) = new_run(), plain_run()

    def react(event: RunEvent) -> None:
        if isinstance(event, StepDone) and event.step in {3, 9}:
            run.control.pause()
        if isinstance(event, RunPaused):
            assert load_checkpoint(run.folder)["step"] == event.step
            assert summarise(run.folder).status == "paused"
            run.control.unpause()

    run.react = react
    assert sha(run.start()) == sha(expected)
    assert run.of(RunPaused) == [RunPaused(3), RunPaused(9)]
    assert run.of(RunUnpaused) == [RunUnpaused(3), RunUnpaused(9)]


@pytest.mark.parametrize("at", [1, 3, 4, 10, 15])
def test_a_run_that_was_stopped_and_resumed_has_the_weights_of_one_that_was_not(
    new_run: Callable[[], Run], plain_run: PlainRun, at: int
) -> None:
    run, (plain, expected) = new_run(), plain_run()
    run.react = lambda event: run.control.stop() if isinstance(event, StepDone) and event.step == at else None
    stopped = run.start()
    assert (stopped.status, stopped.step) == ("stopped", at)
    assert (stopped.result is not None) == (at >= STEPS)
    assert summarise(run.folder).status == "stopped"
    run.react = lambda _event: None
    first_part = len(run.events)
    torch.manual_seed(12345)  # another process would have another generator
    ended = run.resume()
    assert sha(ended) == sha(expected)
    started = run.events[first_part]
    assert isinstance(started, RunStarted)
    assert (started.step, started.steps_per_epoch, started.seconds > 0) == (at, STEPS, True)
    assert ended.result is not None
    assert expected.result is not None
    assert ended.result.train_loss == expected.result.train_loss
    assert ended.result.best_top1 == expected.result.best_top1
    losses = [event.loss for event in run.events if isinstance(event, StepDone)]
    assert losses == [event.loss for event in plain.events if isinstance(event, StepDone)]


def test_a_run_that_is_resumed_again_and_again_has_the_weights_of_one_that_was_not(
    new_run: Callable[[], Run], plain_run: PlainRun
) -> None:
    run, (_, expected) = new_run(), plain_run()
    run.react = lambda event: run.control.stop() if isinstance(event, StepDone) and event.step % 3 == 0 else None
    ended = run.start()
    while ended.status == "stopped":
        ended = run.resume()
    assert [event.step for event in run.events if isinstance(event, RunStarted)] == [0, 3, 6, 9, 12, 15]
    assert sha(ended) == sha(expected)


def test_a_paused_run_can_be_stopped_and_then_resumed_to_the_same_weights(
    new_run: Callable[[], Run], plain_run: PlainRun
) -> None:
    run, (_, expected) = new_run(), plain_run()

    def react(event: RunEvent) -> None:
        if isinstance(event, StepDone) and event.step == 6:
            run.control.pause()
        if isinstance(event, RunPaused):
            run.control.stop()

    run.react = react
    assert (run.start().status, run.control.paused) == ("stopped", True)
    run.react = lambda _event: None
    assert sha(run.resume()) == sha(expected)


def test_a_run_goes_on_with_the_number_of_threads_that_it_began_with(new_run: Callable[[], Run]) -> None:
    run, before = new_run(), torch.get_num_threads()
    run.react = lambda event: run.control.stop() if isinstance(event, StepDone) and event.step == 3 else None
    run.start()
    assert read_run_info(run.folder).threads == before
    torch.set_num_threads(before + 1)
    try:
        run.react = lambda _event: None
        run.resume()
        assert torch.get_num_threads() == before
    finally:
        torch.set_num_threads(before)


def test_a_stop_file_in_the_run_folder_stops_the_run_and_a_resume_removes_it(new_run: Callable[[], Run]) -> None:
    run = new_run()
    run.react = lambda event: (
        (run.folder / STOP_FILE).touch() if isinstance(event, StepDone) and event.step == 5 else None
    )
    stopped = run.start(epochs=2000)
    assert stopped.status == "stopped"
    assert 5 <= stopped.step < 2000 * STEPS
    assert load_checkpoint(run.folder)["step"] == stopped.step
    run.react = lambda event: run.control.stop() if isinstance(event, EpochDone) else None
    assert run.resume().step > stopped.step
    assert not (run.folder / STOP_FILE).exists()


def test_a_finished_run_that_is_resumed_is_finished_with_the_same_weights(new_run: Callable[[], Run]) -> None:
    run = new_run()
    before = run.start()
    again = run.resume()
    assert sha(again) == sha(before)
    assert again.step == before.step
    assert summarise(run.folder).status == "finished"


def test_a_run_whose_pictures_have_changed_is_not_resumed(new_run: Callable[[], Run], picture_folder: Path) -> None:
    run = new_run()
    run.start()
    next((picture_folder / "dark").glob("*.png")).unlink()
    with pytest.raises(InputError, match="have changed since this run began"):
        run.resume()
    assert summarise(run.folder).status == "finished"


def test_a_run_without_a_checkpoint_or_with_a_damaged_one_is_not_resumed_and_keeps_its_events(
    new_run: Callable[[], Run],
) -> None:
    run = new_run()
    run.start()
    events = (run.folder / EVENTS_FILE).read_bytes()
    (run.folder / LAST_FILE).write_bytes((run.folder / LAST_FILE).read_bytes()[:5000])
    with pytest.raises(InputError, match="damaged"):
        run.resume()
    (run.folder / LAST_FILE).unlink()
    with pytest.raises(InputError, match="has lost its checkpoint"):
        run.resume()
    assert (run.folder / EVENTS_FILE).read_bytes() == events


def test_a_checkpoint_of_another_design_is_not_resumed(new_run: Callable[[], Run]) -> None:
    run, other = new_run(), new_run()
    run.start(epochs=1)
    spec = ResNetSpec(block="basic", blocks=(1, 1), widths=(16, 17), stem="cifar", classes=2, input=(1, 8, 8))
    train(Train(1, str(other.folder), "x", spec, Recipe(data=run.recipe.data, epochs=1), "cpu"), other.emit, Control())
    (other.folder / LAST_FILE).replace(run.folder / LAST_FILE)
    with pytest.raises(InputError, match="does not belong to this run's design"):
        run.resume()
