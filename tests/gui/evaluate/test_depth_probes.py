"""Probes by depth: their curves with intervals, the slider below them, a second model beside."""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QStyle, QStyleOptionSlider
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.evaluation.depth_files import DEPTH_FILE, DepthFiles, write_record
from resnet_gui.evaluation.intervals import wilson
from resnet_gui.gui.evaluate.depth.block_strip import BlockCell
from resnet_gui.gui.evaluate.depth.curve_looks import CurveLook, curve_looks
from resnet_gui.gui.evaluate.depth.panel import ONE_CLASS
from resnet_gui.gui.evaluate.depth.probe_strip import ProbeCurve, ProbeStrip, probe_chart
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.protocol.evaluation_events import DepthMeasured
from resnet_gui.protocol.evaluation_messages import CompareDepth, MeasureDepth
from resnet_gui.protocol.events import Failed, Progressed
from resnet_gui.training.recipe import Recipe
from tests.gui.evaluate.depth_driver import DepthDriver
from tests.gui.evaluate.measured_folders import (
    BLOCKS,
    TESTED,
    measure_depth,
    probe_share,
)


def strip_of(qtbot: QtBot, theme: Theme, cells: int) -> ProbeStrip:
    strip = ProbeStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(430, 208)
    curve = ProbeCurve("net", "r1", ("x",) * cells, tuple(wilson(50 + place % 40, 100) for place in range(cells)))
    strip.show_blocks([BlockCell("stem", "stem")] + [BlockCell("2_1", 0)] * (cells - 1), [curve], 0)
    strip.grab()
    return strip


@pytest.mark.parametrize("cells", [10, 51, 601])
def test_the_knob_stands_under_the_block_that_it_reads(qtbot: QtBot, theme: Theme, cells: int) -> None:
    strip = strip_of(qtbot, theme, cells)
    for place in (0, cells // 2, cells - 1):
        strip.choose(place)
        option = QStyleOptionSlider()
        strip.slider.initStyleOption(option)
        groove = QStyle.ComplexControl.CC_Slider
        knob = strip.slider.style().subControlRect(groove, option, QStyle.SubControl.SC_SliderHandle, strip.slider)
        assert strip.slider.x() + knob.center().x() == pytest.approx(strip.middle_of(place), abs=2)
        assert strip.place_at(strip.middle_of(place)) == place


def test_a_click_on_a_block_reads_it(qtbot: QtBot, theme: Theme) -> None:
    strip = strip_of(qtbot, theme, 10)
    with qtbot.waitSignal(strip.moved, check_params_cb=lambda place: place == 7):
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(round(strip.middle_of(7)), 160))


def test_the_curve_is_the_probes_accuracy_with_its_interval(depth: DepthDriver) -> None:
    depth.show()
    (curve,) = depth.panel.strip._curves
    chart = probe_chart([curve], len(BLOCKS))
    shares = [wilson(round(TESTED * probe_share(place)), TESTED) for place in range(len(BLOCKS))]
    assert chart.lines[0].points.y == pytest.approx([100 * share.value for share in shares])
    assert chart.bands[0].low == pytest.approx([100 * share.low for share in shares])
    assert chart.bands[0].high == pytest.approx([100 * share.high for share in shares])
    words = depth.panel.strip.reading(3)
    assert (
        words == f"net after 3_1: 63.3 % of 30 pictures ({100 * shares[3].low:.1f} % to {100 * shares[3].high:.1f} %)"
    )


def test_a_network_of_other_blocks_beside_is_stretched_over_the_strip(depth: DepthDriver) -> None:
    depth.show()
    depth.show_beside(("stem", "layer1.0", "layer2.0"))
    curves = depth.panel.strip._curves
    assert [curve.name for curve in curves] == ["net", "other net"]
    assert curves[1].points(len(BLOCKS))[0].x.tolist() == [0, 3, 6]
    assert "other net after 3_1: 56.7 %" in depth.panel.strip.reading(6)
    depth.state.show_other(None)
    assert len(depth.panel.strip._curves) == 1


def test_a_model_beside_that_lacks_figures_is_measured_too_and_said_until_then(depth: DepthDriver) -> None:
    depth.show()
    depth.panel.show()
    depth.show_beside(BLOCKS, measured=False)
    (job,) = depth.engines.asked
    assert (type(job), Path(job.folder).name) == (MeasureDepth, "second")
    assert "other net, waits for the engine" in depth.panel.strip.reading(0)
    depth.panel.views._choose(1)
    assert depth.panel.likeness.beside.message == "other net, waits for the engine"
    depth.answer(Progressed(job.job, "locations", 3, 8))
    assert "other net, locations: 3 of 8" in depth.panel.strip.reading(0)
    measure_depth(depth.folder / "second")
    depth.answer(DepthMeasured(job.job, job.folder))
    assert len(depth.panel.strip._curves) == 2
    assert "waits" not in depth.panel.strip.reading(0)
    assert [type(one) for one in depth.engines.asked] == [MeasureDepth, CompareDepth]


def test_a_model_beside_that_cannot_be_measured_says_why_and_is_not_tried_again(depth: DepthDriver) -> None:
    depth.show()
    depth.panel.show()
    depth.show_beside(BLOCKS, measured=False)
    depth.answer(Failed(depth.engines.asked[0].job, "The disk is full."))
    assert depth.panel.strip.reading(0).endswith("other net, The disk is full.")
    depth.panel.hide()
    depth.panel.show()
    assert len(depth.engines.asked) == 1
    depth.state.show_other(None)
    assert "other net" not in depth.panel.strip.reading(0)


def test_pictures_of_one_class_have_a_sentence_and_no_curve_of_100_percent(depth: DepthDriver) -> None:
    depth.show()
    record = DepthFiles(depth.folder / "first").record
    one = msgspec.structs.replace(record, probes=msgspec.structs.replace(record.probes, classes=1, classes_in_both=1))
    write_record(depth.folder / "first" / DEPTH_FILE, one)
    depth.panel.reload()
    chart = depth.panel.strip._chart
    assert chart is not None
    assert (chart.lines, chart.message) == ((), ONE_CLASS)
    assert depth.panel.strip.reading(0) == "net after stem: no probe"


def test_a_location_without_a_probe_is_a_gap_and_is_said() -> None:
    curve = ProbeCurve("net", "r1", ("stem", "2_1", "2_2"), (wilson(1, 2), None, wilson(2, 2)))
    chart = probe_chart([curve], 3)
    assert np.isnan(chart.lines[0].points.y[1])
    assert len(chart.bands[0].x) == 2
    assert curve.reading(3, 1) == "net after 2_1: no probe"
    none = ProbeCurve("net", "r1", ("stem",), (None,))
    assert probe_chart([none], 1).message == "There was no probe to make"


def test_a_run_s_curve_has_the_colour_of_the_run_and_networks_without_one_get_another() -> None:
    mine, ring = CurveLook("r4"), CurveLook("r1", 1)
    assert curve_looks(mine, ring) == (mine, ring)
    assert curve_looks(None, None) == (CurveLook("r1"), CurveLook("r4"))
    assert curve_looks(None, ring) == (CurveLook("r4"), ring)
    assert curve_looks(mine, None) == (mine, CurveLook("r1"))
    assert curve_looks(mine, mine) == (mine, CurveLook("r4", 2)), "best and last weights of one run"


def test_the_panel_asks_for_the_runs_of_both_networks(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    depth = DepthDriver(qtbot, theme, tmp_path)
    depth.show()
    depth.show_beside(BLOCKS)
    spec = PRESETS["resnet20"].spec
    rows = [RunRow(tmp_path / name, name, spec, Recipe()) for name in ("a", "b")]
    rows[0].colour, rows[1].colour = 4, 1
    asked = itertools.cycle(rows)
    depth.panel._run_of = lambda _model: next(asked)
    depth.panel.reload()
    curves = depth.panel.strip.curves
    assert [curve.token for curve in curves] == ["r4", "r1"]
    assert [line.token for line in probe_chart(curves, len(BLOCKS)).lines[::-1]] == ["r4", "r1"]
