"""The mouse on a projector: what is done to a picture is done to its widget, whose page stays as it was; tables fit."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSizeF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QPushButton,
    QScrollArea,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from resnet_gui.gui.common.enlarged_fit import LISTED, STEPS, fits, put_back
from resnet_gui.gui.common.enlarged_widget import ACROSS_KEYS, DOWN_KEYS, EnlargedWidget
from resnet_gui.gui.common.presentation import PresentedPane
from resnet_gui.gui.kit.basic import ElidedLabel
from resnet_gui.gui.kit.controls.slider import AbsoluteSlider
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.shell.presentation import PresentationWindow
from tests.gui.driving import drawn_at


class Controls(QWidget):
    """A button, a slider and a list, as an explain view has them."""

    def __init__(self) -> None:
        super().__init__()
        layout = self.column = QVBoxLayout(self)
        self.button, self.combo = QPushButton("off"), QComboBox()
        self.slider = AbsoluteSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.combo.addItems(["one", "two"])
        for each in (self.button, self.slider, self.combo):
            layout.addWidget(each)


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def enlarged(qtbot: QtBot, page: QWidget, source: QWidget) -> EnlargedWidget:
    """A widget of a page that is on a projector."""
    source.setParent(page)
    source.resize(200, 150)
    page.show()
    source.show()
    shown = EnlargedWidget(source)
    qtbot.addWidget(shown)
    shown.resize(800, 450)
    shown.show()
    shown.refresh()
    return shown


def test_what_is_drawn_is_pressed_dragged_and_let_go(qtbot: QtBot, page: QWidget) -> None:
    source = Controls()
    shown = enlarged(qtbot, page, source)
    pressed: list[bool] = []
    source.button.clicked.connect(lambda: pressed.append(True))
    qtbot.mouseClick(shown, Qt.MouseButton.LeftButton, pos=drawn_at(shown, source, source.button))
    assert len(pressed) == 1
    ends = [drawn_at(shown, source, source.slider, share) for share in (0.1, 0.8)]
    qtbot.mousePress(shown, Qt.MouseButton.LeftButton, pos=ends[0])
    assert source.slider.isSliderDown()
    first, factor = source.slider.value(), shown.factor()
    qtbot.mouseMove(shown, ends[1])
    qtbot.waitUntil(lambda: source.slider.value() > first + 50)
    assert shown.factor() == factor, "nothing moves under the hand"
    qtbot.mouseRelease(shown, Qt.MouseButton.LeftButton, pos=ends[1])
    assert not source.slider.isSliderDown()
    assert source.size().toTuple() == (200, 150), "the page is as it was"


def test_a_list_opens_where_the_pointer_is(qtbot: QtBot, page: QWidget) -> None:
    source = Controls()
    shown = enlarged(qtbot, page, source)
    shown.move(120, 60)
    pointer = drawn_at(shown, source, source.combo)
    qtbot.mousePress(shown, Qt.MouseButton.LeftButton, pos=pointer)
    popup = QApplication.activePopupWidget()
    assert popup is not None
    assert popup.geometry().adjusted(-1, -1, 1, 1).contains(shown.mapToGlobal(pointer))
    popup.hide()


@pytest.mark.parametrize("between", ["press", "after"])
def test_a_widget_that_its_page_takes_away_is_no_failure(qtbot: QtBot, page: QWidget, between: str) -> None:
    source = Controls()
    shown = enlarged(qtbot, page, source)
    at = drawn_at(shown, source, source.slider)
    if between == "press":
        source.slider.sliderPressed.connect(source.deleteLater)
        source.slider.sliderPressed.connect(lambda: QApplication.sendPostedEvents(source, QEvent.Type.DeferredDelete))
    qtbot.mousePress(shown, Qt.MouseButton.LeftButton, pos=at)
    if between == "after":
        delete(source)
    qtbot.mouseRelease(shown, Qt.MouseButton.LeftButton, pos=at)
    shown.refresh()
    qtbot.mouseMove(shown, at + QPoint(3, 3))


def test_the_wheel_scrolls_what_lies_under_it_and_it_stays_there(qtbot: QtBot, page: QWidget) -> None:
    source, area, body = QWidget(), QScrollArea(), QLabel("\n".join(map(str, range(900))))
    area.setWidget(body)
    QVBoxLayout(source).addWidget(area)
    shown = enlarged(qtbot, page, source)
    before = shown.grab().toImage()
    middle = QPointF(shown.rect().center())
    QApplication.sendEvent(shown, QWheelEvent(
        middle, shown.mapToGlobal(middle), QPoint(), QPoint(0, -240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    ))  # fmt: skip
    scrolled = shown.grab().toImage()
    assert scrolled != before
    shown.refresh()
    assert shown.grab().toImage() == scrolled
    assert area.verticalScrollBar().value() == 0, "the page is as it was"


def table(columns: int, rows: int = 4) -> QTableWidget:
    made = QTableWidget(rows, columns)
    for column in range(columns):
        made.setColumnWidth(column, 120)
    return made


def test_a_table_is_drawn_smaller_until_all_its_columns_are_seen(qtbot: QtBot, page: QWidget) -> None:
    source = table(6, rows=100)
    shown = enlarged(qtbot, page, source)
    assert STEPS[-1] < shown.factor() < LISTED
    assert shown.whole
    assert ACROSS_KEYS not in shown.keys
    assert DOWN_KEYS in shown.keys


def test_a_table_that_is_too_wide_all_the_same_is_scrolled_by_keys_that_are_named(qtbot: QtBot, theme: Theme) -> None:
    source = table(30)
    qtbot.addWidget(source)
    source.resize(200, 150)
    source.show()

    class Page:
        def panes(self) -> tuple[PresentedPane, ...]:
            return (PresentedPane.enlarged("Table", source), PresentedPane.enlarged("Again", source))

    window = PresentationWindow(source, theme, Page())
    window.resize(800, 450)
    window.show()
    shown = window.pane
    assert isinstance(shown, EnlargedWidget)
    qtbot.waitUntil(lambda: ACROSS_KEYS in window.keys.text())
    assert DOWN_KEYS not in window.keys.text()
    assert not shown.whole
    assert shown.factor() == LISTED
    before = shown.grab().toImage()
    qtbot.keyClick(shown, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert window.pane is shown, "the same pane"
    assert shown.grab().toImage() != before
    for _ in range(60):
        qtbot.keyClick(shown, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    end = shown.grab().toImage()
    qtbot.keyClick(shown, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert shown.grab().toImage() == end, "the last column is reached"
    qtbot.keyClick(shown, Qt.Key.Key_Right)
    assert window.pane is not shown, "the next pane"
    window.close()


def test_words_are_not_cut_where_a_smaller_step_has_room_for_them(qtbot: QtBot, page: QWidget) -> None:
    source = ElidedLabel("What is said here is said in a dozen words, and all are wanted.")
    shown = enlarged(qtbot, page, source)
    assert shown.shown.width() <= shown.width() + 1
    with put_back(source):
        source.resize((shown.shown / shown.factor()).toSize())
        assert not source.cut_words()


class LaysOutItsPage(QLabel):
    """Words that have the page laid out at once when they first get more room, as showing a folded part does."""

    folded = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        page = self.parentWidget()
        layout = page.layout() if page is not None else None
        if layout is not None and self.folded and self.width() > 700:
            self.folded = False
            layout.invalidate()
            layout.activate()


def test_a_page_that_is_laid_out_meanwhile_does_not_give_a_widget_its_size_back(qtbot: QtBot, page: QWidget) -> None:
    source = LaysOutItsPage("Gradient")
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(source)
    page.resize(200, 100)
    page.show()
    assert source.width() == 200
    with put_back(source):
        assert fits(source, QSizeF(900, 500), 1.0)
        assert source.size().toTuple() == (900, 500)
    assert source.size().toTuple() == (200, 100)


def test_a_click_that_changes_the_page_leaves_the_widget_the_size_that_the_page_gives_it(
    qtbot: QtBot, page: QWidget
) -> None:
    source, side, more = Controls(), QLabel("side"), QLabel("more")
    layout = QVBoxLayout(page)
    source.column.addWidget(more)
    more.hide()
    layout.addWidget(source, 1)
    layout.addWidget(side)
    shown = enlarged(qtbot, page, source)
    source.button.clicked.connect(side.hide)
    source.button.clicked.connect(more.show)
    qtbot.mouseClick(shown, Qt.MouseButton.LeftButton, pos=drawn_at(shown, source, source.button))
    QApplication.processEvents()
    left = source.geometry()
    layout.invalidate()
    layout.activate()
    assert source.geometry() == left


def test_a_dialog_that_a_click_opens_has_its_own_places_and_the_page_is_as_it_was_meanwhile(
    qtbot: QtBot, page: QWidget
) -> None:
    source = Controls()
    shown = enlarged(qtbot, page, source)
    dialog, combo = QDialog(), QComboBox()
    qtbot.addWidget(dialog)
    combo.addItems(["one", "two"])
    QVBoxLayout(dialog).addWidget(combo)
    dialog.setGeometry(20, 430, 200, 60)
    seen: list[object] = []

    def look() -> None:
        combo.showPopup()
        popup = QApplication.activePopupWidget()
        assert popup is not None
        seen.extend([source.size().toTuple(), popup.x() == combo.mapToGlobal(QPoint(0, 0)).x()])
        popup.hide()
        dialog.close()

    def ask() -> None:
        QTimer.singleShot(0, look)
        dialog.exec()

    source.button.clicked.connect(ask)
    qtbot.mouseClick(shown, Qt.MouseButton.LeftButton, pos=drawn_at(shown, source, source.button))
    assert seen == [(200, 150), True]
    assert source.size().toTuple() == (200, 150)


class Hears(QPushButton):
    """A button that notes what it hears of the pointer."""

    def __init__(self) -> None:
        super().__init__("hears")
        self.heard: list[QEvent.Type] = []

    def event(self, event: QEvent) -> bool:
        self.heard.append(event.type())
        return super().event(event)


def test_the_pointer_enters_asks_and_leaves_and_a_part_that_tracks_none_hears_of_no_moves_nor_is_laid_out(
    qtbot: QtBot, page: QWidget
) -> None:
    source, button = Controls(), Hears()
    source.column.addWidget(button)
    shown = enlarged(qtbot, page, source)
    at = drawn_at(shown, source, button)
    qtbot.mouseMove(shown, at)
    qtbot.waitUntil(lambda: QEvent.Type.Enter in button.heard)
    assert button.underMouse()
    button.heard.clear()
    for step in range(5):
        qtbot.mouseMove(shown, at + QPoint(step, 0))
    assert not {QEvent.Type.MouseMove, QEvent.Type.Resize} & set(button.heard)
    place = shown.mapToGlobal(at)
    QApplication.sendEvent(shown, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, place))
    QApplication.sendEvent(shown, QHelpEvent(QEvent.Type.ToolTip, at, place))
    assert {QEvent.Type.ContextMenu, QEvent.Type.ToolTip} <= set(button.heard)
    shown.hide()
    assert not button.underMouse(), "nothing on the page is lit"


def test_what_no_part_of_an_own_widget_takes_ends_there(qtbot: QtBot) -> None:
    shown = EnlargedWidget(QWidget(), 2.0)
    qtbot.addWidget(shown)
    shown.resize(200, 100)
    shown.show()
    at = shown.rect().center()
    QApplication.sendEvent(shown, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, shown.mapToGlobal(at)))
    QApplication.sendEvent(shown, QHelpEvent(QEvent.Type.ToolTip, at, shown.mapToGlobal(at)))
