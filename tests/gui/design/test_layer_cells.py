"""What a cell of the layer table tells: that it can be clicked, its tooltip, its indent, its figure."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.design.table.row_painter import layer_indent
from resnet_gui.gui.design.table.rows import Column, mebibytes
from tests.gui.design.layer_models import made

BASE = PRESETS["resnet50"].spec


def test_a_cell_that_opens_its_arithmetic_shows_so_under_the_pointer(page: DesignPage, qtbot: QtBot) -> None:
    page.choose_preset(PRESETS["resnet18"])
    tree, model = page.table.tree, page.table.model
    port, row = tree.viewport(), model.find("layer1.0")
    tree.scrollTo(row)
    cells = {column: tree.visualRect(row.siblingAtColumn(column)) for column in Column}

    def point_at(column: Column) -> Qt.CursorShape:
        qtbot.mouseMove(port, cells[column].center())
        QApplication.processEvents()
        return port.cursor().shape()

    def has_dots(column: Column) -> bool:
        """Whether the line below the text changes its colour many times, which neither ground nor bar does."""
        box, image = cells[column], port.grab().toImage()
        line = [image.pixel(x, box.top() + 18) for x in range(box.left(), box.right())]
        return sum(one != other for one, other in pairwise(line)) > 10

    for column in (Column.OUTPUT, Column.PARAMS, Column.MACS, Column.FIELD):
        assert point_at(column) == Qt.CursorShape.PointingHandCursor, column
        assert has_dots(column), column
    for column in (Column.NAME, Column.MEMORY):
        assert point_at(column) == Qt.CursorShape.ArrowCursor, column
    assert not has_dots(Column.MEMORY)
    qtbot.mouseMove(port, QPoint(cells[Column.PARAMS].center().x(), cells[Column.PARAMS].bottom() + 30))
    QApplication.processEvents()
    assert not has_dots(Column.PARAMS), "the pointer is over another row"


def test_the_tooltip_of_a_cell_has_the_exact_numbers() -> None:
    model = made(BASE)
    row = model.find("layer2")
    node = model.node(row)
    assert node is not None
    cost = node.data.cost
    for column in Column:
        lines = str(model.data(row.siblingAtColumn(column), Qt.ItemDataRole.ToolTipRole)).splitlines()
        assert lines[1] == f"{cost.params:,} parameters, {cost.macs:,} MACs, {cost.memory:,} bytes"
        assert lines[2] == f"receptive field {node.data.field.size:,} px"
    assert f"{cost.macs:,}" not in node.texts(), "the cell itself rounds"


@pytest.mark.parametrize("naming", ["paper", "torch"])
def test_a_layer_is_indented_under_its_block_as_a_block_is_under_its_stage(page: DesignPage, naming: str) -> None:
    page.choose_preset(PRESETS["resnet50"])
    table = page.table
    table.set_naming("torch" if naming == "torch" else "paper")
    table.open_path("layer2.0", opened=True)
    QApplication.processEvents()
    image, begins = table.tree.viewport().grab().toImage(), []
    for path in ("layer2", "layer2.0", "layer2.0.conv1"):
        box = table.tree.visualRect(table.model.find(path))
        level = path.count(".")
        ground = image.pixelColor(box.left() + 2, box.top() + 3)
        # Behind arrow and swatch, where the name begins at the earliest.
        first = 14 * level + (31 if level == 0 else 20)
        places = range(first, box.width())
        rows = range(box.top() + 4, box.bottom() - 4)
        begins.append(next(x for x in places if any(image.pixelColor(x, y) != ground for y in rows)))
    assert 11 <= begins[2] - begins[1] <= 16
    assert [layer_indent(wide) for wide in (108, 126, 220)] == [40, 42, 47]


def test_memory_that_two_decimals_would_write_as_nothing_is_said_to_be_less() -> None:
    assert [mebibytes(size) for size in (0, 40, 5_242, 5_243, 2**20)] == ["0.00", "<0.01", "<0.01", "0.01", "1.00"]
