"""A state machine that presses random controls of the Design page for hundreds of steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from resnet_gui.analysis.costs import totals
from resnet_gui.design.location import Location
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.common.preset_combo import PresetCombo
from resnet_gui.gui.design.diagram.paint import COLOURINGS
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.design.table.model import LayerModel
from resnet_gui.gui.design.table.node import Node
from resnet_gui.gui.design.table.rows import Column
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session
from tests.conftest import FACTOR
from tests.gui.design.diagram_checks import assert_clean

PICK = st.integers(0, 10_000)
TEXTS = st.sampled_from(
    ["", "3", "3x32x32", "1 × 28 × 28", "3×224×224", "x", "50", "20", "21", "-1", "2, 2", "64", "1e9"]
)
KEYS = [Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Escape,
        Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_0, Qt.Key.Key_Equal]  # fmt: skip
STEPS = 300


class Presses(RuleBasedStateMachine):
    """Presses what a person could press, and looks whether everything agrees afterwards."""

    def __init__(self, page: DesignPage, session: Session) -> None:
        super().__init__()
        self.page, self.session = page, session
        page.table.filter.clear()
        page.table._sift()
        page.table.model.set_sorting(None)
        session.set_pins((), None)
        session.choose_preset(PRESETS["resnet18"])
        session.undo.clear()
        self.first = session.design
        self.typed: list[QWidget] = []

    def controls(self, kind: type[Any]) -> list[Any]:
        found = [each for each in self.page.form.findChildren(kind) if each.isVisible() and each.isEnabled()]
        return [each for each in found if not each.objectName().startswith("qt_") and not isinstance(each, PresetCombo)]

    def one(self, kind: type[Any], pick: int) -> Any:
        found = self.controls(kind)
        return found[pick % len(found)]

    # ---- the form

    @rule(pick=PICK, steps=st.integers(-3, 3))
    def step_a_number(self, pick: int, steps: int) -> None:
        self.one(QSpinBox, pick).stepBy(steps)

    @rule(pick=PICK, value=st.sampled_from([0, 1, 2, 3, 7, 16, 32, 48, 64, 100]))
    def type_a_number(self, pick: int, value: int) -> None:
        self.one(QSpinBox, pick).setValue(value)

    @precondition(lambda self: self.page.form.advanced.isVisible())
    @rule(pick=PICK, value=st.sampled_from([0.0, 0.1, 0.5, 1.0]))
    def type_a_rate(self, pick: int, value: float) -> None:
        self.one(QDoubleSpinBox, pick).setValue(value)

    @rule(pick=PICK, place=PICK)
    def choose_from_a_list(self, pick: int, place: int) -> None:
        combo = self.one(QComboBox, pick)
        combo.setCurrentIndex(place % combo.count())
        combo.activated.emit(combo.currentIndex())

    @rule(pick=PICK, place=PICK)
    def choose_a_segment(self, pick: int, place: int) -> None:
        segments = self.one(SegmentedControl, pick)
        segments._choose(place % len(segments._options))

    @rule(pick=PICK)
    def press_a_button(self, pick: int) -> None:
        self.one(QAbstractButton, pick).click()

    @rule(pick=PICK, text=TEXTS)
    def type_a_text(self, pick: int, text: str) -> None:
        field = self.one(QLineEdit, pick)
        field.setText(text)
        QTest.keyClick(field, Qt.Key.Key_Return)

    @rule(pick=PICK, key=st.sampled_from(["Undo", "Redo"]))
    def press_undo_in_a_field(self, pick: int, key: str) -> None:
        """Keys of the window reach it from every field that holds nothing of its own."""
        field = self.one(QLineEdit, pick)
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_Z if key == "Undo" else Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)

    @rule(name=st.sampled_from([name for name, preset in PRESETS.items() if sum(preset.spec.blocks) < 70]))
    def choose_a_preset(self, name: str) -> None:
        self.page.choose_preset(PRESETS[name])
        assert self.session.design == PRESETS[name].design

    # ---- diagram, table, headline

    @rule(key=st.sampled_from(KEYS))
    def press_a_key_in_the_diagram(self, key: Qt.Key) -> None:
        QTest.keyClick(self.page.network.view, key)

    @rule(pick=PICK)
    def click_in_the_diagram(self, pick: int) -> None:
        view = self.page.network.view
        places = [card.rect for card in view.diagram.cards] + [spot.rect for spot in view.diagram.spots]
        place = places[pick % len(places)]
        view.ensureVisible(place)
        port = view.viewport()
        QTest.mouseClick(
            port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, view.mapFromScene(place.center())
        )

    @rule(pick=PICK)
    def choose_a_row(self, pick: int) -> None:
        model, tree = self.page.table.model, self.page.table.tree
        index = model.index(pick % max(model.rowCount(), 1), 0)
        while index.isValid() and model.rowCount(index) and pick % 3:
            pick //= 3
            index = model.index(pick % model.rowCount(index), 0, index)
        if index.isValid():
            tree.setCurrentIndex(index)
            tree.setExpanded(index, bool(pick % 2))

    @rule(text=st.sampled_from(["", "bn", "3x3", "conv2_1", "28x28", "no such thing"]))
    def filter_the_layers(self, text: str) -> None:
        self.page.table.filter.setText(text)
        self.page.table._sift()

    @rule(column=st.sampled_from(list(Column)))
    def sort_the_layers(self, column: Column) -> None:
        self.page.table.tree.header().sectionClicked.emit(column)

    @rule(pick=PICK)
    def show_or_hide_a_column(self, pick: int) -> None:
        actions = list(self.page.table.column_actions.values())
        actions[pick % len(actions)].toggle()

    @rule(naming=st.sampled_from(["paper", "torch"]))
    def name_the_layers(self, naming: str) -> None:
        self.page.table.naming._choose(0 if naming == "paper" else 1)

    @rule(colouring=st.sampled_from(list(COLOURINGS)))
    def colour_the_blocks(self, colouring: Any) -> None:
        self.page.network.set_colouring(colouring)

    @rule()
    def pin(self) -> None:
        self.session.pin(self.session.design, baseline=True)

    @rule(pick=PICK)
    def choose_a_baseline(self, pick: int) -> None:
        combo = self.page.headline.baseline
        combo.activated.emit(pick % combo.count())

    @rule(width=st.sampled_from([1040, 1220, 1380, 1600]), height=st.sampled_from([560, 828]))
    def resize(self, width: int, height: int) -> None:
        self.page.resize(width, height)

    # ---- steps

    @rule(count=st.integers(1, 4))
    def undo(self, count: int) -> None:
        for _ in range(count):
            self.session.undo.undo()

    @rule()
    def redo(self) -> None:
        self.session.undo.redo()

    # ---- what must hold

    @invariant()
    def everything_agrees(self) -> None:
        QApplication.processEvents()
        session, page = self.session, self.page
        spec = session.spec
        assert session.plan == plan(spec)
        assert session.totals == totals(session.plan)
        assert page.headline.cards["Depth"].number() == str(spec.depth)
        self.form_agrees()
        self.table_agrees()
        view = page.network.view
        assert page.table.path == view.path
        if not view.unfolded:
            assert_clean(view.diagram, spec)
        assert sum(card.more or 1 for card in view.diagram.cards) == sum(spec.blocks)
        if view.path:
            assert session.plan.has(Location.parse(view.path))
        if page.calculator.isVisible():
            assert page.calculator.steps.shown()

    def form_agrees(self) -> None:
        """Every field shows the design, unless it holds what was refused, with its sentence."""
        form, spec = self.page.form, self.session.spec
        assert (form.block.key, form.shortcut.key, form.stem.key) == (spec.block, spec.shortcut, spec.stem)
        if not form.error_text("classes"):
            assert form.classes.value() == spec.classes
        for field in ("blocks", "widths"):
            if field not in self.page._refused:
                assert tuple(spin.value() for spin in form.grid.spins(field)) == getattr(spec, field)

    def table_agrees(self) -> None:
        """The table shows what a new table of this design would show."""
        model = self.page.table.model
        fresh = LayerModel()
        fresh.set_naming(model.naming)
        fresh.set_filter(self.page.table.filter.text())
        fresh.set_sorting(model.sorting)
        fresh.set_plan(self.session.plan)
        assert model.found == fresh.found

        def compare(mine: list[Node], its: list[Node]) -> None:
            assert [(node.path, node.name(model.naming), node.texts(), node.row) for node in mine] == [
                (node.path, node.name(model.naming), node.texts(), node.row) for node in its
            ]
            for one, other in zip(mine, its, strict=True):
                # What was never opened lists its layers when it is; both would do that in the same way.
                if one.shown is not None:
                    compare(model.children_of(one), fresh.children_of(other))

        compare(model.top_nodes(), fresh.top_nodes())

    def teardown(self) -> None:
        """Undo to the start gives the first design again, and redo to where it was the last."""
        last, stack = self.session.design, self.session.undo
        index = stack.index()
        while stack.canUndo():
            stack.undo()
        assert self.session.design == self.first
        while stack.index() < index:
            stack.redo()
        assert self.session.design == last


@pytest.mark.timeout(1500 * FACTOR)
def test_hundreds_of_random_presses_leave_everything_in_agreement_and_undo_leads_back(
    page: DesignPage, session: Session, theme: Theme
) -> None:
    page.form.advanced_part.button.setChecked(True)
    made: Callable[[], RuleBasedStateMachine] = lambda: Presses(page, session)  # noqa: E731 (a factory is asked for)
    run_state_machine_as_test(
        made,  # type: ignore[arg-type]

        settings=hypothesis.settings(
            max_examples=(12 if FACTOR > 1 else 1) * FACTOR, stateful_step_count=STEPS, deadline=None,
            # Hundreds of steps are not shrunk in a test's time; the steps themselves are printed.
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        ),
    )  # fmt: skip
    assert theme.name == "dark"
