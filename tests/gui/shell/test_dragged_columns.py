"""Columns that were dragged are kept, in every table by the same means, and Reset layout takes it back."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QHeaderView, QTableWidget
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.compare.difference_model import DifferenceRow
from resnet_gui.gui.compare.page import ComparePage
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.design.table.rows import Column
from resnet_gui.gui.evaluate.classes.model import RECALL
from resnet_gui.gui.evaluate.page import EvaluatePage
from resnet_gui.gui.kit.window.dragged_columns import LEAST, DraggedColumns
from resnet_gui.gui.settings import Settings, load_settings
from resnet_gui.gui.shell.application import Application
from tests.gui.driving import Opener, predict_page

SECOND = 3
"""Predict's column of the second class."""


def headers(window: Application) -> dict[str, tuple[QHeaderView, int]]:
    """A column of each table beside the layer table's, by its name in the settings."""
    compare, evaluate = window.page("compare"), window.page("evaluate")
    assert isinstance(compare, ComparePage)
    assert isinstance(evaluate, EvaluatePage)
    return {
        "difference.params": (compare.blocks.table.horizontalHeader(), DifferenceRow.PARAMS),
        "pictures.second": (predict_page(window).table.table.horizontalHeader(), SECOND),
        "classes.recall": (evaluate.classes.table.horizontalHeader(), RECALL),
    }


def test_what_was_dragged_is_there_after_a_restart_and_as_at_first_after_reset_layout(open_window: Opener) -> None:
    window = open_window(engine=False)
    for page in ("compare", "predict", "evaluate"):
        window.show_page(page)
    QApplication.processEvents()
    tables = headers(window)
    usual = {name: head.sectionSize(column) for name, (head, column) in tables.items()}
    for head, column in tables.values():
        head.resizeSection(column, head.sectionSize(column) + 17)
    dragged = {name: width + 17 for name, width in usual.items()}
    assert {name: head.sectionSize(column) for name, (head, column) in tables.items()} == dragged
    window.memory.reset_layout()
    assert {name: head.sectionSize(column) for name, (head, column) in tables.items()} == usual
    (toast,) = window.window.toasts.toasts
    toast.buttons[0].click()
    window.window.close()
    assert load_settings().column_widths == dragged
    again = open_window(load_settings(), engine=False)
    for page in ("compare", "predict", "evaluate"):
        again.show_page(page)
    QApplication.processEvents()
    assert {name: head.sectionSize(column) for name, (head, column) in headers(again).items()} == dragged


def test_what_qt_and_the_table_do_to_columns_is_nothing_that_was_dragged(open_window: Opener) -> None:
    window = open_window(Settings(pins=[PRESETS["resnet34"].design, PRESETS["resnet50"].design]), engine=False)
    window.show_page("compare")
    compare = window.page("compare")
    assert isinstance(compare, ComparePage)
    compare.views.set_key("blocks")
    compare.views.chosen.emit("blocks")
    for width in (1380, 1000, 1200, 1700):
        window.window.resize(width, 700)
        QApplication.processEvents()
    window.show_page("predict")
    window.show_page("evaluate")
    window.memory.collect()
    assert window.settings.column_widths == {}


def test_a_column_is_never_narrower_than_can_be_taken_hold_of_and_one_without_a_name_takes_the_rest(
    qtbot: QtBot,
) -> None:
    table = QTableWidget(1, 3)
    qtbot.addWidget(table)
    head = table.horizontalHeader()

    def fit() -> None:
        with dragged.fitting():
            for column in (0, 1):
                head.resizeSection(column, dragged.width(column, 60))
            head.resizeSection(2, 300 - head.sectionSize(0) - head.sectionSize(1))

    dragged = DraggedColumns(head, fit, ["one", "two", ""].__getitem__, table="table")
    dragged.restore({"table.one": 3, "other.two": 90, "two": 90})
    assert [head.sectionSize(column) for column in range(3)] == [LEAST, 60, 212]
    head.resizeSection(1, 80)
    head.resizeSection(2, 500)
    assert [head.sectionSize(column) for column in range(3)] == [LEAST, 80, 192]
    assert dragged.kept({"other.two": 90, "kind": 70}) == {
        "other.two": 90, "kind": 70, "table.one": LEAST, "table.two": 80,
    }  # fmt: skip


def test_a_column_that_also_gets_a_share_is_as_wide_as_it_is_dragged(open_window: Opener) -> None:
    window = open_window(engine=False)
    window.window.resize(1900, 900)
    window.show_page("design")
    page = window.page("design")
    assert isinstance(page, DesignPage)
    tree = page.table.tree
    tree.show_columns({Column.PARAMS, Column.KIND, Column.OUTPUT})
    QApplication.processEvents()
    head, shares = tree.header(), tree.shares
    usual = head.sectionSize(Column.PARAMS)
    for moved in (4, 25, 40, -30):
        head.resizeSection(Column.PARAMS, usual + moved)
        assert head.sectionSize(Column.PARAMS) == usual + moved
        assert shares.dragged.kept({}) == {"params": usual + moved}
    shares.dragged.restore({})
    assert head.sectionSize(Column.PARAMS) == usual
