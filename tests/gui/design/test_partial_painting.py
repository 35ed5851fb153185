"""What an edit paints: only what looks different, and then the page looks as if all of it had been painted."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.design.table.node import Node
from resnet_gui.gui.design.table.row_painter import Columns, RowLook
from resnet_gui.gui.session import Session
from tests.gui.painted import on_screen, painted_anew, same
from tests.waiting import PATIENCE_MS

EDITS: list[dict[str, object]] = [
    {"classes": 10}, {"conv_bias": True}, {"shortcut": "C"}, {"order": "full_preact"}, {"se_ratio": 16},
    {"widths": (64, 128, 256, 640)}, {"stem": "cifar"}, {"blocks": (3, 4, 7, 3)}, {"block": "basic"},
    {"shortcut": "none"}, {"hidden": (64,)}, {"input": (3, 64, 64)},
]  # fmt: skip


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


@pytest.mark.parametrize("state", ["plain", "unfolded", "coloured", "filtered"])
def test_after_any_edit_the_screen_shows_what_painting_everything_would(
    page: DesignPage, session: Session, qtbot: QtBot, state: str
) -> None:
    page.resize(1380, 828)
    page.show()
    qtbot.waitUntil(lambda: page._form is not None, timeout=PATIENCE_MS)
    page.choose_preset(PRESETS["resnet50"])
    if state == "unfolded":
        page.network.view.choose("layer2.0")
        page.table.choose_path("layer2.0")
    elif state == "coloured":
        page.network.set_colouring("macs")
    elif state == "filtered":
        page.table.model.set_filter("3x3")
    views = page.table.tree.viewport(), page.network.view.viewport()
    for edit in EDITS:
        session.edit("edit", **edit)
        settle()
        for view in views:
            assert same(on_screen(view), painted_anew(view)), (edit, type(view.parent()).__name__)


def test_an_edit_while_a_shortcut_is_pointed_at_takes_its_light_out_of_diagram_and_table(
    page: DesignPage, session: Session
) -> None:
    page.choose_preset(PRESETS["resnet50"])
    view, tree = page.network.view, page.table.tree
    arc = view.diagram.shortcut_lines()[1].path.boundingRect()
    view._light(view.diagram.shortcut_at(QPointF(arc.center().x(), arc.top())))
    settle()
    assert view._lit
    assert tree._lit
    session.edit("edit", classes=77)
    settle()
    assert (view._lit, tree._lit) == ("", "")
    for each in (tree.viewport(), view.viewport()):
        assert same(on_screen(each), painted_anew(each)), type(each.parent()).__name__


def test_the_frames_of_the_keyboard_are_painted_and_leave_nothing_behind(page: DesignPage, qtbot: QtBot) -> None:
    view, tree = page.network.view, page.table.tree
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow, timeout=PATIENCE_MS)
    tree.setFocus()
    tree.setCurrentIndex(page.table.model.index(1, 0))
    settle()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        QTest.keyClick(tree, key)
        settle()
        assert tree.hasFocus()
        assert tree.currentIndex().isValid()
        assert same(on_screen(tree.viewport()), painted_anew(tree.viewport())), key
    view.choose("layer1.0")
    for part in (view, tree):
        part.setFocus()
        settle()
        assert view.hasFocus() == (part is view)
        assert same(on_screen(view.viewport()), painted_anew(view.viewport())), type(part).__name__


@pytest.mark.parametrize("scrolled", [0, 150])
def test_after_another_preset_the_table_shows_what_painting_everything_would(
    page: DesignPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, scrolled: int
) -> None:
    page.resize(1380, 828)
    page.show()
    qtbot.waitUntil(lambda: page._form is not None, timeout=PATIENCE_MS)
    tree = page.table.tree
    for name in ("resnet50", "resnet101", "resnet18", "resnet110", "digits-resnet", "resnet1202", "resnet34"):
        page.choose_preset(PRESETS[name])
        settle()
        tree.verticalScrollBar().setValue(scrolled)
        settle()
        assert same(on_screen(tree.viewport()), painted_anew(tree.viewport())), name
        tree.setExpanded(page.table.model.find("layer2"), name == "resnet18")
        tree.setExpanded(page.table.model.find("layer1.0"), name != "resnet18")
        page.table.choose_path("layer1.1" if name == "resnet18" else "")
        page.choose_preset(PRESETS["resnet50"])
        settle()
        assert same(on_screen(tree.viewport()), painted_anew(tree.viewport())), f"back from {name}"
    tree.verticalScrollBar().setValue(0)
    page.table.choose_path("")
    settle()
    cells: list[int] = []
    draw = tree._rows._draw_cells

    def counted(painter: QPainter, node: Node, box: QRect, look: RowLook, exposed: Columns) -> None:
        cells.append(len(exposed))
        draw(painter, node, box, look, exposed)

    monkeypatch.setattr(tree._rows, "_draw_cells", counted)
    page.choose_preset(PRESETS["resnet101"])
    settle()
    rows, columns = tree.viewport().height() // 24, len(tree.shown_columns()) - 1
    assert 0 < sum(cells) < rows * columns / 2  # not all cells, though the model was reset
