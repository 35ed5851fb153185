"""Strips of dots, bands, badges and cells of progress show what they are given, and name what is pressed."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.axes import log_ticks, plain_number
from resnet_gui.gui.kit.charts.badge import Badge, BadgeData
from resnet_gui.gui.kit.charts.band_plot import BandPlot, spread
from resnet_gui.gui.kit.charts.bands import band_of, mean_and_deviation
from resnet_gui.gui.kit.charts.cell_strip import CellStrip, ProgressCell
from resnet_gui.gui.kit.charts.dot_strip import DotStrip, DotStripData, StripDot, dot_at, dot_places
from resnet_gui.gui.kit.charts.strip_scale import StripScale, even_scale, symmetric_scale
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.theme import Theme


def pixels(widget: QWidget, color: QColor) -> int:
    """How many pixels have a colour, or almost."""
    image = widget.grab().toImage()
    data = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    wanted = np.array([color.blue(), color.green(), color.red()])
    return int((np.abs(data[..., :3].astype(int) - wanted).max(axis=-1) < 12).sum())


# ---- scales


def test_a_symmetric_scale_keeps_the_order_and_has_its_zero_between_equal_values() -> None:
    scale = symmetric_scale([-3.0, 60.0], 1.0)
    values = (-3, -1, -0.1, 0, 0.1, 1, 10, 60)
    places = [scale.fraction(value) for value in values]
    assert places == sorted(places)
    assert len(set(places)) == len(values)
    assert scale.fraction(1) - scale.fraction(0) == pytest.approx(scale.fraction(0) - scale.fraction(-1))
    assert scale.fraction(60) - scale.fraction(10) < 50 * (scale.fraction(1) - scale.fraction(0))
    assert scale.ticks() == (-1, 0, 1, 10)


def test_what_lies_beyond_a_track_is_at_its_end_and_what_is_no_number_in_its_middle() -> None:
    scale = StripScale(0, 10)
    assert [scale.fraction(value) for value in (-5, 2.5, 99, float("nan"))] == [0, 0.25, 1, 0.5]


@pytest.mark.parametrize(("high", "ticks"), [(1.0, (0, 0.5, 1)), (4.0, (0, 2, 4)), (70.0, (0, 20, 40, 60))])
def test_an_even_scale_has_a_few_round_ticks_from_zero(high: float, ticks: tuple[float, ...]) -> None:
    assert even_scale([high]).ticks() == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("low", "high", "size", "values"),
    [
        (0, 2, 100, [1, 3, 10, 30, 100]),
        (0, 2, 400, [1, 2, 5, 10, 20, 50, 100]),
        (0, 6, 100, [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]),
        (1.28, 1.62, 300, [20, 30, 40]),
    ],
)
def test_a_logarithmic_axis_writes_as_many_round_values_as_have_room(
    low: float, high: float, size: float, values: list[int]
) -> None:
    assert [round(10**tick) for tick in log_ticks(low, high, size)] == values


# ---- dots


def strip_data(*values: float) -> DotStripData:
    dots = tuple(StripDot(value, f"seed {number}", number) for number, value in enumerate(values, 1))
    return DotStripData(dots, sum(values) / len(values), (min(values), max(values)))


def test_equal_values_are_stacked_so_that_they_can_be_counted() -> None:
    places = dot_places(strip_data(3, 3, 3), StripScale(0, 10), QRectF(0, 0, 112, 26))
    assert [place.x() for place in places] == [36, 36, 36]
    assert [place.y() for place in places] == [9, 13, 17]
    many = dot_places(strip_data(*[3] * 30), StripScale(0, 10), QRectF(0, 0, 112, 26))
    assert many[0].y() >= 2.8
    assert many[-1].y() <= 26 - 2.8


def test_a_click_on_a_dot_names_it_and_one_beside_it_does_not(qtbot: QtBot, theme: Theme) -> None:
    strip = DotStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(120, 26)
    strip.show_data(strip_data(2, 8), StripScale(0, 10))
    with qtbot.waitSignal(strip.dot_clicked) as clicked:
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(1).toPoint())
    assert clicked.args == [2]
    with qtbot.assertNotEmitted(strip.dot_clicked):
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(60, 13))
    assert strip.accessibleDescription() == "seed 1; seed 2"
    area = QRectF(strip.rect())
    found = dot_at(strip.data, StripScale(0, 10), area, strip.place_of(0))
    assert found is not None
    assert found.words == "seed 1"


def test_the_part_where_a_claim_holds_is_shaded(qtbot: QtBot, theme: Theme) -> None:
    strip = DotStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(120, 26)
    strip.setStyleSheet(f"background: {theme.hex('panel')}")
    half = DotStripData((), thresholds=(5,), holds=(5, float("inf")), diamond=2)
    strip.show_data(DotStripData(()), StripScale(0, 10))
    assert pixels(strip, theme.color("oksoft")) == 0
    strip.show_data(half, StripScale(0, 10))
    assert pixels(strip, theme.color("oksoft")) > 50 * 20


# ---- cells


def test_progress_is_one_cell_a_piece_with_gaps_between_groups_and_a_click_names_the_piece(
    qtbot: QtBot, theme: Theme
) -> None:
    strip = CellStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(400, 14)
    done, waits = ProgressCell("done", key="a"), ProgressCell("waits")
    strip.show_groups([[done, ProgressCell("failed", key="b")], [ProgressCell("going", 0.5), waits]])
    assert strip.accessibleName() == "2 of 4 done"
    places = [strip.place_of(number).x() for number in range(4)]
    assert places[2] - places[1] > places[1] - places[0]
    assert places[3] - places[2] == pytest.approx(places[1] - places[0])
    assert pixels(strip, theme.color("err")) > 500
    assert pixels(strip, theme.color("acc")) == pytest.approx(pixels(strip, theme.color("line2")), rel=0.05)
    with qtbot.waitSignal(strip.cell_clicked) as clicked:
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(1).toPoint())
    assert clicked.args == ["b"]


def test_two_hundred_cells_fit_into_the_strip(qtbot: QtBot, theme: Theme) -> None:
    strip = CellStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(480, 14)
    strip.show_groups([[ProgressCell("done")] * 40] * 5)
    places = [strip.place_of(number).x() for number in range(200)]
    assert places == sorted(places)
    assert places[-1] < 480


def test_a_badge_without_a_word_is_not_seen(qtbot: QtBot, theme: Theme) -> None:
    badge = Badge(theme)
    qtbot.addWidget(badge)
    assert badge.isHidden()
    badge.show_badge(BadgeData("differs", "acc", "differs"))
    assert not badge.isHidden()
    assert badge.sizeHint().width() > BadgeData("differs").width
    assert badge.accessibleName() == "differs"


# ---- bands


def curve(*values: float) -> Points:
    return Points(np.arange(1.0, len(values) + 1), np.array(values))


def test_the_mean_is_that_of_the_curves_that_have_come_furthest() -> None:
    mean, deviation = mean_and_deviation([curve(4, 2), curve(2, 0), curve(100)])
    assert list(mean.x) == [1, 2]
    assert list(mean.y) == [3, 1]
    assert list(deviation) == pytest.approx([2**0.5, 2**0.5])
    alone, none = mean_and_deviation([curve(4, 2)])
    assert (list(alone.y), list(none)) == ([4, 2], [0, 0])
    assert len(mean_and_deviation([])[0].x) == 0


@pytest.fixture
def plot(qtbot: QtBot, theme: Theme) -> BandPlot:
    made = BandPlot(theme, "Error", "%")
    qtbot.addWidget(made)
    made.resize(420, 300)
    made.show()
    return made


@pytest.mark.parametrize("log", [False, True])
def test_a_band_is_filled_about_its_mean_and_named_at_its_end(plot: BandPlot, theme: Theme, log: bool) -> None:
    plot.set_log(log=log)
    wide = band_of("b", "none", "r3", [curve(90, 80, 70), curve(50, 30, 5)])
    thin = band_of("a", "A", "r0", [curve(40, 20, 2), curve(40, 20, 2)])
    plot.set_bands([wide, thin], limit=3)
    assert plot.tags.texts() == ["none", "A"]
    heights = plot.tags.heights()
    assert heights[1] > heights[0]
    soft, ground, ratio = theme.color("r3"), theme.color("panel"), 0.2
    mixed = [round(ratio * soft.getRgb()[n] + (1 - ratio) * ground.getRgb()[n]) for n in range(3)]  # type: ignore[index]
    assert pixels(plot, QColor(*mixed)) > 500
    plot.set_bands([thin], limit=3)
    assert plot.tags.texts() == ["A"]
    assert pixels(plot, QColor(*mixed)) < 100


def test_the_crosshair_tells_mean_and_deviation(plot: BandPlot) -> None:
    plot.set_bands([band_of("b", "none", "r3", [curve(90, 80), curve(50, 40)])], limit=2)
    plot.hovered.emit(2.2)
    assert plot.readout.texts() == [("none", "60", "28")]
    assert plot.readout.place == "2"
    plot.hovered.emit(None)
    assert plot.readout.texts() == []


def test_names_are_moved_apart_and_stay_inside() -> None:
    assert spread([10, 12, 50], 16, 8, 100) == [10, 26, 50]
    assert spread([95, 96, 97], 16, 8, 100) == [68, 84, 100]
    assert spread([0, 0], 16, 8, 100) == [8, 24]


@pytest.mark.parametrize(("value", "text"), [(100.0, "100"), (0.05, "0.05"), (2000.0, "2000"), (1e-7, "1e-07")])
def test_ticks_of_a_logarithmic_axis_are_numbers_as_they_are_read(value: float, text: str) -> None:
    assert plain_number(value) == text
