"""The layer table: filter, sorting, columns, names, copies, and rows that stay while what they show changes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from resnet_gui.analysis.costs import Cost, rows
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.design.table.model import FilterMatches, LayerModel, Node
from resnet_gui.gui.design.table.rows import OPTIONAL, TITLES, Column, RowData, layer_rows, top_rows, value
from resnet_gui.gui.design.table.tree import WIDTHS
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.session import Session
from tests.conftest import examples
from tests.designs import designs
from tests.waiting import PATIENCE_MS

BASE = PRESETS["resnet50"].spec


def nodes(model: LayerModel, parent: QModelIndex | None = None) -> Iterator[Node]:
    """Every row on show, from top to bottom."""
    parent = parent or QModelIndex()
    for number in range(model.rowCount(parent)):
        index = model.index(number, 0, parent)
        node = model.node(index)
        assert node is not None
        yield node
        yield from nodes(model, index)


def made(spec: ResNetSpec) -> LayerModel:
    model = LayerModel()
    model.set_plan(plan(spec))
    return model


def sums(model: LayerModel) -> FilterMatches | None:
    return model.found


def contents(model: LayerModel) -> list[tuple[str, ...]]:
    return [(node.name("paper"), node.path, *node.texts()) for node in nodes(model)]


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


# ---- filter


def kinds(model: LayerModel) -> set[str]:
    return {node.kind for node in nodes(model) if node.level == 2}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bn", lambda row: row.layer.kind == "bn"),
        ("3x3", lambda row: row.layer.kernel == 3 or "3×3" in "×".join(map(str, row.layer.output))),
        ("3×3 conv", lambda row: row.layer.kernel == 3 and row.layer.kind == "conv"),
        ("28x28", lambda row: row.layer.output[1:] == (28, 28)),
        ("512 x 28 X 28", lambda row: row.layer.output == (512, 28, 28)),
        ("max pool", lambda row: row.layer.kind == "max_pool"),
        ("MAX-POOL", lambda row: row.layer.kind == "max_pool"),
        ("downsample", lambda row: "downsample" in row.path),
        ("shortcut", lambda row: row.layer.branch == "shortcut"),
        ("add", lambda row: row.layer.kind == "add"),
        ("layer3.0", lambda row: row.path.startswith("layer3.0.")),
        ("conv3_1", lambda row: row.path.startswith("layer2.0.")),
    ],
)
def test_the_filter_leaves_the_layers_that_match_and_sums_them(text: str, found: object) -> None:
    model = made(BASE)
    model.set_filter(text)
    expected = [row for row in rows(plan(BASE)) if found(row)]  # type: ignore[operator]
    assert expected
    shown = [node for node in nodes(model) if node.level == 2]
    assert [node.path for node in shown] == [row.path for row in expected]
    assert model.found is not None
    assert model.found.layers == len(expected)
    assert model.found.cost == sum((row.cost for row in expected), Cost())
    for node in shown:
        assert node.parent is not None
        assert node.parent in list(nodes(model))
    model.set_filter("")
    assert sums(model) is None
    assert contents(model) == contents(made(BASE))


@given(spec=designs())
@examples(12)
def test_a_filtered_model_shows_another_plan_as_a_new_filtered_one_does(spec: ResNetSpec) -> None:
    model, other = made(BASE), made(spec)
    model.set_filter("conv")
    model.set_plan(plan(spec))
    other.set_filter("conv")
    assert contents(model) == contents(other)
    assert kinds(model) <= {"Conv", "Sigmoid", "Scale", "Multiply", "Dropout", "BN", "GroupNorm", *kinds(made(spec))}


@pytest.mark.parametrize("text", ["", " ", "x", "×", "...", "(", "\\", "3 x", "28 x 28 x 28 x", "ß" * 200, "\0"])
def test_no_filter_breaks_the_table(text: str, qtmodeltester: ModelTester) -> None:
    model = made(evolve(PRESETS["resnet20"].spec, blocks=(1, 1, 1)))
    model.set_filter(text)
    qtmodeltester.check(model)
    list(nodes(model))


def test_typing_a_filter_unfolds_the_hits_and_the_total_row_sums_them(
    page: DesignPage, session: Session, qtbot: QtBot
) -> None:
    page.choose_preset(PRESETS["resnet50"])
    table = page.table
    table.tree.setExpanded(table.model.find("layer1"), False)
    qtbot.keyClicks(table.filter, "7x7")
    qtbot.waitUntil(lambda: table.model.filtered, timeout=PATIENCE_MS)
    assert table.tree.isExpanded(table.model.index(0, 0))
    assert "of 175 layers" in table.total.rows_text()
    assert table.total.texts()[Column.PARAMS] != "25,557,032"
    table.filter.clear()
    qtbot.keyClick(table.filter, Qt.Key.Key_Return)
    assert not table.model.filtered
    assert table.total.texts()[Column.PARAMS] == "25,557,032"
    assert not table.tree.isExpanded(table.model.find("layer1"))
    assert table.tree.isExpanded(table.model.find("layer2"))


def test_a_filter_that_finds_nothing_leaves_an_empty_table_and_a_total_of_nothing(page: DesignPage) -> None:
    page.table.filter.setText("transformer")
    page.table._sift()
    assert page.table.model.rowCount() == 0
    assert page.table.total.rows_text().startswith("0 of ")
    page.grab()


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
    assert lines[0].split("\t") == [TITLES[column] for column in shown]
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
    page.calculator.dismiss()
    table.tree.setCurrentIndex(model.find("layer2"))
    qtbot.keyClick(table.tree, Qt.Key.Key_Equal)
    assert page.calculator.path == "layer2.1.relu2"


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


def test_the_filter_takes_the_words_of_stage_and_block_for_their_layers(page: DesignPage) -> None:
    page.choose_preset(PRESETS["resnet50"])
    model = page.table.model

    def found(text: str) -> int:
        model.set_filter(text)
        return model.found.layers if model.found is not None else 0

    everything = found("conv3_x")
    assert everything == 42
    assert found("conv3_x 3x3 conv") == 4
    assert found("layer2 bn") == found("conv3_x bn") == 13
    assert found("bottleneck") == found("conv2_x") + found("conv3_x") + found("conv4_x") + found("conv5_x")
    assert found("basic") == 0
    assert found("conv3_x max") == 0
    assert found("3_1") == found("conv3_1") == 12
    assert found("3_1 bn") == 4


def test_large_shapes_stay_in_their_cells(page: DesignPage, session: Session) -> None:
    session.edit("huge", widths=(8192,) * 4, input=(1024, 4096, 4096))
    page.table.grab()
    node = page.table.model.node(page.table.model.find("layer4"))
    assert node is not None
    assert "8192×128×128" in node.texts()
