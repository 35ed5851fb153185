"""Trainings by several processes: they learn what one would, and end together however one of them ends.

This file is also a program: ``python -m tests.engine.train.test_distributed JOBS`` loads torch, forks the processes
of several trainings; torchrun starts them only where torchrun itself is in question. It is a fork then that has loaded
torch, and what it starts are forks too.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import psutil
import pytest
import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.elastic.multiprocessing.subprocess_handler import subprocess_handler

from resnet_gui.base.errors import InputError
from resnet_gui.design.spec import Design, ResNetSpec, save_design
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.run import train
from resnet_gui.engine.train.sync_bn import SynchronisedNorm
from resnet_gui.network.weights import load_model
from resnet_gui.protocol.jobs import Extend, Resume, Train
from resnet_gui.runs.events import RunEvent, StepDone
from resnet_gui.runs.folder import BEST_FILE, LAST_FILE, PAUSE_FILE, is_being_written, read_run_info, summarise
from resnet_gui.runs.history import EVENTS_FILE, replay, unpack
from resnet_gui.training.phases import Phase
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest
from tests.conftest import ROOT
from tests.engine.train.test_kills import same
from tests.forks import Forks, fork_early, possible
from tests.waiting import PATIENCE

SPEC = ResNetSpec(block="basic", blocks=(1, 1), widths=(8, 8), shortcut="A", stem="cifar", classes=2, input=(1, 8, 8))
SMALL = Recipe(steps=10, epochs=9, batch_size=8, lr=0.005, augment="shift-flip", weight_decay=1e-3, sync_bn=True)
MIXED = msgspec.structs.replace(SMALL, mixup=0.5, cutmix=0.5, recompute=True, cutout=0.3, clip=0.5)
AVERAGED = msgspec.structs.replace(SMALL, ema=0.8, sync_bn=False, lr=0.05)
PHASED = msgspec.structs.replace(SMALL, phases=(Phase(epochs=1, frozen="stage1"), Phase(rates=(1.0, 0.5))), ema=0.5)
RECIPES = {"small": SMALL, "mixed": MIXED, "averaged": AVERAGED, "phased": PHASED}
LONG = msgspec.structs.replace(SMALL, steps=60, epochs=200, lr=0.02, batch_size=4)
"""Steps enough for a test to meet it amid them, and few epochs, for the end of each takes longer than those."""


# ---- the program


def fork_ranks(world: int, work: Callable[[RankGroup], None]) -> None:
    """Do something in so many processes; AssertionError if one of them fails."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    pids = []
    for rank in range(world):
        if (pid := os.fork()) == 0:
            code = 1
            os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(world)}
            os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
            try:
                with RankGroup.from_environment("cpu") as ranks:
                    work(ranks)
                code = 0
            except BaseException as error:
                sys.stderr.write(f"rank {rank}: {type(error).__name__}: {error}\n")
            finally:
                os._exit(code)
        pids.append(pid)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    assert codes == [0] * world, codes


def training(folder: Path, recipe: Recipe, stop_at: int = 0) -> Callable[[RankGroup], None]:
    def work(ranks: RankGroup) -> None:
        control = Control()

        def react(event: RunEvent) -> None:
            if isinstance(event, StepDone) and event.step == stop_at:
                control.stop()

        there = (folder / "run.json").exists()
        job = Resume(1, str(folder)) if there else Train(1, str(folder), "x", SPEC, recipe, "cpu")
        ended = train(job, react, control, ranks)
        assert ended.status == ("stopped" if stop_at else "finished"), ended

    return work


def extended(folder: Path, begins_from: Path, recipe: Recipe, stop_at: int = 0) -> Callable[[RankGroup], None]:
    """A run that begins from weights and is given another epoch, in which it may be stopped and gone on with."""

    def work(ranks: RankGroup) -> None:
        control = Control()

        def react(event: RunEvent) -> None:
            if isinstance(event, StepDone) and event.step == stop_at:
                control.stop()

        start = StartRequest(model=str(begins_from))
        begun = train(Train(1, str(folder), "x", SPEC, recipe, "cpu", start), react, control, ranks)
        ended = train(Extend(1, str(folder), 1), react, control, ranks)
        if stop_at:
            assert ended.status == "stopped", ended
            ended = train(Resume(1, str(folder)), react, Control(), ranks)
        assert begun.status == ended.status == "finished", ended

    return work


def in_turn(*works: Callable[[RankGroup], None]) -> Callable[[RankGroup], None]:
    """Several works by the same processes, which join only once."""

    def work(ranks: RankGroup) -> None:
        for each in works:
            each(ranks)

    return work


def whole_batch(ranks: RankGroup) -> None:
    """SynchronisedNorm against BatchNorm2d on the joined batch: output, gradients, running statistics, evaluation."""
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(7, 5, 4, 3, generator=generator) * 3 + torch.arange(5.0).view(1, 5, 1, 1) * 50
    slopes = torch.randn(7, 5, 4, 3, generator=generator)
    mine, expected = SynchronisedNorm(5, momentum=0.3, eps=1e-4), nn.BatchNorm2d(5, momentum=0.3, eps=1e-4)
    for norm in (mine, expected):
        nn.init.uniform_(norm.weight, 0.5, 2, generator=torch.Generator().manual_seed(2))
        nn.init.uniform_(norm.bias, -1, 1, generator=torch.Generator().manual_seed(3))
    part = [slice(0, 4), slice(4, 7)][ranks.rank]  # of different sizes
    for _ in range(2):
        x, whole = images[part].clone().requires_grad_(), images.clone().requires_grad_()
        found, wanted = mine(x), expected(whole)
        torch.testing.assert_close(found, wanted[part], rtol=1e-4, atol=1e-4)
        mine.zero_grad()
        expected.zero_grad()
        torch.autograd.backward((found * slopes[part]).sum())
        torch.autograd.backward((wanted * slopes).sum())
        assert x.grad is not None
        assert whole.grad is not None
        torch.testing.assert_close(x.grad, whole.grad[part], rtol=1e-3, atol=1e-4)
        for name, value in mine.named_parameters():
            assert value.grad is not None
            dist.all_reduce(value.grad)
            torch.testing.assert_close(value.grad, expected.get_parameter(name).grad, rtol=1e-3, atol=1e-3)
        for name, buffer in mine.named_buffers():
            torch.testing.assert_close(buffer, expected.get_buffer(name), rtol=1e-4, atol=1e-4)
    assert list(mine.state_dict()) == list(expected.state_dict())
    torch.testing.assert_close(mine.eval()(images), expected.eval()(images), rtol=1e-4, atol=1e-4)


def main(place: str, pictures: str) -> None:
    """All trainings that the tests look at."""
    root = Path(place)
    recipes = {name: msgspec.structs.replace(recipe, data=pictures) for name, recipe in RECIPES.items()}
    long = msgspec.structs.replace(LONG, data=pictures)
    few = msgspec.structs.replace(recipes["averaged"], steps=0, epochs=1)
    for name in ("small", "mixed", "phased"):  # by one process; torch has then loaded what it loads late
        training(root / f"{name}-1", recipes[name])(RankGroup())
    fork_ranks(3, training(root / "small-3", recipes["small"]))
    fork_ranks(
        2,
        in_turn(
            *(training(root / f"{name}-2", recipes[name]) for name in ("mixed", "averaged", "phased")),
            training(root / "averaged-again", recipes["averaged"], stop_at=6),
            training(root / "long", long),
            extended(root / "extended", root / "small-1", few),
            extended(root / "extended-again", root / "small-1", few, stop_at=6),
        ),
    )
    fork_ranks(2, in_turn(training(root / "averaged-again", recipes["averaged"]), whole_batch))


def launch(places: Path) -> None:
    """Be torchrun; the numbers of the processes that it starts are written into a folder, a file each."""
    if possible():
        fork_early()
    popen = Forks().popen

    def start(args: Sequence[str], env: dict[str, str], **options: Any) -> subprocess.Popen[Any]:
        child = popen([word for word in args if word != "-u"], env=env, **options)
        (places / env["RANK"]).write_text(str(child.pid))
        return child

    vars(subprocess_handler)["Popen"] = start
    runpy.run_module("torch.distributed.run", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    if sys.argv[1] == "resume":
        fork_ranks(2, training(Path(sys.argv[2]), LONG))
    elif sys.argv[1] == "launch":
        folder = Path(sys.argv[2])
        del sys.argv[1:3]
        launch(folder)
    else:
        main(*sys.argv[1:])


def run_here(forks: Forks, *words: str) -> None:
    """Run this file as a program."""
    child = forks.run("-m", "tests.engine.train.test_distributed", *words, cwd=ROOT)
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
    """Folder of all runs of ``main``."""
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
        command = [sys.executable, "-m", "tests.engine.train.test_distributed", "launch", str(self._places)]
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
