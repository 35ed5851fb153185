"""Another theme styles what is seen at once, and what is covered later, or when it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMainWindow, QStackedWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window import style_sheets


def fail() -> str:
    raise RuntimeError("planned")


class TwoPages(QMainWindow):
    """A window with a page on show and one under it, each a part with a style sheet of its own."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.stack = QStackedWidget()
        self.setCentralWidget(self.stack)
        theme.dress_parts(self, self.stack)
        self.seen, self.covered = QLabel("seen"), QLabel("covered")
        for page in (self.seen, self.covered):
            page.setParent(self.stack)
            theme.dress_page(page)
            self.stack.addWidget(page)


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> Iterator[TwoPages]:
    theme.set_mode("dark")
    made = TwoPages(theme)
    qtbot.addWidget(made)
    made.show()
    yield made
    theme.set_mode("dark")


def colour(widget: QWidget) -> str:
    """Of the text, as the style sheet has it."""
    return widget.palette().color(widget.foregroundRole()).name().upper()


def test_a_covered_page_waits_for_a_turn_of_its_own(qtbot: QtBot, window: TwoPages, theme: Theme) -> None:
    before = colour(window.covered)
    theme.set_mode("light")
    qtbot.waitUntil(lambda: colour(window.seen) == theme.hex("t1").upper())
    assert window.updatesEnabled()
    assert colour(window.covered) == before
    qtbot.waitUntil(lambda: colour(window.covered) == theme.hex("t1").upper())


def test_a_page_that_is_shown_before_its_turn_has_the_new_colours(
    qtbot: QtBot, window: TwoPages, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style_sheets, "COVERED_MS", 1_000_000)
    painted: list[str] = []
    theme.follow(window.covered, lambda: painted.append(theme.name))
    theme.set_mode("light")
    qtbot.waitUntil(lambda: colour(window.seen) == theme.hex("t1").upper())
    assert painted == ["dark"], "what paints by itself waits with its page"
    window.stack.setCurrentWidget(window.covered)
    assert colour(window.covered) == theme.hex("t1").upper()
    assert painted == ["dark", "light"]


def test_what_is_gone_before_its_turn_is_not_painted(qtbot: QtBot, window: TwoPages, theme: Theme) -> None:
    inside = QWidget(window.covered)
    painted: list[str] = []
    theme.follow(inside, lambda: painted.append(inside.objectName()))
    theme.set_mode("light")
    inside.deleteLater()
    qtbot.waitUntil(lambda: colour(window.covered) == theme.hex("t1").upper())
    assert painted == [""]


def test_a_part_that_cannot_take_the_colours_keeps_no_other_from_it_and_the_window_from_no_painting(
    qtbot: QtBot, window: TwoPages, theme: Theme, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    painted: list[str] = []
    for part in (window.seen, window.covered):
        theme.follow(part, lambda: fail() if theme.name == "light" else None)
        theme.follow(part, partial(painted.append, part.text()))
    painted.clear()
    theme.set_mode("light")
    assert painted == ["seen"]
    qtbot.waitUntil(lambda: painted == ["seen", "covered"])
    assert window.updatesEnabled()
    assert caplog.text.count("could not take the colours") == 2
    monkeypatch.setattr(theme._sheets, "_sheet", fail)
    with qtbot.captureExceptions() as errors:
        theme.set_mode("dark")
        assert not window.updatesEnabled()
        qtbot.waitUntil(window.updatesEnabled)
        monkeypatch.undo()
        qtbot.waitUntil(lambda: not theme._sheets._old)
    assert errors


def test_a_dialog_over_the_window_is_styled_too(qtbot: QtBot, window: TwoPages, theme: Theme) -> None:
    dialog = QDialog(window)
    words = QLabel("words", dialog)
    dialog.show()
    assert colour(words) == theme.hex("t1").upper()
    theme.set_mode("light")
    qtbot.waitUntil(lambda: colour(words) == theme.hex("t1").upper())


def test_a_large_page_is_styled_part_by_part(
    qtbot: QtBot, window: TwoPages, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style_sheets, "LARGE", 3)
    page, holder = QWidget(window.stack), QWidget()
    QVBoxLayout(page).addWidget(holder)
    inner = QVBoxLayout(holder)
    labels = [QLabel(text) for text in ("one", "two", "three")]
    for each in labels:
        inner.addWidget(each)
    theme.dress_page(page)
    window.stack.addWidget(page)
    window.stack.setCurrentWidget(page)
    assert [bool(widget.styleSheet()) for widget in (page, holder, *labels)] == [False, False, True, True, True]
    late = QLabel("late")
    inner.addWidget(late)
    qtbot.waitUntil(lambda: colour(late) == theme.hex("t1").upper())
    theme.set_mode("light")
    qtbot.waitUntil(lambda: {colour(each) for each in (*labels, late)} == {theme.hex("t1").upper()})


def test_what_is_deleted_before_its_turn_is_left_alone_window_and_follower(qtbot: QtBot, theme: Theme) -> None:
    theme.set_mode("dark")
    gone, page = TwoPages(theme), QWidget()
    qtbot.addWidget(page)
    gone.show()
    painted: list[str] = []
    old = QLabel("old", page)

    def replace() -> None:
        painted.append(theme.name)
        if theme.name == "light":
            delete(old)

    theme.follow(page, replace)
    theme.follow(old, lambda: painted.append(old.text()))
    theme.set_mode("light")
    delete(gone)
    QApplication.processEvents()
    assert painted == ["dark", "old", "light"]
    theme.set_mode("dark")
    assert painted == ["dark", "old", "light", "dark"]
