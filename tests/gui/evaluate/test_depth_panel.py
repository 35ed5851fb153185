"""The panel "Classes by depth": blocks, clouds, the selection, CKA, and what is said where there is nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.evaluation.depth import DepthLocation, TsneRecord
from resnet_gui.evaluation.depth_files import DEPTH_FILE, tsne_files, write_array, write_record
from resnet_gui.evaluation.selection import Selection
from resnet_gui.gui.evaluate.depth.clouds import block_cells
from resnet_gui.gui.evaluate.depth.panel import NO_FEATURES, NOT_MEASURED, NOTHING
from resnet_gui.protocol.evaluation_events import CkaMeasured, DepthMeasured, DepthProjected
from resnet_gui.protocol.evaluation_messages import CompareDepth, MeasureDepth, ProjectDepth
from resnet_gui.protocol.events import Failed, Progressed
from tests.gui.evaluate.depth_driver import DepthDriver
from tests.gui.evaluate.measured_folders import (
    BLOCKS,
    LABELS,
    cloud_of,
    measure_depth,
)


def test_the_slider_picks_the_block_whose_features_are_shown_and_the_words_name_it(depth: DepthDriver) -> None:
    depth.show()
    panel = depth.panel
    for place, name in ((0, "stem"), (3, "3_1"), (6, "4_2")):
        panel.strip.choose(place)
        assert np.array_equal(depth.shown_places, cloud_of(place))
        assert panel.about.text().startswith(f"features after {name}, 60 pictures")
        assert "75.0 % of variance" in panel.about.text()


def test_a_cloud_of_the_film_is_clicked_and_the_slider_goes_there(depth: DepthDriver) -> None:
    depth.show()
    panel = depth.panel
    frames = panel.film._frames
    assert [frame.name for frame in frames][:1] == ["stem"]
    assert len(frames) == 5
    panel.grab()
    depth.qtbot.mouseClick(panel.film, Qt.MouseButton.LeftButton, pos=panel.film.boxes()[1].center().toPoint())
    assert panel.strip.place == frames[1].place
    assert np.array_equal(depth.shown_places, cloud_of(frames[1].place))


def test_a_line_around_points_selects_their_pictures_and_a_click_beside_all_of_them_none(depth: DepthDriver) -> None:
    depth.show()
    panel = depth.panel
    panel.strip.choose(6)
    panel.grab()  # lays it out
    places = panel.cloud.on_screen()
    assert panel._shown is not None
    ships = panel._shown.cloud.groups == LABELS.index("ship")
    left, top = places[ships].min(axis=0) - 6
    right, bottom = places[ships].max(axis=0) + 6
    way = [QPoint(*map(round, place)) for place in ((left, top), (right, top), (right, bottom), (left, bottom))]
    depth.qtbot.mousePress(panel.cloud, Qt.MouseButton.LeftButton, pos=way[0])
    for place in way[1:]:
        depth.qtbot.mouseMove(panel.cloud, place)
    depth.qtbot.mouseRelease(panel.cloud, Qt.MouseButton.LeftButton, pos=way[-1])
    assert depth.state.selection.numbers == tuple(range(40, 60))
    assert sorted(panel._shown.pictures[panel.cloud.picked]) == list(range(40, 60))
    depth.qtbot.mouseClick(panel.cloud, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert depth.state.selection.is_all
    assert not len(panel.cloud.picked)


def test_what_another_panel_selects_has_rings_also_after_the_slider_was_moved(depth: DepthDriver) -> None:
    depth.show()
    depth.state.select(Selection(truth=0, answer=1))
    for place in (2, 5):
        depth.panel.strip.choose(place)
        assert depth.panel._shown is not None
        assert sorted(depth.panel._shown.pictures[depth.panel.cloud.picked]) == [0, 10]


def test_a_point_says_its_picture_its_class_and_its_answer(depth: DepthDriver) -> None:
    depth.show()
    assert depth.panel._shown is not None
    point = int(np.flatnonzero(depth.panel._shown.pictures == 10)[0])
    assert depth.panel._words_of(point) == "picture 10\nis cat, answered dog 80.0 %"
    depth.state.set_temperature(2.0)
    assert depth.panel._words_of(point) == "picture 10\nis cat, answered dog 58.6 % at temperature 2.00"


def test_colours_of_classes_are_those_of_the_page_and_no_class_lies_above_all_others(depth: DepthDriver) -> None:
    depth.show()
    assert depth.panel._shown is not None
    cloud = depth.panel._shown.cloud
    assert cloud.styles == (("r0", False), ("r1", False), ("r2", False))
    assert len(set(cloud.groups[-8:].tolist())) > 1


@pytest.mark.parametrize(
    ("preset", "arcs"),
    [
        ("resnet20", ["", "solid", "solid", "solid", "dotted", "solid", "solid", "dotted", "solid", "solid"]),
        ("preact_resnet164", ["", "dashed"]),
        ("plain20", [""] * 10),
    ],
)
def test_shortcuts_are_drawn_as_the_design_has_them(preset: str, arcs: list[str]) -> None:
    spec = PRESETS[preset].spec
    paths = ["stem", *(location.path for location, _ in plan(spec).blocks())]
    cells = block_cells([DepthLocation(path=path, channels=16) for path in paths], spec)
    assert [cell.arc for cell in cells][: len(arcs)] == arcs
    assert not any(cell.arc for cell in block_cells([DepthLocation(path="layer1.0", channels=16)], None))


# ---- t-SNE


def test_a_tsne_is_made_when_the_slider_rests_and_shown_when_it_is_there(depth: DepthDriver) -> None:
    depth.show()
    panel = depth.panel
    panel.methods._choose(1)
    panel.strip.choose(4)
    panel.strip.choose(5)
    assert not depth.engines.asked
    panel._projecting.call_now()
    (job,) = depth.engines.asked
    assert (type(job), job.path, job.method) == (ProjectDepth, "layer3.0", "t-sne")
    assert panel.cloud.cloud is None
    assert "4_1 is being made" in panel.cloud.message
    record, points, pictures = tsne_files(depth.folder / "first", "layer3.0")
    write_array(points, cloud_of(2, 30))
    write_array(pictures, np.arange(30, dtype=np.int64))
    write_record(record, TsneRecord(path="layer3.0", pictures=30, of=60, perplexity=9, seed=0, iterations=1,
                                    divergence=0.5, package="scikit-learn 1"))  # fmt: skip
    depth.answer(DepthProjected(job.job, job.folder, job.path, "t-sne"))
    assert np.array_equal(depth.shown_places, cloud_of(2, 30))
    assert panel.about.text() == "features after 4_1, 30 of 60 pictures, t-SNE of perplexity 9"


def test_a_tsne_that_cannot_be_made_says_why(depth: DepthDriver) -> None:
    depth.show()
    depth.panel.methods._choose(1)
    depth.panel._projecting.call_now()
    depth.answer(Failed(depth.engines.asked[0].job, "Three pictures are too few for a t-SNE."))
    assert depth.panel.cloud.message == "Three pictures are too few for a t-SNE."


# ---- CKA


def test_cka_is_named_under_the_pointer_and_a_row_goes_to_its_block(depth: DepthDriver) -> None:
    depth.show()
    panel = depth.panel
    panel.views._choose(1)
    panel.grab()
    assert panel.about.text() == "debiased linear CKA of features, 50 of 60 pictures"
    view = panel.likeness.own
    assert view._chosen == panel.strip.place, "the block that was read before the tab was opened"
    matrix = view.matrix
    assert matrix is not None
    box = view.matrix_box()
    place = QPointF(box.left() + 0.5, box.bottom() - box.height() * 4.5 / 7)
    assert view.cell_at(place) == (4, 0)
    assert matrix.reading(4, 0) == "after 3_2 and after stem: 0.600"
    depth.qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert panel.strip.place == 4


def test_two_networks_are_compared_when_the_matrices_are_looked_at(depth: DepthDriver) -> None:
    depth.show()
    depth.show_beside(("stem", "layer1.0", "layer2.0"))
    assert not depth.engines.asked
    depth.panel.views._choose(1)
    (job,) = depth.engines.asked
    assert isinstance(job, CompareDepth)
    assert (Path(job.folder).name, Path(job.other).name) == ("first", "second")
    values = ((0.5, None, -0.01),) * len(BLOCKS)
    columns = ("stem", "layer1.0", "layer2.0")
    depth.answer(CkaMeasured(job=job.job, folder=job.folder, other=job.other, rows=BLOCKS, columns=columns,
                             values=values, pictures=40, of=60))  # fmt: skip
    matrix = depth.panel.likeness.beside.matrix
    assert matrix is not None
    assert matrix.title == "net (rows) with other net"
    assert depth.panel.about.text().endswith("with other net: 40 of 60 pictures")
    assert matrix.reading(6, 2) == "after 4_2 and after 3_1: −0.010"
    assert matrix.reading(0, 1).endswith("not known: features do not vary")
    depth.panel.grab()


# ---- nothing, running, failed


def test_without_figures_the_panel_says_what_to_do(depth: DepthDriver) -> None:
    assert depth.panel.notice.sentence.text() == NOTHING
    assert depth.panel.notice.action.isHidden()
    depth.show(features=False)
    assert depth.panel.notice.sentence.text() == NO_FEATURES
    assert depth.panel.stack.currentIndex() == 0


def without_record(depth: DepthDriver) -> MeasureDepth:
    """A folder with features alone, and the job that measures them."""
    depth.show()
    (depth.folder / "first" / DEPTH_FILE).unlink()
    depth.panel.reload()
    assert depth.panel.notice.sentence.text() == NOT_MEASURED
    depth.qtbot.mouseClick(depth.panel.notice.action, Qt.MouseButton.LeftButton)
    (job,) = depth.engines.asked
    assert isinstance(job, MeasureDepth)
    return job


def test_figures_that_are_lacking_are_measured_on_demand(depth: DepthDriver) -> None:
    job = without_record(depth)
    depth.answer(Progressed(job.job, "locations", 3, 8))
    bar = depth.panel.notice.progress.bar
    assert (bar.value(), bar.maximum()) == (3, 8)
    measure_depth(depth.folder / "first")
    depth.answer(DepthMeasured(job.job, job.folder))
    assert depth.panel.stack.currentIndex() == 1
    assert depth.panel.cloud.cloud is not None


def test_what_a_new_evaluation_lacks_is_measured_once_when_the_panel_is_looked_at(depth: DepthDriver) -> None:
    depth.show()
    (depth.folder / "first" / DEPTH_FILE).unlink()
    depth.panel.reload()
    assert not depth.engines.asked
    depth.panel.show()
    assert [type(job) for job in depth.engines.asked] == [MeasureDepth]
    depth.panel.notice.progress.cancel.click()
    depth.panel.hide()
    depth.panel.show()
    assert len(depth.engines.asked) == 1


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        (lambda depth, job: depth.answer(Failed(job.job, "The disk is full.")), "The disk is full."),
        (lambda depth, _: depth.panel.notice.progress.cancel.click(), NOT_MEASURED),
    ],
)
def test_a_measurement_that_fails_or_is_given_up_can_be_begun_again(
    depth: DepthDriver, end: Callable[[DepthDriver, MeasureDepth], object], sentence: str
) -> None:
    job = without_record(depth)
    end(depth, job)
    assert depth.panel.notice.sentence.text() == sentence
    assert depth.panel.notice.action.isVisibleTo(depth.panel)
    depth.panel.notice.action.click()
    assert len(depth.engines.asked) == 2


def test_a_damaged_file_is_a_sentence(depth: DepthDriver) -> None:
    depth.show()
    (depth.folder / "first" / DEPTH_FILE).write_text("{")
    depth.panel.reload()
    assert f"{DEPTH_FILE} is damaged" in depth.panel.notice.sentence.text()
    assert depth.panel.stack.currentIndex() == 0
