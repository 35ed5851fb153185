"""Designs are chosen several at a time, and moved; two of them are drawn block under block."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.analysis.comparison import align
from resnet_gui.design.location import Location
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.common.preset_combo import NAME
from resnet_gui.gui.common.shortcut_dashes import DASHES
from resnet_gui.gui.compare.aligned_blocks import RISE, AlignedBlocks, ShortcutArc, aligned
from resnet_gui.gui.compare.difference_model import DifferenceRow
from resnet_gui.gui.compare.gallery import SETS, DesignSet
from resnet_gui.gui.compare.page import ComparePage
from resnet_gui.gui.compare.preset_checklist import PresetChecklist
from resnet_gui.gui.compare.scatter import _LogAxis
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import MAX_PINS, Session
from tests.gui.driving import pin


def row_of(popup: PresetChecklist, name: str) -> int:
    model = popup.model
    return next(row for row in range(model.rowCount()) if model.index(row, 0).data(NAME) == name)


def test_several_presets_are_checked_found_and_pinned_in_one_go(
    compare: ComparePage, session: Session, qtbot: QtBot
) -> None:
    pin(session, "resnet50")
    popup = compare.menus.choose_presets(compare.add)
    changes: list[int] = []
    session.pins_changed.connect(lambda: changes.append(len(session.pins)))
    assert not popup.pin.isEnabled()
    for name in ("resnet34", "resnet50", "resnet18"):
        popup.toggle(popup.model.index(row_of(popup, name), 0))
    assert list(popup.checked) == ["resnet34", "resnet18"], "what is pinned already cannot be checked"
    popup.grab()
    popup.search.setText("resnext 64")
    qtbot.keyClick(popup.search, Qt.Key.Key_Down)
    qtbot.keyClick(popup.search, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert popup.checked[-1] == "resnext101_64x4d"
    assert popup.pin.text() == "Pin 3"
    popup.search.setText("resnet-18")
    popup.toggle(popup.model.index(row_of(popup, "resnet18"), 0))
    assert popup.checked == ("resnet34", "resnext101_64x4d")
    popup.pin.click()
    assert [design.name for design in session.pins] == ["ResNet-50", "ResNet-34", "ResNeXt-101 64×4d"]
    assert changes == [3], "in one go"


def test_no_more_presets_are_checked_than_can_be_pinned(theme: Theme, qtbot: QtBot) -> None:
    popup = PresetChecklist(theme, (parent := ComparePage(Session(), theme)), (), 2)
    qtbot.addWidget(parent)
    for name in ("resnet18", "resnet34", "resnet50"):
        popup.toggle(popup.model.index(row_of(popup, name), 0))
    assert popup.checked == ("resnet18", "resnet34")
    assert "no more than 2" in popup.words.text()


def test_with_one_design_there_are_sets_to_begin_with(compare: ComparePage, session: Session, qtbot: QtBot) -> None:
    assert compare.sets.isVisible()
    assert [card.shown for card in compare.gallery.cards] == list(SETS)
    compare.gallery.grab()
    card = compare.gallery.cards[1]
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Return)
    assert [design.name for design in session.pins] == [PRESETS[name].title for name in SETS[1].names]
    assert session.baseline == PRESETS[SETS[1].names[0]].design
    assert not compare.sets.isVisible()
    assert compare.focusWidget() is compare.table, "and not the window's first control"


@pytest.mark.parametrize("shown", SETS, ids=[shown.title for shown in SETS])
def test_a_set_is_of_presets_that_all_differ(shown: DesignSet) -> None:
    assert len({PRESETS[name].spec for name in shown.names}) == len(shown.names) <= MAX_PINS


def test_columns_move_by_dragging_and_by_the_menu_but_the_baseline_stays_in_front(
    compare: ComparePage, session: Session
) -> None:
    session.choose_preset(PRESETS["resnet50"])
    pin(session, "resnet18", "resnet34", "resnet50")
    session.set_baseline(PRESETS["resnet34"].design)

    def order() -> list[str]:
        return [entry.name for entry in compare.entries()]

    assert order() == ["ResNet-34", "ResNet-18", "ResNet-50"]
    compare.table.horizontalHeader().moveSection(1, 2)
    QApplication.processEvents()
    QApplication.processEvents()
    assert order() == ["ResNet-34", "ResNet-50", "ResNet-18"]
    heads = compare.table.horizontalHeader()
    assert [heads.logicalIndex(place) for place in range(3)] == [0, 1, 2], "the header shows the session's order"
    menu = compare.menus.design_menu(compare.model.entry(2))
    able = {action.text(): action for action in menu.actions()}
    assert (able["Move left"].isEnabled(), able["Move right"].isEnabled()) == (True, False)
    able["Move left"].trigger()
    assert order() == ["ResNet-34", "ResNet-18", "ResNet-50"]
    compare.table.horizontalHeader().moveSection(0, 2)
    QApplication.processEvents()
    QApplication.processEvents()
    assert order() == ["ResNet-34", "ResNet-18", "ResNet-50"]


def test_blocks_open_with_rows_as_high_as_their_words(compare: ComparePage, session: Session) -> None:
    session.choose_preset(PRESETS["resnet18"])
    pin(session, "resnet34", "resnet50", "resnet152")
    compare.views.chosen.emit("blocks")
    table, view = compare.blocks.table, compare.blocks

    def heights() -> list[int]:
        return [table.rowHeight(row) for row in range(view.model.rowCount())]

    before = heights()
    QApplication.processEvents()
    assert heights() == before, "right at once"
    view.other.setCurrentIndex(1)
    view.other.activated.emit(1)
    for row in range(view.model.rowCount()):
        words = view.model.cell(view.model.run(row), DifferenceRow.CHANGES)
        assert table.rowHeight(row) <= 34 + 15 * (len(words) // 30), words


def test_two_designs_are_drawn_block_under_block_and_a_click_finds_the_row(
    compare: ComparePage, session: Session, qtbot: QtBot
) -> None:
    one, other = (plan(PRESETS[name].spec) for name in ("resnet50", "resnet101"))
    columns = aligned(one, other)
    count = sum(column.more or 1 for column in columns)
    assert count == len(align(one, other))
    added = [column for column in columns if column.pair.state == "added"]
    assert [(column.one is None, column.other is None) for column in added] == [(True, False)] * 3
    assert sum(column.more or 1 for column in added) == 17
    session.choose_preset(PRESETS["resnet101"])
    pin(session, "resnet50", "resnet101")
    compare.views.chosen.emit("blocks")
    drawn: AlignedBlocks = compare.blocks.drawn
    QApplication.processEvents()
    drawn.grab()
    place = next(number for number, column in enumerate(drawn.pairs()) if column.pair.state == "added")
    qtbot.mouseClick(drawn, Qt.MouseButton.LeftButton, pos=drawn.cells(drawn.width())[place].center().toPoint())
    (row,) = {index.row() for index in compare.blocks.table.selectionModel().selectedRows()}
    assert compare.blocks.model.run(row).state == "added"
    for width in (300, 900):
        cells = drawn.cells(width)
        assert all(cell.right() <= width for cell in cells)
        assert drawn.heightForWidth(width) >= cells[-1].bottom()
    name = "ResNet-56 (CIFAR)"
    drawn.show_plans(one, other, (name, "another"))
    assert drawn.cells(900)[0].left() >= 16 + ink(name, 12, 600).width, "the name stands whole before its row"
    assert drawn.cells(300)[0].left() < 110, "and takes no more than a quarter of a narrow one"


def test_shortcuts_are_drawn_and_alone_are_tinted_where_they_alone_differ() -> None:
    plain, residual = (plan(PRESETS[name].spec) for name in ("plain56", "resnet56"))
    columns = [column for column in aligned(plain, residual) if isinstance(column.pair.location.stage, int)]
    assert {column.pair.state for column in columns} == {"changed"}
    assert {column.tint for column in columns} == {"same"}
    assert {column.arc(column.one) for column in columns} == {None}
    arcs = {column.pair.name: column.arc(column.other) for column in columns}
    assert arcs["2_1"] == ShortcutArc((), "acc")
    assert arcs["3_1"] == ShortcutArc(DASHES["zero-pad"], "acc")
    deep, shallow = (plan(PRESETS[name].spec) for name in ("resnet50", "resnet34"))
    column = next(column for column in aligned(deep, shallow) if column.pair.name == "2_2")
    assert column.tint == "changed"
    assert column.arc(column.one) == column.arc(column.other) == ShortcutArc((), "t3")


def test_a_shortcut_leaves_paint_beside_the_row_that_has_it_and_none_beside_a_plain_one(
    compare: ComparePage, session: Session
) -> None:
    session.choose_preset(PRESETS["resnet20"])
    pin(session, "plain20", "resnet20")
    compare.views.set_key("blocks")
    compare.views.chosen.emit("blocks")
    QApplication.processEvents()
    drawn = compare.blocks.drawn
    image = drawn.grab().toImage()
    cell = drawn.cells(drawn.width())[1]
    above, below = QPointF(cell.center().x(), cell.top() - RISE), QPointF(cell.center().x(), cell.bottom() + 40 + RISE)
    ground = image.pixelColor(4, 4)
    seen = [
        any(image.pixelColor(int(place.x()), int(place.y()) + shift) != ground for shift in (-1, 0, 1))
        for place in (above, below)
    ]
    assert seen == [False, True]


def test_layers_are_called_as_the_layer_table_calls_them(compare: ComparePage, session: Session) -> None:
    session.choose_preset(PRESETS["resnet50"])
    pin(session, "plain34", "resnet34")
    view = compare.blocks
    view.other.setCurrentIndex(1)
    view.other.activated.emit(1)

    def row() -> tuple[str, str]:
        number = view.model.row_of(Location(1, 0))
        return tuple(view.model.index(number, part).data() for part in (DifferenceRow.BLOCKS, DifferenceRow.CHANGES))

    compare.views.chosen.emit("blocks")
    assert row() == ("3_1", "no shortcut → projection shortcut; new: shortcut conv, shortcut bn, add")
    session.set_naming("torch")
    assert row() == ("layer2.0", "no shortcut → projection shortcut; new: downsample.0, downsample.1, add")


@pytest.mark.parametrize(("low", "high"), [(7.0, 7.1), (6.31, 6.32), (3.0, 3.4), (6.0, 9.0)])
def test_an_axis_has_ticks_however_close_its_ends_are(qapp: QApplication, low: float, high: float) -> None:
    axis = _LogAxis("bottom")
    ((_, places),) = axis.tickValues(low, high, 300)
    texts = axis.tickStrings(places, 1, 1)
    assert 2 <= len(places) <= 10
    assert all(low <= place <= high for place in places)
    assert len(set(texts)) == len(texts), texts


@pytest.mark.parametrize(("width", "height"), [(1380, 828), (1040, 648)])
def test_the_table_of_one_design_has_the_height_of_the_page_and_the_sets_stand_beside_it(
    compare: ComparePage, session: Session, width: int, height: int
) -> None:
    compare.resize(width, height)
    QApplication.processEvents()
    table, sets = compare.table, compare.sets
    assert table.mapTo(compare, table.rect().bottomLeft()).y() >= height - 2
    assert sets.mapTo(compare, sets.rect().topLeft()).x() > table.mapTo(compare, table.rect().topRight()).x()
    assert table.horizontalScrollBar().maximum() == 0
    pin(session, "resnet34")
    QApplication.processEvents()
    assert table.width() >= 630, "the others need the width again"
