"""The replay of the recorded runs: any moment is what their events say, and nothing is written into their folders."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from resnet_gui.base.files import data_folder
from resnet_gui.gui.lab.page import LabPage
from resnet_gui.gui.runs.replay import RunReplay
from resnet_gui.gui.runs.row import progress_text, state_word
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.replay import QUESTION, result_sentence
from resnet_gui.gui.train.runs.table_delegate import NARROW_HEIGHT
from resnet_gui.runs.history import RunReader, RunState, replay
from resnet_gui.runs.recordings import RECORDED, recordings_folder
from tests.gui.driving import Opener, copy_run, train_page


def state_at(name: str, step: int) -> RunState:
    state = RunState()
    for event in RunReader(recordings_folder() / name).read():
        if event.step <= step:
            state.apply(event)
    return state


def stamps() -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in recordings_folder().rglob("*")}


def test_every_moment_of_a_replay_forwards_and_backwards_is_what_the_events_up_to_it_say(session: Session) -> None:
    rows = session.runs.show_recorded()
    played = RunReplay(session.runs, rows)
    assert played.epochs == 15
    for epoch in (0.0, 3.2, 15.0, 7.5, 7.6, 99.0):
        played.seek(epoch)
        for row in rows:
            expected, shown = state_at(row.folder.name, round(min(epoch, 15) * 45)), row.look()
            assert shown.step == expected.step
            assert {name: list(curve.y) for name, curve in shown.curves.items()} == {
                name: list(curve.y) for name, curve in expected.curves.items()
            }
            assert shown.epochs == expected.epochs
            assert list(shown.gradients.values) == list(expected.gradients.values)
            assert row.epoch == (expected.last_epoch.epoch if expected.last_epoch else 0)
    assert not any(row.going for row in rows), "nothing waits for more of them"


def test_a_replay_that_plays_goes_on_to_the_end_at_its_speed_and_holds_where_it_is_told_to(
    qtbot: QtBot, session: Session
) -> None:
    played = RunReplay(session.runs, session.runs.show_recorded())
    played.speed = 1000.0
    played.play()
    qtbot.waitUntil(lambda: played.epoch == 15.0)
    assert not played.playing
    played.speed = 0.01
    played.play()
    assert (played.playing, played.epoch) == (True, 0.0), "from the beginning again"
    played.pause()
    assert not played.playing


def test_the_page_plays_the_recorded_runs_alone_says_their_result_and_gives_the_users_runs_back(
    open_window: Opener, trained_run: Path
) -> None:
    own = copy_run(trained_run)
    before = stamps()
    window = open_window(engine=False)
    window.show_page("train")
    page = train_page(window)
    page.replay.begin()
    bar, replayed = page.replay_bar, page.replay.going
    assert replayed is not None
    assert (bar.isVisible(), bar.sentence.text(), replayed.playing) == (True, QUESTION, True)
    assert {row.folder.name for row in page.runs.rows() if row.shown} == set(RECORDED)
    assert page.state.run is not None
    assert page.state.run.name == "ResNet-56"
    bar.play.click()
    assert not replayed.playing
    assert bar.play.accessibleName() == "Play the recorded runs"
    bar.moment.setValue(100)
    assert replayed.epoch == 5.0
    for moment in (8.0, 8.4, 8.999, 2.2):
        replayed.seek(moment)
        counts = {f"epoch {page.header._epoch.text()} / 15", bar._epoch.text(), progress_text(page.state.run)}
        assert len(counts) == 1, "one count in the head, beside the slider and in the list"
    bar.end.click()
    errors = {name: f"{100 * replay(recordings_folder() / name).epochs[-1].train_error:.1f}" for name in RECORDED}
    assert bar.sentence.text() == (
        "Without shortcuts 56 layers end worse than 20: {plain-56} % against {plain-20} % training error. "
        "With shortcuts 56 layers end as well as 20: {ResNet-56} % against {ResNet-20} %."
    ).format(**errors)
    asked: list[str] = []
    page.replay.experiment_requested.connect(asked.append)
    bar.here.click()
    assert asked == ["degradation"]
    assert window.shows("lab"), "and the window shows it"
    QTest.mouseClick(bar.close_bar, Qt.MouseButton.LeftButton)
    assert [row.folder for row in page.runs.rows()] == [own]
    assert page.runs.rows()[0].shown
    assert stamps() == before
    assert data_folder() not in recordings_folder().parents


def test_replayed_runs_say_so_until_their_end_and_their_rows_have_the_room_of_the_form(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window(engine=False)
    window.window.resize(1280, 720)
    window.show_page("train")
    page = train_page(window)
    side, opened = page.side, [page.side.new.open]
    page.replay.begin()
    page.replay_bar.play.click()
    page.replay_bar.moment.setValue(20)
    opened.append(side.new.open)
    qtbot.waitUntil(lambda: side.list.viewport().height() >= 4 * NARROW_HEIGHT)
    assert side.list.verticalScrollBar().maximum() == 0, "all four rows are seen"
    qtbot.waitUntil(lambda: page.header.texts()[2] == "Replaying")
    assert all((state_word(row), progress_text(row)) == ("Replaying", "epoch 2 / 15") for row in page.runs.rows())
    page.replay_bar.end.click()
    qtbot.waitUntil(lambda: page.header.texts()[2] == "Finished")
    page.replay.end()
    assert [*opened, side.new.open] == [True, False, True], "folded meanwhile, and then as it was before"


def test_run_it_here_says_how_it_differs_and_leads_to_the_marked_card_of_the_experiment(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window(engine=False)
    window.window.resize(960, 540)
    window.show_page("train")
    page = train_page(window)
    page.replay.begin()
    page.replay_bar.play.click()
    assert page.replay_bar.difference.text() == (
        "Run here: 15 runs of 8 epochs, 3 seeds, about 5 min. Recorded: 4 runs of 15 epochs, one seed."
    )
    page.replay_bar.here.click()
    lab = window.page("lab")
    assert isinstance(lab, LabPage)
    card = lab.list.cards["degradation", "quick"]
    assert card.isChecked()
    qtbot.waitUntil(lambda: card.visibleRegion().boundingRect().height() == card.height())


def test_runs_that_are_taken_off_the_list_end_their_replay(open_window: Opener) -> None:
    window = open_window(engine=False)
    window.show_page("train")
    page = train_page(window)
    page.replay.begin()
    page.runs.hide_recorded()
    assert page.replay.going is None
    assert not page.replay_bar.isVisible()


def test_a_result_is_only_said_of_pairs_that_are_there(session: Session) -> None:
    rows = [row for row in session.runs.show_recorded() if row.name != "plain-20"]
    RunReplay(session.runs, rows).seek(15)
    assert result_sentence(rows).startswith("With shortcuts 56 layers end as well as 20")
