"""The window's bars: its title, its menu, and what its buttons and menus say."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QWidgetAction
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.bars.menu_heading import add_heading
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.shell.help import HelpDialog
from resnet_gui.gui.shell.menus import GROUPS
from resnet_gui.gui.shell.presentation import PresentationWindow
from tests.gui.driving import Opener


def test_the_title_begins_with_the_progress_of_the_run_that_goes_on(open_window: Opener) -> None:
    window = open_window(engine=False)
    frame, name = window.window, window.window.windowTitle()
    assert "%" not in name
    window.status.show_run("digits", "r0", 0.424, 60.0)
    assert frame.windowTitle() == f"42 % digits · {name}"
    window.session.edit("change classes", classes=7)
    assert frame.windowTitle().startswith("42 % digits · ")
    assert frame.windowTitle() != f"42 % digits · {name}", "what stands behind it follows the design"
    window.status.show_run("", "r0", 0.0, None)
    assert "%" not in frame.windowTitle()


@pytest.mark.parametrize("key", [Qt.Key.Key_F10, Qt.Key.Key_Comma])
def test_the_menu_opens_by_its_keys(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch, key: Qt.Key
) -> None:
    window, opened = open_window(engine=False), list[bool]()
    window.menus.main.aboutToShow.connect(lambda: opened.append(True))
    monkeypatch.setattr(QMenu, "exec", lambda *_: None)
    window.window.activateWindow()
    qtbot.waitUntil(window.window.isActiveWindow)
    window.window.setFocus()
    modifier = Qt.KeyboardModifier.NoModifier if key == Qt.Key.Key_F10 else Qt.KeyboardModifier.ControlModifier
    window.menus.main.aboutToShow.connect(window.menus.main.close, Qt.ConnectionType.QueuedConnection)
    QTest.keyClick(window.window, key, modifier)
    QApplication.processEvents()
    assert opened


def test_titles_of_groups_stand_in_a_menu_and_cannot_be_chosen(qtbot: QtBot, theme: Theme) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    theme.dress(menu)
    for title in ("The chosen run", "All shown runs"):
        add_heading(menu, title)
        menu.addAction("Curves as CSV")
    titles = [action for action in menu.actions() if isinstance(action, QWidgetAction)]
    assert [action.isEnabled() for action in titles] == [False, False]
    menu.popup(menu.pos())
    words = [made.text() for made in menu.findChildren(QLabel) if made.isVisible() and made.height() > 10]
    assert words == ["The chosen run", "All shown runs"]
    assert [action.isSeparator() for action in menu.actions()] == [False, False, True, False, False]
    menu.hide()


def test_every_form_that_asks_for_a_file_says_so_alike(open_window: Opener) -> None:
    actions = open_window(engine=False).menus.actions
    texts = [actions[f"export-{form}"].text() for group in GROUPS for form in group]
    assert len(texts) > 6
    assert [text for text in texts if not text.endswith("…") or text.endswith("……")] == []


def test_the_usual_keys_present_help_find_and_close(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, helped = open_window(engine=False), list[bool]()
    frame = window.window
    monkeypatch.setattr(HelpDialog, "exec", lambda _dialog: helped.append(True))
    window.show_page("compare")
    frame.activateWindow()
    qtbot.waitUntil(frame.isActiveWindow)
    frame.setFocus()
    QTest.keyClick(frame, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.shows("design")
    assert window.design.table.filter.hasFocus()
    QTest.keyClick(frame, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: helped == [True])
    QTest.keyClick(frame, Qt.Key.Key_F5)
    shown = frame.findChild(PresentationWindow)
    assert shown is not None
    assert shown.isVisible()
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    frame.activateWindow()
    qtbot.waitUntil(frame.isActiveWindow)
    QTest.keyClick(frame, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert not frame.isVisible()
