"""A small combo box shows what it is given without telling it; a menu does what its entries say."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.basic import fill_menu
from resnet_gui.gui.kit.small_combo import SmallCombo


def test_a_small_combo_shows_entries_and_keys_without_telling_anybody(qtbot: QtBot) -> None:
    combo = SmallCombo("Layer", 9, least=80, list_width=220)
    qtbot.addWidget(combo)
    told: list[int] = []
    combo.currentIndexChanged.connect(told.append)
    combo.show_entries([("First", "conv1"), ("Last", "fc")])
    combo.show_key("fc")
    assert (combo.accessibleName(), combo.currentText(), combo.currentData()) == ("Layer", "Last", "fc")
    combo.show_entries([("Only", "conv1")])
    assert [combo.itemText(number) for number in range(combo.count())] == ["Only"]
    combo.show_key("fc")
    assert combo.currentIndex() == -1
    assert told == []
    combo.setCurrentIndex(0)
    assert told == [0]


def test_a_menu_does_what_its_entries_say_and_only_what_can_be_done(qtbot: QtBot) -> None:
    menu, done = QMenu(), list[str]()
    qtbot.addWidget(menu)
    fill_menu(
        menu,
        [("Copy", lambda: done.append("copy"), True), None, ("Delete", lambda: done.append("delete"), False)],
    )
    copy, line, delete = menu.actions()
    assert (copy.text(), line.isSeparator(), delete.text()) == ("Copy", True, "Delete")
    copy.trigger()
    delete.trigger()
    assert done == ["copy"]
