"""What is done with runs on the Train page: queue, pause, stop, names, trash, and runs of others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from resnet_gui.base.files import data_folder
from resnet_gui.design.spec import save_design
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.kept.settings_file import SettingsFile
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings, load_settings
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.gui.train.runs.details import facts
from resnet_gui.gui.train.runs.header import threads_words
from resnet_gui.runs.events import RunEnded, RunPaused, StepDone, ThreadsChanged
from resnet_gui.runs.folder import PAUSE_FILE, is_being_written, prepare_run_folder
from resnet_gui.runs.history import RunReader, replay
from resnet_gui.runs.lock import writing
from resnet_gui.runs.notes import trashed_runs
from resnet_gui.training.recipe import Recipe
from tests.forks import Forks
from tests.gui.driving import SMALL, START, set_field
from tests.gui.train.test_plots import (
    IdleEngines,
    Opener,
    add_events,
    epoch,
    info_of,
    open_page,
    row_of,
    seen,
    settle,
    started,
    step,
    write_run,
)
from tests.waiting import PATIENCE

__all__ = ["open_page"]
PageMaker = Callable[[], TrainPage]


@pytest.fixture
def working_page(qtbot: QtBot, theme: Theme) -> Iterator[PageMaker]:
    """Makes Train pages of windows of their own with real engines; not on screen, so that nothing is measured."""
    made: list[tuple[Session, Engines]] = []

    def make() -> TrainPage:
        session, engines = Session(), Engines()
        made.append((session, engines))
        session.open_design(SMALL)
        page = TrainPage(session, engines, theme, Settings())
        qtbot.addWidget(page)
        return page

    yield make
    for session, engines in made:
        engines.blockSignals(True)
        engines.shutdown(keep_runs=False)
        engines.kill_all()
        session.close()


@pytest.fixture
def said(session: Session) -> list[str]:
    """The sentences of the status bar."""
    heard: list[str] = []
    session.message.connect(lambda sentence, _level: heard.append(sentence))
    return heard


def idle(page: TrainPage) -> IdleEngines:
    engines = page._engines
    assert isinstance(engines, IdleEngines)
    return engines


def click(page: TrainPage, name: str) -> None:
    page.header.button(name).click()


def offered(page: TrainPage) -> set[str]:
    """The buttons of the header that are there."""
    return {name for name, made in page.header._buttons.items() if not made.isHidden()}


def finished_run(name: str, recipe: Recipe | None = None) -> Path:
    events = [step(number, 1 / number) for number in range(1, 41)]
    ends = (epoch(1, 20, 0.5, 0.4), epoch(2, 40, 0.25, 0.3), RunEnded("stopped", 40))
    return write_run(name, started(2, 20), *events[:20], ends[0], *events[20:], *ends[1:], info=info_of(name, recipe))


# ---- the queue


def begin(page: TrainPage, count: int) -> list[RunRow]:
    """Press Start so many times; the runs in that order."""
    for _ in range(count):
        page.form.start.click()
    return list(reversed(page.runs.rows()))


def test_a_second_start_waits_and_begins_by_itself_and_one_step_is_exactly_one(
    qtbot: QtBot, working_page: PageMaker
) -> None:
    page = working_page()
    set_field(page.form, "epochs", 500)
    first, second, third = begin(page, 3)
    assert [row.status for row in (first, second, third)] == ["starting", "queued", "queued"]
    page.state.choose(third)
    assert offered(page) == {"start", "stop"}
    click(page, "stop")
    assert page.runs.rows() == [second, first]
    page.state.choose(first)
    qtbot.waitUntil(lambda: first.status == "running" and seen(page, first.folder).step > 3, timeout=START)
    click(page, "pause")
    qtbot.waitUntil(lambda: first.status == "paused", timeout=START)
    held = seen(page, first.folder).step
    click(page, "step")
    qtbot.waitUntil(lambda: first.status == "paused" and seen(page, first.folder).step > held, timeout=START)
    click(page, "go_on")
    qtbot.waitUntil(lambda: seen(page, first.folder).step > held + 3, timeout=START)
    events = [event for event in RunReader(first.folder).read() if isinstance(event, RunPaused | StepDone)]
    pause = events.index(RunPaused(held))
    assert [event.step for event in events[pause : pause + 3]] == [held, held + 1, held + 1]
    assert isinstance(events[pause + 2], RunPaused)
    assert second.status == "queued"
    assert not second.folder.exists()
    click(page, "stop")
    qtbot.waitUntil(lambda: first.status == "stopped", timeout=START)
    qtbot.waitUntil(lambda: second.status == "running", timeout=START)
    assert page._engines.running() == [str(second.folder)]


def test_a_second_window_follows_a_run_and_cannot_resume_it_while_the_first_one_trains_it(
    qtbot: QtBot, working_page: PageMaker
) -> None:
    first = working_page()
    set_field(first.form, "epochs", 500)
    (run,) = begin(first, 1)
    qtbot.waitUntil(lambda: run.status == "running", timeout=START)
    second = working_page()
    again = row_of(second, run.folder)
    qtbot.waitUntil(lambda: again.status == "running" and again.look().step > 2, timeout=START)
    assert offered(second) == {"pause", "stop"}
    engine = first._engines._runs[str(run.folder)].pid
    os.kill(engine, signal.SIGSTOP)  # it need not train while the other one's engine comes and goes
    second.control.act("resume", again)
    qtbot.waitUntil(lambda: "is being trained by another process" in second.banner.text.text(), timeout=START)
    qtbot.waitUntil(lambda: not second._engines.running() and again.status == "running", timeout=START)
    os.kill(engine, signal.SIGCONT)
    at = seen(first, run.folder).step
    qtbot.waitUntil(lambda: seen(first, run.folder).step > at, timeout=START)
    click(second, "pause")
    qtbot.waitUntil(lambda: run.status == again.status == "paused", timeout=START)
    state = replay(run.folder)
    assert list(state.curves["train_loss"].x) == list(range(1, state.step + 1)), "nobody else has written"


def test_a_run_of_another_process_appears_and_is_paused_and_stopped_from_here(
    qtbot: QtBot, working_page: PageMaker, forks: Forks, tmp_path: Path
) -> None:
    page = working_page()
    folder = data_folder() / "runs" / "20260101-000000-other"
    save_design(SMALL, tmp_path / "small.json")
    words = ["train", str(tmp_path / "small.json"), "--data", "digits", "--run", str(folder), "--epochs", "500"]
    with forks.popen([sys.executable, "-m", "resnet_gui", *words], stderr=subprocess.DEVNULL) as other:
        qtbot.waitUntil(lambda: replay(folder).step > 2, timeout=START)
        other.send_signal(signal.SIGSTOP)  # it need not train all the time until the window looks for new runs
        qtbot.waitUntil(lambda: page.runs.row(folder) is not None, timeout=START)
        run = row_of(page, folder)
        qtbot.waitUntil(lambda: run.status == "running" and seen(page, folder).step > 2, timeout=START)
        other.send_signal(signal.SIGCONT)
        assert offered(page) == {"pause", "stop"}
        click(page, "pause")
        qtbot.waitUntil(lambda: run.status == "paused", timeout=START)
        assert offered(page) == {"go_on", "stop"}
        held = replay(folder).step
        click(page, "go_on")
        qtbot.waitUntil(lambda: seen(page, folder).step > held, timeout=START)
        click(page, "stop")
        qtbot.waitUntil(lambda: run.status == "stopped", timeout=START)
        other.wait(PATIENCE)
    assert "resume" in offered(page)
    assert not is_being_written(folder)


def test_a_queue_outlives_the_window_and_waits_until_it_is_released(open_page: Opener) -> None:
    _first, *waiting = begin(page := open_page(), 3)
    folders = [str(row.folder) for row in waiting]
    assert [job.run for job in page.queue.jobs] == folders
    settings = Settings()
    written = SettingsFile(settings)
    page.remember(settings)
    assert not written.write(msgspec.json.encode(settings))
    again = open_page(load_settings())
    assert [(str(row.folder), row.status) for row in reversed(again.runs.rows())] == [(f, "queued") for f in folders]
    assert again.banner.text.text() == "2 runs wait from last time."
    again.queue.proceed()
    assert idle(again).trained == []
    again.banner.action.click()
    assert [job.run for job in idle(again).trained] == folders[:1]
    idle(again).end(folders[0])
    assert [job.run for job in idle(again).trained] == folders
    assert again.queue.jobs == ()


def test_a_waiting_run_can_be_started_beside_the_one_that_is_going(open_page: Opener) -> None:
    first, second, third = begin(page := open_page(), 3)
    page.state.choose(third)
    click(page, "start")
    assert [row.status for row in (first, second, third)] == ["starting", "queued", "starting"]
    assert [job.run for job in page.queue.jobs] == [str(second.folder)]


def test_the_space_bar_presses_what_has_the_focus_and_elsewhere_holds_the_run(qtbot: QtBot, open_page: Opener) -> None:
    folder = write_run("a", started(2, 20), step(1, 1.0))
    with writing(folder):
        settle(qtbot, page := open_page())
        page.activateWindow()
        for widget in (page.list, button := page.form.advanced_part.button, page.plots.loss._widget):
            assert not (folder / PAUSE_FILE).exists()
            widget.setFocus()
            qtbot.keyClick(widget, Qt.Key.Key_Space)
        assert not row_of(page, folder).shown, "the eye"
        assert button.isChecked()
        assert (folder / PAUSE_FILE).exists()


# ---- names and notes


def test_a_run_is_renamed_and_noted_and_another_window_reads_both(
    qtbot: QtBot, open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finished_run("a")
    run = row_of(page := open_page(), folder)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args, **_words: ("  best of all ", True))
    qtbot.keyClick(page.list, Qt.Key.Key_F2)
    page.actions_of_runs._change(run, note="seen by hand")
    settle(qtbot, page)
    assert page.header._name.text() == run.name == "best of all"
    assert page.side.details.note.text() == "best of all"
    again = row_of(open_page(), folder)
    assert (again.name, again.note) == ("best of all", "seen by hand")
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args, **_words: ("", True))
    page.actions_of_runs.rename(run)
    assert (run.name, run.note) == ("a", "seen by hand")


def test_a_run_that_waits_can_still_begin_after_it_was_renamed(
    open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    _first, second = begin(page := open_page(), 2)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args, **_words: ("later", True))
    page.actions_of_runs.rename(second)
    prepare_run_folder(second.folder)  # what its engine does first; raises where something lies in it already


# ---- the trash


def test_a_run_goes_to_the_trash_comes_back_and_goes_again_by_the_sessions_undo(
    qtbot: QtBot, open_page: Opener, session: Session
) -> None:
    folder, other = finished_run("a"), finished_run("b")
    page = open_page()
    content = {path.name: path.read_bytes() for path in folder.iterdir()}
    page.state.choose(row_of(page, folder))
    qtbot.keyClick(page.list, Qt.Key.Key_Delete)
    assert not folder.exists()
    assert [path.name for path in trashed_runs()] == [folder.name]
    assert [row.folder for row in page.runs.rows()] == [other]
    assert session.undo.undoText() == "move a to the trash"
    withdrawn: list[str] = []
    session.outdated.connect(withdrawn.append)
    session.undo.undo()
    assert withdrawn == ["a is in the trash."], "what offers to undo it goes with it"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == content
    settle(qtbot, page)
    assert len(seen(page, folder).curves["train_loss"].x) == 40
    session.undo.redo()
    assert not folder.exists()
    assert page.runs.row(folder) is None


def test_a_run_that_is_trained_or_waits_is_not_thrown_away(
    open_page: Opener, session: Session, said: list[str]
) -> None:
    folder = write_run("a", started(2, 20), step(1, 1.0))
    with writing(folder):
        page = open_page()
        page.actions_of_runs.trash.throw_away([row_of(page, folder)])
        assert said[-1] == "a is being trained or waits; stop it first."
        _first, waiting = begin(page, 2)[-2:]
        page.actions_of_runs.trash.throw_away([waiting])
        assert "stop it first" in said[-1]
    assert folder.exists()
    assert trashed_runs() == []
    assert session.undo.count() == 0


# ---- runs elsewhere


def test_a_run_folder_elsewhere_is_followed_and_remembered_also_after_the_trash(
    open_page: Opener, session: Session, said: list[str], tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere" / "run"
    elsewhere.parent.mkdir()
    finished_run("a").rename(elsewhere)
    page = open_page()
    page.follow(str(tmp_path))
    assert "is not a run folder" in said[-1]
    page.follow(str(elsewhere))
    assert [row.folder for row in page.runs.rows()] == [elsewhere]

    def remembered() -> list[str]:
        settings = Settings()
        page.remember(settings)
        return settings.followed

    assert remembered() == [str(elsewhere)]
    again = open_page(Settings(followed=remembered()))
    assert row_of(again, elsewhere).status == "stopped"
    page.actions_of_runs.trash.throw_away([row_of(page, elsewhere)])
    assert remembered() == []
    session.undo.undo()
    assert row_of(page, elsewhere).status == "stopped"
    assert remembered() == [str(elsewhere)]


# ---- a run that is stopping


def test_stop_says_that_it_saves_and_a_second_press_asks_before_it_ends_at_once(
    open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = begin(page := open_page(), 1)
    monkeypatch.setattr(page._engines, "stop", lambda _run: None)
    click(page, "stop")
    button = page.header.button("stop")
    assert (button.text(), button.isVisible(), page.header.texts()[2]) == ("Stopping, saving …", True, "Stopping")
    assert "Stopping" in page.list.table.index_of(run).siblingAtColumn(1).data()
    killed: list[str] = []
    monkeypatch.setattr(page._engines, "kill", killed.append)
    click(page, "stop")
    click(page, "stop")
    (box,) = page.control._asking.values()
    assert killed == []
    next(each for each in box.buttons() if each.text() == "End at once").click()
    assert killed == [str(run.folder)]
    click(page, "stop")
    assert page.control._asking
    idle(page).end(str(run.folder))
    assert not page.control._asking, "what has ended need not be asked about"


def test_a_second_stop_of_a_run_of_another_process_is_refused_in_words(open_page: Opener, said: list[str]) -> None:
    folder = write_run("a", started(2, 20), step(1, 1.0))
    with writing(folder):
        page = open_page()
        click(page, "stop")
        click(page, "stop")
        assert page.header.button("stop").text() == "Stopping, saving …"
        assert said[-1] == "a is stopping: the process that trains it saves, then it ends."


def test_the_head_says_with_how_many_threads_a_run_computes_while_the_computer_is_busy(open_page: Opener) -> None:
    change = ThreadsChanged(1, 1, "the computer is busy: trying 1 thread")
    folder = write_run("a", started(2, 20), step(1, 2.0), change, step(2, 2.0))
    with writing(folder):
        page = open_page()
        run = row_of(page, folder)
        run.look()
        page._show_header()
        assert page.header.about.startswith("1 thread, the computer is busy, ")
        assert facts(run)["Device"] == "CPU, 1 thread from step 2 on"
    add_events(folder, ThreadsChanged(2, 2, "1 thread was no faster than 2"))
    with writing(folder):
        run.refresh(alive=True)
        assert threads_words(run) == "2 threads"
    page.runs.disown(str(folder))
    assert threads_words(run) == ""
