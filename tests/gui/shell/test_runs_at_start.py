"""Runs that go on or wait are known before any page is opened."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from resnet_gui.base.files import runs_folder
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.session import MessageAction
from resnet_gui.gui.settings import Settings
from resnet_gui.protocol.jobs import Train
from resnet_gui.runs.lock import writing
from resnet_gui.training.recipe import Recipe
from tests.gui.driving import Opener
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


def test_runs_are_read_in_slices_and_whoever_needs_them_before_has_them_at_once(qtbot: QtBot, home: Path) -> None:
    from resnet_gui.gui.runs.model import RunModel

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
