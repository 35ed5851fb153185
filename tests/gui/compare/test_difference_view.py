"""The Compare page's other view: two designs block by block."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.compare.difference_model import DifferenceModel, DifferenceRow
from resnet_gui.gui.compare.page import ComparePage
from resnet_gui.gui.kit.theme import font
from resnet_gui.gui.session import Session
from tests.gui.driving import FIVE, pin


def test_blocks_that_were_added_stand_in_the_other_view_with_what_each_costs(
    compare: ComparePage, session: Session, qtmodeltester: ModelTester
) -> None:
    session.choose_preset(PRESETS["resnet101"])
    pin(session, "resnet50", "resnet101")
    compare.views.chosen.emit("blocks")
    view = compare.blocks
    assert (view.one.currentText(), view.other.currentText()) == ("ResNet-50", "ResNet-101")
    qtmodeltester.check(view.model)
    added = next(run for run in map(view.model.run, range(view.model.rowCount())) if run.state == "added")
    assert DifferenceModel.cell(added, DifferenceRow.BLOCKS) == "4_7 – 4_23  ×17"
    assert DifferenceModel.cell(added, DifferenceRow.EACH) == "+1,117,184"
    assert view.sum.text() == "+18,992,128 parameters, +3,712,221,184 MACs: ResNet-101 against ResNet-50"
    compare.only.setChecked(True)
    assert view.model.rowCount() == 1
    view.one.setCurrentIndex(1)
    view.one.activated.emit(1)
    assert view.sum.text() == "The same design"
    assert view.model.rowCount() == 0
    compare.grab()


def test_a_pair_that_was_chosen_stays_when_the_present_design_changes(compare: ComparePage, session: Session) -> None:
    pin(session, *FIVE)
    view = compare.blocks
    view.one.setCurrentIndex(2)
    view.other.setCurrentIndex(1)
    view.one.activated.emit(2)
    session.edit("change classes", classes=12)
    assert (view.one.currentText(), view.other.currentText()) == ("ResNet-101", "ResNet-50")


def test_the_present_design_stays_picked_while_it_is_edited(compare: ComparePage, session: Session) -> None:
    session.choose_preset(PRESETS["resnet50"])
    pin(session, "resnet34", "resnet18")
    view = compare.blocks
    view.one.setCurrentIndex(2)
    view.other.setCurrentIndex(0)
    view.one.activated.emit(2)
    session.edit("change classes", classes=7)
    assert (view.one.currentText(), view.other.currentText()) == ("ResNet-50, 7 classes", "ResNet-34")
    assert view._designs[view.one.currentIndex()] == session.design


def test_the_words_about_a_block_have_room_in_a_narrow_window_and_tab_leaves_the_table(
    compare: ComparePage, session: Session, qtbot: QtBot
) -> None:
    session.choose_preset(PRESETS["resnet50"])
    pin(session, "resnet34", "resnet50")
    compare.views.set_key("blocks")
    compare.views.chosen.emit("blocks")
    for width in (963, 1040, 1380):
        compare.resize(width, 620)
        QApplication.processEvents()
        table = compare.blocks.table
        assert table.columnWidth(DifferenceRow.CHANGES) >= 180
        assert table.horizontalScrollBar().maximum() == 0
        assert table.isColumnHidden(DifferenceRow.EACH) == (width < 1300)
        metrics = QFontMetrics(font(12))
        for number in range(compare.blocks.model.rowCount()):
            text = compare.blocks.model.cell(compare.blocks.model.run(number), DifferenceRow.CHANGES)
            lines = metrics.boundingRect(
                0, 0, table.columnWidth(DifferenceRow.CHANGES) - 16, 1000, Qt.TextFlag.TextWordWrap, text
            )
            assert table.rowHeight(number) >= lines.height() + 4
    compare.activateWindow()
    compare.blocks.table.setFocus()
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget() or compare, Qt.Key.Key_Tab)
    assert not compare.blocks.table.hasFocus()
