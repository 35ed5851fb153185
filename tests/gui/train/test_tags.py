"""Tags and notes of runs: of two windows, and those that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QInputDialog

from resnet_gui.runs.notes import MAX_NOTE, read_notes
from tests.gui.train.test_control import said
from tests.gui.train.test_plots import Opener, open_page, row_of
from tests.gui.train.test_run_table import finished

__all__ = ["open_page", "said"]


def test_tags_of_two_windows_are_kept_beside_each_other_and_shown_in_both(open_page: Opener, home: Path) -> None:
    folder = finished("a", 0.2)
    page, other = open_page(), open_page()
    page.actions_of_runs.tags.change([row_of(page, folder)], "mine", on=True)
    other.actions_of_runs.tags.change([row_of(other, folder)], "yours", on=True)
    assert read_notes(folder).tags == ("mine", "yours")
    page.runs.load()
    assert row_of(page, folder).tags == ("mine", "yours")
    page.actions_of_runs.tags.change([row_of(page, folder)], "yours", on=False)
    assert read_notes(folder).tags == ("mine",)
    page.side.finder.field.setText("mine")
    assert page.list.table.rowCount() == 1
    page.side.finder.field.setText("yours")
    assert page.list.table.rowCount() == 0
    assert page.side.finder.found.text() == "0 of 1"


def test_one_bad_tag_is_refused_in_words_and_changes_nothing(open_page: Opener, said: list[str]) -> None:
    folder = finished("a", 0.2)
    page = open_page()
    for tag, word in (("a, b", "no comma"), ("x" * 41, "at most 40")):
        page.actions_of_runs.tags.change([row_of(page, folder)], tag, on=True)
        assert word in said[-1]
    assert read_notes(folder).tags == ()


def test_words_that_are_refused_are_there_again_to_be_mended(
    open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finished("a", 0.2)
    page = open_page()
    run, actions = row_of(page, folder), page.actions_of_runs
    asked: list[str] = []
    typed = iter(["a, b", "a b"])

    def answer(_parent: object, _title: str, words: str, *, text: str) -> tuple[str, bool]:
        asked.append(f"{words}|{text}")
        return next(typed), True

    monkeypatch.setattr(QInputDialog, "getText", answer)
    actions.tags.ask([run])
    assert [each.rpartition("|")[2] for each in asked] == ["", "a, b"]
    assert "no comma" in asked[1]
    assert read_notes(folder).tags == ("a b",)
    long, shown = "x" * (MAX_NOTE + 1), list[str]()

    def note(_parent: object, _title: str, words: str, text: str) -> tuple[str, bool]:
        shown.append(text)
        return (long if len(shown) == 1 else text[1:]), True

    monkeypatch.setattr(QInputDialog, "getMultiLineText", note)
    actions.note(run)
    assert shown == ["", long]
    assert read_notes(folder).note == long[1:]
