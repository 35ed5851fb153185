"""What a slow engine has not answered yet is not shown as if it had."""

from __future__ import annotations

from pathlib import Path

import pytest

from resnet_gui.gui.predict.explain.lesions import LesionView
from resnet_gui.gui.predict.plain_network import digit
from resnet_gui.gui.predict.waiting_sign import ANSWERING, FOLLOWING, LOADING
from tests.gui.predict.predicting import SHIP, PredictDriver
from tests.gui.predict.test_branch_slider import settle


def look_at_once(driver: PredictDriver) -> None:
    """The time that nobody wants a sign in is over."""
    sign = driver.page.shares.sign
    if sign.timer.isActive():
        sign.timer.stop()
        sign.timer.timeout.emit()


def test_a_move_of_the_slider_and_a_network_that_is_loaded_are_waited_for_with_a_sign(driver: PredictDriver) -> None:
    page, view, canvas = driver.page, driver.page.explain.widget(LesionView), driver.page.canvas
    page.state.set_view("lesions")
    driver.drop(SHIP)
    settle(driver)
    assert page.shares.sign.shown == ""
    view.slider.setValue(40)
    look_at_once(driver)
    assert view.waiting.text() == canvas.waiting == FOLLOWING
    settle(driver)
    assert view.waiting.text() == canvas.waiting == ""
    page.show_plain()
    look_at_once(driver)
    assert view.waiting.text() == canvas.waiting == LOADING
    driver.wait(lambda: page.state.loaded is not None)
    assert canvas.waiting in {ANSWERING, FOLLOWING}
    settle(driver)
    assert canvas.waiting == ""


def test_the_sample_that_takes_the_place_of_another_is_on_show_before_it_is_answered(
    driver: PredictDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = driver.page
    page.sample.wanted = True
    driver.wait(lambda: page.state.loaded is not None)
    page.sample._show()
    settle(driver)
    driver.wait(lambda: page.state.picture is not None and page.state.picture.answered)
    shown: list[tuple[Path, bool]] = []

    def note() -> None:
        # At once: the answer may be there before the test looks.
        if page.state.picture is not None:
            shown.append((page.state.picture.path, page.state.picture.answered))

    page.state.picture_changed.connect(note)
    page.show_plain()
    driver.wait(lambda: bool(shown))
    assert shown[0] == (digit(), False)
    assert page.canvas._path == digit()
    settle(driver)
