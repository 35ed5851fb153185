"""The plan of phases: handles, cells, epochs, and what the form makes of them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.recipe.form import RecipeForm
from resnet_gui.gui.train.thawing.row import WORDS, PhaseRow
from resnet_gui.gui.train.thawing.table import ThawingTable
from resnet_gui.training.phases import BACKBONE, Phase, parse_phases, phases_text

THREE = parse_phases("3:backbone:cached,7:stage3:1/0.5,nothing:1/0.1")


@pytest.fixture
def table(qtbot: QtBot, theme: Theme) -> ThawingTable:
    """ResNet-18, three phases, 16 epochs at a rate of 0.01."""
    made = ThawingTable(theme)
    qtbot.addWidget(made)
    made.show_plan(plan(PRESETS["resnet18"].spec))
    made.show_value(THREE)
    made.show_training(16, 0.01)
    made.resize(368, 300)
    made.show()
    return made


def texts(row: PhaseRow) -> list[str]:
    return [cell.text for cell in row.cells]


def test_every_phase_is_a_row_with_its_epochs_and_the_rates_of_the_parts_that_learn(table: ThawingTable) -> None:
    assert [row.epochs.epochs for row in table.rows] == [3, 7, 6]
    assert texts(table.rows[0]) == ["", "", "", "", "", "0.01"]
    assert texts(table.rows[1]) == ["", "", "", "", "0.005", "0.01"]
    assert texts(table.rows[2]) == ["0.001"] * 5 + ["0.01"]
    assert table.probe.isChecked()
    assert table.rows[1].cells[0].accessibleName() == "stem: frozen"
    assert table.rows[1].cells[4].accessibleName() == "stage 4: learning rate 0.005"
    assert table.rows[1].handle.accessibleName() == "Frozen parts in phase 2: 4 of 6"


def test_the_line_below_counts_what_the_chosen_phase_freezes_and_trains(qtbot: QtBot, table: ThawingTable) -> None:
    qtbot.mouseClick(table.rows[1], Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert table.summary.text() == "Fine-tune: 2,782,784 parameters frozen, 8,906,728 trained"
    qtbot.mouseClick(table.rows[2], Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert table.summary.text() == "All: 0 parameters frozen, 11,689,512 trained"


def test_the_handle_is_moved_with_keys_and_never_past_its_neighbours(qtbot: QtBot, table: ThawingTable) -> None:
    handle = table.rows[1].handle
    assert (handle.width(), handle.height()) == (8, 36)
    qtbot.keyClick(handle, Qt.Key.Key_Left)
    assert table.phases[1].frozen == "stage2"
    qtbot.keyClick(handle, Qt.Key.Key_Home)
    assert table.phases[1].frozen == "nothing"
    qtbot.keyClick(handle, Qt.Key.Key_End)
    assert table.phases[1].frozen == BACKBONE
    qtbot.keyClick(table.rows[2].handle, Qt.Key.Key_Right)
    assert table.phases[2].frozen == "stem"


def test_the_handle_is_dragged_and_snaps_to_the_nearest_boundary(qtbot: QtBot, table: ThawingTable) -> None:
    row = table.rows[1]
    told: list[int] = []
    table.edited.connect(lambda: told.append(1))
    wide = (row.width() - WORDS) / 6
    qtbot.mousePress(row.handle, Qt.MouseButton.LeftButton)
    place = row.handle.mapFrom(row, QPoint(round(WORDS + 2.3 * wide), 10))
    drag(row.handle, place)
    assert table.phases[1].frozen == "stage1"
    assert told == [1]


def drag(handle: QWidget, place: QPoint) -> None:
    """A move with the left button held, which pytest-qt's own mouseMove does not hold."""
    move = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), QPointF(handle.mapToGlobal(place)), Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(handle, move)


def test_a_double_click_types_another_rate_and_what_is_no_number_is_refused(qtbot: QtBot, table: ThawingTable) -> None:
    refused: list[str] = []
    table.refused.connect(refused.append)
    cell = table.rows[1].cells[4]
    for text in ("0,002", "fast"):
        qtbot.mouseDClick(cell, Qt.MouseButton.LeftButton)
        line = next(line for line in cell.findChildren(QLineEdit) if line.isVisible())
        line.setText(text)
        line.editingFinished.emit()
    assert table.phases[1].rates == (1.0, 0.2, 0.5)
    assert texts(table.rows[1])[4:] == ["0.002", "0.01"]
    assert refused == ["The learning rate is 'fast'; it must be a number above 0."]
    frozen = table.rows[1].cells[0]
    qtbot.mouseDClick(frozen, Qt.MouseButton.LeftButton)
    assert frozen.findChild(QLineEdit) is None


def test_phases_are_added_and_removed_and_the_probe_is_the_first(qtbot: QtBot, table: ThawingTable) -> None:
    table.probe.click()
    assert ([phase.frozen for phase in table.phases], table.epochs) == (["stage3", "nothing"], 13)
    table.rows[1].remove_requested.emit()
    assert (table.phases, table.epochs) == ((Phase(frozen="stage3", rates=(1.0, 0.5)),), 7)
    table.add.click()
    assert [row.epochs.epochs for row in table.rows] == [4, 3]
    type_epochs(qtbot, table.rows[0], "9")
    assert table.epochs == 12
    type_epochs(qtbot, table.rows[0], "none")
    assert (table.epochs, table.rows[0].epochs.text()) == (12, "9 epochs")


def type_epochs(qtbot: QtBot, row: PhaseRow, text: str) -> None:
    row.epochs.setFocus()
    row.epochs.selectAll()
    qtbot.keyClicks(row.epochs, text)
    qtbot.keyClick(row.epochs, Qt.Key.Key_Return)


def test_features_of_any_frozen_part_may_be_computed_once(qtbot: QtBot, table: ThawingTable) -> None:
    qtbot.mouseClick(table.rows[1], Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert not table.cached.isHidden()
    assert not table.cached.isChecked()
    assert "50,176 numbers" in table.cached.toolTip(), "256 maps of 14×14, which stage 4 reads"
    edits: list[object] = []
    table.edited.connect(lambda: edits.append(table.phases))
    table.cached.click()
    assert phases_text(table.phases) == "3:backbone:cached,7:stage3:1.0/0.5:cached,nothing:1.0/0.1"
    assert edits == [table.phases]
    qtbot.keyClick(table.rows[1].handle, Qt.Key.Key_Left)
    assert (table.phases[1].frozen, table.phases[1].cached) == ("stage2", True)
    qtbot.keyClick(table.rows[1].handle, Qt.Key.Key_Home)
    assert not table.phases[1].cached
    assert table.cached.isHidden(), "where nothing is frozen there are no features"
    qtbot.mouseClick(table.rows[0], Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    table.cached.click()
    assert not table.phases[0].cached
    assert not table.probe.isChecked(), "the head learns alone then, but from pictures"


def test_the_form_takes_phases_and_their_epochs_from_the_plan(qtbot: QtBot, theme: Theme) -> None:
    form = RecipeForm(theme, "digits")
    qtbot.addWidget(form)
    form.show_plan(plan(PRESETS["resnet18"].spec))
    assert form.table.isHidden() or not form.table.isVisibleTo(form)
    assert not form.plan_link.isHidden()
    form.change_recipe(phases=THREE, epochs=16)
    assert form.table.isVisibleTo(form), "phases that are there are shown, whatever the weights are"
    type_epochs(qtbot, form.table.rows[1], "8 epochs")
    assert (form.recipe().epochs, form.recipe().phases[1].epochs) == (17, 8)
    qtbot.keyClick(form.table.rows[1].handle, Qt.Key.Key_Left)
    assert form.recipe().phases[1].frozen == "stage2"


def test_phases_that_freeze_what_the_design_does_not_have_are_refused_in_words(qtbot: QtBot, theme: Theme) -> None:
    form = RecipeForm(theme, "digits")
    qtbot.addWidget(form)
    form.show_plan(plan(PRESETS["resnet20"].spec))
    form.change_recipe(phases=(Phase(frozen="stage4"),))
    assert form.error.text() == "A phase freezes stage4; the design has 3 stages. Move its handle."
