"""The Predict page at every size and in both themes: nothing is cut, nothing overlaps, everything has its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QScrollArea,
    QScrollBar,
    QSplitterHandle,
    QStackedWidget,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.basic import ElidedLabel, ElidingCombo
from resnet_gui.gui.kit.theme import Mode, Theme
from resnet_gui.gui.kit.window.tab_order import focus_neighbour
from resnet_gui.gui.predict.answer.panel import AnswerPanel
from resnet_gui.gui.predict.explain.lesions import LesionView
from resnet_gui.gui.predict.explain.views import VIEWS
from resnet_gui.protocol.events import Latency
from tests.conftest import daily
from tests.gui.predict.predicting import CAR, SHIP, PredictDriver

# Of the page inside of the window: the rail and the bars are not its own.
SIZES = {"1440×900": (1380, 828), "1100×720": (1040, 648), "1024×640": (964, 568)}


OWN = QAbstractScrollArea | QAbstractSpinBox | QComboBox | QTabBar
"""Their parts are Qt's own."""


def children(widget: QWidget) -> Iterator[QWidget]:
    """What is visible of a widget, without parts that are Qt's own."""
    if isinstance(widget, QScrollArea):
        inner = widget.widget()
        assert inner is not None
        yield from children(inner)
    for child in () if isinstance(widget, OWN) else widget.children():
        if isinstance(child, QWidget) and child.isVisible() and not child.isWindow():
            yield child
            yield from children(child)


def cut(label: QLabel) -> bool:
    """Whether a text needs more room than it has."""
    if isinstance(label, ElidedLabel) or not label.text() or not label.pixmap().isNull():
        return False
    if label.wordWrap():
        return label.heightForWidth(label.width()) > label.height()
    return label.sizeHint().width() > label.width() or label.sizeHint().height() > label.height()


def faults(page: QWidget) -> list[str]:
    """What is cut, sticks out or overlaps."""
    found: list[str] = []

    def name(widget: QWidget) -> str:
        words = widget.text() if isinstance(widget, QLabel | QAbstractButton) else widget.accessibleName()
        return f"{type(widget).__name__} {words!r} {widget.geometry().getRect()}"

    shown = list(children(page))
    for widget in shown:
        parent = widget.parentWidget()
        assert parent is not None
        if not parent.rect().contains(widget.geometry()) and widget.width() and widget.height():
            found.append(f"{name(widget)} sticks out of {name(parent)}")
        if isinstance(widget, QLabel) and cut(widget):
            found.append(f"{name(widget)} is cut: {widget.sizeHint().toTuple()}")
        least = 60 if isinstance(widget, ElidingCombo) else widget.minimumSizeHint().width()
        if isinstance(widget, QComboBox | QAbstractSpinBox) and widget.width() < max(least, widget.minimumWidth()):
            found.append(f"{name(widget)} is narrower than {least}")
        if isinstance(widget, QAbstractButton) and widget.text() and widget.width() < widget.minimumSizeHint().width():
            found.append(f"{name(widget)} is narrower than {widget.minimumSizeHint().width()}")
        inner = widget.widget() if isinstance(widget, QScrollArea) else None
        if isinstance(widget, QScrollArea) and inner is not None and inner.width() > widget.viewport().width():
            found.append(f"{name(inner)} is wider than what is seen of it: {widget.viewport().width()}")
        if isinstance(widget, QStackedWidget):
            continue
        beside = [one for one in shown if one.parentWidget() is widget and not isinstance(one, QSplitterHandle)]
        for number, one in enumerate(beside):
            for other in beside[number + 1 :]:
                shared: QRect = one.geometry().intersected(other.geometry())
                if not shared.isEmpty():
                    found.append(f"{name(one)} lies over {name(other)}")
    return found


@pytest.mark.parametrize("mode", daily(["dark"], ["light"]))
def test_nothing_is_cut_or_overlaps_at_any_size_on_any_tab(
    driver: PredictDriver, theme: Theme, mode: Mode, tmp_path: Path
) -> None:
    page, broken = driver.page, tmp_path / "a name that is rather long and still goes on and on.png"
    broken.write_bytes(b"no picture")
    theme.set_mode(mode)
    driver.settle()  # what the network knows is there from now on, and is laid out
    try:
        for state in ("empty", "answered", "broken", "table", "missing"):
            if state == "answered":
                driver.drop(SHIP, CAR)
            elif state == "broken":
                driver.drop(broken)
            elif state == "table":
                page.strip.results.click()
            elif state == "missing":
                page.strip.results.click()
                page.models.list.choose("wide_resnet101_2-v2")
            for title, size in SIZES.items():
                page.resize(*size)
                for view in VIEWS if state == "answered" else VIEWS[:1]:
                    page.state.set_view(view.key)
                    driver.settle()
                    assert page.size().toTuple() == size, "the page asks for no more room than the window has"
                    assert not faults(page), f"{mode}, {title}, {state}, {view.key}"
                    page.grab()
    finally:
        theme.set_mode("dark")


def test_everything_that_takes_the_focus_has_a_name_and_tab_reaches_it(driver: PredictDriver) -> None:
    page = driver.page
    reached: set[QWidget] = set()
    for state in ("empty", "answered", "table"):
        if state == "answered":
            driver.drop(SHIP, CAR)
        elif state == "table":
            page.strip.results.click()
        for view in VIEWS if state == "answered" else VIEWS[:1]:
            page.state.set_view(view.key)
            driver.settle()
            takes = [
                one
                for one in page.findChildren(QWidget)
                if one.isVisible() and one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.isEnabled()
                and one.focusProxy() is None  # else the proxy takes it
                and not isinstance(one, QScrollBar | QHeaderView) and not _inside(one)
            ]  # fmt: skip
            for one in takes:
                interface = QAccessible.queryAccessibleInterface(one)
                spoken = interface.text(QAccessible.Text.Name) or one.accessibleName()
                assert spoken.strip(), f"{state}, {view.key}: {type(one).__name__} {one.objectName()} has no name"
            page.setFocus()
            for _ in range(3 * len(takes)):
                focus_neighbour(page, forward=True)  # as the window does
                focused = QApplication.focusWidget()
                if focused is not None:
                    reached.add(focused)
            assert set(takes) <= reached, [type(one).__name__ for one in set(takes) - reached]
    assert page.gallery in reached
    assert driver.maps.grid in reached
    assert page.explain.widget(LesionView).switches in reached


def _inside(widget: QWidget) -> bool:
    """Whether a widget is a part of another that has the name."""
    parent = widget.parentWidget()
    return isinstance(parent, QAbstractItemView | QAbstractSpinBox | QComboBox)


def test_however_long_it_says_how_it_computed_the_panel_of_answers_is_no_wider(qtbot: QtBot, theme: Theme) -> None:
    panel = AnswerPanel(theme)
    qtbot.addWidget(panel)
    bar = panel._where.parentWidget()
    assert bar is not None
    widths = []
    for computed in ("fp32, fused", "int8, folded and fused: 98.0% of 200 views of 8 pictures answered as exact"):
        panel.show_latency(Latency(1.0, 1.0, batch=1), "cpu", computed)
        assert panel._where.toolTip().endswith(computed)
        widths.append(bar.minimumSizeHint().width())
    assert widths[0] == widths[1]


@pytest.mark.parametrize("width", [391, 281])
def test_the_answer_scrolls_only_where_it_does_not_fit_and_its_picture_takes_what_is_left(
    qtbot: QtBot, theme: Theme, width: int
) -> None:
    panel = AnswerPanel(theme)
    qtbot.addWidget(panel)
    panel.show_network(10, (3, 32, 32))
    panel.known.show_classes(tuple(f"class {number}" for number in range(10)))
    panel.preprocessing.show_steps((("Centre crop", "square"), ("Normalise", "mean 0.491, 0.482, 0.447; std 0.245")))
    panel.show()
    area = panel.findChild(QScrollArea)
    assert area is not None
    bar, seen = area.verticalScrollBar(), panel.preprocessing
    panel.resize(width, 500)
    QApplication.processEvents()
    assert bar.isVisible()
    body = area.widget()
    assert body is not None
    needed = body.heightForWidth(width - 1)
    panel.resize(width, needed)
    QApplication.processEvents()
    assert not bar.isVisible(), "though with the bar lines broke that needed it"
    low = seen.height()
    assert low >= seen.heightForWidth(seen.width())
    panel.resize(width, needed + 200)
    QApplication.processEvents()
    assert seen.height() > low
