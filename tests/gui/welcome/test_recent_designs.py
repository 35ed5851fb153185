"""Rows of recent designs: a name never runs into the strip of its blocks."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design
from resnet_gui.gui.first_settings import RecentDesign
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.welcome.recent_designs import RecentDesigns


@pytest.mark.parametrize("width", [500, 560, 700, 1000])
def test_a_long_name_ends_before_the_strip_of_blocks_and_is_whole_in_the_tooltip(
    qtbot: QtBot, theme: Theme, width: int
) -> None:
    card = RecentDesigns(theme)
    qtbot.addWidget(card)
    long = "wide_resnet50_2 with a very long name that somebody typed to tell it from the other one"
    pictures: list[NDArray[np.uint8]] = []
    for name in ("", long):
        card.show_designs([RecentDesign(Design(name=name, spec=PRESETS["resnet50"].spec), 0.0)])
        (row,) = card.card.rows
        card.resize(width, 200)
        card.grab()
        assert row.width() > width - 10, "the row is as wide as its card"
        assert name in row.toolTip()
        picture = row.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        pixels = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.width(), 4)
        pictures.append(pixels[2:-2].copy())
    plain, named = pictures
    strip = np.flatnonzero((plain != plain[0, 0]).any(axis=(0, 2)))[0]
    written = np.flatnonzero((plain != named).any(axis=(0, 2)))
    assert len(written), "the name is there"
    assert written[-1] < strip - 4, "the name runs into the strip"
