"""The filter of the layer table: what it finds, what it sums, and what it leaves as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from resnet_gui.analysis.costs import Cost, rows
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.design.table.filter import FilterMatches
from resnet_gui.gui.design.table.model import LayerModel
from resnet_gui.gui.design.table.rows import Column
from resnet_gui.gui.session import Session
from tests.conftest import examples
from tests.designs import designs
from tests.gui.design.layer_models import contents, made, nodes
from tests.waiting import PATIENCE_MS

BASE = PRESETS["resnet50"].spec


def sums(model: LayerModel) -> FilterMatches | None:
    return model.found


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
