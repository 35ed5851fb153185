"""What a control of a form shows is what it says; it tells the user's changes and no others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)  # fmt: skip
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.basic import ElidingCombo
from resnet_gui.gui.kit.form import FormField, make_control, show_value, titled, value_of
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.kit.theme import Theme
from tests.conftest import examples

CHOICE = FormField("shape", "Shape", "choice", "Which", ((None, "usual"), (True, "yes 1"), (False, "no")))
SWITCH = FormField("on", "On", "switch", "Whether")
WHOLE = FormField("count", "Count", "whole", "How many", low=0, high=100_000, grouped=True)
NULLABLE = FormField("width", "Width", "whole", "How wide", high=99, zero="as usual", nullable=True)
REAL = FormField("rate", "Rate", "real", "How likely", high=1, step=0.05, decimals=4)
NUMBER = FormField("lr", "Learning rate", "number", "How fast")
NUMBERS = FormField("at", "Steps at", "numbers", "Where")
LIST = FormField("strides", "Strides", "whole numbers", "How far", zero="1, 2", nullable=True)

VALUES: list[tuple[FormField, list[Any]]] = [
    (CHOICE, [None, True, False]),
    (SWITCH, [True, False]),
    (WHOLE, [0, 7, 100_000]),
    (NULLABLE, [None, 1, 99]),
    (REAL, [0.0, 0.1234, 1.0]),
    (NUMBER, [0.0, 1 / 3, 1e-9]),
    (NUMBERS, [(), (0.5,), (1 / 3, 2 / 3)]),
    (LIST, [None, (1,), (1, 2, 1_000_000)]),
]
IDS = [field.name for field, _ in VALUES]

Maker = Callable[..., tuple[Any, list[object]]]


@pytest.fixture
def make(qtbot: QtBot, theme: Theme) -> Maker:
    """Makes the control of a field, with the values that it has told."""

    def made(field: FormField, **options: bool) -> tuple[QWidget, list[object]]:
        told: list[object] = []
        control = make_control(theme, field, lambda: told.append(value_of(control, field)), **options)
        qtbot.addWidget(control)
        control.resize(160, 28)
        control.show()
        return control, told

    return made


def enter(qtbot: QtBot, control: QWidget, what: Any) -> None:
    """Choose, click or type as a user does."""
    match control:
        case QComboBox():
            control.setCurrentIndex(next(n for n in range(control.count()) if control.itemData(n) is what))
        case ToggleSwitch():
            qtbot.mouseClick(control, Qt.MouseButton.LeftButton)
        case QSpinBox() | QDoubleSpinBox() | QLineEdit():
            control.setFocus()
            control.selectAll()
            qtbot.keyClicks(control, what)
            qtbot.keyClick(control, Qt.Key.Key_Return)


@pytest.mark.parametrize(("field", "values"), VALUES, ids=IDS)
def test_what_is_shown_is_what_the_control_says_and_nobody_is_told(
    make: Maker, field: FormField, values: list[Any]
) -> None:
    control, told = make(field)
    for value in [*values, *values[::-1]]:
        show_value(control, value)
        assert value_of(control, field) == value
    assert told == []


@pytest.mark.parametrize(
    ("field", "entered", "value"),
    [
        (CHOICE, False, False), (SWITCH, None, True), (WHOLE, "12", 12), (NULLABLE, "5", 5), (REAL, "0.25", 0.25),
        (NUMBER, "1e-3", 0.001), (NUMBER, "0,5", 0.5), (NUMBERS, "0.25; 0.5", (0.25, 0.5)),
        (LIST, "2 1,1;2", (2, 1, 1, 2)),
    ],
)  # fmt: skip
def test_the_users_change_is_told_once_with_its_value(
    qtbot: QtBot, make: Maker, field: FormField, entered: Any, value: object
) -> None:
    control, told = make(field)
    enter(qtbot, control, entered)
    assert told == [value]


def test_a_spin_box_tells_a_number_when_it_is_whole_or_each_digit_as_the_form_wants_it(
    qtbot: QtBot, make: Maker
) -> None:
    for while_typing, expected in ((False, [12]), (True, [1, 12])):
        control, told = make(WHOLE, while_typing=while_typing)
        enter(qtbot, control, "12")
        assert list(dict.fromkeys(told)) == expected


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        (NUMBER, "fast", "Learning rate is 'fast'; it must be a number."),
        (NUMBERS, "0.5, half", "Steps at is '0.5, half'; it must be numbers, such as 0.5, 0.75."),
        (LIST, "1, two", "Strides is '1, two'; write whole numbers, such as 1, 2, 2, 2."),
        (LIST, "1, -2", "Strides is '1, -2'; write whole numbers, such as 1, 2, 2, 2."),
        (LIST, "1234567890", "Strides is '1234567890'; write whole numbers, such as 1, 2, 2, 2."),
    ],
)
def test_a_text_that_is_no_value_is_refused_in_a_sentence(
    qtbot: QtBot, theme: Theme, field: FormField, text: str, sentence: str
) -> None:
    control = make_control(theme, field, lambda: None)
    qtbot.addWidget(control)
    assert isinstance(control, QLineEdit)
    control.setText(text)
    with pytest.raises(ValueError, match=r".") as caught:
        value_of(control, field)
    assert str(caught.value) == sentence


@examples(30)
@given(value=st.floats(0, 1e9))
def test_a_number_is_shown_in_six_digits_and_kept_whole(theme: Theme, value: float) -> None:
    control = make_control(theme, NUMBER, lambda: None)
    assert isinstance(control, QLineEdit)
    show_value(control, value)
    assert value_of(control, NUMBER) == value
    assert float(control.text()) == pytest.approx(value, rel=1e-5)
    control.deleteLater()


def test_a_value_that_the_list_does_not_offer_is_added_to_it(make: Maker) -> None:
    control, _ = make(CHOICE)
    show_value(control, 7)
    assert (control.currentText(), value_of(control, CHOICE)) == ("yes 7", 7)


def test_a_value_of_another_kind_is_an_error_and_not_passed_over(make: Maker) -> None:
    control, _ = make(SWITCH)
    with pytest.raises(TypeError, match="cannot show 'on'"):
        show_value(control, "on")
    assert not control.signalsBlocked()


@pytest.mark.parametrize(("field", "values"), VALUES, ids=IDS)
def test_every_control_has_its_name_and_tip_and_leaves_the_wheel_to_the_form(
    make: Maker, field: FormField, values: list[Any]
) -> None:
    control, told = make(field)
    show_value(control, values[1])
    assert (control.accessibleName(), control.toolTip()) == (field.title, field.tip)
    assert control.focusPolicy() == Qt.FocusPolicy.StrongFocus
    control.clearFocus()
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, 0), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(control, wheel)
    assert value_of(control, field) == values[1]
    assert told == []


def test_a_label_goes_to_its_control(make: Maker) -> None:
    control, _ = make(WHOLE)
    made = titled("Number", control)
    assert made.buddy() is control
    assert control.accessibleName() == "Number"


def test_a_choice_that_just_fits_is_written_whole_and_one_that_does_not_ends_in_an_ellipsis(qtbot: QtBot) -> None:
    combo = ElidingCombo()
    qtbot.addWidget(combo)
    combo.addItem("Post-activation, conv–BN–ReLU")
    combo.show()
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    part = QStyle.SubControl.SC_ComboBoxEditField

    def room() -> int:
        combo.initStyleOption(option)
        return combo.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, combo).width()

    wanted = combo.fontMetrics().horizontalAdvance(combo.currentText()) + 2
    combo.resize(combo.width() + wanted - room(), combo.height())
    assert room() == wanted
    whole = combo.grab().toImage()
    plain = QComboBox()
    qtbot.addWidget(plain)
    plain.addItem(combo.currentText())
    plain.resize(combo.size())
    assert plain.grab().toImage() == whole
    combo.resize(combo.width() - 1, combo.height())
    plain.resize(combo.size())
    assert plain.grab().toImage() != combo.grab().toImage()
