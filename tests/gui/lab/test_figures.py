"""The figures of the Lab: what is clicked is asked, what is not comparable is not drawn."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from resnet_gui.design.plan import plan
from resnet_gui.gui.kit.curves import NOTHING, Points
from resnet_gui.gui.lab.figures.figure import FigureData, RunCurves
from resnet_gui.gui.lab.figures.landscape import LandscapeFigure
from resnet_gui.gui.lab.figures.lesion import LesionFigure
from resnet_gui.gui.lab.figures.trained import TrainedFigure
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.folder import RunOfRole, begun, experiment_folder, write_record
from resnet_gui.lab.measured.landscape import EDGE
from resnet_gui.lab.measured.lesions import BlockDeletion
from resnet_gui.lab.results import Results
from resnet_gui.protocol.events import Failed
from resnet_gui.runs.folder import read_run_info
from tests.gui.lab import results
from tests.gui.lab.driving import LabDriver


@pytest.fixture
def lesion(lab: LabDriver, trained_run: Path) -> LesionFigure:
    """The figure on a finished run of the digits net, as the residual network."""
    spec = read_run_info(trained_run).spec
    study = msgspec.structs.replace(
        results.lesions(20, plain=False),
        deletions=tuple(
            BlockDeletion(location.path, "shortcut", 0.05 * (number + 1))
            for number, (location, _) in enumerate(plan(spec).blocks())
        ),
    )
    results.keep("lesion-study", {1: {"residual": study}}, seeds=(1,))
    experiment = EXPERIMENTS["lesion-study"]
    record = begun(experiment, "quick")
    runs = (RunOfRole("residual", 1, str(trained_run)),)
    write_record(experiment_folder(experiment, "quick"), msgspec.structs.replace(record, runs=runs))
    lab.open("lesion-study")
    figure = lab.page.figure
    assert isinstance(figure, LesionFigure)
    return figure


def test_a_click_on_a_block_deletes_it_and_tells_the_error_without_it(lab: LabDriver, lesion: LesionFigure) -> None:
    side = lesion.sides["residual"]
    first = side.diagram.blocks()[0]
    QTest.mouseClick(side.diagram, Qt.MouseButton.LeftButton, pos=first.box.center().toPoint())
    assert list(side.diagram.deleted) == [first.location.path]
    assert side.now_words.text() == "now, 1 deleted:"
    lab.wait(lambda: side.now.text().endswith("%"))
    alone = float(side.now.text().removesuffix(" %"))
    assert 0 <= alone <= 100
    QTest.mouseClick(side.diagram, Qt.MouseButton.LeftButton, pos=first.box.center().toPoint())
    assert list(side.diagram.deleted) == []
    assert side.now.text() == ""


def test_two_clicks_swap_and_put_all_back_undoes_it(lab: LabDriver, lesion: LesionFigure) -> None:
    side = lesion.sides["residual"]
    lesion.mode.chosen.emit("swap")
    row = [block for block in side.diagram.blocks() if block.stage == 0 and not block.changes_shape]
    if len(row) < 2:
        pytest.skip("the digits net has one block in a stage")
    for block in row[:2]:
        QTest.mouseClick(side.diagram, Qt.MouseButton.LeftButton, pos=block.box.center().toPoint())
    assert list(side.swaps) == [(row[0].location.path, row[1].location.path)]
    lab.wait(lambda: side.now.text().endswith("%"))
    lesion.back.click()
    assert list(side.swaps) == []
    assert side.now.text() == ""


def test_a_swap_that_is_refused_is_taken_back_and_leaves_the_rest(lab: LabDriver, lesion: LesionFigure) -> None:
    side = lesion.sides["residual"]
    first, second = (block.location.path for block in side.diagram.blocks()[:2])
    lesion._delete(side, [first])
    lesion._swap(side, first, second)
    lesion._take("residual", Failed(1, "The two blocks do not have the same shapes."))
    assert (side.deleted, side.swaps) == ((first,), ())
    assert "last swap refused" in side.now_words.text()
    assert "same shapes" in side.now_words.toolTip()
    lab.wait(lambda: side.now.text().endswith("%"))


def test_other_statistics_put_back_what_was_deleted_and_the_figure_says_which_it_shows(
    lab: LabDriver, lesion: LesionFigure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab.page.starter, "measure_otherwise", lambda: None)
    side = lesion.sides["residual"]
    lesion._delete(side, [side.diagram.blocks()[0].location.path])
    lesion.statistics.set_key("remeasured")
    lesion.statistics.chosen.emit("remeasured")
    assert side.deleted == ()
    assert lesion.intact.text().endswith("BN as trained")


def test_before_a_lesion_study_has_run_nothing_can_be_deleted(lab: LabDriver) -> None:
    figure = lab.open("lesion-study").figure
    assert isinstance(figure, LesionFigure)
    assert not any(control.isEnabled() for control in (figure.mode, figure.draw, figure.back, figure.seed))


def test_blocks_at_random_are_drawn_a_few_times(lab: LabDriver, lesion: LesionFigure) -> None:
    side = lesion.sides["residual"]
    lesion.mode.chosen.emit("random")
    lesion.count.setValue(1)
    lesion.draw.click()
    lab.wait(lambda: side.now_words.text() == "1 at random, 5 of 5 draws:")
    assert side.now.text().endswith("%")


def test_a_plain_block_whose_shape_changes_cannot_be_deleted(lab: LabDriver) -> None:
    study = results.lesions(20, plain=True)
    results.keep("lesion-study", {1: {"plain": study}}, seeds=(1,))
    lab.open("lesion-study")
    figure = lab.page.figure
    assert isinstance(figure, LesionFigure)
    diagram = figure.sides["plain"].diagram
    # Without a sweep or a run nobody knows the design, and nothing is drawn.
    assert diagram.blocks() == []
    from resnet_gui.lab.networks import digits_spec

    diagram.show_network(digits_spec(20, shortcut="none"), "r4")
    refused = [block for block in diagram.blocks() if block.changes_shape]
    assert len(refused) == 2
    diagram.act_on(refused[0].location.path)
    assert diagram.deleted == ()


def test_networks_of_one_colour_differ_by_hollow_signs(lab: LabDriver) -> None:
    figure = lab.open("shortcut-bench").figure
    assert isinstance(figure, TrainedFigure)
    chart = figure.left_panel.chart.chart
    assert chart is not None
    signs = [(tag.token, tag.hollow) for tag in chart.tags]
    assert len(signs) == 9
    assert len(set(signs)) == 9


def _run(epochs: int, error: float, *, live: bool = False) -> RunCurves:
    x = np.arange(1.0, epochs + 1)
    return RunCurves(Points(x, np.full(epochs, error)), Points(x, np.full(epochs, error)), NOTHING, live)


def test_the_ring_of_a_seed_that_still_learns_is_at_its_own_epoch_and_a_band_needs_two_seeds(lab: LabDriver) -> None:
    figure = lab.open("degradation").figure
    assert isinstance(figure, TrainedFigure)

    def shown(second: RunCurves) -> tuple[list[float], str, int]:
        nothing = Results(scale="quick", seeds=(1, 2))
        figure.show_data(FigureData(nothing, {"plain-20": {1: _run(8, 0.2), 2: second}}, epochs=8.0))
        chart = figure.left_panel.chart.chart
        assert chart is not None
        return [line.points.x[-1] for line in chart.lines if line.live], figure.seeds.text(), len(chart.bands)

    assert shown(_run(3, 0.4, live=True)) == ([3.0], "thin: a seed", 0)
    assert shown(_run(8, 0.4)) == ([], "thin: a seed; band: mean ± sd, n = 2", 1)


def test_the_words_about_seeds_tell_of_no_thin_lines_where_many_networks_have_their_means_alone(
    lab: LabDriver,
) -> None:
    figure = lab.open("shortcut-bench").figure
    assert isinstance(figure, TrainedFigure)
    curves = {network: {seed: _run(8, 0.2) for seed in (1, 2)} for network in figure.networks}
    figure.show_data(FigureData(Results(scale="quick", seeds=(1, 2)), curves, epochs=8.0))
    chart = figure.left_panel.chart.chart
    assert chart is not None
    assert [line for line in chart.lines if line.width < 1] == []
    assert figure.seeds.text() == "band: mean ± sd, n = 2"
    # One that still learns has its own line.
    curves[figure.networks[0]][2] = _run(3, 0.2, live=True)
    figure.show_data(FigureData(Results(scale="quick", seeds=(1, 2)), curves, epochs=8.0))
    assert figure.seeds.text() == "thin: a seed; band: mean ± sd, n = 2"


def _landscapes(plain_loss: float, count: int = EDGE * EDGE) -> dict[str, msgspec.Struct]:
    return {
        "plain": results.surface(count, plain_loss, 30.0),
        "residual": results.surface(count),
        "plain-20": results.surface(49),
        "residual-20": results.surface(49),
    }


def test_both_surfaces_have_one_camera_and_one_range(lab: LabDriver) -> None:
    results.keep("loss-landscape", {1: _landscapes(0.04)}, seeds=(1,))
    lab.open("loss-landscape")
    figure = lab.page.figure
    assert isinstance(figure, LandscapeFigure)
    assert figure.stack.currentIndex() == 0
    first, second = (side.view for side in figure.sides)
    assert first._span == second._span
    assert figure.fair.badge.word == "training loss 0.04 and 0.03: within 0.1 nats"
    QTest.mousePress(first, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.mouseMove(first, QPoint(160, 120))
    QTest.mouseRelease(first, Qt.MouseButton.LeftButton, pos=QPoint(160, 120))
    assert first.camera == second.camera
    assert first.camera.turn > 0.7
    assert figure.sides[0].caption.text() == "computed: 25 × 25 points, 360 pictures, seed 1, BN as trained"


def test_surfaces_of_unequal_training_loss_are_not_drawn(lab: LabDriver) -> None:
    results.keep("loss-landscape", {1: _landscapes(1.31)}, seeds=(1,))
    lab.open("loss-landscape")
    figure = lab.page.figure
    assert isinstance(figure, LandscapeFigure)
    assert figure.stack.currentIndex() == 1
    assert figure.refusal.text().startswith("Not comparable: training loss 1.3 against 0.03.")


def test_what_is_computed_so_far_is_drawn_with_its_front(lab: LabDriver) -> None:
    results.keep("loss-landscape", {1: _landscapes(0.03, 300)}, seeds=(1,))
    lab.open("loss-landscape")
    figure = lab.page.figure
    assert isinstance(figure, LandscapeFigure)
    surface = figure.sides[0].view._surface
    assert surface is not None
    sides = [side for *_, side in surface.cells()]
    assert set(sides) == {1, 2}
    assert sum(side * side for side in sides) == 24 * 24
    assert 0 < surface.front < 24
    assert "300 / 625" in figure.sides[0].passes.text()
    figure.grab()
