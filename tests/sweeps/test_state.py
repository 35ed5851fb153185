"""The state and the table of a sweep, from run folders whose truth is known."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import msgspec
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import lab_folder, sweeps_folder
from resnet_gui.runs.events import RunPaused, RunStarted, StepDone
from resnet_gui.runs.folder import list_runs, read_run_info
from resnet_gui.runs.lock import writing
from resnet_gui.sweeps.folder import (
    SWEEP_FILE,
    add_seeds,
    list_sweeps,
    new_sweep_folder,
    next_seeds,
    read_sweep,
    write_failures,
)
from resnet_gui.sweeps.state import RunCell, SweepReader, eta, read_state
from resnet_gui.sweeps.sweep import Axis, AxisValue
from resnet_gui.sweeps.table import SweepTable, sweep_table
from resnet_gui.sweeps.table_text import table_csv, table_lines
from tests.sweeps.made_sweep import SWEEP, TEST_IMAGES, begin, end, epoch_done, finish, tell


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new_sweep_folder(SWEEP, tmp_path / "sweep")


def test_a_new_sweep_is_queued_seed_by_seed(folder: Path) -> None:
    state = read_state(folder)
    assert [(cell.seed, cell.configuration.number) for cell in state.cells] == [
        (seed, number) for seed in (1, 2, 3) for number in (1, 2, 3, 4)
    ]
    assert state.cells[5].folder == folder / "runs" / "002-depth-8-shortcut-none-seed2"
    assert {cell.status for cell in state.cells} == {"queued"}
    assert (state.status, state.done, state.fraction, eta(state)) == ("queued", 0, 0.0, None)


def test_a_reader_follows_runs_from_their_first_step_to_their_end(folder: Path) -> None:
    reader = SweepReader(folder)
    cell = reader.read().cells[0]
    begin(cell, 1, 0.25)
    with writing(folder), writing(cell.folder):
        tell(cell, StepDone(6, 1.0, 0.5, 0.1, 1.8))
        found = reader.read()
        assert (found.status, found.cells[0].status, found.cells[0].fraction) == ("running", "running", 0.3)
        assert found.cells[0].figures is not None
        assert (found.cells[0].figures.test_error, found.cells[0].figures.epochs) == (0.25, 1)
        tell(cell, RunPaused(6))
        assert (reader.read().status, reader.read().cells[0].status) == ("paused", "paused")
    assert (reader.read().status, reader.read().cells[0].status) == ("stopped", "interrupted")
    tell(cell, *(epoch_done(number, 0.125) for number in (2, 3, 4)))
    end(cell)
    found = reader.read()
    assert found.cells[0].status == "finished"
    assert found.cells[0].figures is not None
    assert found.cells[0].figures.test_error == 0.125
    assert [epoch.test_error for epoch in found.cells[0].epochs] == [0.25, 0.125, 0.125, 0.125]
    assert (found.done, found.fraction) == (1, 1 / 12)
    assert found == read_state(folder)


def test_a_finished_run_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = SweepReader(folder)
    for cell in reader.read().cells:
        finish(cell, 0.1)
    expected = reader.read()
    opened: list[Path] = []
    plain = Path.open

    def counted(self: Path, *words: object, **more: object) -> object:
        opened.append(self)
        return plain(self, *words, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", counted)
    assert reader.read() == expected
    assert [path for path in opened if path.name == "events.jsonl"] == []
    assert expected.status == "finished"


def test_a_run_that_goes_on_after_its_end_is_read_again_up_to_the_epochs_of_the_sweep(folder: Path) -> None:
    reader = SweepReader(folder)
    cell = reader.read().cells[0]
    finish(cell, 0.1)
    before = reader.read().cells[0]
    tell(cell, *(epoch_done(number, 0.01) for number in (5, 6)))
    end(cell)
    after = reader.read().cells[0]
    assert after == before
    assert after.figures is not None
    assert after.figures.epochs == SWEEP.recipe.epochs


def test_a_run_that_was_removed_is_queued_again(folder: Path) -> None:
    reader = SweepReader(folder)
    cell = reader.read().cells[0]
    finish(cell, 0.1)
    assert reader.read().cells[0].status == "finished"
    shutil.rmtree(cell.folder)
    assert reader.read().cells[0] == cell
    finish(cell, 0.3)
    again = reader.read().cells[0]
    assert again.figures is not None
    assert again.figures.test_error == 0.3


def test_failed_runs_say_why_and_a_full_disk_is_no_failure_of_a_run(folder: Path) -> None:
    cells = read_state(folder).cells
    for cell in cells[3:]:
        finish(cell, 0.1)
    begin(cells[0], 1)
    end(cells[0], "failed", "The loss is no longer a finite number.", "infinite")
    begin(cells[1])
    write_failures(folder, {cells[1].folder.name: "It died.", cells[2].folder.name: "No pictures."})
    state = read_state(folder)
    assert [cell.message for cell in state.failed] == [
        "The loss is no longer a finite number.", "It died.", "No pictures.",
    ]  # fmt: skip
    assert (state.status, state.fraction) == ("finished", 1.0)
    tell(cells[0], epoch_done(2, 0.2))
    end(cells[0], "failed", "The disk is full.", "disk")
    assert read_state(folder).cells[0].status == "interrupted"
    finish(cells[1], 0.2)
    assert read_state(folder).cells[1].status == "finished"


def test_failures_that_cannot_be_read_are_none(folder: Path) -> None:
    (folder / "failed.json").write_bytes(b"\xff{")
    assert read_state(folder).failed == ()


def test_seeds_that_are_added_come_behind_and_change_nothing_else(folder: Path) -> None:
    reader = SweepReader(folder)
    finish(reader.read().cells[0], 0.1)
    before = reader.read().cells
    assert next_seeds(read_sweep(folder), 2) == (4, 5)
    assert add_seeds(folder, (2, 9, 4)).seeds == (1, 2, 3, 9, 4)
    after = reader.read()
    assert after.cells[: len(before)] == before
    assert [cell.seed for cell in after.cells[len(before) :]] == [9, 9, 9, 9, 4, 4, 4, 4]
    with pytest.raises(InputError, match="no seed"):
        add_seeds(folder, (-3,))


def test_time_left_comes_from_the_pace_of_equal_configurations(folder: Path) -> None:
    cells = read_state(folder).cells
    for cell in cells[:4]:  # six seconds each
        finish(cell, 0.1)
    state = read_state(folder)
    assert eta(state, 1) == pytest.approx(48)
    assert eta(state, 4) == pytest.approx(12)
    assert eta(state, 100) == pytest.approx(6)
    for cell in cells[4:]:
        finish(cell, 0.1)
    assert eta(read_state(folder), 2) == 0.0


def test_runs_of_sweeps_and_of_the_lab_are_runs_like_any_other() -> None:
    places = (sweeps_folder() / "20260101-a", lab_folder() / "degradation-quick" / "sweep")
    for place in places:
        finish(read_state(new_sweep_folder(SWEEP, place)).cells[0], 0.1)
    found, problems = list_runs()
    assert [(run.folder.parent.parent, run.status) for run in found] == [(place, "finished") for place in places]
    assert problems == []
    assert list_sweeps() == ([places[0]], [])
    (sweeps_folder() / "broken").mkdir()
    (sweeps_folder() / "broken" / SWEEP_FILE).write_text("{}", encoding="utf-8")
    folders, problems = list_sweeps()
    assert folders == [places[0]]
    assert len(problems) == 1


def test_a_folder_that_is_no_sweep_or_holds_something_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no sweep"):
        read_state(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"is not a sweep folder: it has no sweep\.json"):
        read_state(tmp_path)
    with pytest.raises(InputError, match="go on with resnet-gui sweep --resume"):
        new_sweep_folder(SWEEP, folder)
    (tmp_path / "empty").mkdir()
    assert read_sweep(new_sweep_folder(SWEEP, tmp_path / "empty")) == SWEEP
    first, second = new_sweep_folder(SWEEP), new_sweep_folder(SWEEP)
    assert first != second
    assert first.name.endswith("-depth-shortcut")


# ---- the table

ERRORS = {1: (0.10, 0.30, 0.10, 0.11), 2: (0.12, 0.33, 0.13, 0.15), 3: (0.11, 0.31, 0.12, 0.10)}


def made_table(folder: Path, cells: tuple[RunCell, ...]) -> SweepTable:
    for cell in cells:
        finish(cell, ERRORS[cell.seed][cell.configuration.number - 1])
    return sweep_table(read_state(folder))


def test_each_row_is_compared_with_the_baseline_that_is_equal_in_the_rest(folder: Path) -> None:
    table = made_table(folder, read_state(folder).cells)
    rows = table.rows
    assert [row.comparison for row in rows] == ["baseline", "differs", "baseline", "cannot tell"]
    assert [row.compared_with for row in rows] == ["", "depth 8, shortcut A", "", "depth 14, shortcut A"]
    assert rows[1].values == {1: 0.30, 2: 0.33, 3: 0.31}
    assert rows[1].difference is not None
    assert rows[1].difference.mean == pytest.approx((0.20 + 0.21 + 0.20) / 3)
    assert rows[1].difference.sd == pytest.approx(0.0057735, rel=1e-4)
    assert rows[1].difference.resolution == 2 / TEST_IMAGES
    assert rows[1].training == 0.5
    assert rows[3].seeds_needed is not None
    assert rows[3].seeds_needed > 3
    assert table.compared == 2
    assert table.by_chance == pytest.approx(0.1)
    assert [row.configuration.number for row in table.differing().rows] == [1, 2]


def test_no_verdict_is_given_before_all_seeds_of_both_are_in(folder: Path) -> None:
    cells = read_state(folder).cells
    table = made_table(folder, cells[:9])  # seed 3 of the first alone
    assert [row.comparison for row in table.rows] == ["baseline", "running", "baseline", "running"]
    assert table.rows[1].waiting == (3,)
    assert table.rows[1].difference is not None
    assert table.rows[1].difference.n == 2


def test_a_failed_seed_leaves_the_row_and_its_pair(folder: Path) -> None:
    cells = read_state(folder).cells
    begin(cells[4], 1)
    end(cells[4], "failed", "It is full.", "memory")
    table = made_table(folder, (*cells[:4], *cells[5:]))
    first, second = table.rows[:2]
    assert (list(first.values), first.failed, list(second.values)) == ([1, 3], 1, [1, 2, 3])
    assert second.difference is not None
    assert second.difference.n == 2
    assert second.comparison == "differs"


def test_a_run_that_was_extended_before_its_end_is_named_and_left_out(folder: Path) -> None:
    for cell in read_state(folder).cells:
        if cell.configuration.number > 2 or cell.seed > 2:
            finish(cell, 0.1)
            continue
        # Extended after its epochs in the sweep by seed 1, half way by seed 2.
        begin(cell, 4 if cell.seed == 1 else 2, 0.2)
        tell(cell, RunStarted(5 * (4 if cell.seed == 1 else 2), 6, 5, 40, TEST_IMAGES, "cpu", "fp32", total_steps=30))
        tell(cell, *(epoch_done(number, 0.3) for number in range(5 if cell.seed == 1 else 3, 7)))
        end(cell)
    state = read_state(folder)
    assert [cell.folder.name[:3] for cell in state.cells if cell.extended] == ["001", "002"]
    assert all(cell.figures is None and not cell.epochs and "left out" in cell.message for cell in state.cells[4:6])
    table = sweep_table(state)
    assert (table.rows[0].values, table.rows[0].extended) == ({1: 0.2, 3: 0.1}, 1)
    assert "2 (1 extended, left out)" in "\n".join(table_lines(table))
    assert next(csv.DictReader(io.StringIO(table_csv(table))))["extended"] == "1"


def test_a_baseline_that_cannot_be_compares_nothing(tmp_path: Path) -> None:
    groups = Axis("groups", (AxisValue("2", {"groups": 2}), AxisValue("1", {"groups": 1})))
    sweep = msgspec.structs.replace(SWEEP, axes=(groups,), baseline={"groups": "2"})
    folder = new_sweep_folder(sweep, tmp_path / "sweep")
    finish(read_state(folder).cells[0], 0.1)
    (row,) = sweep_table(read_state(folder)).rows
    assert (row.comparison, row.difference) == ("not compared", None)


def test_the_text_says_each_verdict_and_what_it_stands_on(folder: Path) -> None:
    cells = read_state(folder).cells
    lines = list(table_lines(made_table(folder, cells[:9])))
    assert lines[0].split() == ["depth", "shortcut", "n", "test", "error", "%", "training", "%", "difference"]
    assert " ".join(lines[2].split()) == "8 none 2 31.50 ± 2.12 50.00 +20.50 so far waits for seed 3"
    for cell in cells[9:]:
        finish(cell, ERRORS[cell.seed][cell.configuration.number - 1])
    text = "\n".join(table_lines(sweep_table(read_state(folder))))
    assert "differs" in text
    assert "seeds needed" in text
    assert "Of 2 comparisons about 0.1 would say so by chance" in text


def test_equal_results_are_said_to_differ_by_so_much_at_most(folder: Path) -> None:
    for cell in read_state(folder).cells:
        finish(cell, 0.1)
    row = sweep_table(read_state(folder)).rows[1]
    assert row.comparison == "cannot tell"
    # Three equal differences of counts over 200: 4.303 · (2 / 200) / √12 / √3.
    assert "cannot tell, at most 0.72 either way" in "\n".join(table_lines(sweep_table(read_state(folder))))


def test_the_csv_holds_every_figure(folder: Path) -> None:
    table = made_table(folder, read_state(folder).cells)
    rows = list(csv.DictReader(io.StringIO(table_csv(table))))
    assert len(rows) == 4
    assert (rows[1]["depth"], rows[1]["shortcut"], rows[1]["n"], rows[1]["comparison"]) == ("8", "none", "3", "differs")
    assert rows[1]["values"] == "1:0.3 2:0.33 3:0.31"
    assert float(rows[1]["difference"]) == pytest.approx(0.61 / 3)
    assert rows[0]["difference"] == ""


def test_other_measures_are_compared_alike(folder: Path) -> None:
    made_table(folder, read_state(folder).cells)
    for measure in ("train_error", "train_loss", "seconds"):
        table = sweep_table(read_state(folder), measure)
        assert [row.comparison for row in table.rows] == ["baseline", "cannot tell"] * 2
        assert table.rows[0].found is not None
    assert read_run_info(read_state(folder).cells[0].folder).recipe.seed == 1
