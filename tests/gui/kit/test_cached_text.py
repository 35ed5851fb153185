"""Text that is painted by hand: the same whether it is drawn for the first time or laid out and drawn again."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.cached_text import CachedText


def drawn(text: CachedText, x: float, y: float) -> QImage:
    image = QImage(320, 60, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setPen(QColor("white"))
    text.draw(painter, x, y)
    painter.end()
    return image


@pytest.mark.usefixtures("qtbot")
@pytest.mark.parametrize("words", ["25,557,032", "512×14×14", "conv3_4 (A), AV To fi", "é – →", "שלום abc 12", "a\nb"])
@pytest.mark.parametrize(("size", "weight"), [(11, 400), (12, 600), (21, 500)])
@pytest.mark.parametrize("place", [(8.0, 10.0), (7.7, 3.4)])
def test_a_text_looks_the_first_time_as_it_does_ever_after(
    words: str, size: int, weight: int, place: tuple[float, float]
) -> None:
    text = CachedText(words, size, weight, tabular=True)
    first = drawn(text, *place)
    assert first == drawn(text, *place) == drawn(text, *place)
    assert first != drawn(CachedText("other", size, weight, tabular=True), *place)
    assert text.width > 0
    assert text.height == CachedText("x", size, weight, tabular=True).height


def test_a_text_is_as_wide_as_it_is_drawn(qtbot: QtBot) -> None:
    del qtbot
    text = CachedText("25,557,032", 12, 400, tabular=True)
    image = drawn(text, 10, 10)
    used = [x for x in range(image.width()) if any(image.pixelColor(x, y).red() for y in range(image.height()))]
    assert 10 <= min(used) < 13
    assert 8 + text.width - 3 < max(used) <= 11 + text.width
