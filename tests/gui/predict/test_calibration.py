"""The temperature that was fitted to a network, as Predict uses it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from resnet_gui.evaluation.calibrations import Calibration, calibration_key, keep_calibration, remove_calibration
from tests.gui.predict.predicting import PredictDriver


@pytest.fixture
def calibrated(driver: PredictDriver) -> Iterator[PredictDriver]:
    """The page with a network to which a temperature was fitted; other tests of the engine's folder find none."""
    driver.wait(lambda: driver.page.state.loaded is not None)
    known = driver.known
    assert len(known.weights_sha256) == 64
    digest = calibration_key(known.weights_sha256, known.spec, known.preprocess, 1, "exact", ())
    keep_calibration(
        Calibration(
            key=digest, model="ResNet-20", temperature=1.62, data="CIFAR-10", pictures=5000, held_out=5000,
            ece_before=0.046, ece_after=0.009, measured="2026-01-01T00:00:00",
        )
    )  # fmt: skip
    driver.page.presenter.look_for_calibration()
    yield driver
    remove_calibration(digest)


def test_a_fitted_temperature_is_used_named_and_can_be_switched_off(calibrated: PredictDriver) -> None:
    page, row = calibrated.page, calibrated.page.answer.temperatures
    assert not row.calibrated.isHidden()
    assert row.plain.isHidden()
    assert row.calibrated.text() == "calibrated, T 1.62"
    assert "5,000 pictures of CIFAR-10" in row.calibrated.toolTip()
    assert page.predictions.temperature == 1.62
    row.calibrated.click()
    assert page.predictions.temperature == 1.0
    row.calibrated.click()
    assert page.predictions.temperature == 1.62
    row.temperature.setValue(2.0)
    assert not row.calibrated.isChecked()
    assert page.predictions.temperature == 2.0


def test_a_calibration_that_is_taken_back_leaves_the_networks_own_figures(calibrated: PredictDriver) -> None:
    row = calibrated.page.answer.temperatures
    known = calibrated.known
    remove_calibration(calibration_key(known.weights_sha256, known.spec, known.preprocess, 1, "exact", ()))
    calibrated.page.presenter.look_for_calibration()
    assert row.calibrated.isHidden()
    assert not row.plain.isHidden()
    assert row.plain.text() == "not calibrated"
    assert calibrated.page.predictions.temperature == 1.0


def test_in_a_narrow_window_the_calibrated_temperature_is_read_whole(calibrated: PredictDriver) -> None:
    page, row = calibrated.page, calibrated.page.answer.temperatures
    page.resize(1040, 648)
    calibrated.settle()
    assert row.calibrated.width() >= row.calibrated.sizeHint().width()
    assert row.mapTo(page.answer, row.rect().bottomRight()).x() < page.answer.width()
    assert row.minimumSizeHint().width() <= row.width()
