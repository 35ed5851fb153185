from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from resnet_gui.analysis.costs import rows
from resnet_gui.design.location import Location
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.gui.design.diagram.network import lay_out
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.design.table.rows import Column
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.protocol.events import Mismatch, Verified


def choose(page: DesignPage, session: Session, name: str) -> None:
    page.choose_preset(PRESETS[name])
    assert session.spec == PRESETS[name].spec


def table_text(page: DesignPage) -> list[tuple[str, ...]]:
    """Every layer row of the table: path from its tooltip, output, parameters."""
    model = page.table.model
    found = []

    def walk(parent: object) -> None:
        for number in range(model.rowCount(parent)):  # type: ignore[arg-type]
            index = model.index(number, 0, parent)  # type: ignore[arg-type]
            node = model.node(index)
            assert node is not None
            if node.level == 2:
                cells = [str(index.siblingAtColumn(section).data()) for section in (Column.OUTPUT, Column.PARAMS)]
                found.append((node.path, *cells))
            walk(index)

    from PySide6.QtCore import QModelIndex

    walk(QModelIndex())
    return found


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "plain20", "resnet110", "digits-resnet"])
def test_the_table_holds_every_row_of_the_plan(page: DesignPage, session: Session, name: str) -> None:
    choose(page, session, name)
    expected = [
        (row.path, "×".join(map(str, row.layer.output)), f"{row.cost.params:,}" if row.cost.params else "–")
        for row in rows(session.plan)
    ]
    assert table_text(page) == expected


def test_the_headline_shows_the_totals_of_resnet50(page: DesignPage, session: Session) -> None:
    choose(page, session, "resnet50")
    numbers = {title: card.number() for title, card in page.headline.cards.items()}
    assert numbers == {
        "Params": "25,557,032", "MACs": "4.09", "Depth": "50", "Activations": "11.11", "Receptive field": "427",
    }  # fmt: skip


def test_block_rows_add_up_to_their_stage(page: DesignPage, session: Session) -> None:
    choose(page, session, "resnet152")
    for node in page.table.model.top_nodes():
        if node.kind == "Stage":
            assert node.children is not None
            assert sum(child.cost.params for child in node.children) == node.cost.params
            assert sum(child.cost.macs for child in node.children) == node.cost.macs


def test_the_layer_model_passes_qts_model_tester(
    page: DesignPage, session: Session, qtmodeltester: ModelTester
) -> None:
    choose(page, session, "resnet18")
    qtmodeltester.check(page.table.model)
    choose(page, session, "plain56")


def test_depth_21_of_a_cifar_net_is_refused_in_the_depth_field_and_the_design_stays(
    page: DesignPage, session: Session, qtbot: QtBot
) -> None:
    choose(page, session, "resnet20")
    before = session.design
    page.form.depth_field.setText("21")
    qtbot.keyClick(page.form.depth_field, Qt.Key.Key_Return)
    assert "6n+2" in page.form.error_text("depth")
    assert "20 and 26" in page.form.error_text("depth")
    assert page.form.depth_field.property("invalid") == "true"
    assert page.form.depth_field.text() == "21"
    assert session.design is before
    assert page.headline.cards["Params"].number() == "269,722"


def test_a_free_depth_sets_the_blocks(page: DesignPage, session: Session, qtbot: QtBot) -> None:
    choose(page, session, "resnet20")
    page.form.depth_field.setText("26")
    qtbot.keyClick(page.form.depth_field, Qt.Key.Key_Return)
    assert session.spec.blocks == (4, 4, 4)
    assert page.form.error_text("depth") == ""


def test_width_0_is_refused_in_its_field_which_keeps_it(page: DesignPage, session: Session) -> None:
    choose(page, session, "resnet18")
    before = session.design
    spin = page.form.grid.spins("widths")[2]
    spin.setValue(0)
    assert "widths, stage 3: 0" in page.form.error_text("widths")
    assert spin.property("invalid") == "true"
    assert spin.value() == 0
    assert page.form.grid.spins("widths")[1].property("invalid") != "true"
    assert session.design is before
    spin.setValue(96)
    assert page.form.error_text("widths") == ""
    assert spin.property("invalid") == "false"
    assert session.spec.widths == (64, 128, 96, 512)


def test_an_input_too_small_is_refused_in_its_field(page: DesignPage, session: Session, qtbot: QtBot) -> None:
    choose(page, session, "resnet18")
    page.form.input.setText("3 x 16 x 16")
    qtbot.keyClick(page.form.input, Qt.Key.Key_Return)
    assert "at least 17×17" in page.form.error_text("input")
    assert session.spec.input == (3, 224, 224)


def test_a_refused_input_is_taken_once_another_edit_makes_it_fit(
    page: DesignPage, session: Session, qtbot: QtBot
) -> None:
    choose(page, session, "resnet18")
    page.form.input.setText("3x16x16")
    qtbot.keyClick(page.form.input, Qt.Key.Key_Return)
    page.form.stem.chosen.emit("cifar")
    assert session.spec.stem == "cifar"
    assert session.spec.input == (3, 16, 16)
    assert page.form.error_text("input") == ""


def test_undo_forgets_what_was_refused(page: DesignPage, session: Session) -> None:
    choose(page, session, "resnet18")
    page.form.grid.spins("widths")[0].setValue(96)
    page.form.classes.setValue(0)
    assert page.form.error_text("classes")
    session.undo.undo()
    assert page.form.error_text("classes") == ""
    assert page.form.classes.value() == 1000
    assert page.form.classes.property("invalid") == "false"


def test_text_that_is_no_input_gets_its_sentence(page: DesignPage, session: Session, qtbot: QtBot) -> None:
    page.form.input.setText("large")
    qtbot.keyClick(page.form.input, Qt.Key.Key_Return)
    assert "channels × height × width" in page.form.error_text("input")


def test_option_a_on_a_narrowing_network_springs_back_with_its_sentence(page: DesignPage, session: Session) -> None:
    choose(page, session, "resnet18")
    session.edit("narrow", widths=(64, 32, 16, 8))
    page.form.shortcut.chosen.emit("A")
    assert "Option A" in page.form.error_text("shortcut")
    assert page.form.shortcut.key == "B"
    assert session.spec.shortcut == "B"


def test_every_control_changes_the_plan_and_is_undone_in_one_step(page: DesignPage, session: Session) -> None:
    choose(page, session, "resnet18")
    form = page.form
    edits = [
        lambda: form.block.chosen.emit("bottleneck"),
        lambda: form.shortcut.chosen.emit("C"),
        lambda: form.stem.chosen.emit("cifar"),
        lambda: form.classes.setValue(12),
        lambda: form.grid.spins("blocks")[0].setValue(5),
        lambda: form.grid.spins("widths")[3].setValue(100),
        lambda: form.stages.setValue(5),
        lambda: form.stages.setValue(2),
        lambda: form.depth_entered.emit(29),
        lambda: page.choose_preset(PRESETS["plain56"]),
    ]
    history = [session.design]
    for edit in edits:
        edit()
        assert session.design != history[-1], session.undo.undoText()
        assert session.plan == plan(session.spec)
        assert page.headline.cards["Params"].number() == f"{session.totals.cost.params:,}"
        assert form.grid.spins("blocks")[0].value() == session.spec.blocks[0]
        history.append(session.design)
    for design in reversed(history[:-1]):
        session.undo.undo()
        assert session.design == design


def test_reset_goes_back_to_the_preset(page: DesignPage, session: Session) -> None:
    choose(page, session, "resnet34")
    assert not page.form.reset.isEnabled()
    page.form.classes.setValue(3)
    assert page.form.reset.isEnabled()
    page.form.reset.click()
    assert session.spec == PRESETS["resnet34"].spec


@pytest.mark.parametrize(
    ("shortcut", "kinds"),
    [
        ("A", ["identity"] * 3 + ["zero-pad", "identity", "identity"] * 2),
        ("B", ["identity"] * 3 + ["projection", "identity", "identity"] * 2),
        ("C", ["projection"] * 9),
        ("none", []),
    ],
)
def test_the_diagram_draws_one_arc_for_each_shortcut_of_its_kind(shortcut: str, kinds: list[str]) -> None:
    diagram = lay_out(plan(evolve(PRESETS["resnet20"].spec, shortcut=shortcut)))
    assert diagram.arcs() == kinds
    assert len(diagram.joins) == len(kinds)
    assert len(diagram.cards) == 9


def test_resnet1202_is_drawn_with_stacks_that_stand_for_every_block() -> None:
    diagram = lay_out(plan(PRESETS["resnet1202"].spec))
    assert sum(card.more or 1 for card in diagram.cards) == 600
    assert diagram.height < 600


def test_a_block_chosen_in_the_diagram_is_the_row_chosen_in_the_table_and_back(
    page: DesignPage, session: Session
) -> None:
    choose(page, session, "resnet50")
    page.network.view.path_chosen.emit("layer3.4")
    node = page.table.model.node(page.table.tree.currentIndex())
    assert node is not None
    assert node.path == "layer3.4"
    page.table.tree.setCurrentIndex(page.table.model.find("layer2.0"))
    assert page.network.view.chosen == Location(1, 0)


def test_selected_rows_are_copied_as_tab_separated_text(page: DesignPage, session: Session) -> None:
    choose(page, session, "resnet18")
    page.table.tree.setCurrentIndex(page.table.model.find("layer1.1"))
    lines = page.table.tree.selected_text().split("\n")
    assert lines[0].startswith("Layer\tType\tOutput")
    assert lines[1].split("\t")[:5] == ["conv2_2", "Basic", "64×56×56", "", "73984"]
    cells = dict(zip(lines[0].split("\t"), lines[1].split("\t"), strict=True))
    assert (cells["MACs"], cells["Mem (bytes)"]) == ("231211008", "3211264"), "exact, whatever the cells show"


def test_the_badge_says_verified_or_names_the_first_row_that_differs(page: DesignPage) -> None:
    page.show_verdict(Verified(1, 69, 11_689_512, 1_814_073_344), "")
    assert page.headline.verdict.text() == "verified"
    page.show_verdict(Mismatch(1, "layer2.0.conv1", "output shape", "128×28×28", "128×56×56"), "")
    assert page.headline.reason.text() == "layer2.0.conv1: output shape planned 128×28×28, built 128×56×56"
    page.show_verdict(None, "the engine is loading torch")
    assert page.headline.verdict.text() == "not verified yet"


def test_a_narrow_window_shows_the_table_in_a_tab_and_a_wide_one_beside_the_diagram(page: DesignPage) -> None:
    page.resize(1040, 648)
    assert page.tabs.isVisible()
    assert [page.tabs.tabText(number) for number in range(page.tabs.count())] == ["Network", "Layers"]
    assert page.network.isVisible()
    assert not page.table.isVisible(), "what is behind a tab takes no keyboard"
    page.resize(1380, 828)
    assert not page.tabs.isVisible()
    assert page.table.isVisible()
    assert page.network.isVisible()


def test_a_window_of_1280_shows_diagram_and_table_and_every_number_without_scrolling_sideways(
    page: DesignPage,
) -> None:
    page.resize(1220, 620)
    QApplication.processEvents()
    assert not page.tabs.isVisible()
    assert page.network.width() >= 424
    tree, kinds = page.table.tree, page.table.column_actions[Column.KIND]
    assert tree.horizontalScrollBar().maximum() == 0
    head = tree.header()
    assert {column for column in tree.shown_columns() if head.isSectionHidden(column)} == {Column.KIND}
    assert kinds.text() == "Type (in a wider table)"
    settings = Settings()
    page.remember(settings)
    assert "kind" in settings.columns, "it is wanted, and there again where there is room"
    page.resize(1380, 620)
    QApplication.processEvents()
    assert not head.isSectionHidden(Column.KIND)
    assert kinds.text() == "Type"
    # Where the types would not be enough, they stay and the table scrolls.
    page.resize(1220, 620)
    page.table.show_columns([column.name.lower() for column in Column])
    assert not head.isSectionHidden(Column.KIND)


@pytest.mark.parametrize(("width", "height"), [(1860, 1008), (2500, 1368)])
def test_a_large_window_gives_its_spare_width_to_the_diagram_which_grows(
    page: DesignPage, session: Session, width: int, height: int
) -> None:
    choose(page, session, "resnet18")
    QApplication.processEvents()
    view = page.network.view
    before, wide = view.width(), page.width()
    page.resize(width, height)
    for _ in range(3):
        QApplication.processEvents()
    assert view.width() - before >= 0.6 * (width - wide), "of what a larger window has more, most"
    assert view._scale > 1.2, "the drawing follows without being asked"
    for bar in (view.horizontalScrollBar(), view.verticalScrollBar()):
        assert bar.maximum() == bar.minimum(), "and is seen whole"
