"""The runs of a session: one reading of the disk for all pages, and one colour a run."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from resnet_gui.base.files import runs_folder
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.page import PredictPage
from resnet_gui.gui.runs.colours import dashes_of
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import LOOKS, RunRow, progress_text, state_word
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.protocol.jobs import Train
from resnet_gui.runs.folder import RUN_FILE, read_run_info, summarise
from resnet_gui.runs.lock import writing
from resnet_gui.runs.notes import (
    NOTES_FILE,
    change_notes,
    keep_colour,
    notes_stamp,
    read_notes,
    take_back,
    throw_away,
    trash_folder,
)
from tests.gui.train.test_plots import IdleEngines, Opener, add_events, open_page, started, step, write_run

__all__ = ["open_page"]


def copies(source: Path, *names: str) -> list[Path]:
    made = [runs_folder() / f"20260101-00000{number}-{name}" for number, name in enumerate(names)]
    for folder in made:
        if not folder.exists():
            shutil.copytree(source, folder, ignore=shutil.ignore_patterns(NOTES_FILE))
    return made


def colours(runs: RunModel) -> dict[Path, tuple[str, bool]]:
    return {row.folder: (row.token, row.dashed) for row in runs.rows()}


def numbers(runs: RunModel) -> dict[str, int]:
    return {row.folder.name.rpartition("-")[2]: row.colour for row in runs.rows()}


def opened(*followed: Path) -> RunModel:
    runs = RunModel()
    runs.load([str(path) for path in followed])
    return runs


def look(runs: RunModel) -> None:
    """What the clock does."""
    runs._looked = -math.inf
    runs.poll()


def test_a_run_keeps_its_colour_however_often_the_runs_are_read_and_when_it_comes_back_from_the_trash(
    qtbot: QtBot, session: Session, trained_run: Path
) -> None:
    copies(trained_run, "a", "b", "c")
    session.runs.load()
    first = colours(session.runs)
    assert sorted(token for token, _ in first.values()) == ["r0", "r1", "r2"]
    session.runs.load()
    assert colours(session.runs) == first
    gone = session.runs.rows()[1]
    session.runs.remove(gone)
    *_, new = copies(trained_run, "a", "b", "c", "d")
    session.runs.load()
    assert colours(session.runs) == {**first, new: ("r3", False)}


def test_the_next_window_shows_each_run_in_its_colour_though_others_were_deleted_and_a_new_one_takes_what_is_free(
    qtbot: QtBot, home: Path, trained_run: Path
) -> None:
    a, *_ = copies(trained_run, "a", "b", "c")
    assert numbers(opened()) == {"a": 0, "b": 1, "c": 2}
    shutil.rmtree(a)
    assert numbers(opened()) == {"b": 1, "c": 2}
    copies(trained_run, "d", "b", "c", "e")
    assert numbers(opened()) == {"d": 0, "b": 1, "c": 2, "e": 3}
    assert [
        read_notes(runs_folder() / f"20260101-00000{place}-{name}").colour for place, name in ((0, "d"), (3, "e"))
    ] == [0, 3]


def test_a_run_comes_back_from_the_trash_in_its_colour(qtbot: QtBot, home: Path, trained_run: Path) -> None:
    _, b, _ = copies(trained_run, "a", "b", "c")
    runs = opened()
    trashed = throw_away(b)
    row = runs.row(b)
    assert row is not None
    runs.remove(row)
    take_back(trashed, b)
    runs.put_back(b)
    assert numbers(runs) == numbers(opened()) == {"a": 0, "b": 1, "c": 2}


def test_a_new_run_takes_no_colour_of_the_trash_as_long_as_there_are_others(
    qtbot: QtBot, home: Path, trained_run: Path
) -> None:
    a, b, _ = copies(trained_run, "a", "b", "c")
    runs = opened()
    trashed = throw_away(b)
    row = runs.row(b)
    assert row is not None
    runs.remove(row)
    new = shutil.copytree(a, runs_folder() / "20260101-000009-d", ignore=shutil.ignore_patterns(NOTES_FILE))
    look(runs)
    take_back(trashed, b)
    runs.put_back(b)
    assert numbers(runs) == {"a": 0, "b": 1, "c": 2, "d": 3}
    for number in range(LOOKS):
        keep_colour(make_folder(trash_folder() / str(number)), number)
    shutil.copytree(a, runs_folder() / "20260101-000010-e", ignore=shutil.ignore_patterns(NOTES_FILE))
    look(runs)
    assert numbers(runs)["e"] == 4, "all that look different are taken by the trash"
    assert read_notes(new).colour == 3


def make_folder(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def test_two_windows_show_one_folder_in_the_same_colours_and_names_and_write_each_colour_once(
    qtbot: QtBot, home: Path, trained_run: Path
) -> None:
    copies(trained_run, "a")
    one, other = opened(), opened()
    made = copies(trained_run, "a", "b", "c")
    for runs in (one, other, one, other):
        look(runs)
    assert numbers(one) == numbers(other) == {"a": 0, "b": 1, "c": 2}
    stamps = [notes_stamp(folder) for folder in made]
    for runs in (one, other) * 3:
        look(runs)
    assert [notes_stamp(folder) for folder in made] == stamps, "nobody writes what is kept already"
    told: list[RunRow] = []
    other.run_changed.connect(told.append)
    change_notes(made[1], name="mine")
    look(other)
    look(other)
    assert [row.name for row in told] == ["mine"]
    assert [read_notes(folder).colour for folder in made] == [0, 1, 2]


def test_a_colour_that_another_window_gave_first_is_taken_from_it(qtbot: QtBot, home: Path, trained_run: Path) -> None:
    (folder,) = copies(trained_run, "a")
    runs = opened()
    (row,) = runs.rows()
    (folder / NOTES_FILE).unlink()
    assert keep_colour(folder, 9) == 9
    look(runs)
    assert (row.token, row.dashed) == ("r1", True)
    assert read_notes(folder).colour == 9


def test_lines_of_one_colour_differ_among_those_that_are_shown_and_the_oldest_keeps_its_own(
    home: Path, trained_run: Path
) -> None:
    rows = [RunRow.of(summarise(folder)) for folder in copies(trained_run, *"abcdefg")]
    for row, colour in zip(rows, (5, 21, 13, 29, 37, 4, 5), strict=True):
        row.colour = colour
    shown = dashes_of(reversed(rows))
    assert {row.folder.name[-1]: shown[row.folder] for row in rows} == {
        "a": 0, "b": 2, "c": 1, "d": 3, "e": 4, "f": 0, "g": 5,
    }  # fmt: skip
    assert len({(row.token, shown[row.folder]) for row in rows}) == len(rows)
    assert dashes_of([rows[1]]) == {rows[1].folder: 0}, "alone it looks as in the list"


def test_a_run_that_cannot_be_written_to_keeps_its_colour_in_the_window_and_is_tried_once(
    qtbot: QtBot, home: Path, trained_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies(trained_run, "a")
    shut = shutil.copytree(trained_run, tmp_path / "shut", ignore=shutil.ignore_patterns(NOTES_FILE))
    (shut / NOTES_FILE).mkdir()  # even an administrator cannot write here
    tried: list[Path] = []

    def note(folder: Path, colour: int) -> int:
        tried.append(folder)
        return keep_colour(folder, colour)

    monkeypatch.setattr("resnet_gui.gui.runs.colours.keep_colour", note)
    runs = opened(shut)
    before = numbers(runs)
    assert sorted(before.values()) == [0, 1]
    for _ in range(3):
        look(runs)
    assert tried.count(shut) == 1
    row = runs.row(shut)
    assert row is not None
    runs.remove(row)
    runs.follow(shut)
    assert numbers(runs) == before


def test_a_run_that_waits_has_its_colour_kept_as_soon_as_it_has_begun_and_not_before(
    qtbot: QtBot, home: Path, trained_run: Path
) -> None:
    info = read_run_info(trained_run)
    copies(trained_run, "a")
    runs = opened()
    folder = runs_folder() / "new"
    row = runs.add(Train(1, str(folder), info.name, info.spec, info.recipe, "cpu"), queued=True)
    look(runs)
    assert row.colour == 1
    assert not folder.exists()
    shutil.copytree(trained_run, folder, ignore=shutil.ignore_patterns(NOTES_FILE))
    runs.own(str(folder))
    runs.read(str(folder))
    look(runs)
    assert read_notes(folder).colour == 1


def test_colours_of_many_earlier_runs_are_written_a_few_at_a_time_and_are_the_same_meanwhile(
    qtbot: QtBot, home: Path, trained_run: Path
) -> None:
    made = [runs_folder() / f"20260101-0000{number:02}-n{number}" for number in range(20)]
    for folder in made:
        folder.mkdir(parents=True)
        shutil.copy(trained_run / RUN_FILE, folder)
    runs = opened()
    assert [read_notes(folder).colour for folder in made] == [*range(8), *[None] * 12]
    assert numbers(opened()) == numbers(runs) == {f"n{number}": number for number in range(20)}
    for _ in range(2):
        look(runs)
    assert [read_notes(folder).colour for folder in made] == list(range(20))


def test_a_run_folder_that_cannot_be_read_is_told_once_and_taken_up_when_it_can(
    qtbot: QtBot, open_page: Opener
) -> None:
    page = open_page()
    told: list[str] = []
    page.runs.problem_found.connect(told.append)
    folder = write_run("a", started(3, 10))
    whole = (folder / RUN_FILE).read_bytes()
    (folder / RUN_FILE).write_text("{")
    for _ in range(3):
        look(page.runs)
    assert len(told) == 1
    assert str(folder) in told[0]
    assert page.banner.isVisible()
    assert page.banner.text.text() == told[0]
    (folder / RUN_FILE).write_bytes(whole)
    look(page.runs)
    assert page.runs.row(folder) is not None


def test_a_run_that_cannot_be_read_any_more_when_it_is_taken_from_the_trash_is_told(
    qtbot: QtBot, home: Path, trained_run: Path
) -> None:
    (folder,) = copies(trained_run, "a")
    runs = opened()
    told: list[str] = []
    runs.problem_found.connect(told.append)
    runs.remove(runs.rows()[0])
    (folder / RUN_FILE).write_text("{")
    runs.put_back(folder)
    assert len(told) == 1
    assert not runs.rows()


def test_both_pages_show_a_run_in_one_colour_and_one_timer_reads_the_runs(
    qtbot: QtBot, session: Session, theme: Theme, trained_run: Path
) -> None:
    copies(trained_run, "a", "b")
    engines, settings = IdleEngines(), Settings()
    predict = PredictPage(session, engines, theme, settings)
    train = TrainPage(session, engines, theme, settings)
    for page in (predict, train):
        qtbot.addWidget(page)
    predict.show()
    copies(trained_run, "a", "b", "c")
    predict.models.load()
    listed = {Path(e.key): (e.token, e.dashed) for e in predict.models._networks.entries() if e.kind == "run"}
    assert len(listed) == 3
    assert listed == colours(train.runs)
    for page in (predict, train):
        assert not page.findChildren(RunModel)
    assert len(session.runs.findChildren(QTimer)) == 1


def test_a_session_reads_no_run_and_loads_no_numpy_before_a_page_wants_them() -> None:
    words = "import sys, resnet_gui.gui.session as s; s.Session(); print(sorted({'numpy', 'torch'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_what_an_engine_of_this_window_has_written_is_read_when_it_says_so_and_not_by_the_clock(
    qtbot: QtBot, open_page: Opener
) -> None:
    folder = write_run("going", started(3, 10), step(1, 2.0))
    with writing(folder):
        page = open_page()
        run = page.runs.row(folder)
        assert run is not None
        page.runs.own(str(folder))
        assert page.runs._timer.interval() >= 1000, "no clock reads its file many times a second"
        page.runs._timer.stop()
        add_events(folder, step(2, 1.5))
        page._engines.run_appended.emit(str(folder))
        assert run.state is not None
        assert run.state.step == 2


def test_folders_that_cannot_be_read_are_told_on_the_train_page_though_another_page_has_read_them(
    open_page: Opener, session: Session
) -> None:
    for name in ("a", "b"):
        (write_run(name, started(3, 10)) / "run.json").write_text("{")
    session.runs.load()
    page = open_page()
    assert page.banner.isVisible()
    assert page.banner.text.text().endswith("(1 more: see the tooltip)")
    assert page.banner.text.toolTip().count("\n") == 1


def test_a_run_whose_folder_is_taken_away_says_so_within_seconds_and_is_as_before_when_it_is_back(
    qtbot: QtBot, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page()
    folder = write_run("a", started(1, 1))
    look(page.runs)
    row = page.runs.row(folder)
    assert row is not None
    page.state.choose(row)
    assert page.runs._timer.interval() <= 2000
    folder.rename(tmp_path / "away")
    look(page.runs)
    assert (state_word(row), progress_text(row)) == ("Gone", "its folder was taken away")
    assert page.header.badge.text() == "Gone"
    assert not page.header.button("resume").isVisible()
    (tmp_path / "away").rename(folder)
    look(page.runs)
    assert (row.gone, row.message) == (False, "")
    folder.rename(tmp_path / "away")
    look(page.runs)
    page.actions_of_runs.trash.throw_away([row])
    assert page.runs.row(folder) is None
