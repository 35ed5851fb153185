"""Where a file is written is asked for in one way, whatever it holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.gui.common.saving import ask_where_to_save
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings

YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No


@pytest.mark.parametrize(
    ("chosen", "agreed", "expected"),
    [
        ("new", NO, "new.cards.json"), ("new.CARDS.json", NO, "new.CARDS.json"),
        ("new.json", NO, "new.json.cards.json"),
        ("old", NO, ""), ("old", YES, "old.cards.json"),
        # The dialog itself has asked about this one.
        ("old.cards.json", NO, "old.cards.json"), ("", YES, ""),
    ],
)  # fmt: skip
def test_a_file_gets_its_ending_and_replaces_none_by_that_unasked(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chosen: str, agreed: object, expected: str
) -> None:
    (tmp_path / "old.cards.json").touch()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / chosen) if chosen else "", ""))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: agreed)
    settings, parent = Settings(), QWidget()
    qtbot.addWidget(parent)
    found = ask_where_to_save(parent, Session(), settings, "Save", "new", "Cards (*.cards.json)")
    assert found == (tmp_path / expected if expected else None)
    assert settings.folder == (str(tmp_path) if expected else "")
