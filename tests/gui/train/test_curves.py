"""Curves of runs: smoothing, axes, and the part that the user has zoomed to."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.curves import Points, smoothed
from resnet_gui.runs.events import StepDone
from resnet_gui.runs.lock import writing
from tests.gui.train.test_plots import (
    SOON,
    Opener,
    add_events,
    drawn,
    epoch,
    open_page,
    press,
    seen,
    settle,
    started,
    step,
    write_run,
)

__all__ = ["open_page"]


def by_hand(values: list[float], weight: float) -> list[float]:
    """The exponential average of Kingma and Ba 2014, section 3: without a bias towards its start."""
    average, found = 0.0, []
    for number, value in enumerate(values, start=1):
        average = weight * average + (1 - weight) * value
        found.append(average / (1 - weight**number))
    return found


@pytest.mark.parametrize(("count", "power"), [(320, 1.0), (150, 2.0), (20, 15.0), (1, 300.0)])
def test_smoothing_is_a_debiased_average_that_is_weaker_for_short_curves(count: int, power: float) -> None:
    values = np.random.default_rng(1).random(count).tolist()
    found = smoothed(Points(np.arange(count, dtype=float), np.array(values)), 0.9, 500)
    assert found.y.tolist() == pytest.approx(by_hand(values, 0.9**power))
    assert found.y[0] == pytest.approx(values[0])


def test_the_smoothed_curve_lies_over_its_raw_one_and_without_smoothing_there_is_only_the_raw_one(
    qtbot: QtBot, open_page: Opener
) -> None:
    losses = [2.0 + (number % 7) / 10 for number in range(320)]
    folder = write_run("a", started(8, 40), *(step(n, loss) for n, loss in enumerate(losses, 1)))
    page = open_page()
    plot, bar = page.plots.loss, page.plots.bar
    bar.smoothing.setValue(90)
    settle(qtbot, page)
    key = f"{folder}/train"
    assert drawn(plot, key).y.tolist() == pytest.approx(by_hand(losses, 0.9))
    assert drawn(plot, f"{key}/raw").y.tolist() == losses
    assert plot._lines[f"{key}/raw"].zValue() < plot._lines[key].zValue()
    bar.smoothing.setValue(0)
    settle(qtbot, page)
    assert drawn(plot, key).y.tolist() == losses
    assert not any(curve.key.endswith("raw") for curve in plot.curves())


def test_the_x_axis_counts_steps_epochs_or_seconds(qtbot: QtBot, open_page: Opener) -> None:
    events = [step(number, 1.0) for number in range(1, 81)]
    folder = write_run("a", started(4, 20), *events, epoch(1, 20, 1.0, 0.4), epoch(2, 40, 1.0, 0.3))
    page = open_page()
    page.plots.bar.smoothing.setValue(0)
    wanted = {
        "step": (list(range(1, 81)), [20, 40], 80),
        "epoch": ([number / 20 for number in range(1, 81)], [1, 2], 4),
        "time": ([number / 10 for number in range(1, 81)], [2, 4], 8),
    }
    for key, (steps, tests, end) in wanted.items():
        press(qtbot, page.plots.bar.axis, key)
        settle(qtbot, page)
        for plot in (page.plots.loss, page.plots.error):
            assert drawn(plot, f"{folder}/train").x.tolist() == pytest.approx(steps), key
            assert drawn(plot, f"{folder}/test").x.tolist() == pytest.approx(tests), key
            assert plot.limit == pytest.approx(end)
        assert drawn(page.plots.rate, str(folder)).x.tolist() == pytest.approx(steps)


def test_on_a_logarithmic_axis_losses_are_logarithms_and_an_error_of_zero_harms_nothing(
    qtbot: QtBot, open_page: Opener
) -> None:
    losses = [10.0 ** (-number / 10) for number in range(40)]
    events = [step(number, loss, error=0.5 if number < 20 else 0.0) for number, loss in enumerate(losses, 1)]
    folder = write_run("a", started(2, 20), *events, epoch(1, 20, 1.0, 0.2), epoch(2, 40, 0.1, 0.0))
    with writing(folder):  # it goes on, so the end of its curve has a ring
        page = open_page()
        page.plots.bar.smoothing.setValue(0)
        page.plots.bar.log.click()
        settle(qtbot, page)
        y = page.plots.loss._lines[f"{folder}/train"].getData()[1]
        assert y.tolist() == pytest.approx([np.log10(loss) for loss in losses])
        low, high = page.plots.loss._item.getViewBox().viewRange()[1]
        assert low < -3.8
        assert high > -0.1
        page.grab()


def test_what_the_user_has_zoomed_to_stays_while_the_run_goes_on(qtbot: QtBot, open_page: Opener) -> None:
    live = write_run("b", started(4, 20), *(step(number, 2.0) for number in range(1, 21)))
    with writing(live):
        page = open_page()
        press(qtbot, page.plots.bar.axis, "time")
        settle(qtbot, page)
        view = page.plots.loss._item.getViewBox()
        view.setRange(xRange=(0.5, 1.0), yRange=(1.5, 2.5), padding=0)
        view.sigRangeChangedManually.emit([True, True])  # as the wheel does
        add_events(live, StepDone(21, 1.0, 0.5, 0.1, 9.0))  # slower, so the end of the axis moves
        qtbot.waitUntil(lambda: seen(page, live).step == 21, timeout=SOON)
        page.plots.bar.smoothing.setValue(70)
        settle(qtbot, page)
        assert view.viewRange() == [pytest.approx([0.5, 1.0]), pytest.approx([1.5, 2.5])]
