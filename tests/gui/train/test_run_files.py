"""What is taken from a run and written of it: design, recipe, curves, pictures, TensorBoard files."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.export.curves_csv import COLUMNS
from resnet_gui.gui.common.figure_dialog import PAGE_HEIGHT, FigureDialog
from resnet_gui.gui.kit.curves import bulk_top
from resnet_gui.gui.kit.figures.figure import PIXEL, FigureOptions
from resnet_gui.gui.kit.figures.files import figure_file, figure_height
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.plots.figures import by_seed, curves_figure, run_figures
from resnet_gui.runs.history import replay
from resnet_gui.training.recipe import Recipe
from tests.gui.driving import START, copy_run
from tests.gui.train.test_control import PageMaker, finished_run, said, working_page
from tests.gui.train.test_plots import (
    Opener,
    epoch,
    info_of,
    open_page,
    row_of,
    settle,
    started,
    write_run,
)

__all__ = ["open_page", "said", "working_page"]


def test_a_runs_design_and_recipe_and_data_are_taken_for_a_new_one(open_page: Opener, session: Session) -> None:
    recipe = Recipe(data="mnist", epochs=7, lr=0.02, schedule="step", seed=9, ema=0.99, augment="none")
    folder = write_run("a", started(7, 20), info=info_of("mine", recipe, "preact_resnet110"))
    page = open_page()
    session.choose_preset(PRESETS["resnet50"])
    page.actions_of_runs.duplicated.emit(row_of(page, folder))
    assert session.spec == PRESETS["preact_resnet110"].spec
    assert session.design.name == "mine"
    assert page.form.recipe() == recipe
    assert page.setup.fit is not None
    assert page.setup.fit.shape == (1, 28, 28), "what the form says of the data is about the new data"
    assert page.data_banner.name == "mnist"


def test_curves_as_csv_are_the_events_line_by_line(open_page: Opener, tmp_path: Path) -> None:
    folders = [finished_run("a"), finished_run("b")]
    page = open_page()
    page.actions_of_runs.write("csv", [row_of(page, folder) for folder in folders], tmp_path / "curves.csv")
    with (tmp_path / "curves.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    for folder in folders:
        state = replay(folder)
        steps = [row for row in rows if row["run"] == folder.name[-1] and row["kind"] == "step"]
        for column, curve in (("train_loss", "train_loss"), ("learning_rate", "lr"), ("seconds", "seconds")):
            assert [float(row[column]) for row in steps] == list(state.curves[curve].y)
        assert [int(row["step"]) for row in steps] == list(range(1, 41))
        epochs = [row for row in rows if row["run"] == folder.name[-1] and row["kind"] == "epoch"]
        assert [float(row["test_error"]) for row in epochs] == [0.4, 0.3]


def test_the_plots_are_offered_as_figures_with_titles_units_and_the_names_of_the_runs(
    qtbot: QtBot, open_page: Opener, trained_run: Path
) -> None:
    copy_run(trained_run)
    page = open_page()
    page.runs.load()
    page.state.choose(page.runs.rows()[0])
    settle(qtbot, page)
    page.plots.bar.save_requested.emit("figure", True)
    (dialog,) = page.findChildren(FigureDialog)
    offered = [dialog.figures.itemText(number) for number in range(dialog.figures.count())]
    assert offered == ["All plots", "Loss", "Top-1 error", "Learning rate", "Gradient norm by depth"]
    drawn = figure_file(dialog.figure, dialog.options).decode()
    for words in ("cross-entropy (nats)", "top-1 error (%)", "learning rate", "epoch", "gradient norm", "training",
                  "validation", page.runs.rows()[0].name):  # fmt: skip
        assert f'aria-label="{words}"' in drawn, words
    assert "non-scaling-stroke" not in drawn
    assert drawn.count(f'aria-label="{page.runs.rows()[0].name}"') <= 2, "above all plots, and over the gradients"
    assert figure_height(dialog.figure, dialog.options.pixels) * PIXEL < PAGE_HEIGHT
    dialog.close()
    for view, title in (("ratios", "‖F(x)‖ / ‖shortcut‖"), ("confusion", "true class")):
        page.plots.internals.view.setCurrentIndex(page.plots.internals.view.findData(view))
        figure = run_figures(page.plots.shown(), page.plots.internals)[-1].make()
        assert f'aria-label="{title}"' in figure_file(figure, FigureOptions()).decode()


def test_the_gradients_of_two_runs_stand_in_the_figure_as_on_the_page(
    qtbot: QtBot, open_page: Opener, trained_run: Path
) -> None:
    first = copy_run(trained_run)
    shutil.copytree(first, first.with_name("20260102-000000-second"))
    page = open_page()
    page.runs.load()
    page.state.choose(page.runs.rows()[0])
    settle(qtbot, page)
    choice = next(each for each in run_figures(page.plots.shown(), page.plots.internals) if "Gradient" in each.title)
    drawn = figure_file(choice.make(), FigureOptions()).decode()
    assert drawn.count('aria-label="gradient norm"') == 2
    everything = run_figures(page.plots.shown(), page.plots.internals)[0].make()
    assert figure_height(everything, FigureOptions().pixels) * PIXEL < PAGE_HEIGHT


def test_runs_that_differ_in_their_seed_alone_are_drawn_as_a_mean_with_its_deviation(
    qtbot: QtBot, open_page: Opener
) -> None:
    for seed in (1, 2, 3):
        write_run(f"s{seed}", started(7, 20), info=info_of("net", Recipe(seed=seed), "resnet20"))
    write_run("other", started(7, 20), info=info_of("net", Recipe(seed=1, lr=0.01), "resnet20"))
    page = open_page()
    page.runs.load()
    settle(qtbot, page)
    assert sorted(len(group) for group in by_seed(page.runs.rows())) == [1, 3]
    titles = [choice.title for choice in run_figures(page.plots.shown(), page.plots.internals)]
    assert titles[-2:] == ["Loss, mean ± sd over seeds", "Top-1 error, mean ± sd over seeds"]


def test_the_loss_of_a_diverged_epoch_is_cut_and_marked_in_figures_as_on_the_page(open_page: Opener) -> None:
    losses = [2.0, 1.5, 1.2, 1e4, 1.0, 0.9, 0.8, 0.8, 0.7, 0.7]
    done = [epoch(number, 5 * number, loss, 0.5) for number, loss in enumerate(losses, start=1)]
    write_run("diverged", started(10, 5), *done)
    page = open_page()
    page.runs.load()
    page.runs.rows()[0].look()
    shown = replace(page.plots.shown(), runs=page.runs.rows())
    figure = curves_figure(shown, "loss")
    on_page = 1.15 * bulk_top([line.points.y for line in figure.data.lines if len(line.points.y)])
    assert 0.7 < on_page <= figure.data.y.high < 20
    assert [(peak.at, round(peak.value)) for peak in figure.peaks] == [(4.0, 10_000)]
    assert 'aria-label="1e+04"' in figure_file(figure, FigureOptions()).decode()
    whole = curves_figure(replace(shown, log=True), "loss")
    assert whole.data.y.high > 1e3
    assert not curves_figure(shown, "error").peaks


def test_every_line_of_the_menu_says_by_itself_what_it_writes(open_page: Opener) -> None:
    actions = [action for action in open_page().plots.bar.save.menu().actions() if not action.isSeparator()]
    texts = [action.text() for action in actions]
    assert len(set(texts)) == len(texts) == 5
    assert all("run" in text for text in texts)


def test_a_table_does_not_go_into_a_file_named_as_a_picture(
    open_page: Opener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = finished_run("a")
    page = open_page()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "plots.svg"), ""))
    page.actions_of_runs.export("csv", [row_of(page, folder)])
    assert [path.name for path in tmp_path.iterdir()] == ["plots.svg.csv"]


def test_tensorboard_files_hold_the_curves(
    qtbot: QtBot, working_page: PageMaker, trained_run: Path, tmp_path: Path
) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    folder = copy_run(trained_run)
    page = working_page()
    said: list[str] = []
    page._session.offered.connect(lambda sentence, _level, _actions: said.append(sentence))
    page.actions_of_runs.write("tensorboard", [row_of(page, folder)], tmp_path)
    qtbot.waitUntil(lambda: any("tensorboard --logdir" in each for each in said), timeout=START)
    read = accumulator.EventAccumulator(str(tmp_path / folder.name), size_guidance={"scalars": 0})
    read.Reload()
    curves = replay(folder).curves
    for tag, name in (("loss/train", "train_loss"), ("top-1 error/test", "test_error"), ("learning rate", "lr")):
        points = read.Scalars(tag)
        assert [point.step for point in points] == list(curves[name].x)
        assert [point.value for point in points] == pytest.approx(list(curves[name].y), rel=1e-6)
