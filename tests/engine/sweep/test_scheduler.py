"""A sweep's runs: their order, their bits, their ends, and what goes on after each."""

from __future__ import annotations

import os
import resource
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.engine.sweep import scheduler, worker
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.protocol.events import SweepProgressed
from resnet_gui.protocol.jobs import Extend, Train
from resnet_gui.runs.events import RunEnded, RunStarted
from resnet_gui.runs.folder import RUN_FILE, read_run_info
from resnet_gui.runs.history import RunReader
from resnet_gui.runs.lock import writing
from resnet_gui.sweeps.folder import add_seeds, read_failures, read_sweep, write_sweep
from resnet_gui.sweeps.state import SweepState, read_state
from resnet_gui.sweeps.sweep import expanded, field_axis
from resnet_gui.sweeps.table import sweep_table
from resnet_gui.training.phases import parse_phases
from tests.engine.sweep.tiny_sweep import made, result, run, tiny_sweep

FORKS_TRAIN = True
"""See ``tests.item_process.needs_a_fresh_fork``."""


def test_all_runs_are_trained_seed_by_seed(finished: SweepState) -> None:
    assert finished.status == "finished"
    assert [cell.status for cell in finished.cells] == ["finished"] * 4
    begun = sorted(finished.cells, key=lambda cell: (cell.folder / RUN_FILE).stat().st_mtime_ns)
    assert [(cell.seed, cell.configuration.labels) for cell in begun] == [
        (1, ("A",)), (1, ("none",)), (2, ("A",)), (2, ("none",)),
    ]  # fmt: skip
    assert sweep_table(finished).rows[0].comparison == "baseline"


def test_a_run_of_a_sweep_is_the_run_that_train_makes(finished: SweepState, tmp_path: Path) -> None:
    cell = finished.cells[3]
    info = read_run_info(cell.folder)
    assert (info.recipe.seed, info.threads, info.name) == (2, 1, "Shortcuts: shortcut none")
    recipe = msgspec.structs.replace(cell.configuration.recipe, seed=2)
    job = Train(1, str(tmp_path / "alone"), "x", cell.configuration.spec, recipe, "cpu", threads=1)
    ended = train(job, lambda _event: None, Control())
    assert ended.result is not None
    assert (ended.result.weights_sha256, ended.result.train_loss, ended.result.test_loss) == result(cell)


def test_runs_do_not_depend_on_how_many_go_on_at_once(finished: SweepState, pictures: Path, tmp_path: Path) -> None:
    together = run(made(tmp_path / "sweep", tiny_sweep(pictures)), workers=4)
    assert list(map(result, together.cells)) == list(map(result, finished.cells))
    assert sweep_table(together) == sweep_table(finished)


def test_the_threads_of_a_run_are_those_of_the_job(pictures: Path, tmp_path: Path) -> None:
    sweep = tiny_sweep(pictures, epochs=1)
    (configuration, _) = expanded(sweep).configurations
    before = torch.get_num_threads()
    job = Train(1, str(tmp_path / "run"), "x", configuration.spec, configuration.recipe, "cpu", threads=2)
    try:
        assert train(job, lambda _event: None, Control()).status == "finished"
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert read_run_info(tmp_path / "run").threads == 2


def copied(finished: SweepState, folder: Path) -> Path:
    shutil.copytree(finished.folder, folder)
    return folder


def stamps(state: SweepState) -> list[int]:
    return [(cell.folder / RUN_FILE).stat().st_mtime_ns for cell in state.cells]


def test_a_finished_sweep_has_nothing_left_to_do_and_more_seeds_add_to_it(finished: SweepState, tmp_path: Path) -> None:
    folder = copied(finished, tmp_path / "sweep")
    before = stamps(read_state(folder))
    assert run(folder) == read_state(folder)
    add_seeds(folder, (7,))
    after = run(folder)
    assert (after.status, len(after.cells)) == ("finished", 6)
    assert stamps(after)[:4] == before
    assert sweep_table(after).rows[0].values[7] == after.cells[4].figures.test_error  # type: ignore[union-attr]


def test_a_run_that_was_removed_is_trained_again_to_the_same_bits(finished: SweepState, tmp_path: Path) -> None:
    folder = copied(finished, tmp_path / "sweep")
    shutil.rmtree(read_state(folder).cells[2].folder)
    again = run(folder)
    assert list(map(result, again.cells)) == list(map(result, finished.cells))


def test_a_sweep_whose_file_was_changed_after_its_runs_began_is_refused(finished: SweepState, tmp_path: Path) -> None:
    folder = copied(finished, tmp_path / "sweep")
    sweep = read_sweep(folder)
    changes: tuple[tuple[dict[str, Any], str], ...] = (
        ({"lr": 0.07}, "lr"), ({"warmup": 1}, "warmup"), ({"epochs": 4}, "number of epochs"),
        ({"epochs": 1}, "number of epochs"), ({"phases": parse_phases("1:backbone,nothing")}, "phases"),
    )  # fmt: skip
    for change, name in changes:
        write_sweep(folder, msgspec.structs.replace(sweep, recipe=msgspec.structs.replace(sweep.recipe, **change)))
        with pytest.raises(InputError, match=f"was trained with another {name} than sweep.json says now"):
            run(folder)
    design = msgspec.structs.replace(sweep.design, spec=msgspec.structs.replace(sweep.design.spec, zero_init=True))
    write_sweep(folder, msgspec.structs.replace(sweep, design=design))
    with pytest.raises(InputError, match="another zero_init"):
        run(folder)


def test_values_and_seeds_that_were_reordered_renamed_or_taken_out_are_refused(
    finished: SweepState, tmp_path: Path
) -> None:
    folder = copied(finished, tmp_path / "sweep")
    sweep, (axis,) = read_sweep(folder), read_sweep(folder).axes
    renamed = msgspec.structs.replace(axis.values[1], label="plain")
    for values in (axis.values[::-1], (axis.values[0], renamed), axis.values[:1]):
        write_sweep(folder, msgspec.structs.replace(sweep, axes=(msgspec.structs.replace(axis, values=values),)))
        with pytest.raises(InputError, match=r"The run 00\d-.* is none that sweep.json says now: its values or seeds"):
            run(folder)
    write_sweep(folder, msgspec.structs.replace(sweep, seeds=(1,)))
    with pytest.raises(InputError, match=r"is none that sweep\.json says now"):
        run(folder)
    write_sweep(folder, msgspec.structs.replace(sweep, seeds=(2, 1)))  # their order changes no run
    assert run(folder).done == 4


def test_other_pictures_are_refused_and_the_same_ones_in_another_place_are_not(
    finished: SweepState, pictures: Path, tmp_path: Path
) -> None:
    folder, moved = copied(finished, tmp_path / "sweep"), tmp_path / "moved"
    shutil.copytree(pictures, moved)
    sweep = add_seeds(folder, (3,))
    named = msgspec.structs.replace(sweep, recipe=msgspec.structs.replace(sweep.recipe, data=str(moved)))
    write_sweep(folder, named)
    first = moved / "dark" / "00.png"
    there = first.read_bytes()
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(first)
    with pytest.raises(InputError, match="does not hold the pictures of this run"):
        run(folder)
    assert not read_state(folder).cells[4].folder.exists()
    first.write_bytes(there)
    assert run(folder).done == 6


def test_pictures_that_change_between_two_runs_are_named_at_the_end(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing = tmp_path / "pictures"
    shutil.copytree(pictures, changing)

    def change_the_second(job: Train) -> None:
        if job.run.endswith("seed2"):
            Image.fromarray(np.zeros((8, 8), np.uint8)).save(changing / "dark" / "00.png")

    in_workers(monkeypatch, change_the_second)
    with pytest.raises(InputError, match="001-shortcut-a-seed1 and 001-shortcut-a-seed2 were trained with other pict"):
        run(made(tmp_path / "sweep", tiny_sweep(changing, epochs=1)))


def test_a_run_that_was_extended_is_averaged_as_it_was_and_does_not_hinder_more_seeds(
    finished: SweepState, tmp_path: Path
) -> None:
    folder = copied(finished, tmp_path / "sweep")
    assert extend(folder, 0) == 4
    state = read_state(folder)
    assert (state.cells[0].extended, state.cells[0].figures) == (False, finished.cells[0].figures)
    assert sweep_table(run(folder)) == sweep_table(finished)


def extend(folder: Path, number: int) -> int:
    """Give a run two epochs more; returns how many it has."""
    ended = train(Extend(1, str(read_state(folder).cells[number].folder), 2), lambda _event: None, Control())
    assert ended.result is not None
    return ended.result.epochs


def test_a_sweep_is_run_by_one_process_alone(finished: SweepState) -> None:
    with writing(finished.folder), pytest.raises(InputError, match="by another process"):
        run(finished.folder)


# ---- runs that do not end well


def in_workers(patch: pytest.MonkeyPatch, before: Callable[[Train], None]) -> None:
    """Have each run's process do something before it trains."""

    def first(job: Any, *words: Any) -> RunEnded:
        before(job)
        return train(job, *words)

    patch.setattr(worker, "train", first)


def test_a_run_whose_process_dies_twice_has_failed_and_the_others_go_on(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(job: Train) -> None:
        if job.run.endswith("001-shortcut-a-seed1"):
            with (tmp_path / "deaths").open("a") as file:
                file.write("x")
            os.kill(os.getpid(), signal.SIGKILL)

    in_workers(monkeypatch, die)
    folder = made(tmp_path / "sweep", tiny_sweep(pictures, epochs=1))
    state = run(folder, workers=2)
    assert [cell.status for cell in state.cells] == ["failed", "finished", "finished", "finished"]
    assert "was ended by the signal SIGKILL, 2 times; if memory was short" in state.cells[0].message
    assert (tmp_path / "deaths").read_text() == "xx"
    assert state.status == "finished"
    assert sweep_table(state).rows[0].failed == 1
    monkeypatch.setattr(worker, "train", train)
    assert run(folder).cells[0].status == "failed"
    again = run(folder, retry=True)
    assert [cell.status for cell in again.cells] == ["finished"] * 4
    assert read_failures(folder) == {}


def test_a_run_whose_process_dies_once_goes_on(
    finished: SweepState, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die_once(job: Train) -> None:
        marker = tmp_path / Path(job.run).name
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGSEGV)

    in_workers(monkeypatch, die_once)
    state = run(made(tmp_path / "sweep", tiny_sweep(pictures)), workers=4)
    assert list(map(result, state.cells)) == list(map(result, finished.cells))


def test_runs_that_cannot_begin_fail_in_a_sentence_each(tmp_path: Path, pictures: Path) -> None:
    sweep = tiny_sweep(tmp_path / "nowhere", seeds=(1,))
    state = run(made(tmp_path / "sweep", sweep))
    assert [cell.status for cell in state.cells] == ["failed"] * 2
    assert all("nowhere" in cell.message and cell.message.endswith(".") for cell in state.cells)
    shutil.copytree(pictures, tmp_path / "nowhere")
    assert [cell.status for cell in run(state.folder, retry=True).cells] == ["finished"] * 2


def test_a_loss_that_is_no_number_fails_its_run_alone_and_a_retry_says_so_again(pictures: Path, tmp_path: Path) -> None:
    sweep = tiny_sweep(pictures, epochs=1, seeds=(1,))
    rates = field_axis("lr", {"0.05": 0.05, "100": 100.0})
    wild = msgspec.structs.replace(
        sweep, axes=(rates,), baseline={}, recipe=msgspec.structs.replace(sweep.recipe, weight_decay=1.0, epochs=8)
    )
    for retry in (False, True):
        state = run(tmp_path / "sweep" if retry else made(tmp_path / "sweep", wild), workers=2, retry=retry)
        assert [cell.status for cell in state.cells] == ["finished", "failed"]
        assert "no longer a finite number" in state.cells[1].message


def test_a_full_disk_ends_the_sweep_in_a_sentence_and_it_goes_on_when_there_is_room(
    finished: SweepState, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Room for run.json and events, not for a checkpoint.
    in_workers(monkeypatch, lambda _job: resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000)))
    folder = made(tmp_path / "sweep", tiny_sweep(pictures))
    with pytest.raises(InputError, match="the checkpoint could not be written"):
        run(folder)
    state = read_state(folder)
    assert [cell.status for cell in state.cells] == ["interrupted", "queued", "queued", "queued"]
    assert state.status == "stopped"
    monkeypatch.setattr(worker, "train", train)
    assert list(map(result, run(folder, workers=2).cells)) == list(map(result, finished.cells))


def test_a_failure_that_cannot_be_written_down_ends_the_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_words: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(scheduler, "write_failures", full)
    with pytest.raises(InputError, match="cannot be written: No space left on device"):
        run(made(tmp_path / "sweep", tiny_sweep(tmp_path / "nowhere")))


def test_a_run_that_another_process_trains_is_waited_for(
    finished: SweepState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(finished, tmp_path / "sweep")
    cell = read_state(folder).cells[0]
    events = cell.folder / "events.jsonl"
    lines = events.read_bytes().splitlines(keepends=True)
    events.write_bytes(b"".join(lines[:-1]))  # it has not ended yet
    monkeypatch.setattr(scheduler, "READ_SECONDS", 0.0)
    looks = []
    with writing(cell.folder):

        def end_at_the_third_look(_event: SweepProgressed) -> None:
            looks.append(1)
            if len(looks) == 3:
                events.write_bytes(b"".join(lines))

        assert run(folder, emit=end_at_the_third_look).done == 4
    assert len([event for event in RunReader(cell.folder).read() if isinstance(event, RunStarted)]) == 1
