"""Sweeps of which everything is killed (SIGKILL), scheduler and runs, have the same table in the end.

This file is also the program that kills: ``python -m tests.engine.sweep.test_sweep_kills``.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

from resnet_gui.engine import checkpoint
from resnet_gui.runs.history import replay
from resnet_gui.sweeps.figures import MEASURES
from resnet_gui.sweeps.state import SweepState, read_state
from resnet_gui.sweeps.table import sweep_table
from resnet_gui.sweeps.table_text import table_csv
from tests.conftest import ROOT, daily
from tests.engine.sweep.tiny_sweep import fork_workers, made, run, tiny_sweep
from tests.forks import Forks

FORKS_TRAIN = True
"""See ``tests.item_process.needs_a_fresh_fork``."""

WORKERS = 2


def fork(folder: Path) -> int:
    """A child, first of a group of its own, that runs the sweep; returns its number."""
    pid = os.fork()
    if pid:
        with contextlib.suppress(OSError):  # the child may have been quicker
            os.setpgid(pid, pid)
        return pid
    try:
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        run(folder, workers=WORKERS)
        os._exit(0)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(2)


def wait_until(pid: int, until: float) -> int | None:
    """What the child ended with; None if it is still going."""
    while time.monotonic() < until:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    return None


def killer(place: str, pictures: str, seed: str, kills: str) -> None:
    """Run a sweep whole; then kill and continue another one; print how often everything was killed."""
    vars(checkpoint).update(CHECKPOINT_SECONDS=0.0, LONG_EPOCH_SECONDS=0.01, CHECKPOINT_SHARE=1e9)
    sweep = tiny_sweep(
        Path(pictures),
        epochs=4 if int(kills) < 10 else 12,
        seeds=(1, 2) if int(kills) < 10 else (1, 2, 3),
        augment="shift-flip",
    )
    whole, folder = made(Path(place) / "whole", sweep), made(Path(place) / "killed", sweep)
    with pytest.MonkeyPatch.context() as patch:
        fork_workers(patch)
        begun = time.monotonic()
        assert wait_until(fork(whole), begun + 200) == 0
        taken = time.monotonic() - begun
        generator, count = random.Random(int(seed)), 0  # noqa: S311 (no secret)
        while True:
            pid = fork(folder)
            soon = generator.uniform(0.02, 0.9 * taken / int(kills)) if count < int(kills) else 200
            code = wait_until(pid, time.monotonic() + soon)
            if code is not None:
                assert code == 0, code
                break
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            count += 1
    print(count)  # noqa: T201 (it is a program)


if __name__ == "__main__":
    killer(*sys.argv[1:])


def results(state: SweepState) -> list[tuple[str, float, float, float]]:
    found = []
    for cell in state.cells:
        ended = replay(cell.folder, steps=False).ended
        assert ended is not None
        assert ended.result is not None
        found.append((ended.result.weights_sha256, ended.result.train_loss, ended.result.test_loss, ended.result.top1))
    return found


@pytest.mark.parametrize(("seed", "kills"), daily([(1, 3)], [(2, 10), (3, 10), (4, 10)]))
def test_a_sweep_that_is_killed_at_any_moments_and_continued_has_the_same_table_to_the_bit(
    tmp_path: Path, picture_folder: Path, forks: Forks, seed: int, kills: int
) -> None:
    words = map(str, (tmp_path, picture_folder, seed, kills))
    child = forks.run("-m", "tests.engine.sweep.test_sweep_kills", *words, cwd=ROOT)
    assert child.returncode == 0, child.stderr
    assert int(child.stdout) == kills
    killed, whole = read_state(tmp_path / "killed"), read_state(tmp_path / "whole")
    assert killed.status == whole.status == "finished"
    assert results(killed) == results(whole)
    for measure in MEASURES:
        if measure != "seconds":
            assert sweep_table(killed, measure) == sweep_table(whole, measure)
            assert table_csv(sweep_table(killed, measure)) == table_csv(sweep_table(whole, measure))
