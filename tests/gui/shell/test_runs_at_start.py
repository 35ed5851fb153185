"""Runs that go on or wait are known before any page is opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from resnet_gui.base.files import runs_folder
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.reading import RunReading
from resnet_gui.gui.session import MessageAction
from resnet_gui.gui.settings import Settings
from resnet_gui.protocol.jobs import Train
from resnet_gui.runs import scan
from resnet_gui.runs.folder import RunSummary
from resnet_gui.runs.folder import summarise as summarise_run
from resnet_gui.runs.lock import writing
from resnet_gui.sweeps.folder import read_sweep
from resnet_gui.sweeps.state import read_state
from resnet_gui.training.recipe import Recipe
from tests.gui.driving import Opener
from tests.gui.train.sweeps.sweeping import cells_of, write_cell, write_sweep_runs
from tests.gui.train.sweeps.viewing import error, shortcuts
from tests.gui.train.test_plots import SOON, started, step, write_run


def test_a_kept_run_stands_in_the_status_bar_of_a_new_window_and_what_waits_is_offered(
    qtbot: QtBot, open_window: Opener
) -> None:
    folder = write_run("kept", started(2, 20), step(1, 2.0), step(10, 1.0))
    waits = Train(1, str(runs_folder() / "next"), "next", PRESETS["digits-resnet"].spec, Recipe(), "cpu")
    begun = Train(2, str(folder), "kept", PRESETS["digits-resnet"].spec, Recipe(), "cpu")
    with writing(folder):
        window = open_window(Settings(theme="dark", queue=[waits, begun]), engine=False)
        offered: list[tuple[str, tuple[MessageAction, ...]]] = []
        window.session.offered.connect(lambda sentence, _level, actions: offered.append((sentence, actions)))
        qtbot.waitUntil(lambda: window.status._run_name.text() == "kept", timeout=SOON)
        assert "train" not in window._pages
        qtbot.waitUntil(lambda: bool(offered), timeout=SOON)
        assert "25 %" in window.status._run_text.text()
        ((sentence, (action,)),) = offered
        assert (sentence, action.text) == ("One run waits from last time.", "Start the queue")
        action.work()
        assert window.shows("train")
        assert not window.train_page().queue.held


def test_the_run_of_a_sweep_stands_for_its_sweep_before_any_page_is_opened(qtbot: QtBot, open_window: Opener) -> None:
    folder = write_sweep_runs(shortcuts(seeds=1), error, done=2)
    cell = cells_of(folder, read_sweep(folder))[2]
    write_cell(cell, error, epochs=2)
    with writing(folder), writing(cell.folder):
        window = open_window(engine=False)
        bar = window.status
        qtbot.waitUntil(lambda: bar._run_name.text() == "depth × shortcut: run 3 of 6", timeout=SOON)
        assert "train" not in window._pages
        whole = round(1000 * read_state(folder).fraction)
        assert bar._run_bar.value() == whole
        assert window.window.windowTitle().startswith(f"{whole / 10:.0f} % depth × shortcut")


def test_an_experiment_stands_before_the_runs_that_it_trains_and_a_click_leads_to_it(open_window: Opener) -> None:
    window = open_window(engine=False)
    lab, train = (window.progress.take_from(source) for source in ("lab", "train"))
    lab("Degradation", "acc", 0.24, 600.0)
    train("plain-20", "r0", 0.9, 10.0)
    bar = window.status
    assert (bar._run_name.text(), bar._run_text.text()[:4]) == ("Degradation", "24 %")
    assert window.window.windowTitle().startswith("24 % Degradation · ")
    train("", "r0", 0.0, None)
    assert bar._run_name.text() == "Degradation"
    bar.run_clicked.emit()
    assert window.shows("lab")
    lab("", "r0", 0.0, None)
    train("digits", "r0", 0.5, None)
    assert bar._run_name.text() == "digits"
    assert window.progress.source == "train"


def test_whatever_is_wrong_with_a_folder_the_reading_ends_and_has_the_others(
    qtbot: QtBot, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        write_run(name, started(2, 20))

    def summarise(folder: Path) -> RunSummary:
        if folder.name.endswith("-b"):
            raise RecursionError("too deep")
        return summarise_run(folder)

    monkeypatch.setattr(scan, "summarise", summarise)
    runs = RunModel()
    with qtbot.waitSignal(runs.loaded, timeout=SOON):
        runs.load_in_slices()
    assert [row.name for row in runs.rows()] == ["c", "a"]
    assert ["RecursionError: too deep" in each for each in runs.problems] == [True]
    monkeypatch.setattr(scan, "run_folders", lambda: next(iter(())))
    again = RunModel()
    with qtbot.waitSignal(again.loaded, timeout=SOON):
        again.load_in_slices()
    assert again.is_loaded
    assert "cannot all be read" in again.problems[0]


def test_two_who_ask_for_the_runs_have_them_read_once_and_each_what_it_follows(
    qtbot: QtBot, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, go_on = list[int](), RunReading._go_on

    def count(reading: RunReading) -> None:
        turns.append(1)
        go_on(reading)

    monkeypatch.setattr(RunReading, "_go_on", count)
    folders = [write_run(name, started(2, 20)) for name in "abc"]
    elsewhere = [folder.rename(tmp_path / folder.name) for folder in folders]
    runs, told = RunModel(), list[int]()
    runs.loaded.connect(lambda: told.append(runs.rowCount()))
    with qtbot.waitSignal(runs.loaded, timeout=SOON):
        runs.load_in_slices([str(elsewhere[0])])
        runs.load_in_slices([str(elsewhere[1])])
        runs.load_in_slices()
    qtbot.wait(1)
    assert len(turns) == 1, "one chain of turns, however many ask"
    assert (told, runs.followed) == ([2], [str(each) for each in elsewhere[:2]])


def test_runs_are_read_in_slices_and_whoever_needs_them_before_has_them_at_once(qtbot: QtBot, home: Path) -> None:
    for name in "abc":
        write_run(name, started(2, 20))
    slow, quick = RunModel(), RunModel()
    told: list[int] = []
    quick.loaded.connect(lambda: told.append(quick.rowCount()))
    quick.load_in_slices()
    assert quick.rowCount() == 0
    quick.load()
    assert told == [3]
    with qtbot.waitSignal(slow.loaded, timeout=SOON):
        slow.load_in_slices()
    assert [row.name for row in slow.rows()] == [row.name for row in quick.rows()] == ["c", "b", "a"]
    qtbot.wait(1)
    assert told == [3], "once"
