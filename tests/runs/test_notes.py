"""Names and notes of runs, and the trash: nothing is lost, and nothing that is being trained is thrown away."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resnet_gui.base.errors import InputError
from resnet_gui.runs.folder import list_runs, read_run_info
from resnet_gui.runs.lock import writing
from resnet_gui.runs.notes import (
    MAX_NAME,
    MAX_NOTE,
    NOTES_FILE,
    RunNotes,
    change_notes,
    empty_trash,
    keep_colour,
    origin_of,
    read_notes,
    restore,
    take_back,
    throw_away,
    trash_folder,
    trashed_runs,
    write_notes,
)
from tests.runs.test_runs import epochs, held_by_another_process, make_run, started

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=MAX_NAME)


@given(name=TEXT, note=TEXT)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_name_and_a_note_come_back_as_they_were(tmp_path: Path, name: str, note: str) -> None:
    write_notes(tmp_path, RunNotes(name, note))
    assert read_notes(tmp_path) == RunNotes(name, note)
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == [NOTES_FILE]


def test_the_longest_name_and_note_are_kept_and_longer_ones_refused(tmp_path: Path) -> None:
    longest = RunNotes("n" * MAX_NAME, "é" * MAX_NOTE)
    write_notes(tmp_path, longest)
    for wrong in (RunNotes("n" * (MAX_NAME + 1)), RunNotes("", "x" * (MAX_NOTE + 1))):
        with pytest.raises(InputError, match="A name has at most 120 characters, a note 10,000"):
            write_notes(tmp_path, wrong)
    assert read_notes(tmp_path) == longest


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"\xff\xfe", b'{"name": 3}', b"null"])
def test_notes_that_are_missing_or_cannot_be_read_are_empty(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / NOTES_FILE).write_bytes(content)
    assert read_notes(tmp_path) == RunNotes()


def test_half_a_character_and_a_folder_that_is_gone_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be kept"):
        write_notes(tmp_path, RunNotes("\ud800"))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match=r"cannot be kept"):
        write_notes(tmp_path / "file" / "run", RunNotes("x"))


def test_a_note_does_not_bring_back_a_run_that_was_removed(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_notes(tmp_path / "gone", RunNotes("x"))
    assert not (tmp_path / "gone").exists()


def test_the_first_colour_of_a_run_stays_whatever_is_written_later(home: Path, tmp_path: Path) -> None:
    assert read_notes(tmp_path).colour is None
    assert keep_colour(tmp_path, 3) == 3
    assert keep_colour(tmp_path, 5) == 3
    change_notes(tmp_path, name="mine")
    change_notes(tmp_path, note="a note")
    assert read_notes(tmp_path) == RunNotes("mine", "a note", 3)


def test_of_windows_that_give_a_run_a_colour_at_once_the_first_one_decides(home: Path, tmp_path: Path) -> None:
    change_notes(tmp_path, name="mine")
    together, found = threading.Barrier(8), list[int]()

    def give(number: int) -> None:
        together.wait()
        found.append(keep_colour(tmp_path, number))

    windows = [threading.Thread(target=give, args=(number,)) for number in range(8)]
    for window in windows:
        window.start()
    for window in windows:
        window.join()
    kept = read_notes(tmp_path)
    assert found == [kept.colour] * 8
    assert kept.name == "mine"


class _EarlierNotes(msgspec.Struct, frozen=True):
    """As builds before the colour read the file."""

    name: str = ""
    note: str = ""


def test_earlier_builds_read_notes_with_a_colour_and_theirs_are_read_here(home: Path, tmp_path: Path) -> None:
    change_notes(tmp_path, name="mine", note="a note")
    keep_colour(tmp_path, 3)
    path = tmp_path / NOTES_FILE
    earlier = msgspec.json.decode(path.read_bytes(), type=_EarlierNotes)
    assert earlier == _EarlierNotes("mine", "a note")
    path.write_bytes(msgspec.json.encode(earlier))
    assert read_notes(tmp_path) == RunNotes("mine", "a note", None)


def test_a_colour_does_not_replace_notes_that_cannot_be_read(home: Path, tmp_path: Path) -> None:
    (tmp_path / NOTES_FILE).write_bytes(b'{"name": "mine"')
    with pytest.raises(InputError, match=r"notes\.json cannot be read"):
        keep_colour(tmp_path, 1)
    assert (tmp_path / NOTES_FILE).read_bytes() == b'{"name": "mine"'


def test_a_colour_does_not_bring_back_a_run_that_was_removed(home: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the run is gone"):
        keep_colour(tmp_path / "gone", 1)
    assert not (tmp_path / "gone").exists()


def test_a_run_comes_back_from_the_trash_as_it_was(home: Path) -> None:
    run = make_run(home / "runs" / "a", started(), *epochs(0.5))
    write_notes(run, RunNotes("mine", "a note"))
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    trashed = throw_away(run)
    assert not run.exists()
    assert trashed == trash_folder() / "a"
    assert list_runs() == ([], [])
    assert trashed_runs() == [trashed]
    take_back(trashed, run)
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before
    assert read_notes(run) == RunNotes("mine", "a note")
    assert trashed_runs() == []


def test_runs_of_one_name_lie_beside_each_other_in_the_trash(home: Path) -> None:
    places = [throw_away(make_run(home / str(number) / "run", name=f"run {number}")) for number in range(3)]
    assert [place.name for place in places] == ["run", "run-2", "run-3"]
    assert [read_run_info(place).name for place in places] == ["run 0", "run 1", "run 2"]
    assert empty_trash() == 3
    assert trashed_runs() == []
    assert empty_trash() == 0


def test_a_run_that_is_being_trained_is_not_thrown_away(home: Path) -> None:
    run = make_run(home / "runs" / "a", started())
    with held_by_another_process(run), pytest.raises(InputError, match="a is being trained; stop it first"):
        throw_away(run)
    with writing(run), pytest.raises(InputError, match="is being trained"):
        throw_away(run)
    assert (run / "run.json").is_file()
    assert trashed_runs() == []
    throw_away(run)


def test_a_run_is_not_taken_back_onto_something_else(home: Path) -> None:
    run = make_run(home / "runs" / "a", name="first")
    trashed = throw_away(run)
    make_run(run, name="second")
    with pytest.raises(InputError, match=f"{run} exists again; the run stays in {trashed}"):
        take_back(trashed, run)
    assert [read_run_info(place).name for place in (run, trashed)] == ["second", "first"]


def test_a_run_is_restored_to_where_it_was_in_any_later_session_and_beside_what_is_there_by_now(home: Path) -> None:
    trashed = [throw_away(make_run(home / place / "a", name=place)) for place in ("runs", "other")]
    assert [origin_of(each) for each in trashed] == [home / "runs" / "a", home / "other" / "a"]
    make_run(home / "other" / "a", name="new")
    assert [restore(each) for each in trashed] == [home / "runs" / "a", home / "other" / "a-2"]
    assert read_run_info(home / "other" / "a-2").name == "other"
    assert list(trash_folder().iterdir()) == []
    old = throw_away(home / "runs" / "a")
    next(trash_folder().glob("*.origin")).unlink()
    assert restore(old) == home / "runs" / "a", "as an older version threw it away"
    throw_away(home / "runs" / "a")
    empty_trash()
    assert list(trash_folder().iterdir()) == []


def test_what_cannot_be_moved_is_said_in_a_sentence(home: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be moved"):
        throw_away(tmp_path / "nowhere")
    with pytest.raises(InputError, match="cannot be moved"):
        take_back(trash_folder() / "nowhere", home / "runs" / "a")
    assert not (home / "runs" / "a").exists()
