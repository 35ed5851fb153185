"""Another theme styles what is seen at once, and what is covered later, or when it is shown."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFrame,
    QLabel,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
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


class Frames(QWidget):
    """A page of a frame with a ground of its own, in which a splitter holds two labels, and a place for later."""

    def __init__(self) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        self.frame, self.splitter, self.later = QFrame(), QSplitter(), QWidget()
        self.frame.setObjectName("panel")
        layout.addWidget(self.frame)
        layout.addWidget(self.later)
        QVBoxLayout(self.frame).addWidget(self.splitter)
        self.labels = [QLabel(text) for text in ("one", "two")]
        for each in self.labels:
            self.splitter.addWidget(each)


def test_a_large_frame_paints_its_ground_and_its_handles_itself_so_that_its_parts_are_styled_one_by_one(
    qtbot: QtBot, window: TwoPages, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style_sheets, "LARGE", 3)
    monkeypatch.setattr(style_sheets, "PART", 1)
    page = Frames()
    for _ in theme.dress_large_page(page):
        pass
    theme.dress_page(page)
    window.stack.addWidget(page)
    window.stack.setCurrentWidget(page)
    assert not any(widget.styleSheet() for widget in (page, page.frame, page.splitter))
    for mode in ("light", "dark"):
        theme.set_mode(mode)
        qtbot.waitUntil(lambda: {colour(each) for each in page.labels} == {theme.hex("t1").upper()})
        picture = page.frame.grab().toImage()
        assert picture.pixelColor(2, 2) == theme.color("panel")
        handle = page.splitter.handle(1)
        assert handle.grab().toImage().pixelColor(0, 0) == theme.color("line")


def test_what_comes_later_into_an_empty_place_of_a_page_is_a_part_of_its_own(
    qtbot: QtBot, window: TwoPages, theme: Theme
) -> None:
    page = Frames()
    place = QVBoxLayout(page.later)
    theme.dress_page(page)
    window.stack.addWidget(page)
    window.stack.setCurrentWidget(page)
    late = QLabel("late")
    place.addWidget(late)
    qtbot.waitUntil(lambda: bool(late.styleSheet()))
    assert colour(late) == theme.hex("t1").upper()
    assert not page.styleSheet()


def test_a_page_that_is_to_grow_is_styled_once_when_it_gets_its_place(
    qtbot: QtBot, window: TwoPages, theme: Theme
) -> None:
    page = Frames()
    theme.dress_page(page, window.stack)
    assert page.parentWidget() is window.stack
    assert not page.styleSheet(), "its parts are, and would be styled twice"
    window.stack.addWidget(page)
    window.stack.setCurrentWidget(page)
    assert not page.styleSheet()


def test_of_many_parts_that_are_shown_in_old_colours_none_is_painted_before_all_are_styled(
    qtbot: QtBot, window: TwoPages, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style_sheets, "LARGE", 3)
    monkeypatch.setattr(style_sheets, "COVERED_MS", 1_000_000)
    page = QWidget(window.stack)
    labels = [QLabel(str(number)) for number in range(8)]
    layout = QVBoxLayout(page)
    for each in labels:
        layout.addWidget(each)
    theme.dress_page(page)
    window.stack.addWidget(page)
    window.stack.setCurrentWidget(page)
    window.stack.setCurrentWidget(window.seen)
    theme.set_mode("light")
    qtbot.waitUntil(lambda: colour(window.seen) == theme.hex("t1").upper() and window.updatesEnabled())
    monkeypatch.setattr(style_sheets, "SLICE_SECONDS", 0.0)
    window.stack.setCurrentWidget(page)
    assert not window.updatesEnabled(), "the window shows what it showed"
    monkeypatch.setattr(style_sheets, "SLICE_SECONDS", 0.02)
    qtbot.waitUntil(window.updatesEnabled)
    assert {colour(each) for each in labels} == {theme.hex("t1").upper()}


def test_what_waits_for_parts_that_are_gone_does_not_turn_for_ever(
    qtbot: QtBot, window: TwoPages, theme: Theme
) -> None:
    theme.set_mode("light")
    theme._sheets._old.append(weakref.ref(QWidget()))
    qtbot.waitUntil(lambda: not theme._sheets._turn.isActive() and not theme._sheets._old)
