"""How the last window ended is known at the next start, whatever ended it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import filelock
import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from resnet_gui.base.log import log_path
from resnet_gui.gui import app as program
from resnet_gui.gui.kept import open_windows
from resnet_gui.gui.kept.open_windows import OpenWindowFile, is_open, is_same_boot, take_ended_windows, windows_folder
from resnet_gui.gui.shell.errors import EndedWindowDialog
from tests.forks import Forks
from tests.gui.driving import Opener

BEGIN = """
import faulthandler, os
from resnet_gui.gui.kept.open_windows import OpenWindowFile
file = OpenWindowFile()
file.open()
file.hold()
"""


NOBODY = 99_999_999
"""A process number that no system gives."""


def test_a_crash_of_native_code_is_told_with_its_traceback(forks: Forks) -> None:
    assert forks.run("-c", f"{BEGIN}faulthandler._sigsegv()").returncode != 0
    (ended,) = take_ended_windows()
    assert ended.sentence == "Last time the window crashed: Segmentation fault."
    assert "Current thread" in ended.details
    assert take_ended_windows() == [], "it is told once"


def test_a_window_that_closed_has_nothing_to_tell_and_one_that_was_killed_has(forks: Forks) -> None:
    forks.run("-c", f"{BEGIN}file.close()")
    assert take_ended_windows() == []
    forks.run("-c", f"{BEGIN}os._exit(0)")
    (ended,) = take_ended_windows()
    assert "ended from outside" in ended.sentence


def test_a_window_that_was_killed_has_said_what_was_in_progress_and_a_crash_stands_below_it(forks: Forks) -> None:
    words = "In progress was depth × shortcut: run 13 of 15, 84 % done; Resume on the Train page goes on with it."
    note = f"file.note_going({words!r})"
    forks.run("-c", f"{BEGIN}file.note_going('something else')\n{note}\nos._exit(0)")
    (ended,) = take_ended_windows()
    assert (ended.going, ended.crash) == (words, "")
    assert words in ended.details
    forks.run("-c", f"{BEGIN}{note}\nfaulthandler._sigsegv()")
    (ended,) = take_ended_windows()
    assert (ended.going, ended.fault) == (words, "Segmentation fault")


def test_a_window_that_is_open_has_not_ended_whether_it_is_painted_or_not() -> None:
    file = OpenWindowFile()
    file.open()
    try:
        assert take_ended_windows() == []
        file.hold()
        assert take_ended_windows() == []
    finally:
        file.close()
    assert list(windows_folder().iterdir()) == []


def test_a_window_whose_file_another_one_looks_at_is_alive_and_holds_it_afterwards() -> None:
    file = OpenWindowFile()
    file.open()
    try:
        with file._path.open("rb+") as look:
            assert filelock.lock_descriptor(look.fileno(), blocking=False)
            file.hold()
        assert take_ended_windows() == []
        assert file._path.exists()
        file.note_going("A run goes on.")
        with file._path.open("rb+") as look:
            assert not filelock.lock_descriptor(look.fileno(), blocking=False)
        assert b"A run goes on." in file._path.read_bytes()
        assert take_ended_windows() == []
    finally:
        file.close()


def test_a_restart_of_the_computer_is_said_as_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    windows_folder().mkdir(parents=True)
    (windows_folder() / "1-1.txt").write_text(json.dumps({"boot": "earlier"}) + "\n")
    assert "restarted or switched off" in take_ended_windows()[0].sentence
    monkeypatch.setattr(open_windows, "boot_mark", lambda: "1000000060")
    (windows_folder() / "1-2.txt").write_text(json.dumps({"boot": "1000000000"}) + "\n")
    assert "from outside" in take_ended_windows()[0].sentence, "a clock that was set is no restart"
    assert not is_same_boot("1000000000", "1000000500")


def test_a_file_that_the_disk_has_lost_half_of_is_still_told() -> None:
    windows_folder().mkdir(parents=True)
    (windows_folder() / f"{NOBODY}-1.txt").write_bytes(b"")
    (windows_folder() / f"{NOBODY}-2.txt").write_bytes(b'{"boo\0\0')
    assert [ended.version for ended in take_ended_windows()] == ["of an unknown version"] * 2


def test_a_file_that_goes_while_it_is_looked_at_ends_the_search_for_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    windows_folder().mkdir(parents=True)
    for number in (1, 2):
        (windows_folder() / f"{NOBODY}-{number}.txt").write_text("{}\n")
    real = Path.stat

    def stat(path: Path, **options: bool) -> os.stat_result:
        if path.name == f"{NOBODY}-1.txt" and sys._getframe(1).f_code.co_name == "_time_changed":
            raise FileNotFoundError(path)
        return real(path, **options)

    monkeypatch.setattr(Path, "stat", stat)
    assert len(take_ended_windows()) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="removes no file that is open")
def test_a_file_is_gone_before_another_window_can_hold_it(monkeypatch: pytest.MonkeyPatch) -> None:
    windows_folder().mkdir(parents=True)
    (windows_folder() / f"{NOBODY}-1.txt").write_text("{}\n")
    held: list[bool] = []
    real = Path.unlink

    def unlink(path: Path, *, missing_ok: bool = False) -> None:
        if path.exists():
            with path.open("rb+") as file:
                held.append(not filelock.lock_descriptor(file.fileno(), blocking=False))
        real(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    assert len(take_ended_windows()) == 1
    assert held == [True]


def test_the_next_start_says_what_happened_with_details_to_copy(
    qtbot: QtBot, open_window: Opener, forks: Forks
) -> None:
    forks.run("-c", f"{BEGIN}os._exit(0)")
    forks.run("-c", f"{BEGIN}file.note_going('In progress was this.')\nfaulthandler._sigsegv()")
    log_path().write_text("the last line\n")
    window, record = open_window(engine=False).window, OpenWindowFile()
    record.open()
    try:
        program._look_back(window, record)
        (dialog,) = window.findChildren(EndedWindowDialog)
        assert not dialog.isModal()
        assert dialog.sentence.text() == "Last time the window crashed: Segmentation fault."
        assert "1 other window" in dialog.note.text()
        assert dialog.note.text().startswith("In progress was this. ")
        dialog.copy_button.click()
        copied = QGuiApplication.clipboard().text()
        for words in ("Segmentation fault", "Current thread", "the last line", "from outside", "Python 3."):
            assert words in copied
        dialog.close()
    finally:
        record.close()
    assert list(windows_folder().iterdir()) == []


def test_a_window_is_open_until_its_file_is_closed_whether_it_holds_it_yet_or_not() -> None:
    file = OpenWindowFile()
    assert file.mark == ""
    file.open()
    mark = file.mark
    assert is_open(mark), "it has just begun"
    file.hold()
    assert is_open(mark)
    file.close()
    assert not is_open(mark)
    (windows_folder() / "1-0.txt").write_text("{}\n")
    assert not is_open("1-0.txt"), "it was killed, and another program has its number"
