"""Fields of a form: a field as a row of a table, its control, and the value that the control shows.

The forms differ in how they place their fields and whom they tell; what a field is, they share.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol, runtime_checkable

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QWidget,
)

from resnet_gui.gui.kit.basic import ElidingCombo, label
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.field_guard import GIVEN, FieldGuard
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.kit.theme import Theme

LARGEST_BESIDE_ARROWS: Final = 999
WANTED: Final = {
    "number": "it must be a number",
    "numbers": "it must be numbers, such as 0.5, 0.75",
    "whole numbers": "write whole numbers, such as 1, 2, 2, 2",
}
"""What a line of each kind asks for when something else was typed."""


@dataclass(frozen=True)
class FormField:
    """A field of a form, as a row of a table.

    Attributes:
        name: of the field in what the form edits.
        title: its label.
        kind: a choice among ``options`` (in a box, or side by side as a segment), a switch, a spin box of whole or real
            numbers, a line to type a number, numbers, whole numbers or a text, or a control of the form's own.
        tip: what it does, with its source.
        options: of a choice: value and text.
        low, high: of a spin box.
        grouped: whether a spin box shows thousands apart.
        step, decimals: of real numbers.
        zero: what 0 in a spin box, or nothing in a line, reads as.
        nullable: whether that is None.
        inline: whether the label stands beside the control rather than above it.
    """

    name: str
    title: str
    kind: Literal["choice", "segment", "switch", "whole", "real", "number", "numbers", "whole numbers", "text", "own"]
    tip: str
    options: tuple[tuple[object, str], ...] = ()
    low: float = 0
    high: float = 0
    grouped: bool = False
    step: float = 1
    decimals: int = 2
    zero: str = ""
    nullable: bool = False
    inline: bool = False

    @property
    def typed(self) -> bool:
        """Whether it is typed into, so that a value that was refused can wait in it."""
        return self.kind not in {"choice", "segment", "switch", "own"}

    @property
    def stepped(self) -> bool:
        """Whether it is a spin box, the steps of whose held arrow are one intent."""
        return self.kind in {"whole", "real"}


def number_text(value: float | Sequence[float] | None) -> str:
    """A number, or several, as a line shows them; in six digits where they are no whole numbers."""
    parts = value if isinstance(value, Sequence) else () if value is None else (value,)
    return ", ".join(str(part) if isinstance(part, int) else f"{part:.6g}" for part in parts)


class NumberLine(QLineEdit):
    """A line with a number, or several, shown in six digits and kept whole until somebody types."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[str, object] = ("", None)

    def show_value(self, value: float | Sequence[float] | None) -> None:
        """Show it; the same text again would be painted again, and lose the cursor's place."""
        text = number_text(value)
        self._shown = text, value
        if self.text() != text:
            self.setText(text)
        self.setModified(False)

    def untouched(self) -> object:
        """The value that is shown; None when something else stands there."""
        text, value = self._shown
        return value if self.text() == text else None


@runtime_checkable
class OwnControl(Protocol):
    """A control of a form's own, which holds the value of its field itself."""

    def value(self) -> object:
        """The value that it shows."""

    def show_value(self, value: object) -> None:
        """Show another without telling anybody."""


# ---- controls


def prepare(control: QWidget, title: str, tip: str) -> None:
    """What every control of a form has: its name for a screen reader, its tip, its guard, and the form's width."""
    control.setAccessibleName(title)
    control.setToolTip(tip)
    control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    control.installEventFilter(FieldGuard(control))
    if not isinstance(control, ToggleSwitch | SegmentedControl):
        # The size hint of a spin box is that of its largest value; here the form's width decides.
        control.setMinimumWidth(40)
        control.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)


def titled(title: str, control: QWidget) -> QLabel:
    """The label of a control, which names it to a screen reader too."""
    made = label(title, "label")
    made.setBuddy(control)
    control.setAccessibleName(title)
    return made


SMALL_INDENT: Final = 3
"""Pixels in a spin box of the small kind."""


def indent(spin: QAbstractSpinBox, left: int = 6) -> None:
    """Move the figures off the frame; a style sheet's padding does not reach a spin box's own line edit."""
    spin.lineEdit().setTextMargins(left, 0, 0, 0)


def make_control(
    theme: Theme, field: FormField, edited: Callable[[], object], *, while_typing: bool = False
) -> QWidget:
    """The control of a field.

    Args:
        theme: for a switch, which paints itself.
        field: what it is of.
        edited: called when the user has changed it, never by ``show_value``.
        while_typing: whether a spin box tells each digit that is typed, or the number when it is whole.
    """
    made: QWidget
    match field.kind:
        case "choice":
            made = _combo(field, edited)
        case "segment":
            made = SegmentedControl(theme, [(str(value), text, "") for value, text in field.options], height=24)
            made.chosen.connect(lambda _key: edited())
        case "text":
            made = QLineEdit()
            made.setPlaceholderText(field.zero)
            made.editingFinished.connect(edited)
        case "switch":
            made = ToggleSwitch(theme, field.title, field.tip)
            made.toggled.connect(lambda _on: edited())
        case "whole" | "real":
            made = _spin(field, edited)
            made.setKeyboardTracking(while_typing)
        case _:
            made = NumberLine()
            made.setPlaceholderText(field.zero)
            made.editingFinished.connect(edited)
    prepare(made, field.title, field.tip)
    return made


def _combo(field: FormField, edited: Callable[[], object]) -> QComboBox:
    combo = ElidingCombo()
    for value, text in field.options:
        combo.addItem(text, value)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(6)
    combo.view().setMinimumWidth(combo.view().sizeHintForColumn(0) + 24)
    combo.currentIndexChanged.connect(lambda _index: edited())
    return combo


def _spin(field: FormField, edited: Callable[[], object]) -> QSpinBox | QDoubleSpinBox:
    spin: QSpinBox | QDoubleSpinBox
    if field.kind == "whole":
        spin = QSpinBox()
        spin.setRange(int(field.low), int(field.high))
    else:
        spin = QDoubleSpinBox()
        spin.setRange(field.low, field.high)
        spin.setSingleStep(field.step)
        spin.setDecimals(field.decimals)
    spin.setSpecialValueText(field.zero)
    if field.grouped:
        spin.setGroupSeparatorShown(True)
        spin.setLocale(QLocale.c())
    indent(spin)
    spin.valueChanged.connect(lambda _value: edited())
    return spin


# ---- values


def put_number(spin: QSpinBox, value: int) -> None:
    """Show a number without telling anybody; the same number again would be painted again."""
    if spin.value() != value or spin.lineEdit().text() != spin.textFromValue(value):
        spin.blockSignals(True)
        spin.setValue(value)
        spin.blockSignals(False)
    if spin.property(GIVEN) != value:
        spin.setProperty(GIVEN, value)
    if spin.property("small"):
        # Four figures need the place of the arrows; the keys and the wheel step as before.
        plain = value > LARGEST_BESIDE_ARROWS
        spin.setButtonSymbols(
            QAbstractSpinBox.ButtonSymbols.NoButtons if plain else QAbstractSpinBox.ButtonSymbols.UpDownArrows
        )


def show_value(control: QWidget, value: object) -> None:
    """Show a field's value without telling anybody.

    Raises:
        TypeError: the control is none of ``make_control``'s, or shows no such value.
    """
    blocked = control.blockSignals(True)
    try:
        match control, value:
            case QComboBox(), _:
                _choose(control, value)
            case ToggleSwitch(), bool():
                control.setChecked(value)
            case QSpinBox(), int() | None:
                put_number(control, value or 0)
            case QDoubleSpinBox(), int() | float():
                if control.value() != value:
                    control.setValue(value)
            case NumberLine(), int() | float() | tuple() | None:
                control.show_value(value)
            case SegmentedControl(), str():
                control.set_key(value)
            case QLineEdit(), str():
                if control.text() != value:
                    control.setText(value)
            case OwnControl(), _:
                control.show_value(value)
            case _:
                raise TypeError(f"{type(control).__name__} cannot show {value!r}")
    finally:
        control.blockSignals(blocked)


def _choose(combo: QComboBox, value: object) -> None:
    if combo.currentData() == value and combo.currentIndex() >= 0:
        return
    place = next((n for n in range(combo.count()) if combo.itemData(n) == value), -1)
    if place < 0:
        # A file may hold a value that the list does not offer.
        combo.addItem(f"{combo.itemText(1).rpartition(' ')[0]} {value}".strip(), value)
        place = combo.count() - 1
    combo.setCurrentIndex(place)


def value_of(control: QWidget, field: FormField) -> object:
    """What the control of a field says.

    Raises:
        ValueError: what was typed is nothing that the field can hold; a sentence for the user.
    """
    value: object
    match control:
        case QComboBox():
            return control.currentData()
        case ToggleSwitch():
            return control.isChecked()
        case QDoubleSpinBox():
            value = round(control.value(), field.decimals)
        case QSpinBox():
            value = control.value()
        case NumberLine():
            value = control.untouched()
            if value is None:
                value = _parsed(control.text(), field)
        case SegmentedControl():
            return control.key
        case QLineEdit():
            return control.text().strip()
        case OwnControl():
            return control.value()
        case _:
            raise TypeError(type(control))
    return None if field.nullable and not value else value


def _parsed(text: str, field: FormField) -> float | tuple[float, ...]:
    try:
        if field.kind == "number":
            return float(text.replace(",", "."))
        if field.kind == "numbers":
            return tuple(float(part) for part in text.replace(";", ",").split(",") if part.strip())
        parts = re.findall(r"\d+", text)
        # No number of ten digits is one that somebody wants, and Qt's spin boxes hold none.
        if re.fullmatch(r"[\d\s,;]*", text) and max(map(len, parts), default=0) < 10:
            return tuple(map(int, parts))
    except ValueError:
        pass
    raise ValueError(f"{field.title} is '{text}'; {WANTED[field.kind]}.")
