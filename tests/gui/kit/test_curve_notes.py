"""What is written over curves: names that do not lie on each other, values of peaks, nothing invented."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QRectF, QSizeF
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.charts.chart import ChartAxis, PlotData, PlotLine
from resnet_gui.gui.kit.charts.curve_notes import LINE, spread
from resnet_gui.gui.kit.curve_plot import CurveData, CurvePlot
from resnet_gui.gui.kit.curves import NOTHING, Points
from resnet_gui.gui.kit.figures.peaks import free_place
from resnet_gui.gui.kit.format import shortened_names
from resnet_gui.gui.kit.theme import Theme


def curve(name: str, *values: float) -> CurveData:
    return CurveData(name, Points(np.arange(len(values), dtype=float), np.array(values)), "r0", 1.0, 1.0, name=name)


def test_names_at_the_ends_keep_their_order_and_none_lies_on_another() -> None:
    for places in ([10.0, 11.0, 12.0, 90.0], [96.0, 97.0, 98.0], [5.0]):
        moved = spread(places, 100.0)
        assert all(after - before >= LINE for before, after in pairwise(moved))
        assert moved[-1] <= 100.0


def test_curves_are_named_where_they_end_and_a_peak_that_is_cut_off_says_its_value(qtbot: QtBot, theme: Theme) -> None:
    plot = CurvePlot(theme, "Loss", "", bulk=True)
    qtbot.addWidget(plot)
    plot.resize(700, 400)
    plot.show()
    usual = [1.0] * 30
    plot.set_curves([curve("a", 18.25, *usual), curve("b", *usual[:-1], 0.5), curve("", *usual)], limit=31)
    ends = plot.notes.ends()
    assert [each.name for each, _ in ends] == ["a", "b"], "the larger value stands above"
    assert ends[0][1] < ends[1][1]
    assert plot.notes.named
    assert [(each.name, value) for each, _, value in plot.notes.peaks()] == [("a", 18.25)]
    plot.resize(250, 130)
    assert plot.grab().width() == 250
    assert plot.notes.named, "several curves have their names, shortened, however small the plot"
    assert plot.notes.taken < 0.4 * 250
    plot.set_curves([curve("a", *usual)], limit=31)
    assert not plot.notes.named, "one curve needs none there"


def test_a_plot_without_a_point_has_no_numbers_at_its_axes_and_says_when_they_come(qtbot: QtBot, theme: Theme) -> None:
    plot = CurvePlot(theme, "Loss", "")
    plot.notes.sentence = "Later."
    qtbot.addWidget(plot)
    seen = []
    for shown in (CurveData("a", NOTHING, "r0", 1.0, 1.0), curve("a", 1.0, 2.0)):
        plot.set_curves([shown], limit=10)
        seen.append((plot.notes.empty, plot.item.getAxis("left").style["showValues"]))
    assert seen == [(True, False), (False, True)]


def test_names_that_have_no_room_are_cut_where_they_are_alike(qtbot: QtBot, theme: Theme) -> None:
    plot = CurvePlot(theme, "Loss", "")
    qtbot.addWidget(plot)
    plot.resize(700, 400)
    names = ["ResNet-20 (CIFAR), option B, 3 classes", "ResNet-20 (CIFAR), option C, 3 classes"]
    shown = [curve(name, 1.0, 2.0) for name in names]
    plot.set_curves(shown, limit=2)
    assert [plot.notes.name_of(each) for each in shown] == ["…B, 3 classes", "…C, 3 classes"]
    assert shortened_names(["ResNet-18", "plain-20"]) == ["ResNet-18", "plain-20"]
    assert shortened_names(["one name"]) == ["one name"]
    assert shortened_names(["ResNet-20, 3 classes", "ResNet-20, 3 classes (2)"]) == ["…classes", "…classes (2)"]


def test_the_value_of_a_cut_peak_stands_in_a_figure_where_no_line_passes() -> None:
    falls = Points(np.array([1.0, 4.0, 31.0]), np.array([10_100.0, 2.0, 0.5]))
    data = PlotData(ChartAxis(0, 31), ChartAxis(0, 2.3), (PlotLine(falls, "r0"),))
    inside, size = QRectF(40, 10, 400, 200), QSizeF(60, 12)
    x = data.place(1.0, 2.3, inside).x()
    box = free_place(data, x, size, inside)
    flank = data.place(4.0, 2.3, inside).x()
    assert box.left() > flank - 1, "beyond the flank, which else runs through the words"
    alone = replace(data, lines=(PlotLine(Points(falls.x[:1], falls.y[:1]), "r0"),))
    assert free_place(alone, x, size, inside).left() == x + 4
    posts = [PlotLine(Points(np.array([at, at]), np.array([0.0, 9.0])), "r0") for at in range(31)]
    full = replace(data, lines=tuple(posts))
    assert free_place(full, x, size, inside).left() == x + 4, "on its ground, where there is no place"
