"""Fields of a spec as controls, made from a table: what they are called, what can be chosen, what they explain."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from resnet_gui.design.applies import applies
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.kit.basic import column, label, restyle, row
from resnet_gui.gui.kit.field_guard import FieldGuard
from resnet_gui.gui.kit.spin import indent, put_number
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.kit.theme import Theme


@dataclass(frozen=True)
class FormField:
    """A control.

    Attributes:
        name: field of the spec.
        title: its label.
        kind: "choice" among ``options`` (value, text), "switch", "number" up to ``top`` (0 reads as ``zero``), "rate",
            a probability, or "list" of whole numbers (empty reads as ``zero``).
        tip: what it does, with the paper's section.
        inline: whether the label stands beside the control rather than above it.
        along: what must change with it in the same step, given the design and the new value.
    """

    name: str
    title: str
    kind: Literal["choice", "switch", "number", "rate", "real", "list"]
    tip: str
    options: tuple[tuple[object, str], ...] = ()
    top: int = 0
    zero: str = ""
    inline: bool = False
    along: Callable[[ResNetSpec, object], dict[str, object]] = lambda _spec, _value: {}


class FieldSet(QWidget):
    """Controls under each other, or two in a line.

    Signals:
        edited: the step's name for the undo menu, and the changed fields of the spec.
        withdrawn: what was typed into a field is its value again, or no value at all.
    """

    edited = Signal(str, object)
    reverted = Signal(str)

    def __init__(self, theme: Theme, lines: Sequence[Sequence[FormField]]) -> None:
        super().__init__()
        self._theme = theme
        self._spec: ResNetSpec | None = None
        self._fields = {field.name: field for line in lines for field in line}
        self._widgets: dict[str, QWidget] = {}
        self._labels: dict[str, QLabel] = {}
        self.errors: dict[str, QLabel] = {}
        layout = column(self, gap=4)
        for line in lines:
            self._add_line(layout, line)

    def widget(self, name: str) -> QWidget:
        """The control of a field."""
        return self._widgets[name]

    def names(self) -> frozenset[str]:
        """The fields that stand here."""
        return frozenset(self._fields)

    def _add_line(self, layout: QVBoxLayout, line: Sequence[FormField]) -> None:
        beside: QHBoxLayout = row(gap=8)
        for field in line:
            made = self._make(field)
            self._widgets[field.name] = made
            place: QBoxLayout = QHBoxLayout() if field.inline else QVBoxLayout()
            place.setSpacing(8 if field.inline else 4)
            if field.kind != "switch":
                text = label(field.title, "label")
                text.setBuddy(made)
                self._labels[field.name] = text
                place.addWidget(text)
            place.addWidget(made, 2 if field.inline else 0)
            beside.addLayout(place, 1)
        layout.addLayout(beside)
        for field in line:
            error = label("", "error", wrap=True)
            error.hide()
            self.errors[field.name] = error
            layout.addWidget(error)
        layout.addSpacing(5)

    def _make(self, field: FormField) -> QWidget:
        made: QWidget
        match field.kind:
            case "choice":
                made = self._combo(field)
            case "switch":
                switch = ToggleSwitch(self._theme, field.title, field.tip)
                switch.toggled.connect(lambda on: self._tell(field, on))
                return self._dressed(switch, field)
            case "rate":
                rate = QDoubleSpinBox()
                rate.setRange(0, 1)
                rate.setSingleStep(0.05)
                rate.setDecimals(4)
                rate.setKeyboardTracking(False)
                indent(rate)
                rate.valueChanged.connect(lambda value: self._tell(field, round(value, 4)))
                made = rate
            case "real":
                real = QDoubleSpinBox()
                real.setRange(-field.top, field.top)
                real.setSingleStep(0.5)
                real.setDecimals(2)
                real.setKeyboardTracking(False)
                indent(real)
                real.valueChanged.connect(lambda value: self._tell(field, round(value, 2)))
                made = real
            case "list":
                text = QLineEdit()
                text.setPlaceholderText(field.zero)
                text.editingFinished.connect(lambda: self._tell_list(field, text.text()))
                text.textEdited.connect(lambda now: self._tell_list(field, now) if now == self._listed(field) else None)
                made = text
            case _:
                number = QSpinBox()
                number.setRange(0, field.top)
                number.setSpecialValueText(field.zero)
                number.setKeyboardTracking(False)
                indent(number)
                number.valueChanged.connect(lambda value: self._tell(field, value))
                made = number
        return self._dressed(made, field)

    def _combo(self, field: FormField) -> QComboBox:
        combo = QComboBox()
        for value, text in field.options:
            combo.addItem(text, value)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(6)
        combo.view().setMinimumWidth(combo.view().sizeHintForColumn(0) + 24)
        combo.activated.connect(lambda index: self._tell(field, combo.itemData(index)))
        return combo

    @staticmethod
    def _dressed(widget: QWidget, field: FormField) -> QWidget:
        widget.setAccessibleName(field.title)
        widget.setToolTip(field.tip)
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.installEventFilter(FieldGuard(widget))
        if not isinstance(widget, ToggleSwitch):
            # The size hint of a spin box is that of its largest value; here the form's width decides.
            widget.setMinimumWidth(40)
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        return widget

    # ---- showing

    def show_spec(self, spec: ResNetSpec, keep: set[str]) -> None:
        """Show a design's values; fields in ``keep`` hold a refused value with its sentence."""
        self._spec = spec
        for name, field in self._fields.items():
            widget = self._widgets[name]
            able = applies(spec, field.name)
            widget.setEnabled(able)
            if name in self._labels:
                self._labels[name].setEnabled(able)
            if name in keep:
                continue
            self.errors[name].hide()
            restyle(widget, invalid="false")
            widget.blockSignals(True)
            self._put(widget, getattr(spec, name))
            widget.blockSignals(False)

    @staticmethod
    def _put(widget: QWidget, value: Any) -> None:
        match widget:
            case QComboBox():
                place = next((n for n in range(widget.count()) if widget.itemData(n) == value), -1)
                if place < 0:
                    # A file may hold a value that the list does not offer.
                    widget.addItem(f"{widget.itemText(1).rpartition(' ')[0]} {value}".strip(), value)
                    place = widget.count() - 1
                widget.setCurrentIndex(place)
            case ToggleSwitch():
                widget.setChecked(value)
            case QSpinBox():
                put_number(widget, value or 0)
            case QDoubleSpinBox() if widget.value() != (value or 0):
                widget.setValue(value or 0)
            case QLineEdit():
                text = ", ".join(map(str, value or ()))
                if widget.text() != text:
                    widget.setText(text)
                widget.setModified(False)

    def show_error(self, name: str, message: str) -> None:
        """Mark a field as wrong and say why below it."""
        self.errors[name].setText(message)
        self.errors[name].show()
        restyle(self._widgets[name], invalid="true")

    # ---- telling

    def _tell(self, field: FormField, value: object) -> None:
        if field.name == "stem_width" and value == 0:
            value = None
        changes = {field.name: value}
        if self._spec is not None:
            changes |= field.along(self._spec, value)
        self.edited.emit(f"change {field.title.lower()}", changes)

    def _listed(self, field: FormField) -> str:
        """A list of the design as its field shows it."""
        return ", ".join(map(str, getattr(self._spec, field.name, None) or ()))

    def _tell_list(self, field: FormField, text: str) -> None:
        spec = self._spec
        if spec is None:
            return
        self.reverted.emit(field.name)
        if text.strip() == self._listed(field):
            self.errors[field.name].hide()
            restyle(self._widgets[field.name], invalid="false")
            return
        if not re.fullmatch(r"[\d\s,;]*", text) or any(len(part) > 9 for part in re.findall(r"\d+", text)):
            self.show_error(field.name, f"{field.title} is '{text}'; write whole numbers, such as 1, 2, 2, 2.")
            return
        numbers = tuple(int(part) for part in re.findall(r"\d+", text))
        self._tell(field, numbers or (None if field.name == "strides" else ()))
