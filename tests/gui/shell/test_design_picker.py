"""The title of a design: presets are searched and chosen in its list, and its name is changed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.common.design_picker import DesignPicker
from resnet_gui.gui.common.preset_combo import NAME, find_presets
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("resnext", ["ResNeXt-50 32×4d", "ResNeXt-101 32×8d", "ResNeXt-101 64×4d"]),
        ("RESNEXT 64x4d", ["ResNeXt-101 64×4d"]),
        ("1202", ["ResNet-1202 (CIFAR)"]),
        ("squeeze 50", ["SE-ResNet-50"]),
        ("komodakis 2016, wide_resnet101", ["Wide ResNet-101-2"]),
        ("nothing like this", []),
    ],
)
def test_presets_are_found_by_name_family_and_source(text: str, titles: list[str]) -> None:
    assert [preset.title for preset in find_presets(text)] == titles


def shown_picker(page: DesignPage, session: Session, theme: Theme, qtbot: QtBot) -> DesignPicker:
    """The title of the session's design, wired as in the window."""
    picker = DesignPicker(theme)
    qtbot.addWidget(picker)
    picker.preset_chosen.connect(page.choose_preset)
    picker.renamed.connect(session.rename)
    session.design_changed.connect(lambda: picker.show_design(session.design.name, session.preset))
    picker.show_design(session.design.name, session.preset)
    picker.show()
    return picker


def test_the_title_is_the_name_and_the_pencil_gives_another(
    page: DesignPage, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    picker = shown_picker(page, session, theme, qtbot)
    picker.pencil.click()
    assert picker.field.selectedText() == "ResNet-18"
    qtbot.keyClicks(picker.field, "mine")
    qtbot.keyClick(picker.field, Qt.Key.Key_Return)
    assert (session.design.name, picker.name, picker.field.isVisible()) == ("mine", "mine", False)
    picker.pencil.click()
    qtbot.keyClicks(picker.field, "other")
    qtbot.keyClick(picker.field, Qt.Key.Key_Escape)
    assert (session.design.name, picker.combo.isVisible()) == ("mine", True)
    session.undo.undo()
    assert picker.name == "ResNet-18"


def test_the_list_of_presets_is_searched_and_chosen_with_the_keyboard(
    page: DesignPage, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    picker = shown_picker(page, session, theme, qtbot)
    combo = picker.combo
    combo.showPopup()
    popup = combo.popup
    assert popup.isVisible()
    assert popup.list.currentIndex().data() == "ResNet-18"
    qtbot.keyClicks(popup.search, "wide")
    assert popup.model.rowCount() > 2
    qtbot.keyClick(popup.search, Qt.Key.Key_Down)
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    assert session.design == PRESETS["wide_resnet101_2"].design
    assert not popup.isVisible()
    assert (combo.currentText(), picker.name) == ("Wide ResNet-101-2", "Wide ResNet-101-2")
    combo.showPopup()
    assert popup.search.text() == ""
    qtbot.keyClicks(popup.search, "zzz")
    assert popup.nothing.isVisible()
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    qtbot.keyClick(popup.search, Qt.Key.Key_Down)
    assert session.design == PRESETS["wide_resnet101_2"].design
    popup.search.clear()
    popup.grab()
    for key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_Up):
        qtbot.keyClick(popup.search, key)
    combo.hidePopup()
    assert not popup.isVisible()


def test_a_click_on_a_family_chooses_nothing(page: DesignPage, session: Session, theme: Theme, qtbot: QtBot) -> None:
    combo = shown_picker(page, session, theme, qtbot).combo
    popup = combo.popup
    popup.open_under(combo, "resnet18")
    before = session.design
    popup.list.clicked.emit(popup.model.index(0, 0))
    assert session.design is before
    assert popup.isVisible()
    popup.hide()


def test_a_pointer_that_rests_over_the_list_chooses_nothing_and_one_that_moves_does(
    page: DesignPage, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    combo = shown_picker(page, session, theme, qtbot).combo
    popup = combo.popup
    QCursor.setPos(200, 200)
    popup.open_under(combo, "resnet18")
    present = popup.list.currentIndex()
    other = popup.model.match(popup.model.index(0, 0), NAME, "resnet152", 1)[0]
    popup.list.entered.emit(other)
    QCursor.setPos(201, 200)
    popup.list.entered.emit(other)
    assert popup.list.currentIndex() == present
    QCursor.setPos(200, 200 + 2 * QApplication.startDragDistance())
    popup.list.entered.emit(other)
    assert popup.list.currentIndex() == other
    # Keys have taken over: the row that comes to lie below the resting pointer is not chosen.
    qtbot.keyClick(popup.search, Qt.Key.Key_Up)
    chosen = popup.list.currentIndex()
    popup.list.entered.emit(present)
    assert popup.list.currentIndex() == chosen
    popup.hide()


def test_the_list_of_presets_has_one_frame_on_every_side(
    page: DesignPage, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    picker = shown_picker(page, session, theme, qtbot)
    picker.combo.showPopup()
    image, frame, ground = picker.combo.popup.grab().toImage(), theme.color("ctl"), theme.color("panel")
    right, foot = image.width() - 1, image.height() - 1
    for x, y, within in ((0, foot // 2, (1, 0)), (right, foot // 2, (-1, 0)), (99, 0, (0, 1)), (99, foot, (0, -1))):
        assert image.pixelColor(x, y) == frame, (x, y)
        assert image.pixelColor(x + within[0], y + within[1]) == ground, (x, y)
    picker.combo.hidePopup()
