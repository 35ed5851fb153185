"""What is taken from a run and written of it: design, recipe, curves, pictures, TensorBoard files."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from PySide6.QtGui import QImageReader
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.export.curves_csv import COLUMNS
from resnet_gui.gui.session import Session
from resnet_gui.runs.history import replay
from resnet_gui.training.recipe import Recipe
from tests.gui.driving import START, copy_run
from tests.gui.train.test_control import PageMaker, finished_run, said, working_page
from tests.gui.train.test_plots import (
    Opener,
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
    page.actions_of_runs.write("csv", [row_of(page, folder) for folder in folders], tmp_path / "curves")
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


def test_the_plots_are_written_as_png_and_svg_that_can_be_read(
    qtbot: QtBot, open_page: Opener, said: list[str], tmp_path: Path
) -> None:
    page = open_page()
    finished_run("a")
    page.runs.load()
    page.state.choose(page.runs.rows()[0])
    settle(qtbot, page)
    for kind in ("png", "svg"):
        page.actions_of_runs.write(kind, page.runs.rows(), tmp_path / f"plots.{kind}")
    image = QImageReader(str(tmp_path / "plots.png")).read()
    assert image.size() == page.plots.rows.size() * 2
    svg = QSvgRenderer(str(tmp_path / "plots.svg"))
    assert svg.viewBox().size() == page.plots.rows.size()
    wide = re.search(r'width="([\d.]+)mm"', (tmp_path / "plots.svg").read_text())
    assert wide is not None
    assert float(wide[1]) == pytest.approx(page.plots.rows.width() / 96 * 25.4, rel=1e-3), "96 pixels are an inch"
    page.actions_of_runs.write("png", page.runs.rows(), tmp_path / "no such folder" / "plots.png")
    assert "choose another place" in said[-1]


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
