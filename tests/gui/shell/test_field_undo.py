"""Undo while a field has the focus: the design's, unless the field holds something of its own."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QSpinBox
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.session import Session
from tests.gui.driving import Opener

UNDO = (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


@pytest.mark.parametrize("field", ["blocks", "depth", "input"])
def test_ctrl_z_undoes_the_design_while_a_field_has_the_focus_and_the_field_follows(
    open_window: Opener, qtbot: QtBot, field: str
) -> None:
    bench = open_window(engine=False)
    form, session = bench.design.form, bench.session
    session.choose_preset(PRESETS["resnet18"])
    bench.window.activateWindow()
    QApplication.processEvents()
    fields: dict[str, QLineEdit | QSpinBox] = {
        "blocks": form.grid.spins("blocks")[0], "depth": form.depth_field, "input": form.input,
    }  # fmt: skip
    edit = fields[field]
    before = session.spec
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, {"blocks": "5", "depth": "34", "input": "3x64x64"}[field])
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert session.spec != before
    after, shown = session.spec, edit.text()
    qtbot.keyClick(edit, *UNDO)
    assert session.spec == before
    assert edit.text() != shown
    qtbot.keyClick(edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert session.spec == after
    assert edit.text() == shown


def test_ctrl_z_in_a_field_that_is_being_typed_into_is_the_fields_own(open_window: Opener, qtbot: QtBot) -> None:
    bench = open_window(engine=False)
    field, session = bench.design.form.depth_field, bench.session
    session.edit("change classes", classes=7)
    bench.window.activateWindow()
    QApplication.processEvents()
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "50")
    qtbot.keyClick(field, *UNDO)
    assert session.spec.classes == 7


@pytest.mark.parametrize(("field", "wrong"), [("input", "abc"), ("depth", "x")])
def test_a_wrong_text_that_is_undone_loses_its_sentence_at_once(
    open_window: Opener, qtbot: QtBot, field: str, wrong: str
) -> None:
    bench = open_window(engine=False)
    form = bench.design.form
    bench.window.activateWindow()
    QApplication.processEvents()
    edit = form.input if field == "input" else form.depth_field
    shown = edit.text()
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, wrong)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert wrong in form.error_text(field)
    while edit.text() != shown and edit.isUndoAvailable():
        qtbot.keyClick(edit, *UNDO)
    assert edit.text() == shown
    assert form.error_text(field) == ""


def test_four_figures_have_the_place_of_the_arrows(page: DesignPage, session: Session) -> None:
    session.edit("wide", widths=(64, 128, 256, 8192))
    spins = page.form.grid.spins("widths")
    buttons = QSpinBox.ButtonSymbols
    assert [spin.buttonSymbols() == buttons.NoButtons for spin in spins] == [False, False, False, True]
    spins[3].stepUp()
    session.undo.undo()
    assert all(spin.buttonSymbols() == buttons.UpDownArrows for spin in spins) == (session.spec.widths[3] < 1000)


@pytest.mark.parametrize("field", ["blocks", "classes"])
def test_a_refused_number_is_taken_back_before_any_edit_of_the_design(
    open_window: Opener, qtbot: QtBot, field: str
) -> None:
    bench = open_window(engine=False)
    form, session = bench.design.form, bench.session
    bench.window.activateWindow()
    QApplication.processEvents()
    session.edit("marker", activation="gelu")
    spin = form.classes if field == "classes" else form.grid.spins("blocks")[1]
    shown = spin.value()
    spin.setFocus()
    spin.selectAll()
    qtbot.keyClicks(spin, "0")
    qtbot.keyClick(spin, Qt.Key.Key_Return)
    assert form.error_text(field)
    qtbot.keyClick(spin, *UNDO)
    assert (spin.value(), form.error_text(field), session.spec.activation) == (shown, "", "gelu")
    qtbot.keyClick(spin, *UNDO)
    assert session.spec.activation == "relu"
