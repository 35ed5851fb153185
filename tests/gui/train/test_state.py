"""The chosen run of the Train page, which is kept once, and what the model of the runs tells of its rows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.gui.train.state import TrainState
from resnet_gui.runs.events import RunEnded
from resnet_gui.runs.lock import writing
from tests.gui.train.test_plots import SOON, Opener, add_events, open_page, settle, started, step, write_run

__all__ = ["open_page"]


def chosen(page: TrainPage) -> RunRow | None:
    return page.state.run


def test_the_run_that_is_selected_is_the_chosen_one_and_the_other_way_round(qtbot: QtBot, open_page: Opener) -> None:
    for name in "abc":
        write_run(name, started(2, 20), step(1, 1.0))
    page = open_page()
    first, second, third = page.runs.rows()
    told: list[str] = []
    page.state.run_changed.connect(lambda: told.append(page.state.run.name if page.state.run else "none"))
    page.state.choose(second)
    assert page.list.currentIndex().row() == 1
    assert page.header._name.text() == page.side.details.note.text() == second.name
    page.list.setCurrentIndex(page.runs.index(2))
    assert chosen(page) is third
    assert page.header._name.text() == page.side.details.note.text() == third.name
    page.state.choose(third)
    page.runs.remove(third)
    assert chosen(page) is second, "its neighbour in the list"
    page.runs.remove(first)
    page.runs.remove(second)
    assert chosen(page) is None
    assert told == [second.name, third.name, second.name, "none"]


def test_without_a_list_the_newest_run_follows_on_one_that_goes(qtbot: QtBot, home: object) -> None:
    for name in "abc":
        write_run(name, started(2, 20))
    runs = RunModel()
    runs.load()
    state = TrainState(runs)
    newest, _, oldest = runs.rows()
    state.choose(oldest)
    runs.remove(oldest)
    assert state.run is newest
    state.choose(oldest)
    assert state.run is newest, "what is gone cannot be chosen"


def test_what_is_set_in_a_row_is_told_once_and_not_if_it_is_the_same(qtbot: QtBot, home: object) -> None:
    write_run("a", started(2, 20))
    runs = RunModel()
    runs.load()
    (row,) = runs.rows()
    told: list[int] = []
    runs.dataChanged.connect(lambda first, _last: told.append(first.row()))
    runs.set_message(row, "reading pictures: 1 of 10")
    runs.set_message(row, "reading pictures: 1 of 10")
    assert told == [0]
    assert "reading pictures" in runs.data(runs.index(0), Qt.ItemDataRole.ToolTipRole)
    runs.set_shown(row, shown=True)
    assert told == [0]
    runs.set_shown(row, shown=False)
    assert told == [0, 0]


def test_the_focus_goes_from_stop_to_resume_when_the_run_has_stopped(qtbot: QtBot, open_page: Opener) -> None:
    folder = write_run("a", started(2, 20), step(1, 1.0))
    with writing(folder):
        settle(qtbot, page := open_page())
        page.header._buttons["stop"].setFocus()
        assert page.focusWidget() is page.header._buttons["stop"]
    add_events(folder, RunEnded("stopped", 1))
    qtbot.waitUntil(lambda: page.header.texts()[2] == "Stopped", timeout=SOON)
    assert page.focusWidget() is page.header._buttons["resume"]
