"""Icons that were kept are those that are drawn."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QPixmap
from pytestqt.qtbot import QtBot

from resnet_gui.base.module_cache import read_code, write_code
from resnet_gui.gui.kit.window import drawn_icons
from resnet_gui.gui.kit.window.drawn_icons import DrawnIcons

CIRCLE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<circle cx="8" cy="8" r="5" fill="none" stroke="#336699" stroke-opacity="0.7"/></svg>'
)
RED = CIRCLE.replace("#336699", "#ff0000")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> list[tuple[str, int]]:
    """The icons that were drawn from their text."""
    found: list[tuple[str, int]] = []
    draw = drawn_icons._draw

    def counted(source: str, size: int) -> QPixmap:
        found.append((source, size))
        return draw(source, size)

    monkeypatch.setattr(drawn_icons, "_draw", counted)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return found


def test_an_icon_is_drawn_once_and_is_the_same_at_the_next_start(tmp_path: Path, drawn: list[tuple[str, int]]) -> None:
    path = tmp_path / "icons.code"
    first = DrawnIcons(path)
    images = [first.pixmap(source, size).toImage() for source, size in ((CIRCLE, 16), (RED, 16), (CIRCLE, 31))]
    first.keep()
    again = DrawnIcons(path)
    assert [again.pixmap(source, size).toImage() for source, size in ((CIRCLE, 16), (RED, 16), (CIRCLE, 31))] == images
    assert len(drawn) == 3
    assert again.pixmap(RED, 24).size().width() == 24
    assert drawn[3:] == [(RED, 24)]


def test_icons_of_another_qt_and_those_that_cannot_be_read_are_drawn_anew(
    tmp_path: Path, drawn: list[tuple[str, int]]
) -> None:
    path = tmp_path / "icons.code"
    first = DrawnIcons(path)
    image = first.pixmap(CIRCLE, 16).toImage()
    first.keep()
    kept = read_code(path)
    assert isinstance(kept, tuple)
    for other in (("5.0.0", kept[1]), {"icons": 1}, (kept[0], {(CIRCLE, 16): b"short"}), (kept[0], {"a": 1})):
        write_code(path, other)
        assert DrawnIcons(path).pixmap(CIRCLE, 16).toImage() == image
    assert len(drawn) == 5


def test_of_too_many_icons_those_of_this_start_are_kept(
    tmp_path: Path, drawn: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "icons.code"
    first = DrawnIcons(path)
    for size in (16, 17, 18):
        first.pixmap(CIRCLE, size)
    first.keep()
    monkeypatch.setattr(drawn_icons, "MOST", 3)
    again = DrawnIcons(path)
    again.pixmap(CIRCLE, 17)
    again.pixmap(RED, 16)
    again.keep()
    kept = read_code(path)
    assert isinstance(kept, tuple)
    assert kept[1].keys() == {(CIRCLE, 17), (RED, 16)}
    assert len(drawn) == 4
