"""The table of runs: what is found, in which order; many at once; and that nothing of others is touched."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from resnet_gui.base.files import sweeps_folder
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import MessageAction, Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.gui.train.runs.arrangement import GroupHeading, RunArrangement
from resnet_gui.gui.train.runs.columns import COLUMNS, EXACT, KEYS, NARROW, fitting_widths
from resnet_gui.gui.train.runs.sparklines import POINTS, Sparklines, thinned_errors
from resnet_gui.gui.train.runs.trash_dialog import TrashDialog
from resnet_gui.runs import notes, scan
from resnet_gui.runs.events import RunEnded, TrainResult
from resnet_gui.runs.lock import writing
from resnet_gui.runs.notes import NOTES_FILE, change_tags, read_notes, trashed_runs
from resnet_gui.training.recipe import Recipe
from tests.gui.train.test_control import said
from tests.gui.train.test_plots import SOON, Opener, epoch, info_of, open_page, row_of, started, step, write_run

__all__ = ["open_page", "said"]


def finished(name: str, best: float, *, data: str = "digits", preset: str = "digits-resnet") -> Path:
    info = info_of(name, Recipe(data=data), preset)
    info = msgspec.structs.replace(info, data=msgspec.structs.replace(info.data, name=data))
    result = TrainResult("", 2, 0.1, 0.2, 1 - best, 1 - best, 12.5, 90.0, "00")
    events = (step(1, 2.0), epoch(1, 20, 2.0, 0.8), epoch(2, 40, 1.0, best))
    return write_run(name, started(2, 20), *events, RunEnded("finished", 40, result=result), info=info)


def rows() -> list[RunRow]:
    runs = RunModel()
    runs.load()
    return runs.rows()


def words(arrangement: RunArrangement, found: list[RunRow]) -> list[str]:
    return [e.title.upper() if isinstance(e, GroupHeading) else e.name for e in arrangement.entries(found)]


def chosen_names(page: TrainPage) -> list[str]:
    return [run.name for run in page.list.selected()]


# ---- what is shown, and in which order


def test_runs_are_found_by_name_tag_data_and_design_sorted_by_any_column_and_grouped(qtbot: QtBot, home: Path) -> None:
    finished("b", 0.3)
    change_tags(finished("a", 0.2, data="mnist", preset="resnet20"), ["to keep"])
    write_run("c", started(2, 20))
    found = rows()
    usual = RunArrangement()
    assert words(usual, found) == ["c", "b", "a"], "the newest first"
    assert words(RunArrangement(search="KEEP mnist"), found) == ["a"]
    assert words(RunArrangement(search="keep digits"), found) == []
    assert words(usual.by("error"), found) == ["a", "b", "c"], "a run without a figure comes last"
    assert words(usual.by("error").by("error"), found) == ["b", "a", "c"], "in either order"
    assert words(RunArrangement(group="data"), found) == ["DIGITS", "c", "b", "MNIST", "a"]
    assert words(RunArrangement(group="tag"), found) == ["NO TAGS", "c", "b", "TO KEEP", "a"]
    for column in COLUMNS:
        there, back = RunArrangement(key=column.key, descending=False), RunArrangement(key=column.key)
        assert set(words(there, found)) == set(words(back, found)) == set("abc"), column.key
    assert RunArrangement.of("nonsense", "nonsense", descending=False) == usual


def test_as_many_columns_are_shown_as_have_room_and_none_is_cut(open_page: Opener) -> None:
    assert list(fitting_widths(NARROW - 1)) == ["name"]
    for room in range(NARROW, 1400, 60):
        widths = fitting_widths(room)
        assert sum(widths.values()) == room
        assert all(widths[column.key] >= column.width for column in COLUMNS if column.key in widths)
    assert set(fitting_widths(1400)) == set(KEYS)
    finished("a", 0.2)
    page = open_page()
    assert page.list.isHeaderHidden()
    page.modes.pulled = 580
    page.modes.share()
    assert not page.list.isHeaderHidden()
    assert [key for key, hidden in zip(KEYS, map(page.list.isColumnHidden, range(len(KEYS))), strict=True) if hidden]
    settings = Settings()
    page.list.sort_by("error")
    page.side.finder._group("design")
    page.remember(settings)
    again = open_page(settings)
    assert again.modes.pulled == again.side.width() == 580
    assert again.list.table.arrangement == page.list.table.arrangement


def test_the_form_of_a_new_run_stays_in_its_place_however_many_runs_come(open_page: Opener) -> None:
    page = open_page()
    finished("a", 0.2)
    places = []
    for name in ("b", "c", "d", "e"):
        finished(name, 0.2)
        page.runs.load()
        QGuiApplication.processEvents()
        places.append(page.form.mapTo(page, page.form.rect().topLeft()).y())
    assert len(set(places)) == 1
    assert page.list.table.rowCount() == 5


def test_the_small_curve_of_a_run_is_that_of_its_file_thinned_to_its_ends(qtbot: QtBot, home: Path) -> None:
    finished("a", 0.25)
    (run,) = rows()
    lines = Sparklines()
    with qtbot.waitSignal(lines.ready, timeout=SOON):
        assert lines.errors(run) == ()
    assert lines.errors(run) == (0.8, 0.25)
    many = [number / 1000 for number in range(1000)]
    thin = thinned_errors(many)
    assert (len(thin), thin[0], thin[-1]) == (POINTS, many[0], many[-1])


def test_copied_runs_carry_exact_numbers(qtbot: QtBot, open_page: Opener) -> None:
    finished("a", 1 / 3)
    page = open_page()
    page.list.selectAll()
    qtbot.keyClick(page.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    head, line = QGuiApplication.clipboard().text().splitlines()
    values = dict(zip(head.split("\t"), line.split("\t"), strict=True))
    assert tuple(values) == EXACT
    assert float(values["best error"]) == 1 - (1 - 1 / 3)
    assert (values["seconds"], values["depth"]) == ("12.5", str(PRESETS["digits-resnet"].spec.depth))


# ---- many at once


def test_selected_runs_are_thrown_away_together_and_come_back_by_the_message(
    qtbot: QtBot, open_page: Opener, session: Session, tmp_path: Path
) -> None:
    kept, gone = finished("a", 0.2), [finished(name, 0.2) for name in "bc"]
    elsewhere = finished("x", 0.2).rename(tmp_path / "elsewhere")
    page = open_page()
    page.follow(str(elsewhere))
    offered: list[tuple[str, tuple[MessageAction, ...]]] = []
    session.offered.connect(lambda sentence, _level, actions: offered.append((sentence, actions)))
    page.state.choose(row_of(page, gone[0]))
    page.list.select([row_of(page, folder) for folder in (*gone, elsewhere)])
    qtbot.keyClick(page.list, Qt.Key.Key_Delete)
    assert [run.folder for run in page.runs.rows()] == [kept]
    assert page.state.run is row_of(page, kept)
    assert sorted(path.name for path in trashed_runs()) == sorted(path.name for path in gone)
    assert elsewhere.is_dir(), "a folder elsewhere is never moved"
    ((sentence, (action,)),) = offered
    assert sentence == "2 runs are in the trash."
    action.work()
    assert {run.folder for run in page.runs.rows()} == {kept, *gone}
    session.undo.undo()
    assert row_of(page, elsewhere).folder == elsewhere


def test_deleted_runs_are_listed_after_a_restart_and_come_back_one_or_all_in_their_order(
    qtbot: QtBot, open_page: Opener, said: list[str]
) -> None:
    every = [finished(name, 0.2) for name in "abcd"]
    page = open_page()
    page.actions_of_runs.trash.throw_away([row_of(page, folder) for folder in every[1:3]])
    again = open_page()
    assert len(again.runs.rows()) == 2
    dialog = TrashDialog(again, again.actions_of_runs.trash.restore)
    qtbot.addWidget(dialog)
    texts = [dialog.list.item(number).text() for number in range(dialog.list.count())]
    assert sorted(text.splitlines()[0] for text in texts) == ["b", "c"]
    assert all("begun 2026-01-01" in text and "deleted 2" in text and "20.00 %" in text for text in texts)
    (number,) = [number for number, text in enumerate(texts) if text.startswith("b")]
    dialog.list.setCurrentRow(number)
    dialog.chosen.click()
    assert [run.name for run in again.runs.rows()] == ["d", "b", "a"]
    finished("c", 0.5)  # something else lies at its place by now
    dialog.every.click()
    assert "another 20260101-000000-c at its place" in dialog.note.text()
    assert {run.folder.name for run in again.runs.rows()} >= {f"20260101-000000-{name}" for name in ("a", "b", "c-2")}
    assert dialog.list.count() == 0
    assert not dialog.every.isEnabled()
    assert not dialog.chosen.isEnabled()
    assert trashed_runs() == []


def test_the_menu_of_the_runs_offers_what_lies_in_the_trash(
    open_page: Opener, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finished("a", 0.2)
    page = open_page()
    shown: list[int] = []
    monkeypatch.setattr(TrashDialog, "exec", lambda dialog: shown.append(dialog.list.count()))
    page.side.restore_requested.emit()
    assert (said[-1], shown) == ("The trash is empty.", [])
    page.actions_of_runs.trash.throw_away([row_of(page, folder)])
    page.side.restore_requested.emit()
    assert shown == [1]


def test_undoing_a_delete_puts_each_run_where_it_was(open_page: Opener, session: Session) -> None:
    every = [finished(name, 0.2) for name in "abcd"]
    page = open_page()
    page.actions_of_runs.trash.throw_away([row_of(page, every[0]), row_of(page, every[2])])
    session.undo.undo()
    assert [run.name for run in page.runs.rows()] == ["d", "c", "b", "a"]
    assert [run.name for run in page.list.table.shown_runs()] == ["d", "c", "b", "a"]


def test_a_search_without_a_hit_says_so_in_the_table(open_page: Opener) -> None:
    finished("a", 0.2)
    page = open_page()
    assert page.list.nothing_found == ""
    page.side.finder.field.setText("zebra")
    assert page.list.nothing_found.startswith("No run has “zebra” in its name")
    page.list.grab()
    page.side.finder.field.setText("a")
    assert page.list.nothing_found == ""


def test_lesser_columns_are_left_out_before_a_name_is_cut_and_a_long_one_takes_what_is_free() -> None:
    assert fitting_widths(700, 330)["name"] >= 330 > fitting_widths(700)["name"]
    assert len(fitting_widths(700, 330)) < len(fitting_widths(700))
    assert fitting_widths(1500, 520)["name"] > fitting_widths(1500)["name"]
    assert fitting_widths(NARROW, 900).keys() >= {"name", "error", "state"}


def test_a_run_of_a_sweep_and_one_that_is_trained_stay_whatever_is_selected(
    qtbot: QtBot, open_page: Opener, said: list[str]
) -> None:
    finished("a", 0.2)
    part = sweeps_folder() / "mine" / "runs" / "one"
    part.parent.mkdir(parents=True)
    finished("b", 0.2).rename(part)
    going = write_run("c", started(2, 20), step(1, 2.0))
    with writing(going):
        page = open_page()
        page.actions_of_runs.trash.throw_away(page.runs.rows())
        assert {run.folder for run in page.runs.rows()} == {going, part}
    assert any("belongs to the sweep mine" in sentence for sentence in said)
    assert any("stop it first" in sentence for sentence in said)


# ---- runs that ship with the program


def test_recorded_runs_are_listed_under_their_heading_and_nothing_is_written_into_them(
    open_page: Opener, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    finished("own", 0.2)
    recorded = tmp_path / "assets" / scan.RECORDINGS / "one"
    shutil.copytree(finished("one", 0.1), recorded)
    monkeypatch.setattr(scan, "assets", lambda: tmp_path / "assets")
    before = sorted(recorded.iterdir()), (recorded / "run.json").stat().st_mtime_ns
    page = open_page()
    page.side.recorded.trigger()
    assert words(page.list.table.arrangement, page.runs.rows())[-2:] == ["RECORDED", row_of(page, recorded).name]
    run = row_of(page, recorded)
    page.actions_of_runs.rename(run)
    assert "ships with the program" in said[-1]
    menu = page.actions_of_runs.menu(run)
    able: dict[str, Callable[[], bool]] = {action.text(): action.isEnabled for action in menu.actions()}
    assert not able["Rename …"]()
    assert not able["Tags"]()
    page.runs.poll()
    page.actions_of_runs.trash.throw_away([run])
    assert page.runs.row(recorded) is None
    assert recorded.is_dir()
    assert not page.side.recorded.isChecked()
    assert (sorted(recorded.iterdir()), (recorded / "run.json").stat().st_mtime_ns) == before
    assert not (recorded / NOTES_FILE).exists()
    assert trashed_runs() == []


def test_curves_that_the_user_has_hidden_are_hidden_after_a_restart_and_a_replay_alone_hides_none(
    open_page: Opener,
) -> None:
    folders = [finished(name, 0.2) for name in ("a", "b", "c")]
    settings = Settings()
    page = open_page()
    page.list.show_curves([row_of(page, folder) for folder in folders], shown=False)
    page.list.show_curves([row_of(page, folders[0])], shown=True)
    page.runs.show_only([])
    page.remember(settings)
    assert settings.runs_hidden == [str(folders[2]), str(folders[1])]
    again = open_page(settings)
    assert [row_of(again, folder).shown for folder in folders] == [True, False, False]
    again.replay.begin()
    again.replay.end()
    assert [row_of(again, folder).shown for folder in folders[:2]] == [True, False]


def test_many_runs_are_tagged_and_thrown_away_in_one_step_with_one_change_of_the_list(
    open_page: Opener, said: list[str], session: Session
) -> None:
    folders = [finished(f"r{number:02d}", 0.2) for number in range(30)]
    page = open_page()
    tags, trash = page.actions_of_runs.tags, page.actions_of_runs.trash
    changes: list[str] = []
    session.offered.connect(lambda sentence, *_: said.append(sentence))
    for name in ("modelReset", "rowsInserted", "rowsRemoved", "tags_changed", "run_changed"):
        getattr(page.runs, name).connect(lambda *_, name=name: changes.append(name))
    runs = page.runs.rows()
    tags.change(runs, "kept", on=True)
    assert (changes, said[-1]) == (["tags_changed"], "30 runs have the tag “kept”.")
    assert {read_notes(folder).tags for folder in folders} == {("kept",)}
    assert all(run.tags == ("kept",) for run in page.runs.rows())
    session.undo.undo()
    assert {read_notes(folder).tags for folder in folders} == {()}
    session.undo.redo()
    assert session.undo.count() == 1
    drawn = [run.folder for run in page.runs.rows() if run.shown]
    assert 0 < len(drawn) < 10
    changes.clear()
    every_second = runs[::2]
    page.state.choose(every_second[0])
    trash.throw_away(every_second)
    assert (changes, said[-1]) == (["modelReset"], "15 runs are in the trash.")
    assert page.state.run in page.runs.rows()
    assert len(page.runs.rows()) == len(page.list.table.entries()) == 15
    changes.clear()
    session.undo.undo()
    assert changes == ["modelReset"]
    assert [run.folder for run in page.runs.rows()] == folders[::-1], "each where it was"
    assert [run.folder for run in page.runs.rows() if run.shown] == drawn, "and drawn as it was"
    assert all(run.tags == ("kept",) for run in page.runs.rows())


def test_a_run_that_cannot_be_tagged_or_moved_keeps_no_other_from_it_and_is_named(
    open_page: Opener, said: list[str], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, third = (finished(name, 0.2) for name in ("a", "b", "c"))
    page = open_page()
    (other / NOTES_FILE).write_bytes(b"no notes")
    page.actions_of_runs.tags.change(page.runs.rows(), "x", on=True)
    assert (read_notes(one).tags, read_notes(third).tags) == (("x",), ("x",))
    assert any(f"{other / NOTES_FILE} cannot be read" in sentence for sentence in said)
    assert said[-1] == "2 runs have the tag “x”."
    session.undo.undo()
    assert (read_notes(one).tags, read_notes(third).tags) == ((), ())
    monkeypatch.setattr(notes, "is_being_written", lambda folder: folder == third)
    page.actions_of_runs.trash.throw_away(page.runs.rows())
    assert f"{third.name} is being trained; stop it first." in said
    assert [run.folder for run in page.runs.rows()] == [third]
    session.undo.undo()
    assert [run.folder for run in page.runs.rows()] == [third, other, one]
