"""Values that the design form refuses: their sentence, how long it stays, what takes it back."""

from __future__ import annotations

from typing import Any, Final

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QLabel, QLineEdit, QScrollArea, QSpinBox
from pytestqt.qtbot import QtBot

from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.gui.common.spec_form.fields import SpecField
from resnet_gui.gui.common.spec_form.table import FIELDS as ROWS
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.session import Session
from tests.gui.design.test_form import FITTING, Case, assert_shows, begin, control, enter, value

ONE_PAGE = True
REFUSED: Final = [
    (Case("groups", "resnet50", {}, "0", 0), "groups is 0", ("2", 2)),
    (Case("width_per_group", "resnet50", {}, "0", 0), "width_per_group is 0", ("4", 4)),
    (Case("stem_width", "resnet20", {}, "64", 64), "cannot go from 64 to 16", ("8", 8)),
    (Case("strides", "resnet18", {}, "1, 2", (1, 2)), "2 entries for 4 stages", ("1, 2, 2, 1", (1, 2, 2, 1))),
    (Case("strides", "resnet18", {}, "1, 2, 2, 5", (1, 2, 2, 5)), "stage 4: 5", ("1 1 1 1", (1, 1, 1, 1))),
    (Case("norm_groups", "resnet18", {"norm": "group"}, "7", 7), "use 32", ("8", 8)),
    (Case("dropout", "resnet18", {}, "1", 1.0), "below 1", ("0.5", 0.5)),
    (Case("stochastic_depth", "resnet18", {}, "1", 1.0), "below 1", ("0.5", 0.5)),
    (Case("hidden", "resnet18", {}, "0", (0,)), "hidden: 0 is not", ("7", (7,))),
    (Case("hidden", "resnet18", {}, "1 2 3 4 5", (1, 2, 3, 4, 5)), "at most 4", ("1 2", (1, 2))),
]

SPRINGS_BACK: Final = [
    (Case("order", "resnet18", {"zero_init": True}, "relu_before_addition", None), "zero_init"),
    (Case("stem", "digits-resnet", {}, "imagenet", None), "too small"),
    (Case("stem", "digits-resnet", {}, "deep", None), "too small"),
    (
        Case("activation", "resnet18", {"order": "relu_before_addition", "activation": "gelu", "zero_init": True},
             "relu", None),
        "zero_init",
    ),
    (Case("zero_init", "resnet18", {"order": "relu_before_addition"}, None, None), "zero_init"),
]  # fmt: skip


def refused(row: SpecField, spec: ResNetSpec) -> object:
    """A value of the kind of a field that no design may have."""
    if isinstance(getattr(spec, row.name), tuple) or row.kind == "whole numbers":
        return (0,) * len(spec.input if row.name == "input" else spec.blocks)
    return 99.0 if row.kind == "real" else 0 if row.name == "classes" else -1


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.typed])
def test_a_refused_value_that_was_typed_waits_for_the_edit_that_makes_it_fit(
    page: DesignPage, session: Session, name: str
) -> None:
    base: dict[str, Any] = {"norm": "group"} if name == "norm_groups" else {}
    begin(page, session, Case(name, "resnet50", base, None, None))
    before = session.spec
    page.form.edited.emit("change it", {name: refused(ROWS[name], before)})
    assert session.spec == before
    sentence = page.form.error_text(name)
    assert sentence
    other = "final_activation" if name == "classes" else "classes"
    page.form.edited.emit("change another", {other: False if other == "final_activation" else 7})
    assert session.spec == evolve(before, **{other: getattr(session.spec, other)}) != before
    assert page.form.error_text(name) == sentence


def test_choosing_what_is_chosen_already_is_no_step(page: DesignPage, session: Session, qtbot: QtBot) -> None:
    for case in FITTING:
        begin(page, session, case)
        before, widget = session.spec, control(page, case.name)
        match widget:
            case ToggleSwitch():
                qtbot.mouseClick(widget, Qt.MouseButton.RightButton)
            case QComboBox():
                enter(qtbot, widget, value(widget))
            case QLineEdit():
                enter(qtbot, widget, widget.text())
            case QSpinBox() | QDoubleSpinBox():
                enter(qtbot, widget, f"{widget.value():g}")
        assert session.undo.count() == 0, case
        assert session.spec == before, case
        assert page.form.error_text(case.name) == "", case


@pytest.mark.parametrize(("case", "sentence", "rescue"), REFUSED, ids=lambda case: getattr(case, "name", ""))
def test_a_refused_number_stays_in_its_control_with_its_sentence_until_a_fitting_one(
    page: DesignPage, session: Session, qtbot: QtBot, case: Case, sentence: str, rescue: tuple[str, Any]
) -> None:
    begin(page, session, case)
    before, widget = session.design, control(page, case.name)
    enter(qtbot, widget, case.entered)
    assert sentence in page.form.error_text(case.name)
    assert widget.property("invalid") == "true"
    assert (value(widget) or case.value) == case.value
    assert session.design is before
    assert session.undo.count() == 0
    enter(qtbot, widget, rescue[0])
    assert page.form.error_text(case.name) == ""
    assert widget.property("invalid") == "false"
    assert session.spec == evolve(before.spec, **{case.name: rescue[1]})
    assert_shows(page, session)


@pytest.mark.parametrize(("case", "sentence", "rescue"), REFUSED, ids=lambda case: getattr(case, "name", ""))
def test_a_refused_number_keeps_its_sentence_while_something_else_is_edited(
    page: DesignPage, session: Session, qtbot: QtBot, case: Case, sentence: str, rescue: tuple[str, Any]
) -> None:
    del rescue
    begin(page, session, case)
    widget = control(page, case.name)
    enter(qtbot, widget, case.entered)
    page.form.classes.setValue(7)
    assert session.spec.classes == 7
    assert widget.property("invalid") == "true"
    assert sentence in page.form.error_text(case.name)


@pytest.mark.parametrize(("case", "sentence"), SPRINGS_BACK, ids=lambda case: getattr(case, "name", ""))
def test_a_refused_choice_springs_back_and_says_why_where_the_user_looks(
    page: DesignPage, session: Session, qtbot: QtBot, case: Case, sentence: str
) -> None:
    begin(page, session, case)
    widget = control(page, case.name)
    page.form.findChildren(QScrollArea)[0].ensureWidgetVisible(widget, 0, 60)
    QApplication.processEvents()
    before, shown = session.design, value(widget)
    enter(qtbot, widget, case.entered)
    QApplication.processEvents()
    assert session.design is before
    assert session.undo.count() == 0
    assert value(widget) == shown
    seen = [place.text() for place in page.findChildren(QLabel) if not place.visibleRegion().isEmpty()]
    assert any(sentence in text for text in seen), f"nobody sees: {page.form.error_text(case.name)}"
    page.form.classes.setValue(session.spec.classes + 1)
    assert page.form.error_text(case.name) == ""


def test_a_refusal_in_closed_advanced_opens_it(page: DesignPage, session: Session) -> None:
    begin(page, session, FITTING[0])
    page.form.advanced_part.button.setChecked(False)
    assert not page.form.advanced.isVisible()
    page.form.advanced.edited.emit("change hidden layers", {"hidden": (0,)})
    assert page.form.advanced.isVisible()
    assert "hidden: 0" in page.form.error_text("hidden")


@pytest.mark.parametrize("name", ["strides", "hidden"])
@pytest.mark.parametrize("text", ["one", "1, x", "1.5", "9999999999", "-3"])
def test_text_that_is_no_list_gets_its_sentence_and_undo_or_the_old_text_clears_it(
    page: DesignPage, session: Session, qtbot: QtBot, name: str, text: str
) -> None:
    begin(page, session, FITTING[0])
    widget, before = control(page, name), session.spec
    enter(qtbot, widget, text)
    assert session.spec == before
    assert page.form.error_text(name)
    assert widget.property("invalid") == "true"
    enter(qtbot, widget, "")
    assert page.form.error_text(name) == ""
    assert widget.property("invalid") == "false"
    assert session.undo.count() == 0


def test_refused_values_that_were_taken_back_never_come_into_a_later_design(
    page: DesignPage, session: Session, qtbot: QtBot
) -> None:
    begin(page, session, FITTING[0])
    for widget, wrong, right in (
        (control(page, "strides"), "1, 2, 2", ""),
        (page.form.input, "3x16x16", "3 × 224 × 224"),
    ):
        enter(qtbot, widget, wrong)
        assert widget.property("invalid") == "true"
        enter(qtbot, widget, right)
        assert widget.property("invalid") == "false"
    page.form.stages.setValue(3)
    page.form.stem.chosen.emit("cifar")
    assert session.spec.strides is None
    assert session.spec.input == (3, 224, 224)


def test_each_of_two_refused_values_has_its_own_sentence(page: DesignPage, session: Session, qtbot: QtBot) -> None:
    begin(page, session, FITTING[0])
    for name, wrong in {"dropout": "1", "stochastic_depth": "1", "hidden": "0", "strides": "0"}.items():
        enter(qtbot, control(page, name), wrong)
    texts = {name: page.form.error_text(name) for name in ("dropout", "stochastic_depth", "hidden", "strides")}
    assert all(text.startswith(name) for name, text in texts.items()), texts
    session.edit("narrow", widths=(64, 32, 16, 8))
    page.form.classes.setValue(0)
    page.form.shortcut.chosen.emit("A")
    assert "Option A" in page.form.error_text("shortcut")
    assert "classes is 0" in page.form.error_text("classes")
