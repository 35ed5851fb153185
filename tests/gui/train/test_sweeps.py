"""Sweeps on the Train page: built, queued, trained by real engines; and what is shown of what is in their folders."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve
from resnet_gui.gui.kit.charts.dot_strip import dot_places
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.gui.train.sweeps.draft import DraftAxis, SweepDraft
from resnet_gui.gui.train.sweeps.fields import proposed_values, sweep_fields
from resnet_gui.gui.train.sweeps.model import SweepItem
from resnet_gui.gui.train.sweeps.results_model import ResultsModel
from resnet_gui.gui.train.sweeps.view import SweepView
from resnet_gui.protocol.events import Failed
from resnet_gui.protocol.sweep_jobs import RunSweep
from resnet_gui.runs.folder import PAUSE_FILE, STOP_FILE
from resnet_gui.runs.lock import writing
from resnet_gui.sweeps.folder import SWEEP_FILE, read_sweep
from resnet_gui.sweeps.state import RunCell, read_state
from resnet_gui.sweeps.sweep import Sweep, load_sweep
from resnet_gui.sweeps.table import sweep_table
from resnet_gui.training.recipe import Recipe
from tests.gui.driving import START, Opener, set_field, train_page
from tests.gui.train.sweeping import axis, cells_of, made_sweep, write_cell, write_sweep_runs
from tests.gui.train.test_plots import IdleEngines
from tests.waiting import PATIENCE_MS

pytestmark = pytest.mark.usefixtures("home")

FINAL = {"A": 0.02, "B": 0.021, "none": 0.3}


def error(cell: RunCell, epoch: int) -> float:
    """A run's test error: that of its shortcut, with a spread between seeds that all configurations share."""
    final = FINAL.get(cell.configuration.labels[-1], 0.05)
    own = zlib.crc32(f"{cell.configuration.labels}{cell.seed}".encode()) % 5
    return final + cell.seed / 359 + own / 3590 + 0.4 * 0.3**epoch


def shortcuts(*, seeds: int = 3, depths: tuple[int, ...] = (8, 14)) -> Sweep:
    axes = (axis("depth", *depths), axis("shortcut", "A", "B", "none"))
    return made_sweep(*axes, seeds=seeds, baseline={"shortcut": "A"})


class SweepEngines(IdleEngines):
    """Engines that are asked for sweeps and do nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.swept: list[RunSweep] = []
        self.sent: list[tuple[str, str]] = []

    def run_sweep(self, job: RunSweep) -> None:
        self.swept.append(job)
        self._runs[job.folder] = None  # type: ignore[assignment]

    def pause(self, run: str) -> None:
        self.sent.append(("pause", run))

    def unpause(self, run: str) -> None:
        self.sent.append(("unpause", run))

    def stop(self, run: str) -> None:
        self.sent.append(("stop", run))

    def end_sweep(self, folder: str, sentence: str = "") -> None:
        """The engine of a sweep is gone."""
        del self._runs[folder]
        self.sweep_engine_ended.emit(folder, sentence)


ViewOpener = Callable[..., tuple[SweepView, SweepEngines]]


@pytest.fixture
def open_view(qtbot: QtBot, session: Session, theme: Theme) -> Iterator[ViewOpener]:
    """The sweeps of the page without the runs beside them; their engines do nothing."""
    views: list[SweepView] = []

    def make(width: int = 1380, height: int = 828) -> tuple[SweepView, SweepEngines]:
        engines = SweepEngines()
        session.choose_preset(PRESETS["digits-resnet"])
        view = SweepView(
            theme, session, engines, Settings(), lambda: (session.design, Recipe(), "cpu"),
            lambda: bool(engines.running()),
        )  # fmt: skip
        views.append(view)
        qtbot.addWidget(view)
        view.resize(width, height)
        view.load()
        view.show()
        return view, engines

    yield make
    for view in views:
        view.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def settle(qtbot: QtBot, view: SweepView) -> None:
    """Wait until what has come is drawn."""
    qtbot.waitUntil(lambda: not view.centre._drawing.is_pending() and not view.centre._stale, timeout=PATIENCE_MS)


def cell_states(view: SweepView) -> list[str]:
    return [cell.state for cell in view.centre.head.cells.cells]


def statuses(*items: SweepItem) -> list[str]:
    return [item.status for item in items]


def chosen_state(view: SweepView) -> Any:
    assert view.model.chosen is not None
    return view.model.chosen.state


# ---- the builder


def test_the_builder_says_how_many_runs_and_writes_the_sweep_that_the_command_line_reads(open_view: ViewOpener) -> None:
    view, engines = open_view()
    builder = view.side.builder
    assert builder.field_row("depth").chips.texts() == ["14", "20"]
    builder.add_field("shortcut")
    row = builder.field_row("shortcut")
    row.chips.chosen.emit("none")
    row.chips.removed.emit(0)
    assert row.chips.texts() == ["A", "none"]
    builder.add_field("lr")
    builder.field_row("lr").chips.typed.emit("0.2, 0.3")
    assert builder.field_row("lr").chips.texts() == ["0.1", "0.05", "0.2", "0.3"]
    builder.seeds.chips.typed.emit("5-6")
    assert (builder.product.text(), builder.runs.text()) == ("2 × 2 × 4 × 5 =", "80 runs")
    builder.remove_field("lr")
    assert builder.queue.text() == "Queue 20 runs"
    builder.compared.setCurrentIndex(builder.compared.findText("shortcut A, the rest equal"))
    builder.compared.activated.emit(0)
    builder.queue.click()
    (job,) = engines.swept
    sweep = load_sweep(Path(job.folder) / SWEEP_FILE)
    assert sweep.name == "Depth × shortcut"
    assert [(each.name, each.labels) for each in sweep.axes] == [("depth", ("14", "20")), ("shortcut", ("A", "none"))]
    assert [value.settings for value in sweep.axes[0].values] == [{"depth": 14}, {"depth": 20}]
    assert (sweep.seeds, sweep.baseline) == ((1, 2, 3, 5, 6), {"shortcut": "A"})
    assert sweep.design == PRESETS["digits-resnet"].design
    assert view.model.chosen is view.model.item(job.folder)


def test_what_cannot_be_is_refused_in_a_sentence_and_what_is_impossible_is_left_out_by_name(
    open_view: ViewOpener,
) -> None:
    view, engines = open_view()
    builder = view.side.builder
    builder.field_row("depth").chips.typed.emit("15")
    assert "Left out: depth 15" in builder.problem.text()
    assert builder.queue.text() == "Queue 6 runs"
    assert builder.runs.text() == "9 runs"
    builder.add_field("lr")
    builder.field_row("lr").chips.typed.emit("fast")
    assert "lr is fast" in builder.problem.text()
    assert builder.field_row("lr").chips.texts() == ["0.1", "0.05"]
    builder.seeds.chips.typed.emit("x")
    assert "'x' is no seed" in builder.problem.text()
    for name in ("depth", "lr"):
        builder.remove_field(name)
    assert not builder.queue.isEnabled()
    assert engines.swept == []


def test_more_than_two_hundred_runs_are_warned_of(open_view: ViewOpener) -> None:
    builder = open_view()[0].side.builder
    assert builder.runs.property("role") == "title"
    builder.seeds.chips.typed.emit("4-101")
    assert builder.runs.text() == "202 runs"
    assert builder.runs.property("role") == "warn"


def test_every_field_that_is_offered_begins_with_values_that_a_sweep_takes() -> None:
    design, recipe = PRESETS["digits-resnet"].design, Recipe()
    fields = sweep_fields()
    assert len(fields) > 60
    for field in fields:
        draft = SweepDraft([DraftAxis(field, proposed_values(field, design.spec, recipe))])
        (varied,) = draft.sweep(design, recipe, "cpu").axes
        assert varied.name == field.name
        assert len(set(varied.labels)) == len(varied.labels) >= 1


def test_the_fields_of_a_sweep_can_be_taken_for_another(open_view: ViewOpener) -> None:
    view, _ = open_view()
    folder = write_sweep_runs(shortcuts(), error, done=0)
    item = view.model.add(folder)
    view.take(item)
    again = view.side.builder.sweep()
    assert (again.axes, again.seeds, again.baseline) == (item.sweep.axes, item.sweep.seeds, item.sweep.baseline)


# ---- what is shown


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
    view.files.write("svg", item, tmp_path / "a.svg", view.centre.axes)
    view.files.write("png", item, tmp_path / "a.png", view.centre.curves)
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 7
    assert load_sweep(tmp_path / "a.json") == read_sweep(folder)
    assert "differs" in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert (tmp_path / "a.svg").read_text().count("<path") >= 18, "lines are lines, not a picture"
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


# ---- a real sweep


def test_a_sweep_that_was_built_and_queued_is_trained_and_its_table_is_full(qtbot: QtBot, open_window: Opener) -> None:
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
