"""The Compare page: columns, marks, bars, points, blocks; menus and copies."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
import shiboken6
from PySide6.QtCore import QModelIndex, QPointF, Qt
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from resnet_gui.analysis.costs import totals
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve
from resnet_gui.gui.compare.model import ComparisonModel
from resnet_gui.gui.compare.page import ComparePage
from resnet_gui.gui.compare.scatter import Scatter
from resnet_gui.gui.kit.curve_plot import CurvePlot
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session
from tests.conftest import daily
from tests.gui.design.test_headline import baseline
from tests.gui.driving import FIVE, pin


@pytest.fixture(scope="module")
def one_page(theme: Theme) -> Iterator[tuple[Session, ComparePage]]:
    """A page for all tests; it takes longer to make than most of them to ask it something."""
    session = Session()
    page = ComparePage(session, theme)
    yield session, page
    session.close()
    page.close()
    page.deleteLater()


@pytest.fixture
def session(one_page: tuple[Session, ComparePage]) -> Session:
    """As at the start: nothing is pinned."""
    session, page = one_page
    page.only.setChecked(False)
    page.views.chosen.emit("table")
    page.resize(1380, 828)
    page.show()
    session.set_pins((), None)
    session.open_design(Session().design)
    session.undo.clear()
    QApplication.processEvents()
    return session


@pytest.fixture
def compare(one_page: tuple[Session, ComparePage], session: Session) -> ComparePage:
    """The Compare page without a window around it, at the reference size."""
    assert one_page[0] is session
    return one_page[1]


def cells(model: ComparisonModel) -> dict[str, list[str]]:
    return {
        model.line(row).title: [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
        if model.line(row).cells
    }


def choose(menu: QMenu, text: str) -> None:
    action = next(action for action in menu.actions() if action.text().startswith(text))
    assert action.isEnabled()
    action.trigger()
    menu.deleteLater()


def test_five_designs_stand_as_in_the_mock_up(compare: ComparePage, session: Session) -> None:
    session.choose_preset(PRESETS["resnet50"])
    pin(session, *FIVE)
    table = cells(compare.model)
    assert table["Blocks per stage"] == ["3, 4, 6, 3", "3, 4, 6, 3", "3, 4, 23, 3", "3, 4, 6, 3", "3, 4, 6, 3"]
    assert table["Stage output widths"] == ["64 – 512"] + ["256 – 2048"] * 4
    assert table["Inner widths, 3×3"] == ["64 – 512"] * 3 + ["128 – 1024"] * 2
    assert table["Groups"] == ["1", "1", "1", "32", "1"]
    assert table["Parameters"] == ["21,797,672", "25,557,032", "44,549,160", "25,028,904", "68,883,240"]
    assert table["MACs"] == ["3.66 G", "4.09 G", "7.80 G", "4.23 G", "11.40 G"]
    assert table["Activations"] == ["3.74 M", "11.11 M", "16.23 M", "14.40 M", "14.40 M"]
    assert table["Weights, fp32"] == ["83.2 MiB", "97.7 MiB", "170.3 MiB", "95.7 MiB", "263.0 MiB"]
    assert table["Depth, weighted layers"] == ["34", "50", "101", "50", "50"]
    assert table["Receptive field"] == ["899 px", "427 px", "971 px", "427 px", "427 px"]
    assert table["Top-1, 70 to 80 %"] == ["73.31 %", "76.13 %", "77.37 %", "77.62 %", "78.47 %"]
    assert table["Top-5, 90 to 95 %"] == ["91.42 %", "92.86 %", "93.55 %", "93.70 %", "94.09 %"]
    lines = [compare.model.line(row) for row in range(compare.model.rowCount())]
    notes = {line.title: [cell.note for cell in line.cells] for line in lines}
    assert notes["Parameters"] == ["", "+17.2 %", "×2.04", "+14.8 %", "×3.16"]
    assert notes["Receptive field"] == ["", "−472 px", "+72 px", "−472 px", "−472 px"]
    assert notes["Top-1, 70 to 80 %"] == ["", "+2.82", "+4.06", "+4.30", "+5.15"]
    compare.grab()


def test_cells_that_differ_from_the_baseline_are_marked_and_bars_end_at_the_largest(
    compare: ComparePage, session: Session
) -> None:
    pin(session, *FIVE)
    for row in range(compare.model.rowCount()):
        line = compare.model.line(row)
        for cell in line.cells:
            if line.kind == "choice":
                assert cell.differs == (cell.text != line.cells[0].text)
        if line.kind == "figure":
            assert max(cell.share or 0 for cell in line.cells) == 1


def test_the_baseline_comes_first_and_the_present_design_is_a_column_until_it_is_pinned(
    compare: ComparePage, session: Session
) -> None:
    session.choose_preset(PRESETS["resnet18"])
    pin(session, "resnet34", "resnet50")
    session.set_baseline(PRESETS["resnet50"].design)
    assert [entry.design.name for entry in compare.entries()] == ["ResNet-50", "ResNet-34", "ResNet-18"]
    assert [entry.is_present for entry in compare.entries()] == [False, False, True]
    session.edit("change classes", classes=7)
    assert cells(compare.model)["Classes"] == ["1,000", "1,000", "7"]
    session.pin(session.design)
    assert len(compare.entries()) == 3
    session.choose_preset(PRESETS["resnet34"])
    assert [entry.is_present for entry in compare.entries()] == [False, True, False]


def test_a_design_keeps_its_colour_while_others_come_and_go(compare: ComparePage, session: Session) -> None:
    pin(session, *FIVE)
    before = {entry.design.name: entry.token for entry in compare.entries()}
    session.unpin(PRESETS["resnet34"].design)
    session.pin(PRESETS["resnet152"].design)
    after = {entry.design.name: entry.token for entry in compare.entries()}
    assert all(after[name] == token for name, token in before.items() if name in after)
    pinned = [entry.token for entry in compare.entries() if entry.design in session.pins]
    assert len(set(pinned)) == len(pinned)


def test_plots_leave_no_menu_behind_when_they_go(qtbot: QtBot, theme: Theme) -> None:
    def menus() -> set[QWidget]:
        return {widget for widget in QApplication.allWidgets() if isinstance(widget, QMenu)}

    before = menus()
    plots = [
        Scatter(theme, "Accuracy against MACs", "", ("MACs", ""), log_y=False),
        CurvePlot(theme, "Loss", ""),
        CurvePlot(theme, "Gradient norm", "", titled=False),
    ]
    assert menus() - before, "pyqtgraph makes one in any case"
    for plot in plots:
        shiboken6.delete(plot)
    assert menus() == before


def test_only_rows_that_differ_leaves_no_row_in_which_all_agree_and_no_empty_heading(
    compare: ComparePage, session: Session, qtmodeltester: ModelTester
) -> None:
    pin(session, *FIVE)
    session.choose_preset(PRESETS["resnet50"])
    qtmodeltester.check(compare.model)
    full = compare.model.rowCount()
    compare.only.setChecked(True)
    lines = [compare.model.line(row) for row in range(compare.model.rowCount())]
    assert len(lines) < full
    assert all(len({cell.text for cell in line.cells}) > 1 for line in lines if line.cells)
    assert all(after.cells for line, after in pairwise(lines) if not line.cells)
    compare.only.setChecked(False)
    assert compare.model.rowCount() == full


def test_the_menu_of_a_design_makes_it_the_baseline_opens_pins_and_removes_it(
    compare: ComparePage, session: Session
) -> None:
    session.choose_preset(PRESETS["resnet18"])
    pin(session, "resnet34", "resnet50")
    opened: list[Design] = []
    compare.design_requested.connect(opened.append)
    choose(compare.menus.design_menu(compare.model.entry(1)), "Make it the baseline")
    assert session.baseline == PRESETS["resnet50"].design
    choose(compare.menus.design_menu(compare.model.entry(0)), "No baseline")
    assert baseline(session) is None
    choose(compare.menus.design_menu(compare.model.entry(2)), "Pin it")
    assert session.pins[-1] == PRESETS["resnet18"].design
    choose(compare.menus.design_menu(compare.model.entry(1)), "Open on the Design page")
    assert opened == [PRESETS["resnet50"].design]
    choose(compare.menus.design_menu(compare.model.entry(0)), "Remove")
    assert PRESETS["resnet34"].design not in session.pins


def test_designs_are_added_from_the_present_one_and_from_the_list_of_presets(
    compare: ComparePage, session: Session, qtbot: QtBot
) -> None:
    asked: list[bool] = []
    compare.file_requested.connect(lambda: asked.append(True))
    menu = compare.menus.add_menu(compare.add)
    choose(menu, "The present design")
    assert session.pins == (session.design,)
    menu = compare.menus.add_menu(compare.add)
    assert not menu.actions()[0].isEnabled()
    choose(menu, "From a file")
    assert asked == [True]
    popup = compare.menus.choose_presets(compare.add)
    qtbot.keyClicks(popup.search, "resnext 64")
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    assert session.pins[-1] == PRESETS["resnext101_64x4d"].design


def test_both_tables_are_copied_as_text(compare: ComparePage, session: Session) -> None:
    session.choose_preset(PRESETS["resnet50"])
    pin(session, "resnet34", "resnet50")
    compare.copy.click()
    lines = QApplication.clipboard().text().split("\n")
    assert lines[0] == "\tResNet-34\tResNet-50"
    assert "Parameters\t21797672\t25557032" in lines
    assert "MACs\t3663761408\t4089184256" in lines, "numbers are whole and without units, which stand in the heads"
    assert "Weights, fp32 (bytes)\t87259072\t102441032" in lines
    compare.views.chosen.emit("blocks")
    compare.copy.click()
    lines = QApplication.clipboard().text().split("\n")
    assert lines[0].startswith("Blocks\tCount\tState")
    assert len(lines) == compare.blocks.model.rowCount() + 1


def test_designs_of_one_name_are_told_apart_everywhere(compare: ComparePage, session: Session) -> None:
    one = Design(name="N", spec=PRESETS["resnet18"].spec)
    two, three = (Design(name="N", spec=evolve(one.spec, classes=classes)) for classes in (10, 20))
    for design in (one, two, three):
        session.pin(design, baseline=design is one)
    session.open_design(three)
    view = compare.blocks
    assert [entry.name for entry in compare.entries()] == ["N", "N (2)", "N (3)"]
    assert [view.one.itemText(place) for place in range(view.one.count())] == ["N", "N (2)", "N (3)"]
    view.one.setCurrentIndex(0)
    view.other.setCurrentIndex(1)
    view.other.activated.emit(1)
    before = view.sum.text()
    assert before == "−507,870 parameters, −506,880 MACs: N (2) against N"
    session.set_baseline(None)
    assert view.sum.text() == before
    session.set_baseline(two)
    assert view.sum.text().startswith("−507,870 parameters, −506,880 MACs")
    compare.costs.chosen.emit("N (3)")
    assert {index.column() for index in compare.table.selectionModel().selectedIndexes()} == {2}
    assert compare.exports.table().lines[0][1:] == ("N", "N (2)", "N (3)")


def test_sixteen_pins_have_sixteen_marks(compare: ComparePage, session: Session) -> None:
    pin(session, *list(PRESETS)[:16])
    marks = [(entry.token, entry.hollow) for entry in compare.entries() if entry.design in session.pins]
    assert len(set(marks)) == len(marks) == 16


def test_points_stand_at_their_costs_and_torchvisions_others_beside_them(
    compare: ComparePage, session: Session
) -> None:
    session.choose_preset(PRESETS["resnet50"])
    pin(session, *FIVE)
    points = {point.name: point for point in compare.costs.points()}
    assert len(points) == 10
    for name in FIVE:
        total = totals(plan(PRESETS[name].spec)).cost
        point = points[PRESETS[name].title]
        assert (point.x, point.y, point.area, point.solid) == (total.params, total.macs, total.activations, True)
    scores = {point.name: point.y for point in compare.scores.points()}
    assert scores["ResNet-50"] == 76.130
    assert "ResNeXt-101 64×4d" not in scores
    QApplication.processEvents()
    shown = [made for made in compare.costs._labels if made.isVisible()]
    assert len(shown) >= len(FIVE)


def test_bubbles_are_round_and_their_sizes_are_explained(compare: ComparePage, session: Session) -> None:
    session.choose_preset(PRESETS["resnet50"])
    pin(session, *FIVE)
    QApplication.processEvents()
    plot = compare.costs
    image = plot.plot.grab().toImage()
    view = plot.plot.getViewBox()
    point = next(point for point in plot.points() if point.name == "ResNet-101")
    radius = plot._radius(point)
    at = view.mapViewToDevice(QPointF(*plot._place(point)))
    ground = image.pixelColor(2, 2)
    hue = image.pixelColor(round(at.x()), round(at.y()))
    assert hue != ground
    # Inside the square around it, but outside of the circle: the ground, or a line of the grid.
    corner = image.pixelColor(round(at.x() - 0.85 * radius), round(at.y() + 0.85 * radius))
    assert abs(corner.lightness() - ground.lightness()) < 12
    assert plot.areas.isVisible()
    assert plot.areas.accessibleName() == "Areas: 4 M, 10 M, 30 M"
    assert not compare.scores.areas.isVisible()


def test_small_designs_are_drawn_without_torchvisions_and_without_accuracies(
    compare: ComparePage, session: Session
) -> None:
    session.choose_preset(PRESETS["resnet20"])
    pin(session, "resnet56", "resnet110")
    assert {point.name for point in compare.costs.points()} == {
        "ResNet-56 (CIFAR)", "ResNet-110 (CIFAR)", "ResNet-20 (CIFAR)",
    }  # fmt: skip
    assert not compare.scores.isVisible()
    assert not any("Top-1" in title for title in cells(compare.model))
    session.edit("other input", input=(3, 16, 16))
    assert any("own input" in compare.model.line(row).title for row in range(compare.model.rowCount()))


def test_a_plot_is_enlarged_and_both_come_back(compare: ComparePage, session: Session) -> None:
    session.choose_preset(PRESETS["resnet50"])
    pin(session, *FIVE)
    for plot, other in ((compare.costs, compare.scores), (compare.scores, compare.costs)):
        plot.enlarge.click()
        assert (plot.isVisible(), other.isVisible()) == (True, False)
        session.edit("change classes", classes=session.spec.classes + 1)
        assert (plot.isVisible(), other.isVisible()) == (True, False)
        plot.enlarge.click()
        assert (plot.isVisible(), other.isVisible()) == (True, True)


def test_a_click_on_a_point_marks_its_column_or_pins_it(compare: ComparePage, session: Session) -> None:
    session.choose_preset(PRESETS["resnet50"])
    pin(session, "resnet34", "resnet50")
    compare.costs.chosen.emit("ResNet-50")
    assert {index.column() for index in compare.table.selectionModel().selectedIndexes()} == {1}
    compare.costs.chosen.emit("ResNet-152")
    assert PRESETS["resnet152"].design in session.pins


def test_one_design_alone_is_shown_with_the_way_to_add_others(compare: ComparePage, session: Session) -> None:
    assert compare.hint.isVisible()
    assert compare.model.columnCount() == 1
    pin(session, "resnet34")
    assert not compare.hint.isVisible()


def test_a_hidden_page_does_nothing_until_it_is_shown(compare: ComparePage, session: Session) -> None:
    compare.hide()
    pin(session, *FIVE)
    assert compare.model.columnCount() == 1
    compare.show()
    assert compare.model.columnCount() == 6


@pytest.mark.parametrize("width", daily([1040], [1380]))
def test_sixteen_designs_scroll_sideways_while_titles_stay(compare: ComparePage, session: Session, width: int) -> None:
    compare.resize(width, 620)
    pin(session, *list(PRESETS)[:16])
    QApplication.processEvents()
    assert compare.table.horizontalScrollBar().maximum() > 0
    assert compare.table.verticalHeader().isVisible()
    compare.grab()


def test_what_the_colour_means_stands_whole_where_the_columns_end_before_the_table(
    compare: ComparePage, session: Session, theme: Theme
) -> None:
    session.choose_preset(PRESETS["resnet50"])
    pin(session, "resnet50", "resnet34")
    QApplication.processEvents()
    table = compare.table
    heads, view = table.horizontalHeader(), table.viewport()
    assert heads.length() < view.width() - 40
    image, row = view.grab().toImage(), table.visualRect(table.model().index(0, 1))
    ground = image.pixelColor(heads.length() - 1, row.top() + 2)

    def marks(left: int, right: int) -> set[str]:
        places = ((x, y) for x in range(left, right) for y in range(row.top() + 2, row.bottom() - 2))
        return {image.pixelColor(x, y).name() for x, y in places} - {ground.name()}

    assert not marks(heads.length() - 11, heads.length())
    assert theme.color("acc").name() in marks(heads.length() - 200, heads.length() - 12)


def test_an_odd_name_is_shown_as_it_is(compare: ComparePage, session: Session) -> None:
    session.pin(Design(name="<b>" + "very long name " * 20, spec=evolve(PRESETS["resnet18"].spec, classes=3)))
    compare.grab()
    assert compare.model.headerData(0, Qt.Orientation.Horizontal).startswith("<b>very")
    assert not compare.model.rowCount(compare.model.index(0, 0, QModelIndex()))
