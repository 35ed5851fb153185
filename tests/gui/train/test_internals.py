"""What the fourth panel of the Train page shows of the inside of a network, and its confusion matrix."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.gui.common.section_hues import section_token
from resnet_gui.gui.design.table.rows import layer_rows, top_rows
from resnet_gui.gui.kit.colormap import viridis
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.gui.train.plots.gradient_heatmap import GradientHeatmap
from resnet_gui.gui.train.plots.internals import probed_sections
from resnet_gui.gui.train.plots.pictures_dialog import SIDE, PicturesDialog
from resnet_gui.runs.events import Answered, Probed, RunEvent
from resnet_gui.runs.history import pack, replay, unpack
from resnet_gui.runs.lock import writing
from resnet_gui.runs.notes import change_notes
from tests.conftest import daily
from tests.gui.driving import START, copy_run, train_page
from tests.gui.driving import Opener as WindowOpener
from tests.gui.train.test_plots import (
    SOON,
    Opener,
    add_events,
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
LAYERS = 16


def show_view(page: TrainPage, key: str) -> None:
    view = page.plots.internals.view
    view.setCurrentIndex(view.findData(key))


# ---- heat


def gradient(layer: int, factor: float = 1.0) -> float:
    return float(np.float32(factor * 10 ** (-3 + layer / 5)))


def probed_run(count: int, factor: float) -> list[RunEvent]:
    """A probe at each step of one epoch; every layer has its own norm."""
    row = tuple(gradient(layer, factor) for layer in range(LAYERS))
    events: list[RunEvent] = [started(1, count)]
    for number in range(1, count + 1):
        events += [step(number, 1.0), Probed(number, row, tuple(0.1 * (block + 1) for block in range(6)))]
    return events


def pixel(strips: GradientHeatmap, number: int, layer: int, x: float) -> QColor:
    box = strips._box(number)
    y = box.top() + box.height() * (layer + 0.5) / LAYERS
    return QColor(strips.grab().toImage().pixelColor(int(strips._to_pixel(x)), int(y)))


def test_two_runs_are_coloured_by_the_logarithm_of_their_values_on_one_scale(qtbot: QtBot, open_page: Opener) -> None:
    write_run("small", *probed_run(40, 1.0))
    write_run("tall", *probed_run(40, 10.0))
    page = open_page()
    settle(qtbot, page)
    strips = page.plots.internals.strips
    factors = [10.0 if strip.name == "tall" else 1.0 for strip in strips._strips]
    assert sorted(factors) == [1.0, 10.0]
    low, high = gradient(0), gradient(LAYERS - 1, 10.0)
    assert page.plots.internals._low.text() == f"{low:.2g}"
    assert page.plots.internals._high.text() == f"{high:.2g}"
    for number, factor in enumerate(factors):
        for layer in range(LAYERS):
            share = np.log(gradient(layer, factor) / low) / np.log(high / low)
            found, wanted = pixel(strips, number, layer, 0.5), viridis(float(share))
            for part in (QColor.red, QColor.green, QColor.blue):  # to one of the scale's 64 shades
                assert abs(part(found) - part(wanted)) <= 14, (number, layer)
    small = factors.index(1.0)
    assert pixel(strips, small, 5, 0.5) == pixel(strips, 1 - small, 0, 0.5), "the same value has the same colour"


def test_the_lines_are_the_probes_of_nine_layers_from_the_first_to_the_last(qtbot: QtBot, open_page: Opener) -> None:
    write_run("a", *probed_run(40, 1.0))
    page = open_page()
    internals = page.plots.internals
    press(qtbot, internals.form, "lines")
    settle(qtbot, page)
    assert internals.stack.currentWidget() is internals.lines
    found = {int(curve.key.removeprefix("layer ")): curve.points for curve in internals.lines.curves()}
    assert list(found) == [0, 2, 4, 6, 8, 9, 11, 13, 15]
    for layer, points in found.items():
        assert points.y.tolist() == [gradient(layer)] * 40
        assert points.x.tolist() == pytest.approx([number / 40 for number in range(40)])


@pytest.mark.parametrize("preset", daily(["resnet50d", "plain20"], ["resnet20", "resnet18"]))
def test_a_line_has_the_hue_that_its_layer_has_in_the_table_of_layers(
    preset: str, qtbot: QtBot, open_page: Opener
) -> None:
    planned = plan(PRESETS[preset].spec)
    hues = [
        layer.hue
        for row, blocks in top_rows(planned)
        for group in (blocks or [row])
        for layer in layer_rows(group)
        if layer.layer is not None and layer.layer.kind in {"conv", "linear"}
    ]
    write_run("a", started(1, 20), step(1, 1.0), Probed(1, (0.1,) * len(hues)), info=info_of("a", None, preset))
    page = open_page()
    press(qtbot, page.plots.internals.form, "lines")
    settle(qtbot, page)
    shown = {int(curve.key.removeprefix("layer ")): curve.token for curve in page.plots.internals.lines.curves()}
    assert shown == {layer: hues[layer] for layer in shown}
    assert (shown[0], shown[len(hues) - 1]) == ("s0", "t3")


def test_all_of_a_deep_stem_has_the_stems_hue_and_no_head_has_a_stages() -> None:
    """Once the second and third convolution of a deep stem had the last stage's, and so had a head of three stages."""
    deep = probed_sections(PRESETS["resnet50d"].spec)
    assert deep[:4] == ["stem", "stem", "stem", 0]
    assert [section_token(section) for section in deep[:4]] == ["s0", "s0", "s0", "s1"]
    small = probed_sections(PRESETS["resnet20"].spec)
    assert (small[0], small[-2], small[-1]) == ("stem", 2, "head")
    # Each of the nine blocks has one more, the convolution along the channels.
    assert len(probed_sections(evolve(PRESETS["resnet20"].spec, attention="eca"))) == len(small) + 9
    assert [section_token(section) for section in small[-2:]] == ["s3", "t3"]


def test_a_rewind_that_has_grown_to_as_many_probes_is_drawn_anew(qtbot: QtBot, open_page: Opener) -> None:
    live = write_run("a", *probed_run(40, 1.0))
    with writing(live):
        page = open_page()
        settle(qtbot, page)
        page.hide()  # as when the run goes on while another page is looked at
        row = tuple(gradient(layer) for layer in reversed(range(LAYERS)))
        later = [event for number in range(21, 41) for event in (step(number, 1.0), Probed(number, row, (1.0,) * 6))]
        add_events(live, started(1, 40, step=20), *later)
        qtbot.waitUntil(lambda: seen(page, live).ratios.values[-1] == 1.0, timeout=SOON)
        page.show()
        settle(qtbot, page)
        strips = page.plots.internals.strips
        lowest = [pixel(strips, 0, 0, 0.25).name(), pixel(strips, 0, LAYERS - 1, 0.75).name()]
        assert lowest == [viridis(0).name()] * 2
        show_view(page, "ratios")
        settle(qtbot, page)
        assert page.plots.internals.meter.values() == (1.0,) * 6


# ---- residuals


def test_the_meters_bars_are_the_last_probe_and_a_plain_network_is_told_in_words(
    qtbot: QtBot, open_page: Opener
) -> None:
    last = (0.2, 0.4, 0.6, 0.8, 1.0, 1.2)
    folder = write_run("residual", *probed_run(20, 1.0), step(21, 1.0), Probed(21, (0.1,) * LAYERS, last))
    plain = write_run("plain", started(1, 20), step(1, 1.0), Probed(1, (0.1,) * 20), info=info_of("p", None, "plain20"))
    (page := open_page()).state.choose(row_of(page, folder))
    show_view(page, "ratios")
    settle(qtbot, page)
    meter = page.plots.internals.meter
    assert meter.values() == pytest.approx(last)
    heights = [meter._bar(number).height() for number in range(6)]
    assert heights == pytest.approx([heights[-1] * value / last[-1] for value in last])
    assert tuple(block.number for block in meter._blocks) == ("2_1", "2_2", "3_1", "3_2", "4_1", "4_2")
    page.state.choose(row_of(page, plain))
    settle(qtbot, page)
    assert meter.values() == ()
    assert "plain network has no shortcuts" in meter._words


# ---- confusion


def answered(number: int, at: int, answers: list[int]) -> Answered:
    return Answered(number, at, pack(np.array(answers, dtype="<u2").tobytes()))


def test_the_confusion_matrix_counts_the_answers_of_the_chosen_epoch(qtbot: QtBot, open_page: Opener) -> None:
    labels = [number % 10 for number in range(20)]
    generator = np.random.default_rng(3)
    given = [generator.integers(0, 10, 20).tolist() for _ in range(4)]
    start = started(4, 5)
    start = msgspec.structs.replace(start, labels=pack(np.array(labels, "<u2").tobytes()))
    events: list[RunEvent] = [start]
    for number, answers in enumerate(given[:3], start=1):
        events += [step(5 * number, 1.0), epoch(number, 5 * number, 1.0, 0.5), answered(number, 5 * number, answers)]
    live = write_run("a", *events)
    with writing(live):
        page = open_page()
        show_view(page, "confusion")
        settle(qtbot, page)
        view = page.plots.internals.confusion
        for number in (3, 1, 2, 3):
            view.slider.setValue(number)
            settle(qtbot, page)
            assert view.matrix.counts().tolist() == by_hand(labels, given[number - 1])
        add_events(live, step(20, 1.0), epoch(4, 20, 1.0, 0.5), answered(4, 20, given[3]))
        qtbot.waitUntil(lambda: view.epoch == 4, timeout=SOON)
        assert view.matrix.counts().tolist() == by_hand(labels, given[3])


def by_hand(labels: list[int], answers: list[int]) -> list[list[int]]:
    counts = [[0] * 10 for _ in range(10)]
    for label, answer in zip(labels, answers, strict=True):
        counts[label][answer] += 1
    return counts


DAMAGES = (b"", b"no zlib", pack(b"\1\0" * 3), pack(b"\1"), pack(b"\xff\xff" * 20))


@pytest.mark.parametrize(
    ("damage", "where"),
    # Each day every damage, in both places by turns.
    daily(
        [(damage, ("labels", "answers")[number % 2]) for number, damage in enumerate(DAMAGES)],
        [(damage, ("answers", "labels")[number % 2]) for number, damage in enumerate(DAMAGES)],
    ),
)
def test_damaged_answers_show_nothing_and_raise_nothing(
    qtbot: QtBot, open_page: Opener, damage: bytes, where: str
) -> None:
    start = started(1, 5)
    if where == "labels":
        start = msgspec.structs.replace(start, labels=damage)
    answers = damage if where == "answers" else pack(b"\1\0" * 20)
    write_run("a", start, step(5, 1.0), epoch(1, 5, 1.0, 0.5), Answered(1, 5, answers))
    page = open_page()
    show_view(page, "confusion")
    settle(qtbot, page)
    matrix = page.plots.internals.confusion.matrix
    assert matrix.counts().sum() == 0
    page.grab()
    if matrix.counts().size:
        qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=matrix.box(1, 1).center().toPoint())
        dialog = page.findChild(PicturesDialog)
        assert isinstance(dialog, PicturesDialog)
        assert dialog.note.text() == "No picture."
        dialog.reject()


def test_a_click_on_a_cell_opens_the_real_pictures_that_were_answered_so(
    qtbot: QtBot, open_window: WindowOpener, trained_run: Path
) -> None:
    from resnet_gui.engine.data.datasets import load

    state = replay(copy_run(trained_run))
    assert state.started is not None
    labels = np.frombuffer(unpack(state.started.labels), "<u2")
    answers = np.frombuffer(unpack(state.answers[-1].answers), "<u2")
    wanted = [number for number in range(len(labels)) if labels[number] == answers[number] == 7]
    window = open_window()
    window.show_page("train")
    page = train_page(window)
    show_view(page, "confusion")
    settle(qtbot, page)
    matrix = page.plots.internals.confusion.matrix
    assert matrix.counts()[7, 7] == len(wanted) > 10
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=matrix.box(7, 7).center().toPoint())
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, PicturesDialog)
    qtbot.waitUntil(lambda: dialog.list.count() == len(wanted), timeout=START)
    pictures = load("digits", (1, 8, 8)).test.images
    for place, number in enumerate(wanted):
        shown = dialog.list.item(place).icon().pixmap(SIDE, SIDE).toImage()
        grey = [[shown.pixelColor(10 * x + 5, 10 * y + 5).red() for x in range(8)] for y in range(8)]
        assert grey == pictures[number][0].tolist()
    dialog.reject()


def test_a_strip_has_the_new_name_of_a_run_that_was_renamed(qtbot: QtBot, open_page: Opener) -> None:
    folder = write_run("a", started(2, 20), step(1, 2.0), Probed(1, (0.1, 0.2), ()))
    page = open_page()
    settle(qtbot, page)
    change_notes(folder, name="renamed")
    page.runs.renamed(row_of(page, folder))
    settle(qtbot, page)
    assert [strip.name for strip in page.plots.internals.strips._strips] == ["renamed"]
