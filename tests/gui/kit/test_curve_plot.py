"""Curves are drawn, and so is one that has a single point."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.curve_plot import CurveData, CurvePlot
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.theme import Theme

TOKEN = "s3"


@pytest.fixture
def plot(qtbot: QtBot, theme: Theme) -> CurvePlot:
    made = CurvePlot(theme, "Error", "%")
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show()
    return made


def pixels(plot: CurvePlot, color: QColor) -> int:
    """How many pixels have a colour, or almost."""
    image = plot.grab().toImage()
    data = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    wanted = np.array([color.blue(), color.green(), color.red()])
    return int((np.abs(data[..., :3].astype(int) - wanted).max(axis=-1) < 12).sum())


def curve(*values: float) -> CurveData:
    points = Points(np.arange(1.0, len(values) + 1), np.array(values))
    return CurveData("one", points, TOKEN, width=2, alpha=1.0)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("values", [(0.3,), (np.nan, 0.3), (0.3, np.nan)])
def test_the_only_point_of_a_curve_is_seen(plot: CurvePlot, theme: Theme, values: tuple[float, ...], log: bool) -> None:
    plot.set_log(log=log)
    plot.set_curves([curve(*values)], limit=10)
    assert pixels(plot, theme.color(TOKEN)) > 15


def test_a_curve_of_more_points_is_a_line_without_dots(plot: CurvePlot, theme: Theme) -> None:
    plot.set_curves([curve(0.3)], limit=10)
    plot.set_curves([curve(0.3, 0.3, 0.3)], limit=10)
    assert plot._lines["one"].opts["symbol"] is None
    assert pixels(plot, theme.color(TOKEN)) > 50
