"""Explain views of the Predict page: each is what the engine has answered, and follows the choices."""

from __future__ import annotations

import re
from typing import TypeVar

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from resnet_gui.analysis.locations import block_maps, blocks_of, default_location, layer_maps, stage_maps, unit_box
from resnet_gui.design.location import Location
from resnet_gui.design.plan import plan
from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.format import percent
from resnet_gui.gui.predict.explain.cam_by_depth import CamByDepthView
from resnet_gui.gui.predict.explain.feature_maps import FeatureMapsView
from resnet_gui.gui.predict.explain.filters import FiltersView
from resnet_gui.gui.predict.explain.histograms import HistogramView
from resnet_gui.gui.predict.explain.lesions import LesionView
from resnet_gui.gui.predict.explain.map_grid import MapGrid, number
from resnet_gui.gui.predict.explain.receptive_field import ReceptiveFieldView
from resnet_gui.gui.predict.page import PredictPage
from resnet_gui.gui.predict.pictures.canvas import Overlay
from resnet_gui.gui.predict.state import Unit
from resnet_gui.protocol.events import Event
from resnet_gui.protocol.explain_events import Explanation, FeatureMaps, Filters, Histograms, UnitGradient
from tests.gui.driving import files
from tests.gui.predict.predicting import CAR, PLANE, SHIP, PredictDriver, pick

E = TypeVar("E", bound=Event)
NEAR = 1e-6


def last(driver: PredictDriver, kind: type[E]) -> E:
    return next(event for event in reversed(driver.heard) if isinstance(event, kind))


def planned(driver: PredictDriver) -> Plan:
    return plan(driver.known.spec)


def overlay_of(page: PredictPage) -> bytes:
    """What lies over the picture; nothing if nothing does."""
    overlay = page.canvas.scene.overlay
    return overlay.values if overlay is not None else b""


def under_mouse(page: PredictPage) -> tuple[int, int, float | None] | None:
    return page.scale._under


def has_scale(page: PredictPage) -> bool:
    """Whether the colours of what lies over the picture are shown."""
    return page.scale._overlay is not None


def laid(page: PredictPage) -> Overlay:
    overlay = page.canvas.scene.overlay
    assert overlay is not None
    return overlay


def click(driver: PredictDriver, widget: QWidget, place: QPointF | QPoint) -> None:
    point = place if isinstance(place, QPoint) else place.toPoint()
    driver.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=point)
    driver.settle()


def cell(place: int, grid: MapGrid) -> QPoint:
    return grid._cell(place).center().toPoint()


def test_the_heat_appears_by_itself_and_follows_class_place_switch_and_strength(driver: PredictDriver) -> None:
    page, bar = driver.page, driver.page.bar
    driver.drop(SHIP)
    built, classes = planned(driver), driver.known.classes
    told = last(driver, Explanation)
    first = {heat.location: heat for heat in told.heats}[default_location(built)]
    assert classes[told.target] == "ship"
    assert (laid(page).values, laid(page).measured) == (first.values, False)
    assert bar.target.currentText() == "ship (likeliest)"
    assert [bar.location.itemData(place) for place in range(3)] == [one.name for one in reversed(stage_maps(built))]
    assert has_scale(page)

    pick(bar.target, classes.index("truck"))
    driver.settle()
    assert last(driver, Explanation).target == classes.index("truck")
    assert overlay_of(page) != first.values
    second = page.answer.bars.scores()[1]
    click(driver, page.answer.bars, QPoint(60, 8 + 41 + 10))
    assert (bar.target.currentData(), last(driver, Explanation).target) == (second.index, second.index)
    pick(bar.target, -1)
    driver.settle()
    assert overlay_of(page) == first.values

    pick(bar.location, built.stages[0].name)
    driver.settle()
    assert (laid(page).width, laid(page).height) == (32, 32)
    page.state.set_view("cam_by_depth")
    cams = page.explain.widget(CamByDepthView).cams
    for place, point in enumerate(cams._locations):
        click(driver, cams, cams._cell(place).center())
        assert (page.state.location, bar.location.currentData()) == (point.name, point.name)
        heat = {one.location: one for one in last(driver, Explanation).heats}[point.name]
        assert overlay_of(page) == (heat.values if heat.peak else b"")
    page.state.set_location(default_location(built))

    page.canvas.resize(page.canvas.size())
    whole = page.canvas.grab().toImage()
    bar.strength.setValue(20)
    assert (page.canvas.scene.strength, bar.percent.text()) == (0.2, "20\u2009%")
    assert page.canvas.grab().toImage() != whole
    bar.strength.setValue(80)
    assert page.canvas.grab().toImage() == whole
    bar.cam.click()
    assert overlay_of(page) == b""
    assert not has_scale(page)
    assert (bar.strength.isEnabled(), bar.location.isEnabled()) == (False, False)
    driver.drop(PLANE)
    driver.choose(PLANE)
    assert overlay_of(page) == b"", "switched off it stays"
    bar.cam.click()
    heats = {one.location: one for one in last(driver, Explanation).heats}
    assert laid(page).values == heats[page.state.location].values


def test_cam_by_depth_has_every_stage_and_the_places_inside_of_any_block(driver: PredictDriver) -> None:
    page, by_depth = driver.page, driver.page.explain.widget(CamByDepthView)
    driver.drop(SHIP)
    built = planned(driver)
    page.state.set_view("cam_by_depth")
    blocks = [name for name, block in blocks_of(built) if block.shortcut != "none"]
    assert [by_depth.block.itemData(place) for place in range(by_depth.block.count())] == blocks
    for name in (blocks[0], blocks[-1]):
        pick(by_depth.block, name)
        driver.settle()
        inside = [f"{name}:{place}" for place in ("branch", "shortcut", "sum")]
        names = [*(one.name for one in stage_maps(built)), *inside, name]
        assert [point.name for point in by_depth.cams._locations] == names
        assert {heat.location for heat in last(driver, Explanation).heats} >= set(names)
        assert set(names) <= {page.bar.location.itemData(place) for place in range(page.bar.location.count())}
        assert len(block_maps(Location.parse(name), dict(blocks_of(built))[name])) == 4
    cams = by_depth.cams
    assert cams.accessibleDescription().count(": ") == len(cams._locations)
    assert all(cams.rect().contains(cams._cell(place).toRect()) for place in range(len(cams._locations)))


def test_the_picture_tells_the_pixel_under_the_mouse_with_the_heat_there(driver: PredictDriver) -> None:
    page, canvas = driver.page, driver.page.canvas
    driver.drop(SHIP)
    crop, target, overlay = canvas.crop_rect(), canvas._target(), laid(page)
    size = canvas.picture_size
    for x, y in ((0.3, 0.4), (0.51, 0.77)):
        place = QPointF(crop.left() + x * crop.width(), crop.top() + y * crop.height())
        driver.qtbot.mouseMove(canvas, place.toPoint())
        canvas.mouseMoveEvent(_hover(place))
        under = under_mouse(page)
        assert under is not None
        across, down = (place.x() - target.left()) / target.width(), (place.y() - target.top()) / target.height()
        assert under[:2] == (int(across * size[0]), int(down * size[1]))
        values = np.frombuffer(overlay.values, np.uint8).reshape(overlay.height, overlay.width)
        assert under[2] == pytest.approx(values[int(y * overlay.height), int(x * overlay.width)] / 255)
    canvas.mouseMoveEvent(_hover(QPointF(1, 1)))
    assert under_mouse(page) is None
    page.bar.cam.click()
    canvas.mouseMoveEvent(_hover(crop.center()))
    under = under_mouse(page)
    assert under is not None
    assert under[2] is None


def _hover(place: QPointF) -> QMouseEvent:
    none = Qt.MouseButton.NoButton
    return QMouseEvent(QEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier)


def test_feature_maps_of_any_layer_in_pages_by_activity_or_number_and_one_enlarged_with_its_statistics(
    driver: PredictDriver,
) -> None:
    page, view = driver.page, driver.page.explain.widget(FeatureMapsView)
    driver.drop(SHIP)
    built = planned(driver)
    told = last(driver, FeatureMaps)
    assert (told.layer, told.start) == (view.layer.currentData(), 0) == ("layer1.2", 0)
    assert view.layer.count() == len(layer_maps(built))
    assert view.shape.text() == "16 × 32 × 32"
    assert (view.range.text(), view.back.isEnabled(), view.forth.isEnabled()) == ("1–16 of 16", False, False)
    activity = [np.frombuffer(one.values, np.uint8).size for one in told.maps]
    assert activity == [32 * 32] * 16

    page.resize(1024, 640)
    QApplication.processEvents()
    pick(view.layer, built.stages[-1].name + ".2")
    driver.settle()
    told, room = last(driver, FeatureMaps), view.grid.room
    assert (told.layer, told.shape, len(told.maps)) == ("layer3.2", (64, 8, 8), room)
    assert room < 64
    assert view.range.text() == f"1–{room} of 64"
    view.forth.click()
    driver.settle()
    told = last(driver, FeatureMaps)
    assert (told.start, view.back.isEnabled()) == (room, True)
    assert view.range.text() == f"{room + 1}–{room + len(told.maps)} of 64"
    pick(view.order, "number")
    driver.settle()
    told = last(driver, FeatureMaps)
    assert [one.channel for one in told.maps] == list(range(room))
    for place in (0, 3):
        click(driver, view.grid, cell(place, view.grid))
        one = told.maps[place]
        assert view.title.text() == f"Channel {one.channel}"
        words = f"mean {number(one.mean)}\nmax {number(one.high)}\nmin {number(one.low)}"
        assert view.stats.text() == f"{words}\n{100 * one.active:.0f}\u2009% above 0"
        assert view.large.image() == view.grid.tiles()[place].image
        assert view.grid.accessibleDescription().startswith(f"Channel {one.channel}: mean ")
    view.grid.setFocus()
    below = view.grid.columns
    keys = (Qt.Key.Key_Right, 4), (Qt.Key.Key_Down, 4 + below), (Qt.Key.Key_Left, 3 + below), (Qt.Key.Key_Up, 3)
    for key, place in keys:
        driver.qtbot.keyClick(view.grid, key)
        assert (view.grid.place, view.title.text()) == (place, f"Channel {told.maps[place].channel}")
    pick(view.order, "active")
    driver.settle()
    means = [abs(one.mean) for one in last(driver, FeatureMaps).maps]
    assert means == sorted(means, reverse=True), "after a ReLU the most active channel has the largest mean"


def test_filters_and_histograms_are_those_of_the_weights(driver: PredictDriver) -> None:
    from safetensors.numpy import load_file

    from resnet_gui.data.weights_catalogue import shipped_file

    page, tensors = driver.page, load_file(shipped_file())
    driver.drop(SHIP)
    page.state.set_view("filters")
    driver.settle()
    told, view = last(driver, Filters), page.explain.widget(FiltersView)
    first = tensors[f"{told.layer}.weight"]
    assert (told.shape, len(view.grid.tiles())) == (first.shape, len(first))
    assert view.words.text().startswith(f"{told.layer}: {len(first)} filters of 3 × 3 × 3, as colours")
    click(driver, view.grid, cell(5, view.grid))
    assert view.title.text() == "Filter 5"
    assert f"norm {number(float(np.linalg.norm(first[5])))}\n" in view.stats.text()
    shown = view.large.image().pixelColor(2, 1)
    peak = np.abs(first).max()
    expected = np.round(np.clip(first[5, :, 1, 2] / peak * 127.5 + 127.5, 0, 255))
    assert (shown.red(), shown.green(), shown.blue()) == tuple(expected)

    page.state.set_view("histograms")
    histograms = page.explain.widget(HistogramView)
    pick(histograms.layer, "layer1.0.conv1")
    driver.settle()
    one, weight = last(driver, Histograms), tensors["layer1.0.conv1.weight"]
    assert one.weights is not None
    assert sum(one.weights.counts) == weight.size
    assert one.weights.low == pytest.approx(float(weight.min()))
    words = histograms.weights.accessibleDescription()
    assert words.startswith(f"{weight.size:,} values, mean {number(float(weight.mean()))}, deviation ")
    assert histograms.activations.accessibleDescription().startswith(f"{16 * 32 * 32:,} values")
    plain = histograms.weights.grab().toImage()
    histograms.log.click()
    assert histograms.weights.grab().toImage() != plain
    pick(histograms.layer, "layer1.0.add")
    driver.settle()
    assert histograms.weights.accessibleDescription() == "This layer has no weights."


def test_a_click_on_the_picture_chooses_the_unit_whose_field_is_drawn_and_told(driver: PredictDriver) -> None:
    page, view, canvas = driver.page, driver.page.explain.widget(ReceptiveFieldView), driver.page.canvas
    driver.drop(SHIP)
    built, heat = planned(driver), overlay_of(page)
    page.state.set_view("receptive_field")
    driver.settle()
    assert page.state.unit == Unit("layer3.2", 4, 4, -1)
    assert last(driver, UnitGradient).layer == "layer3.2"
    pick(view.layer, "layer2.0.conv1")
    driver.settle()
    crop = canvas.crop_rect()
    click(driver, canvas, QPointF(crop.left() + 0.3 * crop.width(), crop.top() + 0.8 * crop.height()))
    told = last(driver, UnitGradient)
    assert (
        (told.x, told.y)
        == (page.state.unit.x, page.state.unit.y)
        == (view.column.value(), view.line.value())
        == (int(0.3 * 16), int(0.8 * 16))
    )
    assert laid(page).values == told.values
    box = unit_box(built, "layer2.0.conv1", told.x, told.y)
    (outer, _), (inner, _) = canvas.scene.marks.boxes
    assert outer == tuple(map(float, box))
    assert (inner[2] - inner[0], inner[3] - inner[1]) == (told.half, told.half)
    assert f"column {told.x}, row {told.y} of conv3_1 conv1 (all channels)" in view.words.text()
    assert f"{box[2] - box[0]} × {box[3] - box[1]} pixels" in view.words.text()
    wide, high = told.box[2] - told.box[0], told.box[3] - told.box[1]
    assert f"{wide} × {high} pixels move it" in view.figures.text()
    assert f"within {told.half} × {told.half} pixels" in view.figures.text()
    before = told.values
    view.channel.setValue(3)
    driver.settle()
    assert last(driver, UnitGradient).values != before or not last(driver, UnitGradient).box
    assert "(channel 3)" in view.words.text()
    page.state.set_view("feature_maps")
    driver.settle()
    assert (canvas.scene.marks.boxes, overlay_of(page)) == ((), heat), "the heat of Grad-CAM is back"


def test_a_branch_that_is_turned_off_changes_the_answer_and_all_on_brings_it_back(driver: PredictDriver) -> None:
    page, view = driver.page, driver.page.explain.widget(LesionView)
    switches = view.switches
    driver.drop(SHIP, CAR)
    whole, heat = page.answer.bars.scores(), overlay_of(page)
    page.state.set_view("lesions")
    QApplication.processEvents()
    assert not view.reset.isEnabled()
    click(driver, switches, switches._cells()[1].center())
    assert switches.off() == ("layer1.1",)
    assert "off: layer1.1" in switches.accessibleDescription()
    lesioned = page.answer.bars.scores()
    assert lesioned != whole
    assert page.answer.bars._whole == {score.index: score.probability for score in whole}
    now = next((one.probability for one in lesioned if one.index == whole[0].index), 0.0)
    assert re.fullmatch(rf"1 off: ship .* from {percent(whole[0].probability)} to {percent(now)}", view.words.text())
    assert view.reset.isEnabled()
    assert overlay_of(page) != heat
    assert driver.picture(SHIP).top == whole, "the gallery keeps what the whole network says"

    switches.setFocus()
    driver.qtbot.keyClick(switches, Qt.Key.Key_Right)
    driver.qtbot.keyClick(switches, Qt.Key.Key_Space)
    driver.settle()
    assert switches.off() == ("layer1.1", "layer1.2")
    assert view.words.text().startswith("2 off: ship ")
    driver.choose(CAR)
    assert view.words.text().startswith("2 off: automobile ")
    assert page.answer.bars._whole == {score.index: score.probability for score in driver.picture(CAR).top}
    driver.choose(SHIP)
    view.reset.click()
    driver.settle()
    assert (switches.off(), page.answer.bars.scores(), page.answer.bars._whole) == ((), whole, {})
    assert overlay_of(page) == heat
    assert not view.reset.isEnabled()
    assert view.words.text().startswith("Turn a residual branch off")
    # Off while a click is still being answered: only the newest counts.
    for place in (3, 4, 3, 4):
        driver.qtbot.mouseClick(switches, Qt.MouseButton.LeftButton, pos=switches._cells()[place].center().toPoint())
    driver.settle()
    assert (switches.off(), page.answer.bars.scores(), page.answer.bars._whole) == ((), whole, {})


def test_the_temperature_changes_how_sure_the_answers_are_but_not_their_order(driver: PredictDriver) -> None:
    page, picture = driver.page, driver.picture
    driver.drop(SHIP, CAR)
    plain = picture(SHIP).top
    for temperature in (2.5, 0.4):
        page.answer.temperature.setValue(temperature)
        logs = picture(SHIP).scores
        assert logs is not None
        hot = np.exp(logs.astype(np.float64) / temperature)
        hot /= hot.sum()
        shown = page.answer.bars.scores()
        assert [one.index for one in shown] == [one.index for one in plain]
        assert [one.probability for one in shown] == pytest.approx([hot[one.index] for one in plain], abs=NEAR)
        assert shown[0].probability < plain[0].probability if temperature > 1 else True
        assert page.pictures.index(picture(CAR).row, 2).data() == percent(picture(CAR).top[0].probability)
    page.take_mime(files(PLANE))
    driver.settle()
    logs = picture(PLANE).scores
    assert logs is not None
    hot = np.exp(logs.astype(np.float64) / 0.4)
    assert picture(PLANE).top[0].probability == pytest.approx(hot.max() / hot.sum(), abs=NEAR)
    driver.choose(SHIP)
    page.answer.temperature.setValue(1.0)
    assert [one.probability for one in page.answer.bars.scores()] == pytest.approx(
        [one.probability for one in plain], abs=NEAR
    )


def test_the_temperature_ranks_the_answer_with_lesions_anew_without_asking_the_engine(driver: PredictDriver) -> None:
    page = driver.page
    driver.drop(SHIP)
    page.state.set_lesions(("layer1.1",))
    assert page.explain.widget(LesionView).switches.off() == ("layer1.1",), "the switches show what the state says"
    driver.settle()
    before = page.answer.bars.scores()
    page.answer.temperature.setValue(3.0)
    after = page.answer.bars.scores()
    assert not driver.warm.engines._pending
    assert [one.index for one in after] == [one.index for one in before]
    assert after[0].probability < before[0].probability
    assert page.answer.bars._whole == {score.index: score.probability for score in driver.picture(SHIP).top}
