"""What nobody sees is brought up to date when the changes rest, or before it is seen."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.window.shown_update import ShownUpdate
from tests.waiting import PATIENCE_MS


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
def update(qtbot: QtBot, calls: list[str]) -> ShownUpdate:
    widget = QWidget()
    qtbot.addWidget(widget)
    return ShownUpdate(widget, lambda: calls.append("done"))


def test_what_is_seen_follows_at_once(update: ShownUpdate, calls: list[str]) -> None:
    widget = update.parent()
    assert isinstance(widget, QWidget)
    widget.show()
    update.request()
    update.request()
    assert calls == ["done", "done"]
    assert not update.pending


def test_what_is_hidden_follows_once_when_changes_rest(update: ShownUpdate, calls: list[str], qtbot: QtBot) -> None:
    for _ in range(5):
        update.request()
    assert calls == []
    qtbot.waitUntil(lambda: not update.pending, timeout=PATIENCE_MS)
    assert calls == ["done"]


def test_what_comes_into_view_has_followed_before_it_is_painted(update: ShownUpdate, calls: list[str]) -> None:
    widget = update.parent()
    assert isinstance(widget, QWidget)
    update.request()
    widget.show()
    assert calls == ["done"]
    widget.hide()
    widget.show()
    assert calls == ["done"]
    update.catch_up()
    assert calls == ["done"]
