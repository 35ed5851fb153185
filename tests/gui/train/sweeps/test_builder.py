"""The form of a new sweep: fields, values, seeds, what is refused and what is warned of."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.sweeps.draft import DraftAxis, SweepDraft
from resnet_gui.gui.train.sweeps.fields import proposed_values, sweep_fields
from resnet_gui.sweeps.folder import SWEEP_FILE
from resnet_gui.sweeps.sweep import load_sweep
from resnet_gui.training.recipe import Recipe
from tests.gui.train.sweeps.sweeping import write_sweep_runs
from tests.gui.train.sweeps.viewing import (
    ViewOpener,
    error,
    shortcuts,
)
from tests.waiting import PATIENCE_MS

pytestmark = pytest.mark.usefixtures("home")


def test_the_builder_says_how_many_runs_and_writes_the_sweep_that_the_command_line_reads(open_view: ViewOpener) -> None:
    view, engines = open_view()
    builder = view.side.builder
    assert builder.field_row("depth").chips.texts() == ["14", "20"]
    builder.add_field("shortcut")
    row = builder.field_row("shortcut")
    row.chips.chosen.emit("none")
    row.chips.removed.emit(0)
    assert row.chips.texts() == ["A", "none"]
    builder.add_field("lr")
    builder.field_row("lr").chips.typed.emit("0.2, 0.3")
    assert builder.field_row("lr").chips.texts() == ["0.1", "0.05", "0.2", "0.3"]
    builder.seeds.chips.typed.emit("5-6")
    assert (builder.product.text(), builder.runs.text()) == ("2 × 2 × 4 × 5 =", "80 runs")
    builder.remove_field("lr")
    assert builder.queue.text() == "Queue 20 runs"
    builder.compared.setCurrentIndex(builder.compared.findText("shortcut A, the rest equal"))
    builder.compared.activated.emit(0)
    builder.queue.click()
    (job,) = engines.swept
    sweep = load_sweep(Path(job.folder) / SWEEP_FILE)
    assert sweep.name == "Depth × shortcut"
    assert [(each.name, each.labels) for each in sweep.axes] == [("depth", ("14", "20")), ("shortcut", ("A", "none"))]
    assert [value.settings for value in sweep.axes[0].values] == [{"depth": 14}, {"depth": 20}]
    assert (sweep.seeds, sweep.baseline) == ((1, 2, 3, 5, 6), {"shortcut": "A"})
    assert sweep.design == PRESETS["digits-resnet"].design
    assert view.model.chosen is view.model.item(job.folder)


def test_what_cannot_be_is_refused_in_a_sentence_and_what_is_impossible_is_left_out_by_name(
    open_view: ViewOpener,
) -> None:
    view, engines = open_view()
    builder = view.side.builder
    builder.field_row("depth").chips.typed.emit("15")
    assert "Left out: depth 15" in builder.problem.text()
    assert builder.queue.text() == "Queue 6 runs"
    assert builder.runs.text() == "9 runs"
    builder.add_field("lr")
    builder.field_row("lr").chips.typed.emit("fast")
    assert builder.problem.text() == "lr is 'fast'; it must be a number."
    assert builder.field_row("lr").chips.texts() == ["0.1", "0.05"]
    builder.seeds.chips.typed.emit("x")
    assert "'x' is no seed" in builder.problem.text()
    for name in ("depth", "lr"):
        builder.remove_field(name)
    assert not builder.queue.isEnabled()
    assert engines.swept == []


def test_a_value_that_is_written_like_another_one_is_refused_in_a_sentence(open_view: ViewOpener) -> None:
    builder = open_view()[0].side.builder
    builder.add_field("lr")
    row = builder.field_row("lr")
    row.chips.typed.emit("0.1000001")
    assert "0.1000001 is written 0.1, like a value that is there already" in builder.problem.text()
    row.chips.typed.emit("0.1")
    assert builder.problem.text() == "", "the same value again is no mistake"
    assert row.chips.texts() == ["0.1", "0.05"]


def test_seven_fields_fit_into_the_side_and_each_can_be_left_out(qtbot: QtBot, open_view: ViewOpener) -> None:
    view, _ = open_view()
    builder = view.side.builder
    names = ("order", "shortcut", "lr", "batch_size", "epochs", "warmup")
    for name in names:
        builder.add_field(name)
    for width in (1380, 1000):
        view.resize(width, 600)
        view.side.new.button.setChecked(True)
        room = view.side._builder_area.viewport()
        qtbot.waitUntil(lambda: builder.width() == room.width(), timeout=PATIENCE_MS)  # noqa: B023
        assert builder.minimumSizeHint().width() <= room.width()
        for part in (builder.queue, builder.runs, builder.compared, *(builder.field_row(name).cross for name in names)):
            assert part.mapTo(builder, part.rect().topRight()).x() < room.width()
        for name in names:
            chips = builder.field_row(name).chips
            assert all(chips.chip(n).geometry().right() <= chips.width() for n in range(len(chips.texts())))


def test_many_seeds_are_one_chip_which_can_be_edited(open_view: ViewOpener) -> None:
    builder = open_view()[0].side.builder
    chips = builder.seeds.chips
    chips.typed.emit("4-300, 400")
    assert chips.texts() == ["1-300", "400"]
    assert builder.seeds.count.text() == "×301"
    chips.chip(0).click()
    assert chips.line.text() == "1-300"
    chips.line.given_up.emit()
    assert len(builder.draft.seeds) == 301
    chips.chip(0).click()
    chips.line.setText("5-7")
    chips.line.returnPressed.emit()
    assert builder.draft.seeds == [5, 6, 7, 400]
    chips.typed.emit(", ".join(map(str, range(1000, 1100, 2))))
    assert len(chips.texts()) == 1, "seeds with gaps, too many for a chip each"


def test_more_than_two_hundred_runs_are_warned_of(open_view: ViewOpener) -> None:
    builder = open_view()[0].side.builder
    assert builder.runs.property("role") == "title"
    builder.seeds.chips.typed.emit("4-101")
    assert builder.runs.text() == "202 runs"
    assert builder.runs.property("role") == "warn"


def test_every_field_that_is_offered_begins_with_values_that_a_sweep_takes() -> None:
    design, recipe = PRESETS["digits-resnet"].design, Recipe()
    fields = sweep_fields()
    assert len(fields) > 60
    for field in fields:
        draft = SweepDraft([DraftAxis(field, proposed_values(field, design.spec, recipe))])
        (varied,) = draft.sweep(design, recipe, "cpu").axes
        assert varied.name == field.name
        assert len(set(varied.labels)) == len(varied.labels) >= 1


def test_the_fields_of_a_sweep_can_be_taken_for_another(open_view: ViewOpener) -> None:
    view, _ = open_view()
    folder = write_sweep_runs(shortcuts(), error, done=0)
    item = view.model.add(folder)
    view.take(item)
    again = view.side.builder.sweep()
    assert (again.axes, again.seeds, again.baseline) == (item.sweep.axes, item.sweep.seeds, item.sweep.baseline)


def test_a_half_filled_form_of_a_sweep_is_as_it_was_in_the_next_window(open_view: ViewOpener) -> None:
    builder = open_view()[0].side.builder
    builder.add_field("shortcut")
    builder.field_row("shortcut").chips.chosen.emit("none")
    builder.add_field("widths")
    builder.field_row("widths").chips.typed.emit("[8, 16, 32]")
    builder.seeds.chips.typed.emit("7")
    builder.compared.setCurrentIndex(builder.compared.findText("depth 20, the rest equal"))
    builder.compared.activated.emit(0)
    kept = msgspec.json.decode(msgspec.json.encode(Settings(sweep=builder.kept_fields())), type=Settings).sweep
    again = open_view()[0].side.builder
    assert kept is not None
    again.take_fields(kept)
    assert again.kept_fields() == builder.kept_fields()
    assert (again.product.text(), again.compared.currentText()) == (
        builder.product.text(),
        builder.compared.currentText(),
    )
