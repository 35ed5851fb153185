"""The layer table: sorting, columns, names, copies, and rows that stay while what they show changes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from resnet_gui.analysis.costs import rows
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.design.table.columns import NAME_MOST, WIDTHS
from resnet_gui.gui.design.table.node import Node
from resnet_gui.gui.design.table.rows import (
    OPTIONAL,
    Column,
    RowData,
    exact_heads,
    layer_rows,
    top_rows,
    value,
)
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.session import Session
from tests.conftest import examples
from tests.designs import designs
from tests.gui.design.layer_models import contents, made, nodes

BASE = PRESETS["resnet50"].spec


# ---- rows that stay


@given(first=designs(), second=designs())
@examples(15)
def test_a_model_that_was_given_another_plan_shows_what_a_new_one_shows(first: ResNetSpec, second: ResNetSpec) -> None:
    model = made(first)
    list(nodes(model))  # lists every layer, so that all of them have to change
    model.set_plan(plan(second))
    assert contents(model) == contents(made(second))
    bars = [model.bar(node, column) for node in nodes(model) for column in Column]
    other = made(second)
    assert bars == [other.bar(node, column) for node in nodes(other) for column in Column]


@pytest.mark.parametrize(
    "changes", [{"classes": 3}, {"shortcut": "C"}, {"order": "full_preact"}, {"se_ratio": 16}, {"widths": (8, 8)}]
)
def test_an_edit_that_keeps_the_blocks_keeps_the_rows(changes: dict[str, object], qtmodeltester: ModelTester) -> None:
    base = evolve(
        PRESETS["resnet18"].spec, blocks=(1, 1), widths=(64, 128)
    )  # Qt's tester asks every row of every level
    model = made(base)
    qtmodeltester.check(model)
    list(nodes(model))
    reset: list[bool] = []
    model.modelReset.connect(lambda: reset.append(True))
    kept = [node for node in nodes(model) if node.level < 2]
    model.set_plan(plan(evolve(base, **changes)))
    assert reset == []
    assert [node for node in nodes(model) if node.level < 2] == kept
    model.set_plan(plan(evolve(base, blocks=(1, 2))))
    assert reset == [True]


def test_what_is_open_chosen_and_scrolled_stays_through_edits_presets_and_undo(
    page: DesignPage, session: Session
) -> None:
    page.choose_preset(PRESETS["resnet50"])
    table, model = page.table, page.table.model
    page.network.view.choose("layer3.4.conv2")
    table.choose_path("layer3.4.conv2")
    bar = table.tree.verticalScrollBar()
    place = bar.value()
    session.edit("change classes", classes=10)
    assert (table.tree.isExpanded(model.find("layer3.4")), bar.value()) == (True, place)
    page.choose_preset(PRESETS["resnet101"])
    QApplication.processEvents()
    chosen = model.node(table.tree.currentIndex())
    assert chosen is not None
    assert chosen.path == "layer3.4.conv2"
    assert table.tree.isExpanded(model.find("layer3.4"))
    page.choose_preset(PRESETS["resnet18"])
    session.undo.undo()
    assert table.tree.isExpanded(model.find("layer3.4"))
    assert not table.tree.isExpanded(model.find("layer3.5"))


def test_folded_stages_stay_folded(page: DesignPage, session: Session) -> None:
    page.choose_preset(PRESETS["resnet50"])
    page.table.tree.setExpanded(page.table.model.find("layer2"), False)
    page.choose_preset(PRESETS["resnet101"])
    assert not page.table.tree.isExpanded(page.table.model.find("layer2"))
    assert page.table.tree.isExpanded(page.table.model.find("layer1"))


# ---- sorting


@pytest.mark.parametrize(
    "column", [Column.PARAMS, Column.MACS, Column.MEMORY, Column.FIELD, Column.OUTPUT, Column.KIND]
)
def test_three_clicks_on_a_title_sort_down_up_and_back(page: DesignPage, column: Column) -> None:
    page.choose_preset(PRESETS["resnet50"])
    model, head = page.table.model, page.table.tree.header()
    before = contents(model)

    def order() -> list[float | str]:
        stage = next(node for node in model.top_nodes() if node.path == "layer2")
        block = model.children_of(stage)[0]
        return [value(node.data, column) for node in model.children_of(block)]

    head.sectionClicked.emit(column)
    first = order()
    head.sectionClicked.emit(column)
    second = order()
    if column >= Column.GROUPS:
        assert first == sorted(first, reverse=True)
        assert second == sorted(second)
    assert sorted(contents(model)) == sorted(before)
    page.grab()
    head.sectionClicked.emit(column)
    assert contents(model) == before


def test_names_sort_by_their_numbers(page: DesignPage) -> None:
    page.choose_preset(PRESETS["resnet110"])
    model = page.table.model
    model.set_sorting((Column.NAME, False))
    stage = next(node for node in model.top_nodes() if node.path == "layer1")
    assert [node.path for node in model.children_of(stage)] == [f"layer1.{number}" for number in range(18)]


def test_sorting_and_filter_go_together_and_the_model_stays_sound(qtmodeltester: ModelTester) -> None:
    model = made(evolve(BASE, blocks=(1, 2, 1, 1)))
    qtmodeltester.check(model)
    model.set_sorting((Column.PARAMS, True))
    model.set_filter("conv")
    model.set_plan(plan(PRESETS["resnet18"].spec))
    for node in nodes(model):
        if node.shown:
            costs = [child.cost.params for child in node.shown]
            assert costs == sorted(costs, reverse=True)
    model.set_sorting(None)
    model.set_filter("")
    assert contents(model) == contents(made(PRESETS["resnet18"].spec))


# ---- columns, names, copies


def test_columns_are_chosen_from_the_menu_and_the_name_takes_what_is_left(page: DesignPage) -> None:
    table = page.table
    assert set(table.tree.shown_columns()) == set(Column) - OPTIONAL
    for column, action in table.column_actions.items():
        action.setChecked(column == Column.PARAMS)
    assert table.tree.shown_columns() == [Column.NAME, Column.PARAMS]
    head = table.tree.header()
    assert head.sectionSize(Column.NAME) + head.sectionSize(Column.PARAMS) == table.tree.viewport().width()
    for action in table.column_actions.values():
        action.setChecked(True)
    assert table.tree.shown_columns() == list(Column)
    QApplication.processEvents()
    assert table.tree.horizontalScrollBar().maximum() > 0
    table.tree.horizontalScrollBar().setValue(60)
    page.grab()


def test_pytorchs_names_are_those_of_named_modules(page: DesignPage) -> None:
    page.choose_preset(PRESETS["resnet18"])
    page.table.naming.chosen.emit("torch")
    model = page.table.model
    index = model.find("layer2.0")
    assert index.data() == "layer2.0"
    names = [model.index(row, 0, index).data() for row in range(model.rowCount(index))]
    assert names == ["conv1", "bn1", "relu1", "conv2", "bn2", "downsample.0", "downsample.1", "add", "relu2"]
    page.table.naming.chosen.emit("paper")
    assert model.find("layer2.0").data() == "conv3_1"


def test_rows_are_copied_with_the_columns_on_show_as_text_and_as_markdown(page: DesignPage, qtbot: QtBot) -> None:
    page.choose_preset(PRESETS["resnet18"])
    table = page.table
    table.choose_path("layer1.1")
    qtbot.keyClick(table.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QApplication.clipboard().text().split("\n")
    shown = table.tree.shown_columns()
    assert lines[0].split("\t") == [exact_heads()[column] for column in shown]
    assert lines[1].split("\t")[:4] == ["conv2_2", "Basic", "64×56×56", ""]
    markdown = table.tree.selected_text(markdown=True).split("\n")
    assert markdown[1].count("---") == len(shown)
    assert markdown[2].startswith("| conv2_2 | Basic |")


def test_the_menu_copies_everything_and_unfolds_and_folds(page: DesignPage) -> None:
    page.choose_preset(PRESETS["resnet18"])
    table = page.table
    menu = table.make_menu()
    actions = {re.sub(r"\t.*", "", action.text()): action for action in menu.actions()}
    assert not actions["Copy rows"].isEnabled()
    actions["Unfold everything"].trigger()
    actions["Copy the whole table"].trigger()
    assert len(QApplication.clipboard().text().split("\n")) == 1 + len(list(nodes(table.model)))
    assert not table.tree.selectionModel().hasSelection()
    actions["Fold everything"].trigger()
    assert not table.tree.isExpanded(table.model.find("layer1"))
    menu.deleteLater()


def test_what_the_menu_unfolds_or_folds_stays_so_when_a_block_is_added(page: DesignPage, session: Session) -> None:
    page.choose_preset(PRESETS["resnet18"])
    table, model = page.table, page.table.model
    actions = {action.text(): action for action in table.make_menu().actions()}

    def opened(*paths: str) -> list[bool]:
        return [table.tree.isExpanded(model.find(path)) for path in paths]

    actions["Unfold everything"].trigger()
    table.open_path("layer2.1", opened=False)
    session.edit("add a block", blocks=(2, 2, 3, 2))
    assert opened("layer1", "layer1.0", "layer3.1", "layer4.1") == [True] * 4
    assert opened("layer2.1", "layer3.2") == [False, False]
    actions["Fold everything"].trigger()
    session.edit("add a block", blocks=(2, 2, 4, 2))
    assert opened("layer1", "layer3", "layer3.1") == [False] * 3


def test_a_click_on_a_shape_opens_its_arithmetic_and_one_on_a_name_does_not(page: DesignPage, qtbot: QtBot) -> None:
    page.choose_preset(PRESETS["resnet18"])
    table, model = page.table, page.table.model
    table.tree.setExpanded(model.find("layer1.0"), True)
    QApplication.processEvents()

    def click(column: Column) -> None:
        index = model.find("layer1.0.conv1").siblingAtColumn(column)
        table.tree.scrollTo(index)
        place = table.tree.visualRect(index).center()
        qtbot.mouseMove(table.tree.viewport(), place)
        qtbot.mouseClick(table.tree.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))

    click(Column.KIND)
    assert not page.calculator.isVisible()
    click(Column.OUTPUT)
    assert (page.calculator.isVisible(), page.calculator.path) == (True, "layer1.0.conv1")
    click(Column.FIELD)
    assert page.calculator.tabs.key == "field"
    steps = page.calculator.steps
    for column, names in (
        (Column.MACS, ["MACs"]), (Column.PARAMS, ["parameters"]), (Column.OUTPUT, ["size", "channels"]),
    ):  # fmt: skip
        click(column)
        assert (page.calculator.path, page.calculator.tabs.key) == ("layer1.0.conv1", "shape")
        assert [steps.shown()[number].name for number in steps.answer] == names
    table.shape_clicked.emit("layer1.0", Column.PARAMS, QRect())
    assert (page.calculator.path, page.calculator.tabs.key) == ("layer1.0", "params")
    page.calculator.dismiss()
    table.tree.setCurrentIndex(model.find("layer2"))
    qtbot.keyClick(table.tree, Qt.Key.Key_Equal)
    assert page.calculator.path == "layer2.1.relu2"


@pytest.mark.parametrize("wide", [650, 1500])
def test_the_names_take_what_they_need_and_the_bars_the_rest(page: DesignPage, wide: int) -> None:
    table = page.table
    table.tree.resize(wide, 300)
    sizes = {column: table.tree.header().sectionSize(column) for column in table.tree.shown_columns()}
    assert sizes[Column.NAME] <= NAME_MOST + 2
    assert sum(sizes.values()) == table.tree.viewport().width()
    assert (sizes[Column.PARAMS] > WIDTHS[Column.PARAMS]) == (wide > 1000)
    assert sizes[Column.KIND] == WIDTHS[Column.KIND]


def test_the_row_of_a_shortcut_that_is_pointed_at_is_lit_or_that_of_its_folded_stage(page: DesignPage) -> None:
    page.choose_preset(PRESETS["resnet18"])
    tree = page.table.tree
    before = tree.grab().toImage()
    page.network.view.shortcut_pointed.emit("layer2.1")
    assert tree._lit == "layer2.1"
    assert tree.grab().toImage() != before
    tree.setExpanded(page.table.model.find("layer2"), False)
    page.network.view.shortcut_pointed.emit("")
    page.network.view.shortcut_pointed.emit("layer2.1")
    assert tree._lit == "layer2"
    page.network.view.shortcut_pointed.emit("")
    assert tree._lit == ""


def test_rows_of_layers_hold_what_the_plan_says() -> None:
    planned = plan(BASE)
    expected = {row.path: row for row in rows(planned)}
    found: dict[str, RowData] = {}
    for top, blocks in top_rows(planned):
        for group in [top, *blocks]:
            found |= {row.path: row for row in layer_rows(group)}
    assert set(found) == set(expected)
    for path, row in found.items():
        assert (row.cost, row.field, row.layer) == (expected[path].cost, expected[path].field, expected[path].layer)


@pytest.mark.parametrize("name", ["resnet18", "resnet152", "resnet1001", "resnext101_64x4d", "wrn_28_10", "plain34",
                                  "preact_resnet200", "seresnet50", "resnet110_exclusive_gating"])  # fmt: skip
def test_no_cell_of_a_published_network_is_cut_in_the_usual_columns(name: str) -> None:
    model = made(PRESETS[name].spec)

    def check(nodes: list[Node]) -> None:
        for node in nodes:
            for column, text in zip(list(Column)[1:], node.texts(), strict=True):
                room = WIDTHS[column] - (4 if column < Column.GROUPS else 8)
                assert ink(text).width <= room, (column, text)
            if node.level < 2:
                check(model.children_of(node))

    check(model.top_nodes())


def test_large_shapes_stay_in_their_cells(page: DesignPage, session: Session) -> None:
    session.edit("huge", widths=(8192,) * 4, input=(1024, 4096, 4096))
    page.table.grab()
    node = page.table.model.node(page.table.model.find("layer4"))
    assert node is not None
    assert "8192×128×128" in node.texts()
