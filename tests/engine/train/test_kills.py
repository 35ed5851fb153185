"""Trainings that are killed (SIGKILL) at any moment, also within a checkpoint, end as ones that never were.

This file is also the program that kills: ``python -m tests.engine.train.test_kills`` forks trainings.
"""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from resnet_gui.base.jsonl import encode_line
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine import checkpoint
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.features.cache import features_folder
from resnet_gui.engine.train.run import train
from resnet_gui.network import weights
from resnet_gui.protocol.jobs import Resume, Train
from resnet_gui.runs.events import RunEnded, RunEvent, RunStarted, StepDone
from resnet_gui.runs.folder import BEST_FILE, LAST_FILE, EventLog, is_being_written, summarise
from resnet_gui.runs.history import RunReader, RunState, replay
from resnet_gui.training.phases import Phase
from resnet_gui.training.recipe import Recipe
from tests.conftest import ROOT, daily
from tests.forks import Forks
from tests.waiting import PATIENCE

SPEC = ResNetSpec(block="basic", blocks=(1, 1), widths=(8, 8), shortcut="A", stem="cifar", classes=2, input=(1, 8, 8))
PLAIN = Recipe(epochs=30, batch_size=8, lr=0.05, augment="shift-flip", weight_decay=1e-3)
RICH = Recipe(
    epochs=40, steps=97, batch_size=12, accumulate=2, lr=0.02, nesterov=True, schedule="one-cycle", ema=0.9, clip=1.0,
    label_smoothing=0.1, augment="resized-crop", colour=0.3, cutout=0.3, mixup=0.4, cutmix=0.7, decay_norm=False,
    recompute=True, seed=5,
)  # fmt: skip
KINDS = {
    "plain": (SPEC, PLAIN),
    "rich": (evolve(SPEC, dropout=0.3, stochastic_depth=0.5, blocks=(1, 2)), RICH),
    "adamw": (SPEC, msgspec.structs.replace(RICH, optimizer="adamw", lr=0.003, ema=0.0, warmup=5, schedule="step")),
}
TWO_PHASES = (Phase(epochs=6, frozen="backbone"), Phase(rates=(1.0, 0.5)))
KINDS["phases"] = (
    evolve(SPEC, dropout=0.3, blocks=(1, 2)),
    msgspec.structs.replace(RICH, epochs=12, steps=0, phases=TWO_PHASES, balance="sampler", patience=40),
)
CACHED = (Phase(epochs=6, frozen="backbone", cached=True), TWO_PHASES[1])
KINDS["cached"] = (
    evolve(SPEC, dropout=0.3, hidden=(6,)),
    msgspec.structs.replace(RICH, epochs=12, steps=0, phases=CACHED, balance="weights"),
)
SPOTS = ("half a checkpoint", "before fsync", "before rename", "after rename", "half the best weights", "half an event")


# ---- the program that kills


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def countdown(count: int) -> Callable[[], bool]:
    """True at the ``count``-th call."""
    left = [count]

    def here() -> bool:
        left[0] -= 1
        return left[0] == 0

    return here


def die_at(spot: str, here: Callable[[], bool]) -> None:
    """Have this process kill itself at a spot of the writing."""
    save, fsync, replace, append = torch.save, os.fsync, Path.replace, EventLog.append
    save_file = vars(weights)["save_file"]

    def half_save(content: Any, path: Path) -> None:
        if spot == SPOTS[0] and here():
            buffer = io.BytesIO()
            save(content, buffer)
            path.write_bytes(buffer.getvalue()[: buffer.tell() // 2])
            die()
        save(content, path)

    def half_file(tensors: Any, path: Path, **more: Any) -> None:
        save_file(tensors, path, **more)
        if spot == SPOTS[4] and here():
            os.truncate(path, path.stat().st_size // 2)
            die()

    def no_fsync(number: int) -> None:
        if spot == SPOTS[1] and here():
            die()
        fsync(number)

    def no_rename(self: Path, target: Path) -> Path:
        mine = Path(target).name == LAST_FILE and spot in SPOTS[2:4] and here()
        if mine and spot == SPOTS[2]:
            die()
        found = replace(self, target)
        if mine:
            die()
        return found

    def half_event(self: EventLog, event: RunEvent) -> None:
        if spot == SPOTS[5] and here():
            line = encode_line(event)
            self._file.write(line[: len(line) // 2])
            die()
        append(self, event)

    vars(weights)["save_file"] = half_file
    torch.save, os.fsync = half_save, no_fsync  # type: ignore[assignment]
    Path.replace, EventLog.append = no_rename, half_event  # type: ignore[method-assign,assignment]


def fork(job: Train | Resume, spot: str, count: int) -> int:
    """A child that trains; returns its number."""
    pid = os.fork()
    if pid:
        return pid
    try:
        if spot in SPOTS:
            die_at(spot, countdown(count))
        ended = train(job, lambda _event: None, Control())
        os._exit(0 if ended.status == "finished" else 1)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(2)


def end_of(pid: int, until: float) -> int | None:
    """What a child ended with; None if it was killed from outside, at ``until``."""
    while time.monotonic() < until:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    return None if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL else 0


def killer(place: str, pictures: str, kind: str, seed: str, kills: str) -> None:
    """Train once whole; then kill and resume another run, and let it come to its end; print where it was killed."""
    spec, recipe = KINDS[kind]
    recipe = msgspec.structs.replace(recipe, data=pictures)
    whole, folder = Path(place) / "whole", Path(place) / "killed"
    # Once here, so that no child has to load what torch loads late.
    first = tuple(msgspec.structs.replace(phase, epochs=0) for phase in recipe.phases[:1])
    warm = msgspec.structs.replace(recipe, steps=1, warmup=0, phases=first)
    train(Train(1, str(Path(place) / "warm"), kind, spec, warm, "cpu"), lambda _event: None, Control())
    begun = time.monotonic()
    assert end_of(fork(Train(1, str(whole), kind, spec, recipe, "cpu"), "", 0), begun + 100) == 0
    taken = time.monotonic() - begun
    generator = random.Random(int(seed))  # noqa: S311 (no secret)
    told: list[str] = []
    vars(checkpoint).update(CHECKPOINT_SECONDS=0.0, LONG_EPOCH_SECONDS=0.01, CHECKPOINT_SHARE=1e9)
    spots = [SPOTS[4], "any moment", *generator.sample([*SPOTS[:4], SPOTS[5], "any moment"] * 40, int(kills))]
    while True:
        job = Resume(1, str(folder)) if (folder / "run.json").exists() else Train(1, str(folder), kind, spec, recipe)
        if told:
            shutil.rmtree(features_folder(), ignore_errors=True)  # kept features are no part of a run
        spot = spots[len(told)] if len(told) < int(kills) else ""
        until = generator.uniform(0.05, taken / 5) if spot == "any moment" else 60
        code = end_of(fork(job, spot, 1 if spot == SPOTS[4] else generator.randint(1, 8)), time.monotonic() + until)
        if code == 0:
            break
        assert code in {None, -signal.SIGKILL}, (code, spot)
        told.append(spot)
    print(json.dumps(told))  # noqa: T201 (it is a program)


if __name__ == "__main__":
    killer(*sys.argv[1:])


# ---- what is claimed


def untimed(state: RunState) -> dict[str, object]:
    """All that a run came to, times left out."""
    curves = ("train_loss", "train_error", "lr", "test_loss", "test_error")
    found: dict[str, object] = {name: (list(state.curves[name].x), list(state.curves[name].y)) for name in curves}
    found["epochs"] = [
        (each.epoch, each.step, each.train_loss, each.train_error, each.test_loss, each.test_error)
        for each in state.epochs
    ]
    for name, heat in (("gradients", state.gradients), ("ratios", state.ratios)):
        found[name] = (list(heat.steps), list(heat.values), heat.width)
    found["answers"] = [(each.epoch, each.step, each.answers) for each in state.answers]
    found["phases"] = state.phases
    return found | {"step": state.step, "best": state.best_error, "total": state.total_steps}


def same(killed: Path, whole: Path) -> None:
    """Fail if two finished runs differ in anything but times."""
    states = replay(killed), replay(whole)
    found, expected = map(untimed, states)
    assert list(states[1].curves["train_loss"].x) == list(range(1, states[1].total_steps + 1))
    for name, value in expected.items():
        assert found[name] == value, name
    results = []
    for state in states:
        assert state.ended is not None
        assert state.ended.status == "finished"
        assert state.ended.result is not None
        results.append(msgspec.structs.replace(state.ended.result, run="", seconds=0.0, images_per_second=0.0))
    assert results[0] == results[1]


def run_killer(forks: Forks, tmp_path: Path, pictures: Path, kind: str, seed: int, kills: int) -> list[str]:
    words = (tmp_path, pictures, kind, seed, kills)
    child = forks.run("-m", "tests.engine.train.test_kills", *map(str, words), cwd=ROOT)
    assert child.returncode == 0, child.stderr
    told: list[str] = json.loads(child.stdout)
    return told


@pytest.mark.parametrize(
    ("kind", "seed", "kills"),
    daily([("phases", 2, 10)], [("rich", 2, 10), ("plain", 1, 10), ("phases", 4, 20), ("cached", 6, 20)]),
)
def test_a_run_that_is_killed_ten_or_twenty_times_at_any_moment_ends_as_one_that_was_not(
    tmp_path: Path, picture_folder: Path, forks: Forks, kind: str, seed: int, kills: int
) -> None:
    told = run_killer(forks, tmp_path, picture_folder, kind, seed, kills)
    assert len(told) >= 8, told
    assert len(set(told)) >= 4, told
    same(tmp_path / "killed", tmp_path / "whole")
    marks = [mark.frozen for mark in replay(tmp_path / "killed").phases]
    assert marks == [phase.frozen for phase in KINDS[kind][1].phases]
    assert summarise(tmp_path / "killed").status == "finished"
    best = [weights.load_model(tmp_path / name / BEST_FILE)[1] for name in ("killed", "whole")]
    assert best[0] == best[1]


@pytest.mark.prove
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(10, 14))
def test_runs_that_are_killed_two_hundred_times_end_as_ones_that_were_not(
    tmp_path: Path, picture_folder: Path, forks: Forks, kind: str, seed: int
) -> None:
    run_killer(forks, tmp_path, picture_folder, kind, seed, 18)
    same(tmp_path / "killed", tmp_path / "whole")


def test_a_command_that_is_killed_before_its_first_checkpoint_begins_anew_to_the_same_end(
    tmp_path: Path, picture_folder: Path, forks: Forks
) -> None:
    folder, whole = tmp_path / "killed", tmp_path / "whole"
    words = ["digits-resnet", "--data", str(picture_folder), "--device", "cpu", "--batch-size", "8", "--seed", "3"]
    command = [sys.executable, "-m", "resnet_gui", "train", *words, "--set", "steps=24", "--run", str(folder)]
    with forks.popen(command, stderr=subprocess.DEVNULL) as child:
        until = time.monotonic() + PATIENCE
        while replay(folder).step < 6 and time.monotonic() < until:
            time.sleep(0.02)
        child.kill()
    assert summarise(folder).status == "interrupted"
    assert not is_being_written(folder)
    assert not (folder / LAST_FILE).exists()
    assert train(Resume(1, str(folder)), lambda _event: None, Control()).status == "finished"
    from resnet_gui.design.presets import find_preset

    recipe = Recipe(data=str(picture_folder), batch_size=8, seed=3, steps=24)
    job = Train(1, str(whole), "digits-resnet", find_preset("digits-resnet").spec, recipe, "cpu")
    assert train(job, lambda _event: None, Control()).status == "finished"
    starts = [event.step for event in RunReader(folder).read() if isinstance(event, RunStarted)]
    assert starts == [0, 0]
    found, expected = untimed(replay(folder)), untimed(replay(whole))
    assert found == expected


def stopped_run(folder: Path, pictures: Path) -> RunEnded:
    control = Control()

    def stop(event: RunEvent) -> None:
        if isinstance(event, StepDone) and event.step == 5:
            control.stop()

    recipe = msgspec.structs.replace(PLAIN, data=str(pictures), epochs=3)
    return train(Train(1, str(folder), "x", SPEC, recipe, "cpu"), stop, control)


def test_what_a_kill_left_of_a_checkpoint_is_removed_when_the_run_goes_on(tmp_path: Path, picture_folder: Path) -> None:
    # A checkpoint of a large network is gigabytes; a machine that is taken away again and again would fill its disk.
    folder = tmp_path / "run"
    assert stopped_run(folder, picture_folder).status == "stopped"
    (folder / f"{LAST_FILE}.tmp-0123abcd").write_bytes(b"half")
    assert train(Resume(1, str(folder)), lambda _event: None, Control()).status == "finished"
    assert [path.name for path in folder.iterdir() if ".tmp-" in path.name] == []


def test_a_run_that_was_killed_before_it_was_written_down_can_be_begun_again(
    tmp_path: Path, picture_folder: Path
) -> None:
    # While pictures are read, for minutes perhaps, the folder holds its lock alone.
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "lock").write_text("here\n123\n", encoding="utf-8")
    assert stopped_run(folder, picture_folder).status == "stopped"
