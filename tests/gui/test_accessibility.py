"""By keyboard and by ear: every page's stops of Tab, their order, names and roles, and a focus that is seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

import pytest
from PySide6.QtCore import QMimeData, QRect, Qt, QUrl
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QDragEnterEvent, QImage
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.controls.unseen import NamedComboBox, UnseenButton
from resnet_gui.gui.kit.theme import Mode, Theme
from resnet_gui.gui.kit.window.tab_order import focus_neighbour, tab_stops
from resnet_gui.gui.shell.application import Application
from resnet_gui.gui.shell.pages import PAGES
from tests.gui.driving import Opener

CANVASES = {
    "NetworkView", "PlotWidget", "PreprocessingView", "PictureCanvas", "BlockSwitches", "ClassChips", "ConfusionMatrix",
    "CloudView", "SurfaceView", "LesionDiagram", "ParallelAxes", "AlignedBlocks", "QScrollArea",
}  # fmt: skip
"""Pictures of their own, which have keys and a name; Qt knows no role for them."""

SEEN = 3.0
"""Contrast of what shows the focus (WCAG 2.2, 1.4.11)."""


def spoken(widget: QWidget) -> tuple[str, QAccessible.Role]:
    """Name and role as a screen reader gets them: a label that belongs to it comes before its own name."""
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None
    relations = interface.relations(QAccessible.RelationFlag.AllRelations)
    labels = [one.text(QAccessible.Text.Name) for one, kind in relations if kind == QAccessible.RelationFlag.Label]
    name = labels[0] if labels else interface.text(QAccessible.Text.Name)
    return name.strip(), interface.role()


def place(widget: QWidget) -> str:
    path, parent = [type(widget).__name__], widget.parentWidget()
    while parent is not None:
        path.append(type(parent).__name__)
        parent = parent.parentWidget()
    return f"{widget.accessibleName()!r} in {' < '.join(path[:6])}"


def opened(open_window: Opener, qtbot: QtBot) -> tuple[Application, list[str]]:
    """A window in which every page has been shown, and the pages' keys."""
    window = open_window(engine=False)
    window.window.resize(1440, 900)
    keys = [page.key for page in PAGES]
    for key in keys:
        window.show_page(key)
        qtbot.waitUntil(partial(window.shows, key))
    window.window.activateWindow()
    qtbot.waitUntil(window.window.isActiveWindow)
    return window, keys


@pytest.fixture
def pages(open_window: Opener, qtbot: QtBot) -> tuple[Application, list[str]]:
    return opened(open_window, qtbot)


def faults_of_names(window: Application) -> list[str]:
    found = []
    for stop in tab_stops(window.window):
        name, role = spoken(stop)
        if not name:
            found.append(f"no name: {place(stop)}")
        if isinstance(stop, QComboBox) and name == stop.currentText():
            found.append(f"named by its value: {place(stop)}")
        pane = role in {QAccessible.Role.NoRole, QAccessible.Role.Client}
        if pane and not any(type(stop).__name__ == known or known in place(stop).split()[2:3] for known in CANVASES):
            found.append(f"no role: {place(stop)}")
    return found


def test_every_stop_of_tab_has_the_name_of_its_label_and_a_role(pages: tuple[Application, list[str]]) -> None:
    window, keys = pages
    for key in keys:
        window.show_page(key)
        assert faults_of_names(window) == [], key


def test_tab_goes_through_top_bar_rail_page_and_status_bar_and_comes_back(
    pages: tuple[Application, list[str]], qtbot: QtBot
) -> None:
    window, keys = pages
    frame = window.window
    parts = {frame.top: 0, frame.rail: 1, frame.stack: 2, frame.status: 3}
    for key in keys:
        window.show_page(key)
        stops = tab_stops(frame)
        passed = [next(rank for part, rank in parts.items() if part.isAncestorOf(stop)) for stop in stops]
        assert passed == sorted(passed), key
        assert set(passed) == {0, 1, 2, 3}, key
        assert len({id(stop) for stop in stops}) == len(stops)
    stops[0].setFocus()
    qtbot.keyClick(frame, Qt.Key.Key_Tab)
    assert focus_neighbour(frame, forward=True)
    assert frame.focusWidget() is stops[2]
    assert focus_neighbour(frame, forward=False)
    assert focus_neighbour(frame, forward=False)
    assert focus_neighbour(frame, forward=False)
    assert frame.focusWidget() is stops[-1]


def test_files_that_hang_over_any_part_of_any_page_are_the_windows(pages: tuple[Application, list[str]]) -> None:
    window, keys = pages
    frame, mime = window.window, QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/a/folder")])
    heard: list[QMimeData] = []
    frame.dragged.connect(heard.append)
    for key in keys:
        window.show_page(key)
        # Whatever accepts drops is asked first, and its parents where it does not take them.
        for widget in (each for each in frame.findChildren(QWidget) if each.isVisible() and each.acceptDrops()):
            heard.clear()
            event = QDragEnterEvent(
                widget.rect().center(), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
            )  # fmt: skip
            QApplication.sendEvent(widget, event)
            assert heard, f"{key}: {place(widget)}"
    frame.dragged.emit(None)


def test_tab_goes_on_from_what_takes_the_focus_by_click_alone(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    line = QHBoxLayout(window)
    buttons = [QPushButton(str(number)) for number in range(5)]
    for button in buttons:
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        line.addWidget(button)
    buttons[2].setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for forward, reached in ((True, buttons[3]), (False, buttons[1])):
        buttons[2].setFocus()
        assert focus_neighbour(window, forward=forward) is reached


@pytest.mark.parametrize("gone", ["hidden", "disabled"])
def test_a_button_that_goes_away_leaves_the_focus_to_its_neighbour(
    gone: str, pages: tuple[Application, list[str]]
) -> None:
    window, keys = pages
    frame = window.window
    for key in keys:
        window.show_page(key)
        inside = [stop for stop in tab_stops(frame) if frame.stack.isAncestorOf(stop)]
        button = next(stop for stop in reversed(inside) if isinstance(stop, QPushButton))
        button.setFocus()
        around = button.parentWidget()
        while around is not None and not any(around.isAncestorOf(stop) for stop in inside if stop is not button):
            around = around.parentWidget()
        change = button.setVisible if gone == "hidden" else button.setEnabled
        change(False)
        focused = frame.focusWidget()
        change(True)
        assert around is not None
        assert around.isAncestorOf(focused), key
        assert focused in inside, key


def luminance(color: QColor) -> float:
    """Relative luminance (WCAG 2.2)."""
    shares = color.redF(), color.greenF(), color.blueF()
    parts = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(first: QColor, second: QColor) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(image: QImage) -> Sequence[int]:
    """The colour of each pixel as a number, row by row."""
    converted = image.convertToFormat(QImage.Format.Format_ARGB32)
    # A copy: what PySide shows of an image is of no use when the image is gone.
    return memoryview(bytes(converted.constBits())).cast("I")


def pixels_that_show(before: QImage, after: QImage) -> int:
    """How many pixels differ so much that the difference is seen."""
    pairs = zip(colours(before), colours(after), strict=True)
    changes = Counter((one, other) for one, other in pairs if one != other)
    return sum(
        count
        for (one, other), count in changes.items()
        if contrast(QColor.fromRgba(one), QColor.fromRgba(other)) >= SEEN
    )


def shown(stop: QWidget, window: QWidget) -> QImage:
    """What is on screen at a stop and around it; of a large one its upper left part."""
    box = QRect(stop.mapTo(window, stop.rect().topLeft()), stop.size()).adjusted(-3, -3, 3, 3)
    box.setWidth(min(box.width(), 160))
    box.setHeight(min(box.height(), 60))
    return window.grab(box.intersected(window.rect())).toImage()


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_the_focus_is_seen_on_every_control(mode: Mode, theme: Theme, open_window: Opener, qtbot: QtBot) -> None:
    theme.set_mode(mode)
    window, keys = opened(open_window, qtbot)
    frame = window.window
    seen: set[tuple[str, str]] = set()
    unseen = []
    for key in keys:
        window.show_page(key)
        body = frame.centralWidget()
        assert body is not None
        qtbot.waitUntil(body.updatesEnabled)
        for stop in tab_stops(frame):
            # One of each kind of control and look is enough.
            kinds = [str(stop.property(name)) for name in ("kind", "small")]
            look = type(stop).__name__, " ".join([*kinds, type(stop.parent()).__name__])
            if look in seen or not frame.rect().contains(stop.mapTo(frame, stop.rect().center())):
                continue
            seen.add(look)
            frame.setFocus()
            before = shown(stop, frame)
            neighbours = tab_stops(frame)
            neighbours[neighbours.index(stop) - 1].setFocus()
            frame.focusNextPrevChild(True)
            assert stop.hasFocus()
            if pixels_that_show(before, shown(stop, frame)) < 12:
                unseen.append(f"{key}: {place(stop)}")
    assert unseen == [], "\n".join(unseen)


def test_a_segmented_control_is_a_group_of_radio_buttons_that_arrows_go_through(qtbot: QtBot, theme: Theme) -> None:
    control = SegmentedControl(theme, [("a", "A zeros", ""), ("b", "B proj.", ""), ("c", "C all", "")])
    control.setAccessibleName("Shortcut")
    qtbot.addWidget(control)
    control.resize(240, 28)
    control.show()
    chosen: list[str] = []
    control.chosen.connect(chosen.append)
    buttons = control.findChildren(UnseenButton)
    assert [spoken(each) for each in buttons] == [
        (name, QAccessible.Role.RadioButton) for name in ("A zeros", "B proj.", "C all")
    ]
    assert tab_stops(control) == [buttons[0]]
    control.set_key("b")
    assert [each.isChecked() for each in buttons] == [False, True, False]
    assert tab_stops(control) == [buttons[1]]
    assert not chosen
    buttons[1].setFocus()
    qtbot.keyClick(buttons[1], Qt.Key.Key_Right)
    assert chosen == ["c"]
    assert tab_stops(control) == [buttons[2]]
    buttons[0].click()  # as assistive technology does
    assert chosen == ["c", "a"]
    control.set_options([("x", "X", ""), ("y", "Y", "")], {"y"})
    assert [each.text() for each in control.findChildren(UnseenButton) if each.isVisible()] == ["X", "Y"]
    assert [each.isEnabled() for each in control.findChildren(UnseenButton) if each.isVisible()] == [True, False]


def test_a_combo_box_is_read_by_its_name_wherever_it_is_put(qtbot: QtBot) -> None:
    first, second = QWidget(), QWidget()
    for host in (first, second):
        qtbot.addWidget(host)
    combo = NamedComboBox()
    combo.addItems(["red", "green"])
    combo.setAccessibleName("Colour")
    for host in (first, second):
        combo.setParent(host)
        assert spoken(combo) == ("Colour", QAccessible.Role.ComboBox)
        assert [label.isVisible() for label in host.findChildren(QLabel)] == [False]
    assert not first.findChildren(QLabel)
    combo.setAccessibleName("Hue")
    assert spoken(combo)[0] == "Hue"


def test_sentences_of_the_status_bar_are_read_aloud(
    open_window: Opener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(engine=False)
    said: list[tuple[str, QAccessible.Event]] = []

    def take(event: QAccessibleAnnouncementEvent) -> None:
        said.append((event.message(), event.type()))

    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", take)
    window.session.say("The run is stopped.", "warn")
    window.session.say("", "info")
    assert said == [("The run is stopped.", QAccessible.Event.Announcement)]
