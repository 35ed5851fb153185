"""A sweep whose runs take a tenth of a second each, and how it is run without loading torch anew."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.engine.sweep import in_terminal, run_process
from resnet_gui.engine.sweep.scheduler import run_sweep
from resnet_gui.engine.train.control import Control
from resnet_gui.protocol.events import SweepProgressed
from resnet_gui.protocol.sweep_jobs import RunSweep
from resnet_gui.runs.history import replay
from resnet_gui.sweeps.folder import new_sweep_folder
from resnet_gui.sweeps.state import RunCell, SweepState
from resnet_gui.sweeps.sweep import Sweep, field_axis
from resnet_gui.training.recipe import Recipe

SPEC = ResNetSpec(block="basic", blocks=(1, 1), widths=(4, 4), shortcut="A", stem="cifar", classes=2, input=(1, 8, 8))
SHORTCUTS = field_axis("shortcut", {"A": "A", "none": "none"})


def tiny_sweep(pictures: Path, *, epochs: int = 2, seeds: tuple[int, ...] = (1, 2), augment: str = "shift") -> Sweep:
    recipe = Recipe(data=str(pictures), epochs=epochs, batch_size=8, lr=0.05)
    return Sweep(
        name="Shortcuts",
        design=Design(name="tiny", spec=SPEC),
        recipe=msgspec.convert(msgspec.to_builtins(recipe) | {"augment": augment}, Recipe),
        axes=(SHORTCUTS,),
        seeds=seeds,
        baseline={"shortcut": "A"},
        device="cpu",
    )


def fork_workers(patch: pytest.MonkeyPatch) -> None:
    """Have runs forked from this process, which has torch, one thread and no GPU."""
    patch.setattr(run_process, "process_context", lambda: multiprocessing.get_context("fork"))
    patch.setattr(in_terminal, "start_loading", lambda: None)
    patch.setattr(in_terminal, "end_without_collection", lambda: None)


def run(
    folder: Path,
    *,
    workers: int = 1,
    retry: bool = False,
    emit: Callable[[SweepProgressed], None] = lambda _event: None,
    control: Control | None = None,
) -> SweepState:
    return run_sweep(RunSweep(7, str(folder), workers, retry), emit, control or Control())


def made(folder: Path, sweep: Sweep) -> Path:
    return new_sweep_folder(sweep, folder)


def result(cell: RunCell) -> tuple[str, float, float]:
    """What a run came to, times left out."""
    ended = replay(cell.folder).ended
    assert ended is not None
    assert ended.result is not None
    return ended.result.weights_sha256, ended.result.train_loss, ended.result.test_loss
