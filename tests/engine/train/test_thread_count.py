"""Fewer threads while other programs want the cores: when, and to the same bits when the run goes on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
import torch

from resnet_gui.engine.lab import finished_run
from resnet_gui.engine.processor_load import Load, LoadMeter
from resnet_gui.engine.train import run as run_module
from resnet_gui.engine.train import thread_count
from resnet_gui.engine.train.run import train
from resnet_gui.engine.train.thread_count import LONGEST_WAIT, Span, StepMeter, ThreadPolicy, may_adapt
from resnet_gui.protocol.jobs import Train
from resnet_gui.runs.events import EpochDone, RunEvent, StepDone, ThreadChange, ThreadsChanged
from resnet_gui.runs.folder import LAST_FILE, RUN_FILE, RunInfo, read_run_info
from resnet_gui.runs.history import RunState, replay
from resnet_gui.training.phases import Phase
from tests.engine.train.tiny_run import EPOCHS, SPEC, STEPS, Run, sha
from tests.runs.test_runs import info as made_info

BUSY = Span(2, Load(2.0, 0.5, 0.0))  # two threads had a quarter of a core in two seconds
ALONE = Span(20, Load(2.0, 1.0, 0.1))  # one thread, ten times as fast
IDLE = Span(20, Load(20.0, 20.0, 1.9))  # one thread, beside cores with nothing to do
FAST = Span(30, Load(2.0, 3.9, 0.0))  # two threads that have their cores
SLOW = Span(20, Load(2.0, 1.0, 0.0))


# ---- the decision


def test_threads_that_wait_for_each_other_become_fewer_and_more_again_when_cores_are_idle() -> None:
    policy = ThreadPolicy(2, 2)
    assert policy.take(FAST) == ""
    assert policy.take(BUSY) == "the computer is busy: trying 1 thread"
    assert policy.threads == 1
    assert policy.take(ALONE) == ""
    assert policy.threads == 1
    assert policy.take(IDLE) == "cores are idle: trying 2 threads"
    assert policy.take(FAST) == ""
    assert policy.threads == 2


def test_a_trial_that_is_no_faster_is_taken_back_and_the_next_one_waits_longer_each_time() -> None:
    policy = ThreadPolicy(2, 2)
    waits, rested = [], 0.0
    for _ in range(400):
        because = policy.take(BUSY)
        rested += BUSY.load.seconds
        if policy.threads == 1:
            assert because == "the computer is busy: trying 1 thread"
            waits.append(rested)
            rested = 0.0
            assert policy.take(BUSY) == "1 thread was no faster than 2"
            assert policy.threads == 2
    assert waits[:5] == [2.0, 30.0, 60.0, 120.0, 240.0]
    assert max(waits) == LONGEST_WAIT


def test_many_threads_are_halved_as_long_as_that_helps() -> None:
    policy = ThreadPolicy(8, 8)
    counts = []
    for seconds in (8.0, 4.0, 2.0, 1.0):
        policy.take(Span(2, Load(seconds, 0.1, 0.0)))
        policy.take(Span(2, Load(seconds / 2, 0.05, 0.0)))
        counts.append(policy.threads)
    assert counts == [4, 2, 1, 1]


@pytest.mark.parametrize(
    ("load", "kept_off"),
    [
        (Load(1.0, 1.9, 0.0), False),
        (Load(1.0, 0.5, 0.0), True),
        # They wait for something, but not for cores.
        (Load(1.0, 0.5, 1.4), False),
    ],
)
def test_threads_are_kept_off_where_they_had_little_time_and_no_core_was_idle(load: Load, *, kept_off: bool) -> None:
    assert load.is_kept_off(2) is kept_off


def test_a_meter_leaves_out_the_first_step_unless_it_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    loads = iter([Load(0.9, 0.9, 0), Load(0.6, 0.3, 1.0), Load(0.6, 0.6, 0.0), Load(9.0, 1.0, 0.0)])
    meter = StepMeter()
    monkeypatch.setattr(LoadMeter, "read", lambda _self: next(loads))
    assert meter.end() is None
    assert meter.end() is None
    assert meter.end() == Span(2, Load(1.2, pytest.approx(0.9), pytest.approx(0.5)))  # type: ignore[arg-type]
    meter.restart()
    assert meter.end() == Span(1, Load(9.0, 1.0, 0.0))


# ---- runs


class ScriptedMeter(StepMeter):
    """Says after some steps, counted over all meters, what a busy computer would have shown."""

    spans: ClassVar[dict[int, Span]] = {}
    steps = 0

    def end(self) -> Span | None:
        type(self).steps += 1
        return self.spans.get(self.steps)


@pytest.fixture
def two_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, dict[int, Span]], None]]:
    """Runs begin with two threads; what is set says after which steps a meter has something to say."""
    before = torch.get_num_threads()
    monkeypatch.setattr(run_module, "useful_threads", lambda _macs: 2)
    monkeypatch.setattr(thread_count, "StepMeter", ScriptedMeter)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)

    def script(steps: int, spans: dict[int, Span]) -> None:
        ScriptedMeter.steps, ScriptedMeter.spans = steps, spans

    yield script
    torch.set_num_threads(before)


def threads_by_step(run: Run) -> tuple[dict[int, int], Callable[[RunEvent], None]]:
    """Threads that each step was made with, as they are found in the process."""
    found: dict[int, int] = {}

    def look(event: RunEvent) -> None:
        if isinstance(event, StepDone):
            found[event.step] = torch.get_num_threads()

    run.react = look
    return found, look


SCRIPT = {4: BUSY, 6: ALONE, 8: IDLE, 10: FAST}
BY_STEP = {step: 1 if 5 <= step <= 8 else 2 for step in range(1, STEPS * EPOCHS + 1)}


def test_a_run_that_is_cut_off_makes_the_changes_that_it_had_made_at_the_same_steps_to_the_same_bits(
    picture_folder: Path, tmp_path: Path, two_threads: Callable[[int, dict[int, Span]], None]
) -> None:
    two_threads(0, SCRIPT)
    whole = Run(picture_folder, tmp_path / "whole")
    found, _ = threads_by_step(whole)
    ended = whole.start()
    assert found == BY_STEP
    changes = read_run_info(whole.folder).thread_changes
    assert [(change.first, change.threads) for change in changes] == [(5, 1), (9, 2)]

    cut = Run(picture_folder, tmp_path / "cut")
    two_threads(0, SCRIPT)
    cut.react = lambda event: cut.control.stop() if isinstance(event, StepDone) and event.step == 6 else None
    assert cut.start().status == "stopped"
    shutil.copy(cut.folder / LAST_FILE, tmp_path / "checkpoint")
    # It went on and made the second change; then it was killed, and its last checkpoint is that of step 6.
    two_threads(6, SCRIPT)
    cut.react = lambda event: cut.control.stop() if isinstance(event, StepDone) and event.step == 10 else None
    assert cut.resume().status == "stopped"
    shutil.copy(tmp_path / "checkpoint", cut.folder / LAST_FILE)
    two_threads(0, {})
    found, _ = threads_by_step(cut)
    assert sha(cut.resume()) == sha(ended)
    assert found == {step: count for step, count in BY_STEP.items() if step > 6}
    assert read_run_info(cut.folder).thread_changes == changes
    state = replay(cut.folder)
    assert state.threads == ThreadsChanged(8, 2, "cores are idle: trying 2 threads")
    assert state.threads.sentence == "From step 9 on with 2 threads: cores are idle: trying 2 threads."
    assert list(state.curves["train_loss"].y) == list(replay(whole.folder).curves["train_loss"].y)


def test_a_change_that_cannot_be_written_down_is_not_made(
    picture_folder: Path,
    tmp_path: Path,
    two_threads: Callable[[int, dict[int, Span]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    two_threads(0, SCRIPT)
    run = Run(picture_folder, tmp_path / "run")
    found, _ = threads_by_step(run)

    def full(_folder: Path, _info: RunInfo) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(thread_count, "write_run_info", full)
    assert run.start().status == "finished"
    assert set(found.values()) == {2}
    assert not run.of(ThreadsChanged)
    assert not read_run_info(run.folder).thread_changes


def test_a_count_that_was_chosen_or_that_features_were_kept_with_does_not_change(
    picture_folder: Path, tmp_path: Path, two_threads: Callable[[int, dict[int, Span]], None]
) -> None:
    two_threads(0, {})
    run = Run(picture_folder, tmp_path / "run")
    run.start(epochs=1)
    info = read_run_info(run.folder)
    assert may_adapt(info)
    cached = msgspec.structs.replace(info.recipe, phases=(Phase(frozen="backbone", cached=True),))
    for changes in (
        {"threads": 1}, {"threads_chosen": True}, {"processes": 2}, {"device": "cuda:0"}, {"recipe": cached},
    ):  # fmt: skip
        assert not may_adapt(msgspec.structs.replace(info, **changes))
    # A run of an earlier build says nothing of either, and keeps its count.
    file = run.folder / RUN_FILE
    lines = [line for line in file.read_text().splitlines() if "thread_changes" not in line and "chosen" not in line]
    file.write_text("\n".join(lines))
    assert read_run_info(run.folder).threads_of_step(7) == 2
    assert not may_adapt(read_run_info(run.folder))


def test_a_count_that_the_job_names_is_written_down_as_chosen(picture_folder: Path, tmp_path: Path) -> None:
    run = Run(picture_folder, tmp_path / "run")
    for threads in (0, 2):
        folder = tmp_path / f"run{threads}"
        job = Train(1, str(folder), "tiny", SPEC, msgspec.structs.replace(run.recipe, epochs=1), "cpu", threads=threads)
        train(job, run.emit, run.control)
        assert read_run_info(folder).threads_chosen is (threads == 2)


def test_steps_of_another_phase_are_compared_with_none_before() -> None:
    policy = ThreadPolicy(2, 2)
    policy.take(BUSY)
    policy.forget()
    assert policy.take(SLOW) == ""
    assert policy.threads == 1


def test_best_weights_are_measured_with_the_threads_of_their_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    epochs = [EpochDone(n, 10 * n, 1.0, 0.5, 1.0, error, 1.0, 1.0) for n, error in ((1, 0.5), (2, 0.25), (3, 0.25))]
    state = RunState()
    state.epochs = epochs
    monkeypatch.setattr(finished_run, "replay", lambda _folder, steps: state)
    change = ThreadChange(first=15, threads=1, why="")
    info = msgspec.structs.replace(made_info(), threads=2, thread_changes=(change,))
    assert finished_run._threads_of_best(tmp_path, info, 0.5) == 2
    assert finished_run._threads_of_best(tmp_path, info, 0.75) == 1
    assert finished_run._threads_of_best(tmp_path, msgspec.structs.replace(info, thread_changes=()), 0.75) == 2


def test_history_keeps_the_changes_up_to_the_checkpoint_that_a_run_goes_on_from() -> None:
    state = RunState()
    for step, threads in ((10, 1), (50, 2)):
        state.apply(ThreadsChanged(step, threads, "it"))
    assert state.threads == ThreadsChanged(50, 2, "it")
    state._cut(30)
    assert state.threads == ThreadsChanged(10, 1, "it")
    state._cut(10)
    assert state.threads is None


def test_a_meter_begins_anew_at_each_change_and_judges_no_step_that_is_made_again(
    picture_folder: Path, tmp_path: Path, two_threads: Callable[[int, dict[int, Span]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    restarts: list[int] = []
    monkeypatch.setattr(ScriptedMeter, "restart", lambda meter: restarts.append(type(meter).steps))
    two_threads(0, SCRIPT)
    run = Run(picture_folder, tmp_path / "run")
    run.start()
    assert restarts == [0, 4, 8]
    (run.folder / LAST_FILE).unlink()
    run.events.clear()
    # All steps are made again until the last change that is written; what a meter would say of them is not asked.
    two_threads(0, {1: BUSY})
    (run.folder / "events.jsonl").write_bytes(b"")
    found, _ = threads_by_step(run)
    run.resume()
    assert [found[step] for step in range(1, 10)] == [BY_STEP[step] for step in range(1, 10)]
    assert ScriptedMeter.steps == STEPS * EPOCHS - 9
