"""The Design page on a projector: the walk through the network, its caption, and the full-screen window."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.design.location import Location
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.gui.common.enlarged_widget import EnlargedWidget
from resnet_gui.gui.common.presentation import PresentedPane, Presents
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.design.presentation import LEAST_LETTERS, PresentedDiagram
from resnet_gui.gui.design.table.tree import LayerTree
from resnet_gui.gui.design.walk import FIGURES, Level, NetworkWalk
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session
from resnet_gui.gui.shell.presentation import PresentationWindow

Key = Qt.Key


def opened(page: DesignPage, theme: Theme, qtbot: QtBot) -> PresentationWindow:
    window = PresentationWindow(page, theme, page)
    qtbot.addWidget(window)
    window.resize(1280, 720)
    window.show()
    return window


def diagram_of(window: PresentationWindow) -> PresentedDiagram:
    assert isinstance(window.pane, PresentedDiagram)
    return window.pane


def test_arrows_walk_through_stages_blocks_and_layers_and_the_caption_says_what_is_lit(
    page: DesignPage, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    page.choose_preset(PRESETS["resnet50"])
    shown = diagram_of(opened(page, theme, qtbot))
    steps = [
        (Key.Key_Right, "layer1", ("Stage 1, conv2_x", "215,808 parameters")),
        (Key.Key_Right, "layer2", ("256×56×56 → 512×28×28", "1,219,584 parameters")),
        (Key.Key_Down, "layer2.0", ("conv3_1", "379,392 parameters")),
        (Key.Key_Left, "layer1.2", ("conv2_3", "218,365,952 MACs")),
        (Key.Key_Tab, "layer1.2.conv1", ("conv2_3: conv1", "256×56×56 → 64×56×56")),
        (Key.Key_Right, "layer1.2.bn1", ("conv2_3: bn1", "128 parameters")),
        (Key.Key_Up, "layer1.2", ("conv2_3",)),
        (Key.Key_Backtab, "layer1", ("Stage 1, conv2_x",)),
    ]
    for key, path, words in steps:
        qtbot.keyClick(shown, key)
        assert shown.view.path == path
        assert set(words) <= set(shown.caption.texts())
    for figure, line in (
        ("parameters", "parameters: 75,008 + 70,400 + 70,400 = 215,808"),
        ("MACs", "MACs: 231,211,008 + 218,365,952 + 218,365,952 = 667,942,912"),
    ):
        qtbot.keyClick(shown, Key.Key_Space)
        assert (shown.figure, shown.caption.texts()[-1]) == (figure, line)
    assert shown.caption.letters >= LEAST_LETTERS


def test_a_layer_that_is_reached_is_framed_and_larger_than_the_whole(
    page: DesignPage, theme: Theme, qtbot: QtBot
) -> None:
    page.choose_preset(PRESETS["resnet50"])
    shown = diagram_of(opened(page, theme, qtbot))
    whole = shown.view.look().scale
    before = shown.view.grab().toImage()
    for key in (Key.Key_Right, Key.Key_Down, Key.Key_Down):
        qtbot.keyClick(shown, key)
    assert shown.view.unfolded
    assert shown.view.look().scale > whole
    assert shown.view.grab().toImage() != before


def test_the_lines_of_a_walk_name_layers_as_its_titles_do_and_say_what_an_addition_adds() -> None:
    walk = NetworkWalk(plan(PRESETS["resnet50"].spec))
    walk.location, walk.level = Location(1, 0, "conv2"), "layers"
    assert walk.stop().title == "conv3_1: conv2"
    assert walk.arithmetic("receptive field") == ("conv3_1 conv2: 35 + (3 − 1) · 4 = 43",)
    walk.location = Location(1, 0, "add")
    assert walk.arithmetic("shape") == (
        "F(x): the branch → 512×28×28", "h(x): the shortcut (conv, bn) → 512×28×28",
        "shape: F(x) + h(x), value by value → 512×28×28",
    )  # fmt: skip
    assert walk.arithmetic("MACs") == ("additions: 512 · 28 · 28 = 401,408",)


@pytest.mark.parametrize("name", ["resnet18", "preact_resnet110", "plain20", "seresnet50"])
def test_a_walk_reaches_every_layer_and_has_an_arithmetic_for_every_figure(name: str) -> None:
    planned = plan(evolve(PRESETS[name].spec, blocks=(1, 2, 1), widths=(16, 32, 64)))
    walk = NetworkWalk(planned)
    walk.next_level()
    assert walk.level == "layers"
    found = []
    while walk.location.path not in found:
        found.append(walk.location.path)
        assert all(walk.arithmetic(figure) for figure in FIGURES)
        walk.step(1)
    assert found == [prefix + layer.name for prefix, group in planned.groups() for layer in group.layers]


def test_stages_and_blocks_have_an_arithmetic_of_their_own_and_repeat_no_line_above() -> None:
    walk = NetworkWalk(plan(PRESETS["resnet50"].spec))
    cases: tuple[tuple[Location, Level, str, tuple[str, ...]], ...] = (
        (Location(1), "stages", "shape", (
            "conv3_1 conv2, size: ⌊(56 + 2·1 − 3) / 2⌋ + 1 = 28",
            "conv3_1 conv3, channels: one for each filter → 512",
            "sum: branch and shortcut, each of this shape → 512×28×28",
        )),
        (Location(1, 1), "blocks", "shape", (
            "size: no layer changes it → 28×28", "conv3, channels: one for each filter → 512",
            "sum: branch and shortcut, each of this shape → 512×28×28",
        )),
        (Location("stem"), "stages", "shape", (
            "conv1, size: ⌊(224 + 2·3 − 7) / 2⌋ + 1 = 112", "maxpool, size: ⌊(112 + 2·1 − 3) / 2⌋ + 1 = 56",
            "conv1, channels: one for each filter → 64",
        )),
        (Location("head"), "stages", "parameters", ("parameters: 1000 · 2048 + 1000 = 2,049,000",)),
    )  # fmt: skip
    for place, level, figure, lines in cases:
        walk.location, walk.level = place, level
        assert walk.arithmetic(figure) == lines


def test_an_edit_while_it_is_presented_is_followed_from_the_same_place_or_its_stage(session: Session) -> None:
    walk = NetworkWalk(plan(PRESETS["resnet50"].spec))
    walk.location, walk.level = Location(2, 5, "conv3"), "layers"
    for name, place, level in (
        ("resnet101", Location(2, 5, "conv3"), "layers"), ("resnet34", Location(2, 5), "blocks"),
        ("resnet18", Location(2), "stages"), ("resnet20", Location(2), "stages"),
    ):  # fmt: skip
        walk.show_plan(plan(PRESETS[name].spec))
        assert (walk.location, walk.level) == (place, level), name


def test_the_window_shows_the_panes_one_at_a_time_and_leaves_the_page_as_it_was(
    page: DesignPage, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    page.choose_preset(PRESETS["resnet50"])
    before, sizes = page.grab().toImage(), page.splitter.sizes()
    window = opened(page, theme, qtbot)
    assert window.title.text() == "Network    1 of 2"
    assert "Space" in window.keys.text()
    qtbot.keyClick(window.pane, Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert window.title.text() == "Layers    2 of 2"
    table = window.pane
    assert isinstance(table, EnlargedWidget)
    assert table.factor() == 2
    qtbot.keyClick(table, Key.Key_Down)
    assert session.design.name == "ResNet-50"
    qtbot.keyClick(table, Key.Key_H)
    assert window.keys.isHidden()
    qtbot.keyClick(window, Key.Key_1)
    assert isinstance(window.pane, PresentedDiagram)
    assert window.keys.isHidden(), "the line stays hidden until it is asked for"
    qtbot.keyClick(window.pane, Key.Key_Escape)
    assert not window.isVisible()
    assert page.splitter.sizes() == sizes
    assert page.grab().toImage() == before


def test_the_presented_table_follows_its_row_and_a_key_that_leads_nowhere_does_nothing(
    page: DesignPage, theme: Theme, qtbot: QtBot
) -> None:
    page.choose_preset(PRESETS["resnet50"])
    window = opened(page, theme, qtbot)
    qtbot.keyClick(window, Key.Key_2)
    table = window.pane
    assert isinstance(table, EnlargedWidget)
    (tree,) = table.findChildren(LayerTree)
    for key in (Key.Key_Up, Key.Key_Left, Key.Key_Up):
        qtbot.keyClick(table, key)  # a key that came back for ever would end in an error of recursion
        assert tree.currentIndex().row() == 0
    for key in (Key.Key_End, Key.Key_Down, Key.Key_Home):
        qtbot.keyClick(table, key)
        assert tree.viewport().rect().contains(tree.visualRect(tree.currentIndex()).center()), key
    for _ in range(14):
        qtbot.keyClick(table, Key.Key_Down)
        assert tree.viewport().rect().contains(tree.visualRect(tree.currentIndex()).center())


class TwoPanes(QWidget):
    """A page with two labels."""

    def panes(self) -> tuple[PresentedPane, ...]:
        return tuple(PresentedPane(name, partial(QLabel, name)) for name in ("one", "two"))


def test_arrows_that_a_pane_has_no_use_for_go_to_the_others(theme: Theme, qtbot: QtBot) -> None:
    page = TwoPanes()
    qtbot.addWidget(page)
    assert isinstance(page, Presents)
    window = PresentationWindow(page, theme, page)
    qtbot.addWidget(window)
    for key, title in (
        (Key.Key_Right, "two    2 of 2"),
        (Key.Key_Right, "two    2 of 2"),
        (Key.Key_Left, "one    1 of 2"),
    ):
        qtbot.keyClick(window, key)
        QApplication.processEvents()
        assert window.title.text() == title
