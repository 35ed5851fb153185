"""Sliders go to the place that is clicked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QStyle, QStyleOptionSlider
from pytestqt.qtbot import QtBot

import resnet_gui
from resnet_gui.gui.kit.controls.slider import AbsoluteSlider


@pytest.fixture
def slider(qtbot: QtBot) -> AbsoluteSlider:
    made = AbsoluteSlider(Qt.Orientation.Horizontal)
    qtbot.addWidget(made)
    made.setRange(0, 100)
    made.setValue(100)
    made.resize(400, 24)
    return made


def test_a_click_on_the_track_goes_to_its_place_and_tells_it_once(slider: AbsoluteSlider, qtbot: QtBot) -> None:
    told: list[int] = []
    slider.valueChanged.connect(told.append)
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(100, 12))
    assert 22 <= slider.value() <= 28
    assert told == [slider.value()]
    assert not slider.isSliderDown()


def test_the_handle_is_dragged_on_from_the_place_that_was_pressed(slider: AbsoluteSlider, qtbot: QtBot) -> None:
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(100, 12))
    assert slider.isSliderDown()
    qtbot.mouseMove(slider, QPoint(300, 12))
    assert 72 <= slider.value() <= 78
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(300, 12))
    assert not slider.isSliderDown()


def test_a_press_on_the_handle_does_not_move_it_and_page_down_moves_it_by_a_page(
    slider: AbsoluteSlider, qtbot: QtBot
) -> None:
    slider.setValue(50)
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    box = slider.style().subControlRect(
        QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, slider
    )
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(box.right() - 1, box.center().y()))
    assert slider.value() == 50
    qtbot.keyClick(slider, Qt.Key.Key_PageDown)
    assert slider.value() == 40


def test_no_slider_of_the_window_moves_by_pages() -> None:
    window = Path(resnet_gui.__file__).parent / "gui"
    plain = [str(file) for file in window.rglob("*.py") if re.search(r"\bQSlider\(Qt", file.read_text("utf-8"))]
    assert plain == []
