"""Sweeps one after the other, paused, stopped, given more seeds and thrown away; their files; a real one."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve
from resnet_gui.export.sweep_report import sweep_report
from resnet_gui.gui.kit.figures.figure import FigureOptions
from resnet_gui.gui.kit.figures.files import figure_file
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.plots.sweep_figures import sweep_figures
from resnet_gui.gui.train.sweeps.head import about_words
from resnet_gui.protocol.events import Failed
from resnet_gui.sweeps.folder import SWEEP_FILE, read_sweep
from resnet_gui.sweeps.state import read_state
from resnet_gui.sweeps.sweep import load_sweep
from tests.gui.driving import START, Opener, copy_run, set_field, train_page
from tests.gui.train.sweeps.sweeping import axis, cells_of, made_sweep, write_cell, write_sweep_runs
from tests.gui.train.sweeps.viewing import (
    ViewOpener,
    chosen_state,
    error,
    settle,
    shortcuts,
    statuses,
)

pytestmark = pytest.mark.usefixtures("home")


# ---- order of sweeps


def test_sweeps_go_one_after_the_other_and_failed_runs_are_tried_again_when_asked(open_view: ViewOpener) -> None:
    view, engines = open_view()
    first = view.control.queue(shortcuts(seeds=1))
    second = view.control.queue(shortcuts(seeds=1))
    assert first is not None
    assert second is not None
    assert [job.folder for job in engines.swept] == [str(first.folder)]
    assert statuses(first, second) == ["running", "queued"]
    for number, cell in enumerate(cells_of(first.folder, first.sweep)):
        write_cell(cell, error, failed=number == 1)
    engines.end_sweep(str(first.folder))
    assert [job.folder for job in engines.swept][1:] == [str(second.folder)]
    assert statuses(first) == ["finished"]
    view.model.choose(first)
    view.control.act("retry", first)
    assert statuses(first) == ["queued"]
    engines.end_sweep(str(second.folder), "The engine of this sweep was killed.")
    assert "was killed" in view.banner.text.text()
    assert engines.swept[2] == msgspec.structs.replace(
        engines.swept[2], folder=str(first.folder), retry=True
    )  # fmt: skip
    engines.sweep_answered.emit(str(first.folder), Failed(engines.swept[2].job, "The disk is full."))
    assert "The disk is full." in view.banner.text.text()


def test_a_pause_is_shown_at_once_and_ends_while_the_engine_has_begun_no_run(
    qtbot: QtBot, open_view: ViewOpener
) -> None:
    view, engines = open_view()
    item = view.control.queue(shortcuts(seeds=1))
    assert item is not None
    settle(qtbot, view)
    head = view.centre.head
    for name, status, other in (("pause", "Paused", "go_on"), ("go_on", "Running", "pause")):
        head.button(name).click()
        settle(qtbot, view)
        assert head.texts()[2] == status
        assert head.button(other).isVisible()
        assert not head.button(name).isVisible()
    assert [what for what, _ in engines.sent] == ["pause", "unpause"]


def test_a_waiting_sweep_that_was_stopped_is_stopped_and_can_be_resumed(qtbot: QtBot, open_view: ViewOpener) -> None:
    view, _ = open_view()
    view.control.queue(shortcuts(seeds=1))
    item = view.control.queue(shortcuts(seeds=1))
    assert item is not None
    settle(qtbot, view)
    view.centre.head.button("stop").click()
    settle(qtbot, view)
    assert (item.status, view.centre.head.texts()[2]) == ("stopped", "Stopped")
    view.centre.head.button("resume").click()
    assert item.status == "queued"


def test_a_field_that_is_varied_is_not_quoted_from_the_base_recipe() -> None:
    sweep = made_sweep(axis("epochs", 2, 4), axis("batch_size", 32), epochs=20)
    assert about_words(sweep) == "Digits, epochs varied, batch 32, seeds 1, 2, 3"
    folder = write_sweep_runs(sweep, error, done=0)
    assert "on Digits, epochs varied, batch 32; 2 configurations" in sweep_report(read_state(folder), "today")
    assert about_words(made_sweep(axis("epochs", 1), seeds=1, epochs=20)) == "Digits, 1 epoch, batch 64, seed 1"


def test_more_seeds_are_added_to_the_file_and_trained(open_view: ViewOpener) -> None:
    folder = write_sweep_runs(shortcuts(seeds=1), error)
    view, engines = open_view()
    item = view.model.item(folder)
    assert item is not None
    view.control.add_seeds(item, 2)
    assert read_sweep(folder).seeds == (1, 2, 3)
    assert [job.folder for job in engines.swept] == [str(folder)]
    assert len(chosen_state(view).cells) == 18


def test_a_sweep_in_the_trash_comes_back_with_undo(open_view: ViewOpener, session: Session) -> None:
    folder = write_sweep_runs(shortcuts(seeds=1), error)
    view, _ = open_view()
    item = view.model.item(folder)
    assert item is not None
    view.control.trash(item)
    assert view.model.items() == []
    assert not folder.exists()
    session.undo.undo()
    assert [each.folder for each in view.model.items()] == [folder]


def test_a_folder_that_is_no_sweep_is_said_once_and_the_others_are_listed(open_view: ViewOpener) -> None:
    good = write_sweep_runs(shortcuts(seeds=1), error, done=0)
    bad = good.with_name("20990101-000000-bad")
    bad.mkdir()
    (bad / SWEEP_FILE).write_text("{}")
    view, _ = open_view()
    assert [item.folder for item in view.model.items()] == [good]
    assert SWEEP_FILE in view.banner.text.text()


# ---- files


def test_tables_figures_and_the_sweep_itself_are_written(qtbot: QtBot, open_view: ViewOpener, tmp_path: Path) -> None:
    folder = write_sweep_runs(shortcuts(), error)
    view, _ = open_view()
    settle(qtbot, view)
    item = view.model.chosen
    assert item is not None
    view.files.write("csv", item, tmp_path / "a.csv")
    view.files.write("html", item, tmp_path / "a.html")
    view.files.write("json", item, tmp_path / "a.json")
    choices = {choice.title: choice for choice in sweep_figures(view.centre, item.name)}
    assert set(choices) == {"Curves", "All runs over parallel axes"}
    axes = figure_file(choices["All runs over parallel axes"].make(), FigureOptions()).decode()
    curves = figure_file(choices["Curves"].make(), FigureOptions()).decode()
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 7
    assert load_sweep(tmp_path / "a.json") == read_sweep(folder)
    assert "differs" in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert axes.count("<path") >= 18, "lines are lines, not a picture"
    for words in ("epoch", "test error (%)", "mean", "± sd"):
        assert f'aria-label="{words}"' in curves, "axes have titles with units, the band says what it is"


# ---- a real sweep


def test_a_sweep_that_was_built_and_queued_is_trained_and_its_table_is_full(
    qtbot: QtBot, open_window: Opener, trained_run: Path
) -> None:
    copy_run(trained_run)  # where there is a run, no time is spent on measuring what to begin with
    window = open_window()
    spec = PRESETS["digits-resnet"].spec
    window.session.open_design(Design(name="small", spec=evolve(spec, widths=(4,) * len(spec.widths))))
    window.show_page("train")
    page = train_page(window)
    set_field(page.form, "epochs", 1)
    page.modes.show_mode("sweeps")
    view = page.modes.view
    builder = view.side.builder
    builder.remove_field("depth")
    builder.add_field("shortcut")
    for number in (1, 0):
        builder.seeds.chips.removed.emit(number)
    assert builder.queue.text() == "Queue 2 runs"
    builder.queue.click()
    item = view.model.chosen
    assert item is not None
    assert item.owned
    qtbot.waitUntil(lambda: item.state is not None and item.state.status == "finished", timeout=2 * START)
    qtbot.waitUntil(lambda: not item.owned, timeout=START)
    settle(qtbot, view)
    assert item.state is not None
    assert [cell.status for cell in item.state.cells] == ["finished"] * 2
    texts = view.centre.results.model.lines()
    assert [line[1] for line in texts[1:]] == ["1", "1"]
    assert "one seed" in texts[2][-1]
    assert page.modes.going() is None
    assert not window.engines.running()
