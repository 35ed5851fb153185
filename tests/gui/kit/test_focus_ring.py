"""The ring of the keyboard: what becomes of it when the widget inside it goes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QHBoxLayout, QListView, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.focus_ring import FocusRing


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    line = QHBoxLayout(made)
    for _ in range(2):
        line.addWidget(QListView())
    made.show()
    return made


@pytest.mark.parametrize("inside", [True, False], ids=["the widget itself", "what the widget lies in"])
def test_the_ring_outlives_what_it_lies_around(window: QWidget, theme: Theme, inside: bool) -> None:
    first, second = window.findChildren(QListView)
    holder = QWidget(window)
    first.setParent(holder)
    ring = FocusRing(theme, window)
    ring.show_around(first)
    assert ring.parent() is first
    assert not ring.isHidden()
    (first if inside else holder).deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not isValid(first)
    assert isValid(ring)
    assert ring.isHidden()
    assert ring.parent() is window
    ring.show_around(second)
    assert ring.parent() is second
    assert not ring.isHidden()


def test_a_ring_that_has_left_a_widget_is_no_part_of_it(window: QWidget, theme: Theme) -> None:
    first, second = window.findChildren(QListView)
    ring = FocusRing(theme, window)
    ring.show_around(first)
    second.setFocus()
    first.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert isValid(ring)
    assert ring.parent() is window
    assert ring.isHidden()


def test_a_window_that_is_deleted_takes_its_ring_along(theme: Theme) -> None:
    window = QWidget()
    inside = QListView(window)
    ring = FocusRing(theme, window)
    ring.show_around(inside)
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not isValid(window)
    assert not isValid(ring) or ring.parent() is None
