"""A sweep that is paused and stopped, how many runs go on at once, and a sweep in an engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.engine.sweep import capacity, scheduler
from resnet_gui.engine.train.control import Control
from resnet_gui.protocol.events import JobDone, SweepProgressed
from resnet_gui.protocol.sweep_jobs import RunSweep
from resnet_gui.runs.folder import LAST_FILE, PAUSE_FILE, STOP_FILE
from resnet_gui.runs.history import replay
from resnet_gui.sweeps.state import SweepReader, SweepState, read_state
from resnet_gui.sweeps.sweep import expanded, field_axis
from tests.conftest import EngineChild
from tests.engine.sweep.tiny_sweep import made, result, run, tiny_sweep
from tests.waiting import PATIENCE

FORKS_TRAIN = True
"""See ``tests.item_process.needs_a_fresh_fork``."""


class Driver:
    """What presses buttons: the next press is made when the sweep's state is as the press waits for it."""

    def __init__(self, folder: Path, *presses: tuple[Callable[[SweepState], bool], Callable[[], None]]) -> None:
        self._reader, self._presses = SweepReader(folder), list(presses)

    def __call__(self, _event: SweepProgressed) -> None:
        if self._presses and self._presses[0][0](self._reader.read()):
            self._presses.pop(0)[1]()

    @property
    def done(self) -> bool:
        return not self._presses


def has(status: str) -> Callable[[SweepState], bool]:
    return lambda state: sum(cell.status == status for cell in state.cells) == 2


@pytest.mark.parametrize("by_file", [True, False])
def test_a_sweep_pauses_goes_on_and_stops_with_checkpoints(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_file: bool
) -> None:
    monkeypatch.setattr(scheduler, "READ_SECONDS", 0.02)
    monkeypatch.setattr(scheduler, "LOOK_SECONDS", 0.02)
    folder, control = made(tmp_path / "sweep", tiny_sweep(pictures, epochs=90_000)), Control()
    pause, stop = folder / PAUSE_FILE, folder / STOP_FILE
    driver = Driver(
        folder,
        (has("running"), pause.touch if by_file else control.pause),
        (lambda state: state.status == "paused" and has("paused")(state), pause.unlink if by_file else control.unpause),
        (has("running"), stop.touch if by_file else control.stop),
    )
    state = run(folder, workers=2, emit=driver, control=control)
    assert driver.done
    assert [cell.status for cell in state.cells] == ["stopped", "stopped", "queued", "queued"]
    assert state.status == "stopped"
    assert all((cell.folder / LAST_FILE).is_file() for cell in state.cells[:2])
    steps = [replay(cell.folder).step for cell in state.cells[:2]]

    def both_went_on(state: SweepState) -> bool:
        return all(replay(cell.folder).step > step for cell, step in zip(state.cells, steps, strict=False))

    # On a busy machine both may be going before either has made a step.
    control = Control()
    driver = Driver(folder, (lambda state: has("running")(state) and both_went_on(state), control.stop))
    state = run(folder, workers=2, emit=driver, control=control)
    assert driver.done
    assert [cell.status for cell in state.cells] == ["stopped", "stopped", "queued", "queued"]
    assert both_went_on(state)


def test_a_run_that_is_stopped_by_itself_is_left_and_gone_on_with_the_next_time(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "READ_SECONDS", 0.02)
    # The first is long enough to be met amid its steps.
    lengths = field_axis("epochs", {"40": 40, "2": 2})
    sweep = msgspec.structs.replace(tiny_sweep(pictures, seeds=(1,)), axes=(lengths,), baseline={})
    folder = made(tmp_path / "sweep", sweep)
    first = read_state(folder).cells[0].folder
    driver = Driver(folder, (lambda state: state.cells[0].status == "running", (first / STOP_FILE).touch))
    state = run(folder, emit=driver)
    assert [cell.status for cell in state.cells] == ["stopped", "finished"]
    assert [cell.status for cell in run(folder).cells] == ["finished", "finished"]


# ---- how many at once


def test_as_many_runs_go_on_as_there_are_cores_and_memory_for_them(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = tiny_sweep(pictures)
    configurations = expanded(sweep).configurations
    monkeypatch.setattr(capacity, "cores", lambda: 16)
    monkeypatch.setattr(capacity, "free_memory", lambda _device: (64 * 2**30, 64 * 2**30))
    assert capacity.runs_at_once(sweep, configurations) == 16
    assert capacity.runs_at_once(msgspec.structs.replace(sweep, threads=4), configurations) == 4
    assert capacity.runs_at_once(sweep, configurations, 3) == 3
    monkeypatch.setattr(capacity, "free_memory", lambda _device: (2 * 2**30, 64 * 2**30))
    assert 2 <= capacity.runs_at_once(sweep, configurations) <= 6
    monkeypatch.setattr(capacity, "free_memory", lambda _device: (0, 64 * 2**30))
    assert capacity.runs_at_once(sweep, configurations) == 1
    with pytest.raises(InputError, match="no device 'tpu'"):
        capacity.runs_at_once(msgspec.structs.replace(sweep, device="tpu"), configurations)


# ---- the engine


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_an_engine_runs_a_sweep_in_forks_of_a_process_of_its_own(
    fork_engine: Callable[..., EngineChild], finished: SweepState, pictures: Path, tmp_path: Path
) -> None:
    folder = made(tmp_path / "sweep", tiny_sweep(pictures, seeds=(1,)))
    engine = fork_engine()
    engine.send(RunSweep(7, str(folder), 2))
    last = engine.wait_for(SweepProgressed, lambda event: event.done == 2)
    assert (last.job, last.folder, last.total, last.seconds_left) == (7, str(folder), 2, 0.0)
    assert engine.wait_for(JobDone).job == 7
    state = read_state(folder)
    assert list(map(result, state.cells)) == list(map(result, finished.cells[:2]))  # those of the first seed
    assert (state.cells[0].folder / "log.txt").is_file()
    # Another one, whose engine loses its window: each run stops with a checkpoint.
    long = made(tmp_path / "long", tiny_sweep(pictures, epochs=90_000, seeds=(1,)))
    reader = SweepReader(long)
    engine.send(RunSweep(8, str(long), 2))
    wait_until(lambda: has("running")(reader.read()))
    engine.close_input()
    wait_until(lambda: has("stopped")(reader.read()))
    assert all((cell.folder / LAST_FILE).is_file() for cell in reader.read().cells)
