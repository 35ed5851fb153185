"""Charts as data: where values lie, which words stand at the axes, what is painted."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.charts.chart import ChartAxis, ChartTag, PlotData, PlotLine, paint_chart, spread
from resnet_gui.gui.kit.charts.chart_view import ChartView
from resnet_gui.gui.kit.charts.contours import contour
from resnet_gui.gui.kit.charts.surface import Camera, HeightRange, Surface, SurfaceLook, paint_surface
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.theme import Theme

INSIDE = QRectF(100, 10, 200, 100)


def test_a_value_lies_where_its_axes_say() -> None:
    chart = PlotData(ChartAxis(0, 10), ChartAxis(1, 1000, log=True))
    assert chart.place(5, 10, INSIDE).toTuple() == pytest.approx((200, 110 - 100 / 3))
    assert chart.place(10, 1000, INSIDE) == QPointF(300, 10)


def test_ticks_are_round_and_powers_are_words() -> None:
    assert [text for _, text in ChartAxis(0, 1).words(200)][::2][:2] == ["0", "0.4"]
    assert ChartAxis(1e-5, 10, log=True).words(400)[0] == (1e-5, "1e-5")
    assert ChartAxis(-1, 1).words(200)[0][1] == "−1"


def test_words_at_line_ends_are_moved_apart_in_their_order() -> None:
    assert spread([50.0, 51.0, 90.0], 17, 0, 100) == [50.0, 67.0, 90.0]
    assert spread([99.0, 98.0], 17, 0, 100) == [100.0, 83.0]


def test_a_line_is_painted_in_its_colour(theme: Theme) -> None:
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    image.fill(theme.color("panel"))
    painter = QPainter(image)
    line = PlotLine(Points(np.array([0.0, 1.0]), np.array([0.5, 0.5])), "r1", 4.0)
    chart = PlotData(ChartAxis(0, 1), ChartAxis(0, 1), (line,), tags=(ChartTag("one", "r1", 0.5),))
    paint_chart(painter, chart, QRectF(0, 0, 300, 200), theme.color)
    painter.end()
    inside = chart.plot_box(QRectF(0, 0, 300, 200))
    middle = chart.place(0.3, 0.5, inside)
    assert image.pixelColor(round(middle.x()), round(middle.y())) == theme.color("r1")


def test_the_value_under_the_pointer_is_named(qtbot: QtBot, theme: Theme) -> None:
    view = ChartView(theme, "chart")
    qtbot.addWidget(view)
    view.resize(300, 200)
    line = PlotLine(Points(np.array([0.0, 1.0]), np.array([0.25, 0.75])), "r1", name="net")
    chart = PlotData(ChartAxis(0, 1), ChartAxis(0, 1), (line,))
    view.show_chart(chart)
    place = chart.place(1.0, 0.75, chart.plot_box(QRectF(0, 0, 300, 200)))
    assert view.reading(place.x(), place.y()) == "net: 0.75 at 1"
    assert view.reading(place.x(), place.y() + 60) == ""


def test_a_contour_of_a_slope_is_straight_and_in_its_place() -> None:
    slope = np.tile(np.linspace(0, 1, 5), (5, 1))
    box = contour(slope, 0.625, QRectF(10, 20, 100, 40)).boundingRect()
    assert box.left() == pytest.approx(72.5)
    assert box.width() == pytest.approx(0)
    assert box.top() == pytest.approx(20)
    assert box.bottom() == pytest.approx(60)


def test_what_lies_behind_is_hidden_by_what_lies_in_front(theme: Theme) -> None:
    """A wall at the near edge hides the low floor behind it, whichever way the surface is turned."""
    heights = np.full((5, 5), 0.01)
    near = HeightRange(0.01, 1.0, log=False)
    for turn, edge in ((0.0, (0, slice(None))), (3.14159, (-1, slice(None)))):
        walled = heights.copy()
        walled[edge] = 1.0
        image = QImage(400, 300, QImage.Format.Format_RGB32)
        image.fill(theme.color("canvas"))
        painter = QPainter(image)
        look = SurfaceLook(QRectF(0, 0, 400, 300), Camera(turn, 0.3))
        paint_surface(painter, Surface(walled), look, near, theme.color)
        painter.end()
        colours = {image.pixelColor(200, y).name() for y in range(300)}
        assert len(colours) > 2


def test_cells_of_a_grid_that_is_half_known_are_the_smallest_that_are() -> None:
    heights = np.full((9, 9), np.nan)
    heights[::4, ::4] = 1.0
    assert Surface(heights, steps=(4, 2, 1)).cells() == [(0, 0, 4), (0, 4, 4), (4, 0, 4), (4, 4, 4)]
    heights[:5:2, :5:2] = 1.0
    assert [side for *_, side in Surface(heights, steps=(4, 2, 1)).cells()] == [2, 2, 2, 2, 4, 4, 4]
