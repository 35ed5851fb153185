"""A program that trains by several processes, for tests that look at what they did.

It loads torch and forks the processes of all trainings of ``main``; torchrun starts them only where torchrun itself is
in question (``launch``). It is a fork then that has loaded torch, and what it starts are forks too.
"""

from __future__ import annotations

import os
import runpy
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.elastic.multiprocessing.subprocess_handler import subprocess_handler

from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.run import train
from resnet_gui.engine.train.sync_bn import SynchronisedNorm
from resnet_gui.protocol.jobs import Extend, Resume, Train
from resnet_gui.runs.events import RunEvent, StepDone
from resnet_gui.training.phases import Phase
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest
from tests.forks import Forks, fork_early, possible

SPEC = ResNetSpec(block="basic", blocks=(1, 1), widths=(8, 8), shortcut="A", stem="cifar", classes=2, input=(1, 8, 8))
SMALL = Recipe(steps=10, epochs=9, batch_size=8, lr=0.005, augment="shift-flip", weight_decay=1e-3, sync_bn=True)
MIXED = msgspec.structs.replace(SMALL, mixup=0.5, cutmix=0.5, recompute=True, cutout=0.3, clip=0.5)
AVERAGED = msgspec.structs.replace(SMALL, ema=0.8, sync_bn=False, lr=0.05)
PHASED = msgspec.structs.replace(SMALL, phases=(Phase(epochs=1, frozen="stage1"), Phase(rates=(1.0, 0.5))), ema=0.5)
RECIPES = {"small": SMALL, "mixed": MIXED, "averaged": AVERAGED, "phased": PHASED}
LONG = msgspec.structs.replace(SMALL, steps=60, epochs=200, lr=0.02, batch_size=4)
"""Steps enough for a test to meet it amid them, and few epochs, for the end of each takes longer than those."""


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
