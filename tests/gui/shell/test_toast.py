"""Sentences with buttons, over the page."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QCursor, QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import MessageAction
from resnet_gui.gui.shell import toast
from resnet_gui.gui.shell.toast import MARGIN, MOST, Toast, ToastStack
from tests.gui.driving import Opener


def shown(qtbot: QtBot, theme: Theme) -> tuple[QWidget, QPushButton, ToastStack]:
    """A page with a button, and the sentences over it."""
    page = QWidget()
    qtbot.addWidget(page)
    pressed, after = QPushButton("Save"), QPushButton("After")
    layout = QVBoxLayout(page)
    layout.addWidget(pressed)
    layout.addWidget(after)
    stack = ToastStack(theme, page)
    page.resize(700, 500)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    QCursor.setPos(page.mapToGlobal(QPoint(2, 2)))
    pressed.setFocus()
    return page, pressed, stack


def test_what_is_offered_in_the_session_lies_over_the_page_with_its_buttons_and_not_in_the_status_bar(
    open_window: Opener,
) -> None:
    window, done = open_window(engine=False), list[str]()
    window.session.offer("Wrote mine.svg.", "ok", (MessageAction("Open folder", lambda: done.append("opened")),))
    (found,) = window.window.toasts.toasts
    assert found.sentence.text() == "Wrote mine.svg."
    assert window.status.sentence.text() == ""
    area = window.window.area
    assert window.window.toasts.geometry().bottomRight().x() == area.width() - MARGIN - 1
    found.buttons[0].click()
    assert done == ["opened"]
    assert window.window.toasts.toasts == []
    window.session.say("Something else.")
    assert window.status.sentence.text() == "Something else."


def test_tab_leads_from_what_was_pressed_to_the_buttons_and_escape_back(qtbot: QtBot, theme: Theme) -> None:
    page, pressed, stack = shown(qtbot, theme)
    assert pressed.hasFocus()
    found = stack.offer("Wrote it.", "ok", (("Open folder", lambda: None),))
    QTest.keyClick(pressed, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is found.buttons[0]
    QTest.keyClick(found.buttons[0], Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is found.buttons[1]
    QTest.keyClick(found.buttons[1], Qt.Key.Key_Escape)
    assert stack.toasts == []
    assert pressed.hasFocus()
    assert page.isVisible()


def test_a_sentence_goes_by_itself_but_not_under_the_pointer_or_the_focus(qtbot: QtBot, theme: Theme) -> None:
    _, pressed, stack = shown(qtbot, theme)
    found = stack.offer("Wrote it.", "ok", (("Open folder", lambda: None),))
    assert found._timer.isActive()
    assert found._timer.interval() == toast.STAY_MS
    QApplication.sendEvent(found, QEnterEvent(QPointF(1, 1), QPointF(1, 1), QPointF(1, 1)))
    assert not found._timer.isActive()
    QApplication.sendEvent(found, QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(found._timer.isActive)
    found.buttons[0].setFocus()
    assert not found._timer.isActive()
    pressed.setFocus()
    qtbot.waitUntil(found._timer.isActive)
    found._timer.timeout.emit()
    assert stack.toasts == []


def test_the_latest_sentences_stay_and_the_same_one_is_not_said_twice(qtbot: QtBot, theme: Theme) -> None:
    page, _, stack = shown(qtbot, theme)
    for number in range(MOST + 2):
        stack.offer(f"Sentence {number}", "info")
    stack.offer(f"Sentence {MOST + 1}", "info")
    assert [each.sentence.text() for each in stack.toasts] == [f"Sentence {n}" for n in range(2, MOST + 2)]
    long = stack.offer("A sentence of very many words. " * 12, "warn", (("Retry", lambda: None),))
    QApplication.processEvents()
    assert long.height() >= long.heightForWidth(long.width())
    assert page.rect().contains(stack.geometry())
    page.resize(300, 500)
    QApplication.processEvents()
    assert page.rect().contains(stack.geometry())


def test_what_was_pressed_may_be_gone_before_the_sentence(qtbot: QtBot, theme: Theme) -> None:
    _, pressed, stack = shown(qtbot, theme)
    found: Toast = stack.offer("Wrote it.", "ok", (("Open folder", lambda: None),))
    found.buttons[0].setFocus()
    pressed.setParent(None)
    pressed.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    found.dismiss()
    assert stack.toasts == []


def test_a_sentence_that_does_not_hold_any_more_goes_from_toasts_and_status_bar(open_window: Opener) -> None:
    window = open_window(engine=False)
    window.session.offer("a is in the trash.", "warn", ())
    window.session.offer("Wrote mine.svg.", "ok", ())
    window.session.say("There are no pictures.", "error")
    for sentence in ("a is in the trash.", "Another one.", "There are no pictures."):
        window.session.withdraw(sentence)
    assert [toast.sentence.text() for toast in window.window.toasts.toasts] == ["Wrote mine.svg."]
    assert window.status.sentence.text() == ""


def test_in_a_low_window_the_foot_of_a_page_stays_free(open_window: Opener) -> None:
    window = open_window(engine=False)
    window.show_page("train")
    window.session.offer("Wrote mine.svg.", "ok", ())
    toasts, area = window.window.toasts, window.window.area
    for height, at_top in ((540, True), (900, False)):
        window.window.resize(960, height)
        QApplication.processEvents()
        place = toasts.geometry()
        assert (place.top() == MARGIN) is at_top
        assert (place.bottom() == area.height() - MARGIN - 1) is not at_top
