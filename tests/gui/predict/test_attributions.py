"""The view of attributions: what the engine has answered, what lies over the picture, and what is given up."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt

from resnet_gui.gui.kit.colormap import diverging_ramp
from resnet_gui.gui.predict.explain.attribution_fields import SHOWN, AttributionFields
from resnet_gui.gui.predict.explain.attribution_words import TITLES, figures_words
from resnet_gui.gui.predict.explain.attributions import AttributionView
from resnet_gui.gui.predict.pictures.canvas import Overlay
from resnet_gui.protocol.attribution_settings import METHODS, READ_BY, AttributionSettings
from resnet_gui.protocol.events import Progressed
from resnet_gui.protocol.explain_events import Attribution, PixelMap
from tests.gui.predict.predicting import SHIP, PredictDriver, pick
from tests.gui.predict.test_explain import laid, last, overlay_of


@pytest.fixture
def view(driver: PredictDriver) -> AttributionView:
    driver.drop(SHIP)
    assert not any(isinstance(event, Attribution) for event in driver.heard), "asked before it was on show"
    driver.page.state.set_view("attributions")
    driver.settle()
    return driver.page.explain.widget(AttributionView)


def test_the_map_of_the_chosen_method_lies_over_the_picture_with_its_figures(
    driver: PredictDriver, view: AttributionView
) -> None:
    page = driver.page
    for method in ("lrp", "integrated-gradients", "grad-cam"):
        pick(view.method, method)
        driver.settle()
        answer = last(driver, Attribution)
        assert (answer.method, driver.known.classes[answer.target]) == (method, "ship")
        signed = method != "grad-cam"
        assert laid(page).signed == signed
        assert overlay_of(page) == (answer.map.signed if signed else answer.map.absolute)
        assert view.figures.text() == figures_words(answer, "ship")
    assert answer.settings.location == page.state.location
    pick(view.method, "lrp")
    pick(view.map, False)
    driver.settle()
    assert (overlay_of(page), laid(page).signed) == (last(driver, Attribution).map.absolute, False)
    page.state.set_view("filters")
    driver.settle()
    assert overlay_of(page) != last(driver, Attribution).map.absolute, "Grad-CAM lies there again"


def test_the_bar_above_the_picture_names_the_map_that_lies_on_it(driver: PredictDriver, view: AttributionView) -> None:
    bar = driver.page.bar
    assert (bar.drawing.text(), bar.drawing.isHidden(), bar.cam.isHidden()) == (TITLES["lrp"], False, True)
    assert bar.location.isHidden(), "relevance has no place in the network"
    pick(view.method, "grad-cam")
    assert (bar.drawing.text(), bar.location.isHidden()) == ("Grad-CAM", False)
    bar.cam.setChecked(False)
    assert bar.target.isEnabled(), "of the map too"
    driver.page.state.set_view("filters")
    assert (bar.drawing.isHidden(), bar.cam.isHidden(), bar.target.isEnabled()) == (True, False, False)
    bar.cam.setChecked(True)
    driver.settle()


def test_settings_follow_the_method_and_change_the_map(driver: PredictDriver, view: AttributionView) -> None:
    pick(view.method, "occlusion")
    driver.settle()
    first = last(driver, Attribution)
    assert (first.settings.window, first.settings.stride) == (4, 2)
    view.fields.field("window").setValue(16)  # type: ignore[attr-defined]
    driver.settle()
    second = last(driver, Attribution)
    assert (second.settings.window, second.settings.stride) == (16, 8)
    assert overlay_of(driver.page) == second.map.signed != first.map.signed
    view.fields.field("stride").setValue(20)  # type: ignore[attr-defined]
    driver.settle()
    assert driver.said[-1].startswith("stride is 20, which leaves pixels between windows of 16 uncovered")
    assert overlay_of(driver.page) == b"", "no map stands for one that there is not"


def test_the_sanity_check_shows_a_map_for_each_section_and_any_of_them_over_the_picture(
    driver: PredictDriver, view: AttributionView
) -> None:
    view.sanity.click()
    driver.settle()
    answer = last(driver, Attribution)
    titles = [cell.title for cell in view.strip.cells()]
    assert titles == [
        "Trained weights",
        *(f"Random to {name}" for name in ("head", "layer3", "layer2", "layer1", "stem")),
    ]
    correlation = answer.randomised[-1].correlation
    assert correlation is not None
    assert view.strip.cells()[-1].words == f"ρ = {correlation:.2f}".replace("-", "−")
    driver.qtbot.mouseClick(view.strip, Qt.MouseButton.LeftButton, pos=view.strip.cell(5).center().toPoint())
    driver.settle()
    found = answer.randomised[-1].map
    assert found is not None
    assert overlay_of(driver.page) == found.signed
    assert last(driver, Attribution) is answer, "nothing is asked for that is known"
    driver.qtbot.keyClick(view.strip, Qt.Key.Key_Left)
    assert driver.page.state.attribution.step == 4
    view.sanity.click()
    driver.settle()
    assert (len(view.strip.cells()), overlay_of(driver.page)) == (1, answer.map.signed)


def test_what_takes_long_says_how_far_it_is_and_can_be_given_up(driver: PredictDriver, view: AttributionView) -> None:
    pick(view.method, "integrated-gradients")
    pick(view.fields.field("quadrature"), "midpoint")  # type: ignore[arg-type]
    driver.settle()
    before = last(driver, Attribution)
    view.fields.field("steps").setValue(1024)  # type: ignore[attr-defined]
    driver.wait(view.stop.isVisible)
    assert view.figures.text().endswith("passes through the network")
    view.stop.click()
    driver.settle()
    assert (view.figures.text(), view.stop.text()) == ("Stopped.", "Compute")
    assert last(driver, Attribution) is before
    settings = msgspec.structs.replace(driver.page.state.attribution.settings, steps=8)
    driver.page.state.set_attribution(msgspec.structs.replace(driver.page.state.attribution, settings=settings))
    driver.settle()
    assert last(driver, Attribution).settings.steps == 8
    assert not view.stop.isVisible()


def test_what_was_given_up_is_computed_when_it_is_wanted_again(driver: PredictDriver, view: AttributionView) -> None:
    before = last(driver, Attribution)
    view.show_piece(Progressed(1, "passes", 1, 2))
    view.stop.click()
    view.stop.click()
    driver.settle()
    assert last(driver, Attribution) is not before
    assert last(driver, Attribution).map == before.map


def test_every_method_has_a_title_and_shows_only_settings_that_it_reads(qtbot: Any) -> None:
    assert set(TITLES) == set(SHOWN) == set(METHODS)
    fields = AttributionFields()
    qtbot.addWidget(fields)
    for method in METHODS:
        assert set(SHOWN[method]) <= set(READ_BY[method])
        fields.show_settings(method, AttributionSettings(rule="gamma"))
        there = {name for name in SHOWN["lrp"] + SHOWN["smoothgrad"] if not fields.field(name).isHidden()}
        assert there == set(SHOWN[method]) & set(SHOWN["lrp"] + SHOWN["smoothgrad"])


def test_figures_name_what_biases_take() -> None:
    found = Attribution(
        job=1, image="x.png", method="lrp", settings=AttributionSettings(), target=0, score=4.0, total=2.5,
        expected=4.0, biases=1.48, input_png=b"", map=PixelMap(1, 1, b"\x80", b"\0", 0.0, 0.0),
    )  # fmt: skip
    assert figures_words(found, "cat") == (
        "Completeness error −0.02 logits (−0.5\u2009%): logit of cat 4; the map adds up to 2.5, biases to 1.48"
    )
    promises_nothing = msgspec.structs.replace(found, expected=None)
    assert figures_words(promises_nothing, "cat") == "Logit of cat 4"


def test_a_signed_overlay_is_clear_at_its_zero_and_has_a_hue_on_either_side() -> None:
    assert diverging_ramp()[128] == 0
    below, above = (np.array([diverging_ramp()[value] >> shift & 255 for shift in (24, 16, 0)]) for value in (1, 255))
    assert below[0] == above[0] == 255
    assert above[1] > above[2], "orange"
    assert below[2] > below[1], "blue"
    overlay = Overlay(bytes([1, 128, 255]), 3, 1, signed=True)
    assert [overlay.value(place) for place in range(3)] == [-1, 0, 1]
