"""Where the window opens."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.gui.shell.placement import LEAST, brought_back, first_size, geometry_text, place, scaled_geometry

SCREEN = QRect(0, 0, 1920, 1040)
SECOND = QRect(1920, 0, 1280, 1024)


@pytest.mark.parametrize(
    ("room", "wanted"),
    [
        ((3840, 2160), (1440, 900)),
        ((1920, 1080), (1440, 900)),
        ((1440, 900), (1296, 810)),
        ((1280, 720), (1152, 648)),
        ((1080, 600), (972, 540)),
        ((960, 540), None),
        ((940, 500), None),
        ((800, 600), None),
    ],
)
def test_a_first_window_takes_nine_tenths_of_its_screen_at_most_or_all_of_a_small_one(
    room: tuple[int, int], wanted: tuple[int, int] | None
) -> None:
    assert first_size(QSize(*room)) == (QSize(*wanted) if wanted is not None else None)


@pytest.mark.parametrize(
    ("frame", "wanted"),
    [
        (QRect(100, 100, 1200, 800), QRect(100, 100, 1200, 800)),
        (QRect(2000, 50, 1000, 700), QRect(2000, 50, 1000, 700)),
        (QRect(5000, 3000, 1200, 800), QRect(720, 240, 1200, 800)),
        (QRect(-3000, 100, 1200, 800), QRect(0, 100, 1200, 800)),
        (QRect(100, -700, 1200, 800), QRect(100, 0, 1200, 800)),
        (QRect(100, 100, 4000, 3000), QRect(0, 0, 1920, 1040)),
        (QRect(1800, 100, 1200, 800), QRect(1800, 100, 1200, 800)),
    ],
)
def test_a_window_that_cannot_be_reached_is_brought_back_and_any_other_stays(frame: QRect, wanted: QRect) -> None:
    assert brought_back(frame, [SCREEN, SECOND]) == wanted
    assert brought_back(wanted, [SCREEN, SECOND]) == wanted


def test_the_first_window_lies_within_the_screen_that_there_is(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.setMinimumSize(LEAST)
    place(window)
    room = QGuiApplication.primaryScreen().availableSize()
    maximized = bool(window.windowState() & Qt.WindowState.WindowMaximized)
    assert maximized == (first_size(room) is None)
    assert maximized or (window.width() <= 0.9 * room.width() and window.height() <= 0.9 * room.height())


def test_a_remembered_place_comes_back_and_one_off_every_screen_is_moved(qtbot: QtBot) -> None:
    room = QGuiApplication.primaryScreen().availableGeometry()
    first, second = QWidget(), QWidget()
    for window in (first, second):
        qtbot.addWidget(window)
    first.setGeometry(30, 40, 300, 200)
    place(second, geometry_text(first))
    assert second.geometry() == first.geometry()
    place(second, "300x200+9000+9000")
    assert room.contains(second.geometry())
    assert second.size() == QSize(300, 200)
    for nonsense in ("?", "0x0+1+1", "AAAA"):
        place(second, nonsense)
        assert room.intersects(second.geometry())


def test_at_another_scale_the_window_covers_the_same_part_of_the_screen(qtbot: QtBot) -> None:
    window, again = QWidget(), QWidget()
    for made in (window, again):
        qtbot.addWidget(made)
    window.setGeometry(100, 50, 600, 400)
    assert scaled_geometry(window, 2.0) == "300x200+50+25"
    assert scaled_geometry(window, 0.5) == "1200x800+200+100"
    window.setWindowState(Qt.WindowState.WindowMaximized)
    assert scaled_geometry(window, 2.0).endswith(" maximized")
    place(again, scaled_geometry(window, 2.0))
    assert again.windowState() & Qt.WindowState.WindowMaximized
