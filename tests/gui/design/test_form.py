"""Every field of the design form that is made from a table: a press, its one step back, what is disabled."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple, get_type_hints

import pytest
from hypothesis import given
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QLineEdit, QPushButton, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.analysis.costs import rows, totals
from resnet_gui.base.errors import SpecError
from resnet_gui.design.applies import applies
from resnet_gui.design.choices import CHOICES
from resnet_gui.design.depth import usual_depths
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.gui.common.spec_form.fields import FieldSet
from resnet_gui.gui.common.spec_form.table import ADVANCED, GROUPS, ORDER
from resnet_gui.gui.common.spec_form.table import FIELDS as ROWS
from resnet_gui.gui.design.diagram.network import lay_out
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.design.table.rows import Column
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.session import Session
from tests.designs import designs

ONE_PAGE = True
FIELDS: Final = {field.name: field for lines in (ORDER, GROUPS, ADVANCED) for line in lines for field in line}
PREACTIVATED: Final = {"order": "full_preact"}


class Case(NamedTuple):
    """A field on a design on which it has an effect; what is chosen or typed, and what the spec then holds."""

    name: str
    preset: str
    base: dict[str, Any]
    entered: Any
    value: Any


FITTING: Final = [
    Case("order", "resnet18", {}, "full_preact", "full_preact"),
    Case("groups", "resnet50", {}, "32", 32),
    Case("width_per_group", "resnet50", {}, "128", 128),
    Case("se_ratio", "resnet18", {}, 16, 16),
    Case("stem", "resnet18", {}, "deep", "deep"),
    Case("stem_width", "resnet18", {}, "32", 32),
    Case("strides", "resnet18", {}, "2 1,1;2", (2, 1, 1, 2)),
    Case("stem_pool", "resnet18", {}, "max_ceil", "max_ceil"),
    Case("stem_stride", "resnet18", {}, "1", 1),
    Case("downsampling", "resnet18", {}, "blurred", "blurred"),
    Case("dilated_stages", "resnet18", {}, "2", 2),
    Case("pad_side", "resnet20", {"shortcut": "A"}, "zeros_behind", "zeros_behind"),
    Case("convolution", "resnet18", {}, "standardised", "standardised"),
    Case("conv_eps", "resnet18", {"convolution": "standardised"}, "1e-6", 1e-6),
    Case("norm_eps", "resnet18", {}, "0.001", 1e-3),
    Case("stride_on", "resnet50", {}, "1x1", "1x1"),
    Case("ablation", "resnet18", {}, "exclusive_gating", "exclusive_gating"),
    Case("projection", "resnet18", {}, "avg_pool", "avg_pool"),
    Case("projection_norm", "resnet18", {}, False, False),
    Case("projection_bias", "resnet18", {}, True, True),
    Case("norm", "resnet18", {}, "group", "group"),
    Case("norm_groups", "resnet18", {"norm": "group"}, "16", 16),
    Case("activation", "resnet18", {}, "gelu", "gelu"),
    Case("dropout", "resnet18", {}, "0.3", 0.3),
    Case("stochastic_depth", "resnet18", {}, "0.25", 0.25),
    Case("conv_bias", "resnet18", {}, None, True),
    Case("zero_init", "resnet18", {}, None, True),
    Case("raw_projection", "resnet18", PREACTIVATED, None, True),
    Case("shared_first", "resnet18", PREACTIVATED, None, False),
    Case("se_divisor", "seresnet18", {}, "1", 1),
    Case("activated_stem", "resnet18", PREACTIVATED, None, True),
    Case("final_activation", "resnet18", PREACTIVATED, None, False),
    Case("head", "resnet18", {}, "flatten", "flatten"),
    Case("hidden", "resnet18", {}, "128, 64", (128, 64)),
    Case("gate_bias", "resnet18", {"ablation": "shortcut_gating"}, "-3", -3.0),
    *(
        Case(name, "resnet18", {}, key, key)
        for name in ("attention", "branch_scale")
        for key in list(CHOICES[name])[1:]
    ),
]  # fmt: skip


def field_set(page: DesignPage, name: str) -> FieldSet:
    return next(made for made in (page.form.order, page.form.groups, page.form.advanced) if name in made.names())


def control(page: DesignPage, name: str) -> QWidget:
    return field_set(page, name).widget(name)


def begin(page: DesignPage, session: Session, case: Case) -> None:
    """The case's design, shown with Advanced open, at the beginning of an empty undo stack."""
    page.choose_preset(PRESETS[case.preset])
    if case.base:
        session.edit("base", **case.base)
    session.undo.clear()
    page.form.advanced_part.button.setChecked(True)
    QApplication.processEvents()  # A switch without a height cannot be clicked.


def enter(qtbot: QtBot, widget: QWidget, what: Any) -> None:
    """Choose, type or click as a user does."""
    assert widget.isVisible()
    assert widget.isEnabled()
    match widget:
        case QComboBox():
            place = next(n for n in range(widget.count()) if widget.itemData(n) is what or widget.itemData(n) == what)
            widget.setCurrentIndex(place)
            widget.activated.emit(place)
        case ToggleSwitch():
            qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)
        case QSpinBox() | QDoubleSpinBox() | QLineEdit():
            widget.selectAll()
            qtbot.keyClick(widget, Qt.Key.Key_Delete)
            qtbot.keyClicks(widget, what)
            qtbot.keyClick(widget, Qt.Key.Key_Return)
        case _:
            raise AssertionError(widget)


def value(widget: QWidget) -> Any:
    """What a control shows, as the spec holds it; an empty list and a number's word for 0 are None."""
    match widget:
        case QComboBox():
            return widget.currentData()
        case ToggleSwitch():
            return widget.isChecked()
        case QSpinBox() | QDoubleSpinBox():
            return None if widget.specialValueText() and not widget.value() else widget.value()
        case QLineEdit() if re.fullmatch(r"[\d.]+(e-\d+)?", widget.text()) and set(widget.text()) & {"e", "."}:
            return float(widget.text())
        case QLineEdit():
            return tuple(map(int, re.findall(r"\d+", widget.text()))) or None
        case _:
            raise AssertionError(widget)


def assert_shows(page: DesignPage, session: Session) -> None:
    """Every control, the table, the diagram and the figures belong to the session's design."""
    spec = session.spec
    for name in FIELDS:
        assert value(control(page, name)) == (None if getattr(spec, name) == () else getattr(spec, name)), name
    expected = plan(spec)
    assert session.plan == expected
    assert session.totals == totals(expected)
    listed = [row.cost.params for row in rows(expected)]
    model, stages = page.table.model, len(spec.blocks)
    assert sum(node.cost.params for node in model.top_nodes()) == sum(listed) == session.totals.cost.params
    assert [len(node.children or ()) for node in model.top_nodes()[2 : 2 + stages]] == list(spec.blocks)
    shown = page.table._total.texts()
    assert shown[Column.PARAMS].replace(",", "") == str(sum(listed))
    drawn, wanted = page.network.view.diagram, lay_out(expected)
    assert drawn.arcs() == wanted.arcs()
    assert [text.text for text in drawn.texts] == [text.text for text in wanted.texts]
    assert [card.plan for card in drawn.cards] == [card.plan for card in wanted.cards]
    assert page.headline.cards["Params"].number() == f"{sum(listed):,}"


def test_the_cases_here_cover_every_field_of_the_tables_and_every_field_has_one_control() -> None:
    lonely = {name for name, known in CHOICES.items() if len(known) == 1}
    assert {case.name for case in FITTING} == set(FIELDS) - lonely
    assert len(FIELDS) == sum(len(line) for lines in (ORDER, GROUPS, ADVANCED) for line in lines)
    assert set(FIELDS) <= set(ResNetSpec.__struct_fields__)


@pytest.mark.parametrize("case", FITTING, ids=lambda case: case.name)
def test_a_press_changes_one_field_in_one_named_step_and_undo_restores_control_and_spec(
    page: DesignPage, session: Session, qtbot: QtBot, case: Case
) -> None:
    begin(page, session, case)
    before, widget = session.spec, control(page, case.name)
    assert_shows(page, session)
    enter(qtbot, widget, case.entered)
    assert session.spec == evolve(before, **{case.name: case.value})
    assert session.spec != before
    assert session.undo.count() == 1
    assert FIELDS[case.name].title.lower() in session.undo.undoText()
    assert_shows(page, session)
    session.undo.undo()
    assert session.spec == before
    assert_shows(page, session)


def test_every_field_of_a_spec_has_one_row() -> None:
    assert set(ROWS) == set(ResNetSpec.__struct_fields__)


def test_the_tooltip_of_a_choice_says_what_each_of_them_does(page: DesignPage) -> None:
    placed = {"block": page.form.block, "shortcut": page.form.shortcut}
    for field, choices in CHOICES.items():
        tip = (placed[field] if field in placed else control(page, field)).toolTip()
        for choice in choices.values():
            assert f"\n{choice.option_text}: {choice.help}" in tip
    assert page.form.stem.toolTip() == control(page, "stem").toolTip()


@pytest.mark.parametrize("case", [case for case in FITTING if ROWS[case.name].stepped], ids=lambda case: case.name)
def test_the_steps_of_a_held_arrow_are_one_edit(
    page: DesignPage, session: Session, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "merge_seconds", 60.0)
    begin(page, session, case)
    before, widget = session.spec, control(page, case.name)
    assert isinstance(widget, QSpinBox | QDoubleSpinBox)
    stepped = []
    for up in range(1, 5):
        # Groups of a norm must divide its channels; the arrow passes over numbers that do not.
        widget.setValue(32 >> up) if case.name == "norm_groups" else widget.stepUp()
        stepped.append(getattr(session.spec, case.name))
    assert len(set(stepped)) > 1
    assert session.undo.count() == 1
    session.undo.undo()
    assert session.spec == before


@pytest.mark.parametrize("order", ["original", "full_preact"])
@pytest.mark.parametrize("shortcut", ["A", "B", "none"])
@pytest.mark.parametrize(("block", "norm"), [("basic", "batch"), ("bottleneck", "group"), ("basic", "none")])
def test_fields_without_effect_are_disabled_and_come_back(
    page: DesignPage, session: Session, order: str, shortcut: str, block: str, norm: str
) -> None:
    session.edit("base", order=order, shortcut=shortcut, block=block, norm=norm)
    projects, able = shortcut == "B", dict.fromkeys(FIELDS, True)
    able |= dict.fromkeys(("groups", "width_per_group", "stride_on"), block == "bottleneck")
    able |= dict.fromkeys(("ablation", "stochastic_depth", "zero_init", "branch_scale"), shortcut != "none")
    able |= {"gate_bias": False, "conv_eps": False}  # They wait for a gate, and for standardised convolutions.
    able |= {"norm_eps": norm != "none", "pad_side": shortcut == "A"}
    able |= dict.fromkeys(("projection", "projection_bias"), projects)
    able |= dict.fromkeys(("activated_stem", "final_activation"), order == "full_preact")
    able |= {"projection_norm": projects and norm != "none"}
    able |= {"raw_projection": order == "full_preact" and shortcut != "none", "se_divisor": False}
    able |= {"shared_first": order == "full_preact" and shortcut in {"A", "B"}}
    del able["norm_groups"]  # It has to be set before the norm is chosen.
    for name, wanted in able.items():
        assert control(page, name).isEnabled() == wanted, name
        label = field_set(page, name)._labels.get(name)
        assert label is None or label.isEnabled() == wanted, name
    session.undo.undo()
    assert control(page, "ablation").isEnabled()


@given(spec=designs())
def test_a_disabled_field_really_has_no_effect(spec: ResNetSpec) -> None:
    base = plan(spec)
    for name, field in FIELDS.items():
        if applies(spec, name):
            continue
        values = [option for option, _ in field.options] or [False, True, 0.5, 1, 2, 64]
        for other in values:
            try:
                changed = evolve(spec, **{name: other})
            except SpecError:
                continue
            found = plan(changed)
            assert [group for group in found.groups()] == [group for group in base.groups()], (name, other)  # noqa: C416


def test_every_field_offers_every_choice_that_the_spec_knows() -> None:
    for name, field in FIELDS.items():
        annotation = get_type_hints(ResNetSpec)[name]
        if field.kind == "choice" and name != "se_ratio":
            known = (None, True, False) if annotation == bool | None else CHOICES[name]
            assert {option for option, _ in field.options} == set(known), name


def test_a_wheel_over_a_field_without_focus_changes_nothing(page: DesignPage, session: Session) -> None:
    begin(page, session, Case("groups", "resnet50", {"norm": "group", "order": "full_preact"}, None, None))
    QApplication.processEvents()
    page.form.setFocus()
    before = session.spec
    others_too: list[QWidget] = [page.form.stages, page.form.classes]
    others_too += [*page.form.grid.spins("blocks"), *page.form.grid.spins("widths"), page.form.input]
    for widget in (*(control(page, name) for name in FIELDS), *others_too):
        assert not widget.hasFocus()
        inner = widget.findChildren(QLineEdit)
        for target in (widget, *inner):
            middle = QPointF(target.rect().center())
            turn = QWheelEvent(
                middle, QPointF(target.mapToGlobal(middle.toPoint())), QPoint(), QPoint(0, -120),
                Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
            )  # fmt: skip
            QApplication.sendEvent(target, turn)
    assert session.spec == before
    assert session.undo.count() == 0
    assert_shows(page, session)


def test_presets_of_more_and_fewer_stages_and_depths_make_no_new_fields(page: DesignPage) -> None:
    for name in ("resnet18", "resnet20", "digits-resnet"):
        page.choose_preset(PRESETS[name])
    made = page.findChildren(QSpinBox), page.findChildren(QPushButton)
    for name in ("resnet110", "resnet50", "wrn_28_10", "resnet34"):
        page.choose_preset(PRESETS[name])
        spec = PRESETS[name].spec
        for field in ("blocks", "widths"):
            spins = page.form.grid.spins(field)
            assert tuple(spin.value() for spin in spins) == getattr(spec, field)
            assert all(spin.isVisible() for spin in spins)
        depths = [int(chip.text()) for chip in page.form.depths.chips()]
        assert depths == list(usual_depths(spec.stem, spec.block))
        assert all(chip.isVisible() for chip in page.form.depths.chips())
    assert (page.findChildren(QSpinBox), page.findChildren(QPushButton)) == made
