"""Trainings by several processes: they learn what one would, and end together however one of them ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import psutil
import pytest
import torch
from torch import nn

from resnet_gui.base.errors import InputError
from resnet_gui.design.spec import Design, save_design
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.run import train
from resnet_gui.network.weights import load_model
from resnet_gui.protocol.jobs import Resume
from resnet_gui.runs.folder import BEST_FILE, LAST_FILE, PAUSE_FILE, is_being_written, read_run_info, summarise
from resnet_gui.runs.history import EVENTS_FILE, replay, unpack
from tests.conftest import ROOT
from tests.engine.train.rank_trainings import LONG, SPEC
from tests.engine.train.test_kills import same
from tests.forks import Forks
from tests.waiting import PATIENCE


def run_here(forks: Forks, *words: str) -> None:
    """Run the program."""
    child = forks.run("-m", "tests.engine.train.rank_trainings", *words, cwd=ROOT)
    assert child.returncode == 0, child.stderr


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from PIL import Image

    generator, root = np.random.default_rng(0), tmp_path_factory.mktemp("data") / "pictures"
    for name, lift in (("dark", 0), ("light", 100)):
        (root / name).mkdir(parents=True)
        for number in range(20):
            grey = generator.integers(0, 128, (8, 8), dtype=np.uint8) + np.uint8(lift)
            Image.fromarray(grey).save(root / name / f"{number:02}.png")
    return root


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory, pictures: Path, forks: Forks) -> Path:
    """Folder of all runs of its ``main``."""
    place = tmp_path_factory.mktemp("worlds")
    run_here(forks, str(place), str(pictures))
    return place


# ---- what is learnt


@pytest.mark.parametrize(("name", "world"), [("small", 3), ("mixed", 2), ("phased", 2)])
def test_several_processes_learn_what_one_does(worlds: Path, name: str, world: int) -> None:
    one, several = replay(worlds / f"{name}-1"), replay(worlds / f"{name}-{world}")
    for curve in ("train_loss", "train_error", "lr", "test_loss", "test_error"):
        assert list(several.curves[curve].x) == list(one.curves[curve].x)
        assert list(several.curves[curve].y) == pytest.approx(list(one.curves[curve].y), rel=2e-3, abs=1e-6), curve
    assert list(several.gradients.values) == pytest.approx(list(one.gradients.values), rel=2e-2)
    assert several.ratios.width == one.ratios.width == 2
    assert several.started is not None
    labels = unpack(several.started.labels)
    assert [unpack(each.answers) for each in several.answers] == [unpack(each.answers) for each in one.answers]
    assert {len(unpack(each.answers)) for each in several.answers} == {len(labels)} == {2 * 8}
    states = [load_model(worlds / f"{name}-{number}" / BEST_FILE)[0].state_dict() for number in (1, world)]
    for key, value in states[0].items():
        torch.testing.assert_close(states[1][key].float(), value.float(), rtol=1e-2, atol=1e-3, msg=key)


def test_the_weights_that_are_tested_are_those_that_are_kept_also_where_each_process_normalises_for_itself(
    worlds: Path, pictures: Path
) -> None:
    folder = worlds / "averaged-2"
    model, info = load_model(folder / BEST_FILE)
    data = load(str(pictures), SPEC.input)
    with torch.inference_mode():
        logits = model((data.test.images.float() / 255 - info.mean[0]) / info.std[0])
    loss = nn.functional.cross_entropy(logits, data.test.labels).item()
    epochs = replay(folder).epochs
    best = min(epochs, key=lambda each: each.test_error)
    assert best.test_error == pytest.approx(1 - (info.top1 or 0))
    assert best.test_loss == pytest.approx(loss, rel=1e-4)


def test_a_run_of_two_processes_that_was_stopped_and_went_on_is_as_one_that_was_not(worlds: Path) -> None:
    same(worlds / "averaged-again", worlds / "averaged-2")


def test_a_run_of_two_processes_begins_from_weights_and_is_extended_and_stopped_in_it_to_the_same_end(
    worlds: Path,
) -> None:
    same(worlds / "extended", worlds / "extended-again")
    info = read_run_info(worlds / "extended-again")
    assert info.start is not None
    assert info.start.sha256 == load_model(worlds / "small-1" / BEST_FILE)[1].sha256
    assert [(each.step, each.before, each.after) for each in info.extensions] == [(4, 1, 2)]


def test_a_run_goes_on_with_as_many_processes_as_it_had_or_says_how(worlds: Path) -> None:
    with pytest.raises(InputError, match=r"was trained by 2 processes .* with 1; resume it with torchrun --nproc"):
        train(Resume(1, str(worlds / "mixed-2")), lambda _event: None, Control())
    with pytest.raises(InputError, match=r"was trained by 1 process .* with 2; resume it without torchrun\."):
        train(Resume(1, str(worlds / "mixed-1")), lambda _event: None, Control(), RankGroup(0, 2))


def test_a_synchronised_norm_is_a_batch_norm_over_the_joined_batch(worlds: Path) -> None:
    assert (worlds / "long" / LAST_FILE).is_file()  # ``whole_batch`` ran after it, in two processes, and did not fail


# ---- how it ends


class Torchrun:
    """A training by two processes under torchrun."""

    def __init__(self, forks: Forks, folder: Path, *words: str) -> None:
        self.folder, self.output = folder, folder.parent / f"{folder.name}.txt"
        self._places = folder.parent / "ranks"
        self._places.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "tests.engine.train.rank_trainings", "launch", str(self._places)]
        command += ["--standalone", "--nproc-per-node", "2", "-m", "resnet_gui", "train", *words]
        with self.output.open("ab") as file:
            self.process = forks.popen(command, stdout=file, stderr=file, cwd=ROOT)
        self.ranks: dict[int, int] = {}

    def wait_for(self, what: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < until, self.output.read_text()
            assert self.process.poll() is None, self.output.read_text()
            time.sleep(0.02)

    def hold_once(self) -> None:
        """Have it pause, which writes a checkpoint, and go on for some steps; learn who its processes are."""
        self.wait_for(lambda: replay(self.folder).step >= 2)
        (self.folder / PAUSE_FILE).touch()
        self.wait_for(lambda: replay(self.folder).paused)
        held = replay(self.folder).step
        (self.folder / PAUSE_FILE).unlink()
        self.wait_for(lambda: replay(self.folder).step >= held + 2)
        self.ranks = {rank: int((self._places / str(rank)).read_text()) for rank in (0, 1)}
        assert {psutil.Process(pid).ppid() for pid in self.ranks.values()} == {self.process.pid}

    def ends(self) -> int:
        """The exit code of torchrun; no process of it is left."""
        code = self.process.wait(PATIENCE)
        self.are_gone()
        return code

    def are_gone(self) -> None:
        _gone, alive = psutil.wait_procs(
            [psutil.Process(pid) for pid in self.ranks.values() if psutil.pid_exists(pid)], timeout=PATIENCE
        )
        left = [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]
        assert left == [], self.output.read_text()
        assert not is_being_written(self.folder)

    def kill(self) -> None:
        for pid in (*self.ranks.values(), self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def torchrun(tmp_path: Path, pictures: Path, forks: Forks) -> Iterator[Callable[..., Torchrun]]:
    design, recipe = tmp_path / "x.json", tmp_path / "recipe.json"
    save_design(Design(name="x", spec=SPEC), design)
    recipe.write_bytes(msgspec.json.encode(LONG))
    made: list[Torchrun] = []

    def start(*, resume: bool = False) -> Torchrun:
        folder = tmp_path / "run"
        new = [str(design), "--recipe", str(recipe), "--data", str(pictures), "--run-folder", str(folder)]
        made.append(Torchrun(forks, folder, *(["--resume", str(folder)] if resume else [*new, "--device", "cpu"])))
        if not resume:
            made[-1].hold_once()
        return made[-1]

    yield start
    for each in made:
        each.kill()


def last_word(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / EVENTS_FILE).read_bytes().splitlines()[-1])
    return found


def test_a_killed_process_ends_its_training_with_its_number_and_it_goes_on_to_the_same_end(
    torchrun: Callable[..., Torchrun], worlds: Path, forks: Forks
) -> None:
    run = torchrun()
    os.kill(run.ranks[1], signal.SIGKILL)
    assert run.ends() != 0
    word = last_word(run.folder)
    assert (word["type"], word["status"], word["cause"]) == ("ended", "failed", "process")
    assert "rank 1" in word["message"]
    assert str(run.ranks[1]) in word["message"]
    assert "killed" in word["message"]
    assert "inside the program" not in run.output.read_text()
    assert summarise(run.folder).status == "failed"
    run_here(forks, "resume", str(run.folder))
    same(run.folder, worlds / "long")


def test_a_launcher_that_is_killed_leaves_no_process(torchrun: Callable[..., Torchrun]) -> None:
    run = torchrun()
    run.process.kill()
    run.process.wait()
    run.are_gone()
    assert (run.folder / LAST_FILE).is_file()
    assert summarise(run.folder).status in {"stopped", "failed"}


@pytest.mark.prove
def test_a_launcher_that_is_asked_to_end_stops_the_run_with_a_checkpoint(torchrun: Callable[..., Torchrun]) -> None:
    run = torchrun()
    run.process.terminate()
    run.ends()
    assert (last_word(run.folder)["status"], summarise(run.folder).status) == ("stopped", "stopped")
    assert torch.load(run.folder / LAST_FILE, weights_only=True)["step"] == last_word(run.folder)["step"]


@pytest.mark.prove
def test_a_run_whose_first_process_is_killed_is_interrupted_and_goes_on_to_the_same_end(
    torchrun: Callable[..., Torchrun], worlds: Path
) -> None:
    run = torchrun()
    os.kill(run.ranks[0], signal.SIGKILL)
    assert run.ends() != 0
    assert summarise(run.folder).status == "interrupted"
    assert torchrun(resume=True).process.wait(PATIENCE) == 0
    same(run.folder, worlds / "long")


@pytest.mark.prove
def test_a_launcher_that_is_killed_together_with_a_process_leaves_none_and_a_last_word(
    torchrun: Callable[..., Torchrun],
) -> None:
    run = torchrun()
    os.kill(run.ranks[1], signal.SIGKILL)
    run.process.kill()
    run.process.wait()
    run.are_gone()
    assert summarise(run.folder).status in {"failed", "stopped"}


@pytest.mark.prove
def test_a_run_that_is_being_trained_is_refused_by_all_processes_of_a_second_launcher_in_a_sentence(
    torchrun: Callable[..., Torchrun],
) -> None:
    run = torchrun()
    (run.folder / PAUSE_FILE).touch()
    run.wait_for(lambda: replay(run.folder).paused)
    before = run.output.stat().st_size
    second = torchrun(resume=True)
    assert second.process.wait(PATIENCE) != 0
    said = [line for line in run.output.read_bytes()[before:].decode().splitlines() if line.startswith("resnet-gui:")]
    assert any("is being trained by another process" in line for line in said)
    assert [line for line in said if "inside the program" in line] == []
    assert is_being_written(run.folder)
