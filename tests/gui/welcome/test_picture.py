"""What moves in the picture of the welcome page is painted wherever it goes."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.welcome.hero import picture
from resnet_gui.gui.welcome.hero.picture import HeroPicture
from resnet_gui.gui.welcome.hero.recorded import read_recorded
from tests.gui.painted import on_screen, painted_anew, same


@pytest.mark.parametrize("presented", [False, True])
def test_a_dot_and_its_trail_are_painted_from_the_output_to_the_input(
    qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch, presented: bool
) -> None:
    now = 0.0
    monkeypatch.setattr(HeroPicture, "seconds", property(lambda _self: now))
    made = HeroPicture(theme, presented=presented)
    qtbot.addWidget(made)
    made.resize(1920 if not presented else 1200, 620 if presented else picture.HIGH)
    made.show()
    made.show_recorded(read_recorded())
    made._timer.stop()
    QApplication.processEvents()
    pitch = picture.PASS_SECONDS / picture.DOTS
    for now in (0.0, 0.02 * pitch, 0.5 * pitch, 0.97 * pitch, pitch):
        made._frame = picture.CURVES_EVERY - 1
        made._show_frame()
        QApplication.processEvents()
        assert same(on_screen(made), painted_anew(made)), now
