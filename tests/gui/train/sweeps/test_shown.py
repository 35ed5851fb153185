"""What the page shows of the sweeps that are in their folders."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.cached_text import elided
from resnet_gui.gui.kit.charts.dot_strip import dot_places
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.gui.train.sweeps.results import NUMBERS
from resnet_gui.gui.train.sweeps.results_model import ResultsModel
from resnet_gui.runs.folder import PAUSE_FILE, STOP_FILE
from resnet_gui.runs.lock import writing
from resnet_gui.sweeps.folder import read_sweep
from resnet_gui.sweeps.state import read_state
from resnet_gui.sweeps.sweep import Axis, AxisValue
from resnet_gui.sweeps.table import sweep_table
from resnet_gui.training.recipe import Recipe
from tests.gui.train.sweeps.sweeping import axis, cells_of, made_sweep, write_cell, write_sweep_runs
from tests.gui.train.sweeps.viewing import (
    SweepEngines,
    ViewOpener,
    cell_states,
    error,
    settle,
    shortcuts,
)
from tests.waiting import PATIENCE_MS

pytestmark = pytest.mark.usefixtures("home")

TITLE_ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)


def test_the_head_has_a_cell_a_run_and_says_what_failed(qtbot: QtBot, open_view: ViewOpener) -> None:
    write_sweep_runs(shortcuts(), error, done=8, failed=(2,))
    view, _ = open_view()
    settle(qtbot, view)
    head = view.centre.head
    states = [cell.state for cell in head.cells.cells]
    assert states == ["done"] * 2 + ["failed"] + ["done"] * 5 + ["waits"] * 10
    assert "not a number" in head.cells.cells[2].words
    assert head.texts() == ("8 / 18", "", "Stopped")
    assert head._failed.text() == "1 failed"
    assert head.button("resume").isVisible()
    assert head.button("retry").isVisible()
    assert not head.button("pause").isVisible()


def test_lines_bands_and_table_are_what_the_folder_says(qtbot: QtBot, open_view: ViewOpener) -> None:
    folder = write_sweep_runs(shortcuts(), error)
    view, _ = open_view()
    settle(qtbot, view)
    state = read_state(folder)
    lines = view.centre.axes.lines
    assert lines.order == ["depth", "shortcut", "=training", "=test", "=seconds"]
    assert lines.axes["depth"].labels == ("14", "8"), "the larger number is above"
    found = [100 * cell.figures.test_error for cell in state.cells if cell.figures]
    assert list(lines.axes["=test"].values) == pytest.approx(found)
    bands = {band.name: band for band in view.centre.curves.bands}
    assert list(bands) == ["A", "B", "none"]
    assert view.centre.curves.unit.text() == "depth 14; mean ± sd"
    curves = np.array([[100 * epoch.test_error for epoch in cell.epochs] for cell in state.cells_of(5)])
    assert list(bands["B"].mean.y) == pytest.approx(curves.mean(0))
    assert list(bands["B"].high - bands["B"].mean.y) == pytest.approx(curves.std(0, ddof=1))
    assert len(bands["B"].members) == 3
    model = view.centre.results.model
    rows = sweep_table(state).rows
    texts = model.lines()
    assert texts[0][:3] == ["Depth", "Shortcut", "n"]
    assert [line[:3] for line in texts[1:3]] == [["8", "A", "3"], ["8", "B", "3"]]
    assert texts[3][-1] == "differs"
    assert rows[2].difference is not None
    assert texts[3][-2].startswith(f"+{100 * rows[2].difference.mean:.1f} ")
    assert texts[2][-1].startswith("cannot tell, ")
    assert texts[1][-1] == "baseline"


def test_a_brush_filters_lines_curves_and_table_and_a_double_click_takes_it_off(
    qtbot: QtBot, open_view: ViewOpener
) -> None:
    write_sweep_runs(shortcuts(), error)
    view, _ = open_view()
    settle(qtbot, view)
    axes, results = view.centre.axes, view.centre.results
    top, bottom = axes.place_of("shortcut", 0.99).toPoint(), axes.place_of("shortcut", 0.4).toPoint()
    qtbot.mousePress(axes, Qt.MouseButton.LeftButton, pos=top)
    qtbot.mouseMove(axes, bottom)
    qtbot.mouseRelease(axes, Qt.MouseButton.LeftButton, pos=bottom)
    settle(qtbot, view)
    assert view.centre.brushed.text() == "brushed: shortcut A, B"
    assert {row.configuration.labels[1] for row in results.model.rows} == {"A", "B"}
    assert [band.name for band in view.centre.curves.bands] == ["A", "B"]
    assert results.foot.note == "4 of 6 configurations; the rest is brushed out"
    qtbot.mouseClick(results.mode, Qt.MouseButton.LeftButton, pos=QPoint(results.mode.width() - 10, 10))
    settle(qtbot, view)
    assert len(results.model.rows) == 12
    qtbot.mouseDClick(axes, Qt.MouseButton.LeftButton, pos=bottom)
    settle(qtbot, view)
    assert len(results.model.rows) == 18
    assert view.centre.brushed.text() == ""


def test_a_click_on_an_axis_colours_by_it_and_its_name_can_be_dragged_elsewhere(
    qtbot: QtBot, open_view: ViewOpener
) -> None:
    write_sweep_runs(shortcuts(), error)
    view, _ = open_view()
    settle(qtbot, view)
    axes = view.centre.axes
    assert view.centre.colour.currentData() == axes.lines.colour_key == "shortcut"
    qtbot.mouseClick(axes, Qt.MouseButton.LeftButton, pos=axes.place_of("depth", 0.5).toPoint())
    settle(qtbot, view)
    assert view.centre.colour.currentData() == axes.lines.colour_key == "depth"
    assert [band.name for band in view.centre.curves.bands] == ["8", "14"]
    name = QPoint(axes.place_of("depth", 1).toPoint().x(), 18)
    target = QPoint(axes.place_of("=test", 1).toPoint().x(), 18)
    qtbot.mousePress(axes, Qt.MouseButton.LeftButton, pos=name)
    qtbot.mouseMove(axes, target)
    qtbot.mouseRelease(axes, Qt.MouseButton.LeftButton, pos=target)
    assert axes.lines.order == ["shortcut", "=training", "=test", "depth", "=seconds"]
    qtbot.mouseClick(axes, Qt.MouseButton.LeftButton, pos=axes.place_of("=test", 0.5).toPoint())
    settle(qtbot, view)
    assert axes.lines.colour_key == "=test"
    assert [band.name for band in view.centre.curves.bands] == ["A", "B", "none"], "curves keep to a field"


def test_only_what_differs_is_left_with_what_it_is_compared_with(qtbot: QtBot, open_view: ViewOpener) -> None:
    write_sweep_runs(shortcuts(), error)
    view, _ = open_view()
    settle(qtbot, view)
    view.centre.results.differs.click()
    settle(qtbot, view)
    model = view.centre.results.model
    assert [row.configuration.labels for row in model.rows] == [("8", "A"), ("8", "none"), ("14", "A"), ("14", "none")]
    view.centre.results.copy.click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 5
    assert lines[2].split("\t")[:3] == ["8", "none", "3"]


def test_a_verdict_waits_for_its_seeds_and_a_failed_run_is_named_in_its_row(
    qtbot: QtBot, open_view: ViewOpener
) -> None:
    write_sweep_runs(shortcuts(), error, done=14, failed=(4,))
    view, _ = open_view()
    settle(qtbot, view)
    texts = view.centre.results.model.lines()[1:]
    assert [line[-1] for line in texts] == [
        "baseline", "cannot tell, " + texts[1][-1].split(", ")[1], "waits for seed 3", "baseline",
        "waits for seed 3, 1 failed", "waits for seed 3",
    ]  # fmt: skip
    assert [line[2] for line in texts] == ["3", "3", "2", "2", "1", "2"]
    assert texts[2][-2].endswith("so far")


def test_a_sort_by_a_click_on_a_title_goes_up_down_and_back(qtbot: QtBot, open_view: ViewOpener) -> None:
    write_sweep_runs(shortcuts(), error)
    view, _ = open_view()
    settle(qtbot, view)
    table, model = view.centre.results.table, view.centre.results.model
    mean = [each.kind for each in model.columns].index("mean")
    listed = numbers(model)
    table.horizontalHeader().sectionClicked.emit(mean)
    assert [row.found.mean for row in model.rows] == sorted(row.found.mean for row in model.rows)  # type: ignore[union-attr]
    table.horizontalHeader().sectionClicked.emit(mean)
    assert numbers(model)[0] in {3, 6}, "the plain networks have the largest error"
    table.horizontalHeader().sectionClicked.emit(mean)
    assert numbers(model) == listed


def numbers(model: ResultsModel) -> list[int]:
    return [row.configuration.number for row in model.rows]


def test_a_row_chooses_the_curves_and_a_dot_asks_for_its_run(qtbot: QtBot, open_view: ViewOpener) -> None:
    folder = write_sweep_runs(shortcuts(), error)
    view, _ = open_view()
    settle(qtbot, view)
    table, model = view.centre.results.table, view.centre.results.model
    table.setCurrentIndex(model.index(1, 0))
    settle(qtbot, view)
    assert view.centre.curves.unit.text() == "depth 8; mean ± sd"
    strip = [each.kind for each in model.columns].index("strip")
    index = model.index(2, strip)
    box = table.visualRect(index)
    row = model.rows[2]
    data, scale, area = table._delegate.strip_at(row, model.columns[strip], box)  # type: ignore[arg-type]
    place = dot_places(data, scale, area)[1].toPoint()
    with qtbot.waitSignal(view.run_requested) as requested:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert requested.args == [next(c.folder for c in read_state(folder).cells_of(3) if c.seed == 2)]


def test_the_switch_counts_both_and_a_run_of_a_sweep_is_shown_among_the_runs(
    qtbot: QtBot, session: Session, theme: Theme
) -> None:
    folder = write_sweep_runs(shortcuts(seeds=1), error)
    page = TrainPage(session, SweepEngines(), theme, Settings())
    qtbot.addWidget(page)
    page.show()
    assert page.side.switch._options[1][1] == "Sweeps  1"
    qtbot.mouseClick(page.side.switch, Qt.MouseButton.LeftButton, pos=QPoint(page.side.switch.width() - 10, 10))
    view = page.modes.view
    assert view.isVisible()
    assert view.side.switch.key == "sweeps"
    cell = read_state(folder).cells[4]
    view.run_requested.emit(cell.folder)
    assert page.state.run is not None
    assert page.state.run.folder == cell.folder
    assert not view.isVisible()
    assert page.side.switch.key == "runs"


def test_a_sweep_begun_elsewhere_is_in_the_status_bar_and_a_run_that_is_started_is_said_to_wait(
    qtbot: QtBot, session: Session, theme: Theme
) -> None:
    folder = write_sweep_runs(shortcuts(seeds=1), error, done=2)
    cell = cells_of(folder, read_sweep(folder))[2]
    write_cell(cell, error, epochs=2)
    with writing(folder), writing(cell.folder):
        page = TrainPage(session, SweepEngines(), theme, Settings())
        qtbot.addWidget(page)
        told: list[str] = []
        page.progress.connect(lambda text, *_: told.append(text))
        page.show()
        qtbot.waitUntil(lambda: "Sweep: run 3 of 6" in told, timeout=PATIENCE_MS)
        assert not page.modes.view.isVisible()
        with qtbot.waitSignal(session.message) as said:
            page.starts.present(Recipe(epochs=1), 1)
        assert said.args[0] == (
            f"{session.design.name} waits until the sweep depth × shortcut is over; "
            "Start now trains it beside the sweep."
        )


def test_two_hundred_runs_are_one_line_each_and_no_widget(qtbot: QtBot, open_view: ViewOpener) -> None:
    sweep = made_sweep(axis("lr", *(0.01 * n for n in range(1, 11))), axis("batch_size", 16, 32, 64, 128), seeds=5)
    write_sweep_runs(sweep, error)
    view, _ = open_view()
    settle(qtbot, view)
    before = len(view.findChildren(QObject))
    assert len(view.centre.axes.lines.words) == 200
    view.centre.results.mode.set_key("runs")
    view.centre.draw_soon()
    settle(qtbot, view)
    assert len(view.centre.results.model.rows) == 200
    assert len(view.findChildren(QObject)) <= before + 5


def test_a_sweep_that_goes_on_elsewhere_is_followed_paused_and_stopped_by_files(
    qtbot: QtBot, open_view: ViewOpener
) -> None:
    folder = write_sweep_runs(shortcuts(), error, done=6)
    cells = cells_of(folder, read_sweep(folder))
    write_cell(cells[6], error, epochs=2)
    view, _ = open_view()
    with writing(folder), writing(cells[6].folder):
        view.model.read(str(folder))
        settle(qtbot, view)
        head = view.centre.head
        assert head.texts()[2] == "Running"
        assert cell_states(view)[6] == "going"
        assert head.cells.cells[6].fraction == pytest.approx(0.5)
        assert view.side._queue_note.text() == "12 to go, one after another"
        head.button("pause").click()
        assert (folder / PAUSE_FILE).exists()
        head.button("stop").click()
        assert (folder / STOP_FILE).exists()
        write_cell(cells[6], error)
        view.model.read(str(folder))
        settle(qtbot, view)
        assert cell_states(view)[6] == "done"
    view.model.read(str(folder))
    settle(qtbot, view)
    assert head.texts()[2] == "Stopped"


def test_without_a_sweep_there_is_a_ghost_and_the_builder_is_open(qtbot: QtBot, open_view: ViewOpener) -> None:
    view, _ = open_view()
    assert view.centre.currentWidget() is view.centre.ghost
    assert view.side.builder.isVisible()
    qtbot.waitUntil(view.side.builder.field_row("depth").isVisible, timeout=PATIENCE_MS)


def test_a_narrow_window_folds_the_builder_and_has_axes_and_curves_as_tabs(qtbot: QtBot, open_view: ViewOpener) -> None:
    write_sweep_runs(shortcuts(), error)
    view, _ = open_view(1040, 648)
    settle(qtbot, view)
    qtbot.waitUntil(lambda: not view.side.builder.isVisible(), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not view.centre.curves.isVisible(), timeout=PATIENCE_MS)
    assert view.centre.axes.isVisible()
    qtbot.mouseClick(view.centre.tabs, Qt.MouseButton.LeftButton, pos=QPoint(120, 10))
    assert (view.centre.axes.isVisible(), view.centre.curves.isVisible()) == (False, True)
    view.window().resize(1380, 828)
    qtbot.waitUntil(view.centre.axes.isVisible, timeout=PATIENCE_MS)
    assert view.centre.curves.isVisible()
    assert not view.centre.tabs.isVisible()


@pytest.mark.parametrize("width", [1040, 964])
def test_in_a_narrow_window_no_number_is_cut_and_networks_can_be_told_apart(
    qtbot: QtBot, open_view: ViewOpener, width: int
) -> None:
    names = ("R56 warm-up 44 lr 0.1", "R56 warm-up 92 lr 0.1", "R56 warm-up 44 lr 0.05", "R56 warm-up 69 lr 0.07")
    values = (AxisValue(name, {"lr": 0.1 + n / 100}) for n, name in enumerate(names))
    sweep = made_sweep(Axis("network", tuple(values)), baseline={"network": names[0]})
    write_sweep_runs(sweep, lambda cell, _: 0.9 / cell.seed if cell.configuration.number else 0.1)
    view, _ = open_view(width, 600)
    settle(qtbot, view)
    table, model = view.centre.results.table, view.centre.results.model
    view.resize(width, 600)
    qtbot.waitUntil(lambda: table.viewport().width() < 760, timeout=PATIENCE_MS)
    shown = [n for n in range(len(model.columns)) if not table.isColumnHidden(n)]
    assert {"axis", "mean", "interval", "verdict"} <= {model.columns[n].kind for n in shown}
    assert sum(table.columnWidth(n) for n in shown) <= table.viewport().width()
    for number in shown:
        column = model.columns[number]
        if column.kind in NUMBERS:
            assert table.columnWidth(number) >= max(table._delegate.text_width(row, column) for row in model.rows)
    room = table.columnWidth(0) - 32
    assert len({elided(name, room, 13, 500, middle=True) for name in names}) == len(names)
    difference = [each.kind for each in model.columns].index("difference")
    head = [model.headerData(difference, Qt.Orientation.Horizontal, role) for role in TITLE_ROLES]
    assert head == [f"vs {names[0]}", f"Paired difference from network {names[0]}"]
    assert view.centre.curves.along.text() == "epoch"


def test_a_column_of_the_results_that_was_dragged_keeps_its_width_in_any_window_until_it_is_reset(
    qtbot: QtBot, open_view: ViewOpener
) -> None:
    write_sweep_runs(shortcuts(), error)
    view, _ = open_view()
    for width in (1100, 1380):
        view.resize(width, 828)
        settle(qtbot, view)
    table = view.centre.results.table
    number = next(n for n, column in enumerate(view.centre.results.model.columns) if column.kind == "mean")
    usual = table.columnWidth(number)
    assert table.dragged.kept({}) == {}
    table.horizontalHeader().resizeSection(number, usual + 20)
    for width in (1100, 1380):
        view.resize(width, 828)
        settle(qtbot, view)
        assert table.columnWidth(number) == usual + 20
        assert table.dragged.kept({}) == {"results.mean": usual + 20}
    table.dragged.restore({})
    assert table.columnWidth(number) == usual
