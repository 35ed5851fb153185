"""The palette: what a few letters find, and how it is driven by keys alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.palette.finding import PaletteEntry, find_entries, match_score
from resnet_gui.gui.kit.palette.popup import CommandPalette
from resnet_gui.gui.kit.theme import Theme

DONE: list[str] = []


def entry(group: str, title: str, detail: str = "", reason: str = "") -> PaletteEntry:
    return PaletteEntry(group, title, lambda: DONE.append(title), detail, reason=reason)


ENTRIES = (
    entry("Pages", "Train", "Train the design"),
    entry("Actions", "Undo", reason="There is no edit to take back."),
    entry("Actions", "Theme: Dark"),
    entry("Presets", "ResNet-50", "ImageNet"),
    entry("Presets", "ResNeXt-50 32×4d"),
    entry("Presets", "Wide ResNet-50-2"),
    entry("Presets", "ResNet-152"),
)


def titles(query: str) -> list[str]:
    return [found.title for found in find_entries(query, ENTRIES)]


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("resnet", "ResNet-50", "Wide ResNet-50-2"),  # where a text begins
        ("50", "ResNet-50", "a1b250"),  # where a word begins
        ("r50", "ResNet-50", "our 5 nets of 0"),  # letters that stand together
        ("dark", "Theme: Dark", "d a r k"),
        ("net", "ResNet", "ResNet with a long name"),
    ],
)
def test_the_better_of_two_finds_is_the_one_that_a_person_means(query: str, better: str, worse: str) -> None:
    high, low = match_score(query, better), match_score(query, worse)
    assert high is not None
    assert low is not None
    assert high > low


def test_letters_in_another_order_find_nothing_and_every_word_has_to_be_found() -> None:
    assert match_score("05", "ResNet-50") is None
    assert titles("r50")[0] == "ResNet-50"
    assert titles("theme dk") == ["Theme: Dark"]
    assert titles("theme resnet") == []
    assert titles("imagenet") == ["ResNet-50"], "details are found too"
    assert titles("  ") == [each.title for each in ENTRIES], "all of them, in their order"


@pytest.fixture
def palette(qtbot: QtBot, theme: Theme) -> CommandPalette:
    DONE.clear()
    window = QWidget()
    window.resize(900, 600)
    qtbot.addWidget(window)
    window.show()
    made = CommandPalette(theme, window, "A command")
    made.open_with(ENTRIES)
    return made


def press(palette: CommandPalette, keys: Sequence[Qt.Key]) -> None:
    for key in keys:
        QTest.keyClick(palette.search, key)


def chosen(palette: CommandPalette) -> str:
    return str(palette.list.currentIndex().data())


def test_keys_alone_choose_among_entries_leave_headings_out_and_do_what_is_chosen(
    qtbot: QtBot, palette: CommandPalette
) -> None:
    assert chosen(palette) == "Train"
    press(palette, [Qt.Key.Key_Down, Qt.Key.Key_Down])
    assert chosen(palette) == "Theme: Dark"
    press(palette, [Qt.Key.Key_PageDown])
    assert chosen(palette) == "ResNet-152"
    press(palette, [Qt.Key.Key_Up])
    assert chosen(palette) == "Wide ResNet-50-2"
    QTest.keyClicks(palette.search, "x50")
    assert chosen(palette) == "ResNeXt-50 32×4d"
    press(palette, [Qt.Key.Key_Return])
    qtbot.waitUntil(lambda: DONE == ["ResNeXt-50 32×4d"])
    assert not palette.isVisible()


def test_what_cannot_be_done_says_why_to_eyes_and_ears_and_is_not_done(palette: CommandPalette) -> None:
    QTest.keyClicks(palette.search, "undo")
    assert palette.about.text() == "There is no edit to take back."
    spoken = palette.list.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Undo, Actions, There is no edit to take back."
    press(palette, [Qt.Key.Key_Return])
    assert palette.isVisible()
    assert DONE == []
    palette.search.setText("qqq")
    assert palette.nothing.isVisible()
    assert not palette.about.isVisible()
    press(palette, [Qt.Key.Key_Down, Qt.Key.Key_Return])
    assert DONE == []
    palette.close()


def test_a_whole_word_is_found_before_the_beginning_of_another_one() -> None:
    presets = [entry("Presets", title) for title in ("ResNet-200", "ResNet-20 (CIFAR)", "Pre-activation ResNet-20")]
    assert find_entries("resnet-20", presets)[0].title == "ResNet-20 (CIFAR)"
    assert find_entries("x", [entry("A", "x y"), entry("A", "x")])[0].title == "x"
