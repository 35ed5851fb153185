"""A run that is given more epochs: exact, recorded, said, and whole at any moment."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from resnet_gui.base.errors import InputError
from resnet_gui.cli.main import main
from resnet_gui.engine.checkpoint import load_checkpoint
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.network.weights import load_model
from resnet_gui.protocol.jobs import Extend, Resume
from resnet_gui.runs.events import RunEnded, RunEvent, RunStarted, StepDone
from resnet_gui.runs.folder import BEST_FILE, LAST_FILE, RUN_FILE, read_run_info, summarise
from resnet_gui.runs.history import replay
from tests.engine.train.test_kills import same
from tests.engine.train.tiny_run import EPOCHS, STEPS, Run, sha


def extend(folder: Path, epochs: int, react: Callable[[RunEvent, Control], None] = lambda *_: None) -> RunEnded:
    control = Control()
    return train(Extend(3, str(folder), epochs), lambda event: react(event, control), control)


def resume(folder: Path) -> RunEnded:
    torch.manual_seed(12345)  # another process would have another generator
    return train(Resume(4, str(folder)), lambda _event: None, Control())


def test_an_extended_run_is_the_longer_run_where_the_schedule_does_not_see_the_end(new_run: Callable[[], Run]) -> None:
    whole, run = new_run(), new_run()
    expected = whole.start(epochs=EPOCHS + 2, schedule="constant")
    run.start(schedule="constant")
    assert sha(extend(run.folder, 2)) == sha(expected)
    curves = [{name: list(curve.y) for name, curve in replay(one.folder).curves.items()} for one in (run, whole)]
    for name in ("train_loss", "train_error", "lr", "test_loss", "test_error"):
        assert curves[0][name] == curves[1][name], name
    info = read_run_info(run.folder)
    assert info.recipe == read_run_info(whole.folder).recipe
    (extension,) = info.extensions
    assert (extension.step, extension.before, extension.after) == (EPOCHS * STEPS, EPOCHS, EPOCHS + 2)
    assert extension.date >= info.created
    summary = summarise(run.folder)
    assert (summary.status, summary.epoch) == ("finished", EPOCHS + 2)


def test_a_run_that_is_killed_in_its_extension_goes_on_to_the_same_end(new_run: Callable[[], Run]) -> None:
    run = new_run()
    run.start(ema=0.9)
    before = run.folder.with_name("before")
    shutil.copytree(run.folder, before)
    whole = extend(run.folder, 2)

    # Before run.json was written: as it was, finished.
    assert summarise(before).status == "finished"
    # Between run.json and the first step.
    written = run.folder.with_name("written")
    shutil.copytree(before, written)
    shutil.copy(run.folder / RUN_FILE, written / RUN_FILE)
    assert sha(resume(written)) == sha(whole)
    same(written, run.folder)
    # In the midst of it, before and after a checkpoint of the extension.
    for stopped in (False, True):
        cut = run.folder.with_name(f"cut-{stopped}")
        shutil.copytree(before, cut)

        def stop(event: RunEvent, control: Control) -> None:
            if isinstance(event, StepDone) and event.step == EPOCHS * STEPS + 5:
                control.stop()

        assert extend(cut, 2, stop).status == "stopped"
        if not stopped:
            shutil.copy(before / LAST_FILE, cut / LAST_FILE)
        assert load_checkpoint(cut)["step"] == EPOCHS * STEPS + 5 * stopped
        assert sha(resume(cut)) == sha(whole)
        same(cut, run.folder)
        assert len(read_run_info(cut).extensions) == 1


def test_the_new_end_is_said_once_and_the_best_weights_stay_where_nothing_is_better(new_run: Callable[[], Run]) -> None:
    run = new_run()
    run.start()
    best = load_model(run.folder / BEST_FILE)[1].top1
    events: list[RunEvent] = []
    extend(run.folder, 1, lambda event, _control: events.append(event))
    started = next(event for event in events if isinstance(event, RunStarted))
    assert (started.step, started.epochs, started.total_steps) == (EPOCHS * STEPS, EPOCHS + 1, (EPOCHS + 1) * STEPS)
    assert started.start[0].startswith(f"extended: {EPOCHS} → {EPOCHS + 1} epochs; the cosine falls to zero at epoch 5")
    assert load_model(run.folder / BEST_FILE)[1].top1 >= best
    state = replay(run.folder)
    assert [epoch.epoch for epoch in state.epochs] == list(range(1, EPOCHS + 2))
    assert state.best_error == 1 - load_model(run.folder / BEST_FILE)[1].top1
    extend(run.folder, 1)
    assert [(each.before, each.after) for each in read_run_info(run.folder).extensions] == [(4, 5), (5, 6)]


def test_a_run_that_ended_early_waits_anew_when_it_is_extended(new_run: Callable[[], Run]) -> None:
    run = new_run()
    ended = run.start(epochs=9, patience=1)
    assert ended.step < 9 * STEPS
    longer = extend(run.folder, 1)
    assert longer.step > ended.step
    assert summarise(run.folder).status == "finished"


def test_a_stopped_run_is_extended_from_where_it_stands(new_run: Callable[[], Run]) -> None:
    run = new_run()
    run.react = lambda event: run.control.stop() if isinstance(event, StepDone) and event.step == 6 else None
    run.start()
    ended = extend(run.folder, 1)
    assert (ended.status, ended.step) == ("finished", (EPOCHS + 1) * STEPS)
    assert read_run_info(run.folder).extensions[0].step == 6


def test_what_cannot_be_extended_stays_as_it_is(new_run: Callable[[], Run], tmp_path: Path) -> None:
    run = new_run()
    run.start(steps=6)
    before = (run.folder / RUN_FILE).read_bytes()
    with pytest.raises(InputError, match="ends after 6 steps by its recipe"):
        extend(run.folder, 1)
    with pytest.raises(InputError, match="There is no run"):
        extend(tmp_path / "none", 1)
    (run.folder / LAST_FILE).unlink()
    with pytest.raises(InputError, match="--epochs is 0"):
        extend(run.folder, 0)
    assert (run.folder / RUN_FILE).read_bytes() == before


def test_the_command_line_extends_and_says_first_what_that_changes(
    new_run: Callable[[], Run], capsys: pytest.CaptureFixture[str]
) -> None:
    run = new_run()
    run.start()
    assert main(["train", "--extend", str(run.folder), "--epochs", "1"]) == 0
    told = capsys.readouterr()
    assert "finished after epoch 5" in told.out
    lines = told.err.splitlines()
    said = next(number for number, line in enumerate(lines) if "extended: 4 → 5 epochs" in line)
    assert said < next(number for number, line in enumerate(lines) if line.startswith("epoch"))
    for words, says in (
        (["--extend", str(run.folder)], "needs --epochs N: how many epochs more"),
        (["--extend", str(run.folder), "--epochs", "1", "--lr", "1"], "leave out --lr"),
        (["--extend", str(run.folder), "--epochs", "1", "--resume", "x"], "leave out --resume"),
        (["--extend", str(run.folder), "--epochs", "-1"], "--epochs is -1; a run is extended by one epoch at least"),
    ):
        assert main(["train", *words]) == 2
        assert says in capsys.readouterr().err
