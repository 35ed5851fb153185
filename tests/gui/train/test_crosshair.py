"""The crosshair over the plots of the Train page, its panels, and the ticks of their axes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.curve_plot import CurvePlot
from resnet_gui.gui.session import Session
from resnet_gui.runs.events import Probed, RunEvent
from resnet_gui.runs.lock import writing
from resnet_gui.training.recipe import Recipe
from tests.gui.train.test_control import finished_run
from tests.gui.train.test_internals import LAYERS, gradient, probed_run
from tests.gui.train.test_plots import (
    SOON,
    Opener,
    add_events,
    drawn,
    epoch,
    info_of,
    open_page,
    press,
    row_of,
    seen,
    settle,
    started,
    step,
    write_run,
)

__all__ = ["open_page"]


# ---- the crosshair


def hover(qtbot: QtBot, plot: CurvePlot, x: float) -> None:
    """Move the mouse to the middle of a plot at ``x``; again where the plot was laid out anew meanwhile."""
    view = plot._item.getViewBox()

    def place() -> QPoint:
        found: QPoint = plot._widget.mapFromScene(view.mapViewToScene(QPointF(x, sum(view.viewRange()[1]) / 2)))
        return found

    def is_there() -> bool:
        before = place()
        qtbot.mouseMove(plot._widget.viewport(), before)
        return bool(plot._cross.isVisible()) and place() == before

    qtbot.waitUntil(is_there, timeout=SOON)


def two_runs() -> tuple[Path, Path]:
    """One with a falling loss, one that is worse and shorter and whose learning rate is higher."""
    good: list[RunEvent] = [started(4, 20), Probed(1, (0.1, 0.2), (0.5,))]
    bad: list[RunEvent] = [started(4, 20)]
    for number in range(1, 81):
        good.append(step(number, 1 / number, error=0.5 / number, lr=0.01))
        bad.append(step(number, 2.0 + number / 100, error=0.8, lr=0.3))
        if number % 20 == 0:
            good.append(epoch(number // 20, number, 0.5 / number, 0.2 / number))
            bad.append(epoch(number // 20, number, 3.0, 0.7))
    return write_run("good", *good), write_run("worse", *bad)


def test_hovering_one_plot_shows_the_line_in_all_and_the_values_of_the_curves_there_the_smallest_first(
    qtbot: QtBot, open_page: Opener
) -> None:
    two_runs()
    page = open_page()
    plots = page.plots
    plots.bar.smoothing.setValue(0)
    settle(qtbot, page)
    for source in (plots.loss, plots.error, plots.rate):
        hover(qtbot, source, 2.52)
        for plot in (plots.loss, plots.error, plots.rate):
            assert plot._cross.isVisible()
            assert float(plot._cross.value()) == pytest.approx(2.52, abs=0.02)
        assert plots.internals.strips._cross == pytest.approx(2.52, abs=0.02)
        # Step 50 of 20 an epoch, and the second epoch.
        assert plots.loss.readout.texts() == [("good", "0.020", "0.013"), ("worse", "2.500", "3.000")]
        assert plots.error.readout.texts() == [("good", "1.00", "0.50"), ("worse", "80.00", "70.00")]
        assert sorted(plots.rate.readout.texts()) == [("good", "0.01"), ("worse", "0.3")]
        QCoreApplication.sendEvent(source._widget.viewport(), QEvent(QEvent.Type.Leave))
        for plot in (plots.loss, plots.error, plots.rate):
            assert not plot._cross.isVisible()
            assert not plot.readout.isVisible()
        assert plots.internals.strips._cross is None


def test_the_learning_rates_at_the_crosshair_are_sorted_as_the_losses_are(qtbot: QtBot, open_page: Opener) -> None:
    two_runs()
    page = open_page()
    settle(qtbot, page)
    for folder in ("good", "worse"):
        page.state.choose(next(row for row in page.runs.rows() if row.name == folder))
        settle(qtbot, page)
        hover(qtbot, page.plots.loss, 2.5)
        assert [name for name, *_ in page.plots.rate.readout.texts()] == ["good", "worse"]


def test_before_the_first_epoch_is_over_there_is_no_value_for_it_and_the_words_follow_the_axis(
    qtbot: QtBot, open_page: Opener
) -> None:
    write_run("a", started(4, 20), *(step(number, 1.0) for number in range(1, 31)), epoch(1, 20, 1.0, 0.2))
    page = open_page()
    settle(qtbot, page)
    for key, x, place in (("epoch", 0.55, "epoch 0.5"), ("step", 10.2, "step 10"), ("time", 1.1, "1 s")):
        press(qtbot, page.plots.bar.axis, key)
        settle(qtbot, page)
        hover(qtbot, page.plots.loss, x)
        assert page.plots.loss.readout.place.startswith(place)
        assert page.plots.loss.readout.texts() == [("a", "1.000", "–")]


def test_the_strips_move_the_crosshair_too_and_tell_the_value_under_the_mouse(qtbot: QtBot, open_page: Opener) -> None:
    write_run("a", *probed_run(20, factor=1.0))
    page = open_page()
    settle(qtbot, page)
    strips = page.plots.internals.strips
    box = strips._box(0)
    place = QPointF(strips._to_pixel(0.5), box.top() + box.height() * 3.5 / LAYERS)
    qtbot.mouseMove(strips, place.toPoint())
    qtbot.waitUntil(lambda: bool(page.plots.loss._cross.isVisible()), timeout=SOON)
    assert float(page.plots.loss._cross.value()) == pytest.approx(0.5, abs=0.01)
    assert strips.hint == f"a: layer 4 of 16, epoch 1, step 11: {gradient(3):.3g}"


# ---- panels and ticks


def test_the_curves_of_a_run_come_and_go_with_it_although_another_one_is_chosen(
    qtbot: QtBot, open_page: Opener, session: Session
) -> None:
    folder, other = finished_run("a"), finished_run("b")
    page = open_page()
    page.state.choose(row_of(page, other))
    settle(qtbot, page)
    key = f"{folder}/train"
    for work, there in ((lambda: page.actions_of_runs.trash.throw_away([row_of(page, folder)]), False),
                        (session.undo.undo, True), (session.undo.redo, False)):  # fmt: skip
        work()
        qtbot.wait(150)
        settle(qtbot, page)
        assert (key in page.plots.loss._lines) is there


def test_a_run_that_goes_on_from_its_checkpoint_loses_the_points_after_it(qtbot: QtBot, open_page: Opener) -> None:
    events = [step(number, 2.0) for number in range(1, 41)]
    live = write_run("b", started(4, 20), *events, epoch(1, 20, 2.0, 0.2), epoch(2, 40, 2.0, 0.1))
    with writing(live):
        page = open_page()
        page.plots.bar.smoothing.setValue(0)
        press(qtbot, page.plots.bar.axis, "step")
        settle(qtbot, page)
        assert len(drawn(page.plots.error, f"{live}/test").x) == 2
        # As many points as before, so that their number alone does not tell.
        add_events(live, started(4, 20, step=20), *(step(number, 7.0) for number in range(21, 41)))
        qtbot.waitUntil(lambda: seen(page, live).curves["train_loss"].y[-1] == 7.0, timeout=SOON)
        settle(qtbot, page)
        assert drawn(page.plots.loss, f"{live}/train").y.tolist() == [2.0] * 20 + [7.0] * 20
        assert drawn(page.plots.error, f"{live}/test").x.tolist() == [20]


def test_a_panel_is_shown_alone_and_all_again(qtbot: QtBot, open_page: Opener) -> None:
    two_runs()
    page = open_page()
    settle(qtbot, page)
    plots = page.plots
    panels = (plots.loss, plots.error, plots.rate, plots.internals)
    for panel in panels:
        wide = panel.width()
        panel.enlarge_requested.emit()
        settle(qtbot, page)
        assert [other.isVisible() for other in panels] == [other is panel for other in panels]
        assert panel.width() > 1.8 * wide
        panel.enlarge_requested.emit()
        settle(qtbot, page)
        assert all(other.isVisible() for other in panels)
        assert all(plot.curves() for plot in panels[:3])


def test_changes_of_the_learning_rate_are_ticks_of_the_x_axis(qtbot: QtBot, open_page: Opener) -> None:
    recipe = Recipe(schedule="step", step_at=(0.37, 0.8), lr=0.1)
    events = [step(number, 1.0) for number in range(1, 81)]
    write_run("a", started(4, 20), *events, info=info_of("a", recipe))
    page = open_page()
    for key, falls, end in (("epoch", [1.48, 3.2], 4.0), ("step", [29.6, 64.0], 80.0)):
        press(qtbot, page.plots.bar.axis, key)
        settle(qtbot, page)
        for plot in (page.plots.loss, page.plots.error, page.plots.rate):
            ((_spacing, ticks),) = plot.axis.tickValues(0.0, end, 480.0)
            assert all(any(tick == pytest.approx(wanted) for tick in ticks) for wanted in (*falls, end))
            assert ticks == sorted(ticks)
        marks = [(mark.toPlainText(), mark.pos().x()) for mark in page.plots.rate._marks]
        assert marks == [("÷10 at 30", pytest.approx(falls[0])), ("÷10 at 64", pytest.approx(falls[1]))]
