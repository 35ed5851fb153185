"""A number counts to its new value where the system allows motion, and is read at once."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.controls.counting import CountingNumber
from tests.gui.driving import QuietStyle


def shown(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_a_number_counts_in_its_own_digits_and_ends_at_its_text(qtbot: QtBot) -> None:
    painted: list[str] = []
    number = CountingNumber(shown(qtbot), lambda: painted.append(number.text))
    number.count("", "11,689,512")
    assert (number.text, number.is_counting) == ("11,689,512", False), "the first comes from nowhere"
    number.count("11,689,512", "21,797,672")
    number.setCurrentTime(60)
    between = number.text
    assert 11_689_512 < int(between.replace(",", "")) < 21_797_672
    assert between == f"{int(between.replace(',', '')):,}"
    number.count("11,689,512", "21,797,672")
    assert number.is_counting, "told again, it goes on"
    qtbot.waitUntil(lambda: not number.is_counting)
    assert painted[-1] == number.text == "21,797,672"
    number.count("21,797,672", "1.82")
    number.setCurrentTime(number.duration() - 1)
    assert number.text.partition(".")[2].isdigit()


def test_without_motion_or_numbers_or_a_spectator_the_last_text_stands_at_once(qtbot: QtBot) -> None:
    quiet = shown(qtbot)
    style = QuietStyle()
    style.setParent(quiet)
    quiet.setStyle(style)
    unseen = QWidget()
    qtbot.addWidget(unseen)
    for widget, before, after in ((quiet, "1", "9"), (unseen, "1", "9"), (shown(qtbot), "1", "whole picture")):
        number = CountingNumber(widget, lambda: None)
        number.count(before, after)
        assert (number.text, number.is_counting) == (after, False)
