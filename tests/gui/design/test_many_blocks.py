"""A design of ten thousand blocks in the window: what it costs does not depend on how many rows nobody sees."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.analysis.costs import rows, totals
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.design.table import unfolding
from resnet_gui.gui.design.table.rows import BlockRows, Column, RowData
from resnet_gui.gui.session import Session
from tests.waiting import PATIENCE_MS

ONE_PAGE = True
BLOCKS = (3333, 3334, 3333)
SCREENFULS = 400
"""Rows of ten screens."""

MANY = Design(name="Many blocks", spec=evolve(PRESETS["resnet20"].spec, blocks=BLOCKS))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows of blocks that were made, by their numbers."""
    numbers: list[int] = []
    make = BlockRows.__getitem__

    def counted(blocks: BlockRows, place: int) -> RowData:
        numbers.append(place)
        return make(blocks, place)

    monkeypatch.setattr(BlockRows, "__getitem__", counted)
    return numbers


def test_a_design_of_ten_thousand_blocks_is_drawn_scrolled_and_edited(
    page: DesignPage, session: Session, made: list[int]
) -> None:
    session.open_design(MANY)
    QApplication.processEvents()
    model, tree, diagram = page.table.model, page.table.tree, page.network.view.diagram
    assert sum(max(card.more, 1) for card in diagram.cards) == sum(BLOCKS)
    assert page.headline.cards["Depth"].number() == "20002"
    bar = tree.verticalScrollBar()
    bar.setValue(bar.maximum())
    QApplication.processEvents()
    shown = [model.node(tree.indexAt(QPoint(4, y))) for y in range(4, tree.viewport().height(), 24)]
    assert shown[-1] is not None
    assert shown[-1].path == ""  # the head
    assert {node.path for node in shown if node is not None} >= {"layer3.3332", "layer3.3331"}
    kept = model.find("layer3.3332")
    made.clear()
    reset: list[bool] = []
    model.modelReset.connect(lambda: reset.append(True))
    session.edit("bias", conv_bias=True)
    QApplication.processEvents()
    assert reset == []
    assert len(made) < SCREENFULS
    node = model.node(model.find("layer3.3332"))
    assert node is not None
    assert node is model.node(kept)
    last = plan(session.spec).stages[2].blocks[-1]
    assert node.group == last
    assert session.totals == totals(plan(session.spec))
    assert session.totals.cost.params == sum(row.cost.params for row in rows(session.plan))


def test_one_of_ten_thousand_blocks_is_found_chosen_and_unfolded(page: DesignPage, session: Session) -> None:
    session.open_design(MANY)
    page.network.view.choose("layer2.1700.conv2")
    page.table.choose_path("layer2.1700.conv2")
    QApplication.processEvents()
    assert page.network.view.unfolded
    node = page.table.model.node(page.table.tree.currentIndex())
    assert node is not None
    expected = next(row for row in rows(session.plan) if row.path == node.path == "layer2.1700.conv2")
    assert (node.cost, node.data.field) == (expected.cost, expected.field)


def test_a_filter_of_ten_thousand_blocks_looks_at_equal_ones_once(
    page: DesignPage, session: Session, made: list[int]
) -> None:
    session.open_design(MANY)
    model = page.table.model
    model.set_filter("bn1 64x8x8")
    QApplication.processEvents()
    assert model.found is not None
    assert model.found.layers == BLOCKS[2]
    assert len(made) < SCREENFULS
    model.set_filter("3_1701")
    assert model.found is not None
    assert [node.path for node in model.children_of(model.top_nodes()[0])] == ["layer2.1700"]
    model.set_filter("")
    model.set_sorting((Column.FIELD, True))
    stage = next(node for node in model.top_nodes() if node.path == "layer1")
    assert model.children_of(stage)[0].path == "layer1.3332"
    model.set_sorting(None)


@pytest.mark.parametrize("way", ["filter", "menu"])
def test_many_blocks_are_unfolded_in_slices_those_in_view_first(
    page: DesignPage, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(unfolding, "AT_ONCE", 20)
    monkeypatch.setattr(unfolding, "SLICE_SECONDS", 0.0)
    session.open_design(Design(name="Many", spec=evolve(PRESETS["resnet20"].spec, blocks=(40, 40, 40))))
    table = page.table
    model, tree = table.model, table.tree
    QApplication.processEvents()
    tree.verticalScrollBar().setValue(60 * 24)
    seen = tree.indexAt(QPoint(4, 4))
    place = tree.visualRect(seen).top()
    if way == "filter":
        model.set_filter("3x3")
        seen = model.find("layer1.0")
    else:
        table.make_menu().actions()[-2].trigger()
        assert tree.isExpanded(tree.indexAt(QPoint(4, 40)))
        assert not tree.isExpanded(model.find("layer3.30"))
    assert table.unfolding.going
    qtbot.waitUntil(lambda: not table.unfolding.going, timeout=PATIENCE_MS)
    for stage in model.top_nodes():
        if stage.rows:
            assert all(tree.isExpanded(model.index_of(node)) for node in model.children_of(stage))
    if way == "menu":
        assert tree.visualRect(seen).top() == place  # though all above it has grown
    # What a filter unfolds is nobody's choice: without it all blocks are folded as before, or unfolded by the menu.
    model.set_filter("")
    model.set_filter("conv")
    model.set_filter("")
    qtbot.waitUntil(lambda: not table.unfolding.going, timeout=PATIENCE_MS)
    for _ in range(3):
        QApplication.processEvents()
    for path in ("layer1.0", "layer3.39"):
        assert tree.isExpanded(model.find(path)) == (way == "menu")
