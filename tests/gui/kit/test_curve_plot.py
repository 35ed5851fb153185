"""Curves are drawn, and so is one that has a single point."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.curve_plot import BELOW_ZERO, CurveData, CurvePlot
from resnet_gui.gui.kit.curves import Points, bulk_top
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


def test_an_early_spike_of_hundreds_leaves_the_axis_to_the_other_values(qtbot: QtBot, theme: Theme) -> None:
    train = np.linspace(2.5, 1.0, 18)
    assert bulk_top([train, np.array([17.0, 23.0, 800.0, 24.0, 13.0, 5.0])]) < 30
    assert bulk_top([train, np.array([18.0, 88.0, 808.0, 196.0, 23.0, 1.7, 1.3, 1.2, 1.1, 1.1])]) < 30
    usual = np.geomspace(2.3, 0.01, 200)
    assert bulk_top([usual, np.geomspace(2.0, 0.3, 20)]) > 0.9, "a usual curve is seen from its first tenth on"
    assert bulk_top([np.array([300.0, 310.0, 305.0])]) > 300
    assert bulk_top([]) == 0


def test_an_axis_of_errors_shows_nothing_below_zero_and_can_be_logarithmic(qtbot: QtBot, theme: Theme) -> None:
    plot = CurvePlot(theme, "Error", "%", positive=True)
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.show()
    plot.set_curves([curve(90.0, 1.0, 0.5, 0.0)], limit=10)
    plot.grab()
    low, high = plot.item.getViewBox().viewRange()[1]
    assert BELOW_ZERO <= low <= 0
    assert high > 90
    plot.item.getViewBox().setYRange(-50, 50)
    assert plot.item.getViewBox().viewRange()[1][0] >= BELOW_ZERO
    plot.set_log(log=True)
    plot.set_curves([curve(90.0, 0.01)], limit=10)
    plot.resize(520, 320)
    plot.grab()
    assert plot.item.getViewBox().viewRange()[1][0] < -1.5, "a hundredth is seen"
