"""Fields of a design that are made from a table, and tell what was changed in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from resnet_gui.design.applies import applies
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.common.spec_form.field_error import FieldError, Repair
from resnet_gui.gui.kit.basic import column, restyle, row
from resnet_gui.gui.kit.form import FormField, NumberLine, make_control, number_text, show_value, titled, value_of
from resnet_gui.gui.kit.theme import Theme


@dataclass(frozen=True)
class SpecField(FormField):
    """A field of a design in a table of the form.

    Attributes:
        along: what must change with it in the same step, given the design and the new value.
    """

    along: Callable[[ResNetSpec, object], dict[str, object]] = lambda _spec, _value: {}


class FieldSet(QWidget):
    """A column of controls, one or two in a line, each of a field from a table.

    Signals:
        edited: the step's name for the undo menu, and the changed fields of the spec.
        reverted: what was typed into a field is its value again, or no value at all.
        repair_chosen: the Repair of a refused edit that the user took.
    """

    edited = Signal(str, object)
    reverted = Signal(str)
    repair_chosen = Signal(object)

    def __init__(self, theme: Theme, lines: Sequence[Sequence[SpecField]]) -> None:
        super().__init__()
        self._theme = theme
        self._spec: ResNetSpec | None = None
        self._just = ""
        self._fields = {field.name: field for line in lines for field in line}
        self._widgets: dict[str, QWidget] = {}
        self._labels: dict[str, QLabel] = {}
        self._able: dict[str, bool] = {}
        self._wrong = set(self._fields)  # until they show something
        self.errors: dict[str, FieldError] = {}
        layout = column(self, gap=4)
        for line in lines:
            self._add_line(layout, line)

    def widget(self, name: str) -> QWidget:
        """The control of a field."""
        return self._widgets[name]

    def names(self) -> frozenset[str]:
        """The fields that stand here."""
        return frozenset(self._fields)

    def _add_line(self, layout: QVBoxLayout, line: Sequence[SpecField]) -> None:
        beside: QHBoxLayout = row(gap=8)
        for field in line:
            made = self._make(field)
            self._widgets[field.name] = made
            place: QBoxLayout = QHBoxLayout() if field.inline else QVBoxLayout()
            place.setSpacing(8 if field.inline else 4)
            if field.kind != "switch":
                self._labels[field.name] = titled(field.title, made)
                place.addWidget(self._labels[field.name])
            place.addWidget(made, 2 if field.inline else 0)
            beside.addLayout(place, 1)
        layout.addLayout(beside)
        for field in line:
            error = FieldError()
            error.repair_chosen.connect(self.repair_chosen)
            self.errors[field.name] = error
            layout.addWidget(error)
        layout.addSpacing(5)

    def _make(self, field: SpecField) -> QWidget:
        made = make_control(self._theme, field, lambda: self._tell(field))
        if isinstance(made, QComboBox):
            # A choice that sprang back is right when it is chosen once more.
            made.activated.connect(lambda _place: self._settle(field.name))
        if isinstance(made, NumberLine):
            # What was wrong and is taken back is wrong no more at once.
            made.textEdited.connect(lambda text: self._tell(field) if text == self._listed(field) else None)
        return made

    # ---- showing

    def show_spec(self, spec: ResNetSpec, keep: set[str]) -> None:
        """Show a design's values; fields in ``keep`` hold a refused value with its sentence."""
        self._spec = spec
        for name, field in self._fields.items():
            widget = self._widgets[name]
            able = applies(spec, field.name)
            if able != self._able.get(name):
                self._able[name] = able
                widget.setEnabled(able)
                if name in self._labels:
                    self._labels[name].setEnabled(able)
            if name in keep:
                continue
            if name in self._wrong:
                self._set_right(name)
            show_value(widget, getattr(spec, name))

    def show_error(self, name: str, message: str, repairs: Sequence[Repair] = ()) -> None:
        """Mark a field as wrong, say why below it, and what would make it fit."""
        self._wrong.add(name)
        self.errors[name].show_sentence(message, repairs)
        restyle(self._widgets[name], invalid="true")

    def _set_right(self, name: str) -> None:
        """Take back that a field is wrong."""
        self._wrong.discard(name)
        self.errors[name].hide()
        restyle(self._widgets[name], invalid="false")

    def _settle(self, name: str) -> None:
        """The present choice was made once more: what was refused of the field before is wrong no more."""
        spec, just = self._spec, self._just
        self._just = ""
        # A choice that was just refused has sprung back by now, and its sentence is to be read.
        if (
            just != name
            and spec is not None
            and value_of(self._widgets[name], self._fields[name]) == getattr(spec, name)
        ):
            self._set_right(name)

    # ---- telling

    def _tell(self, field: SpecField) -> None:
        spec, control = self._spec, self._widgets[field.name]
        self._just = field.name if isinstance(control, QComboBox) else ""
        if spec is None:
            return
        if isinstance(control, NumberLine):
            self.reverted.emit(field.name)
            if control.text().strip() == self._listed(field):
                self._set_right(field.name)
                return
        try:
            value = value_of(control, field)
        except ValueError as error:
            self.show_error(field.name, str(error))
            return
        self.edited.emit(f"change {field.title.lower()}", {field.name: value} | field.along(spec, value))

    def _listed(self, field: SpecField) -> str:
        """A list of the design as its field shows it."""
        return number_text(getattr(self._spec, field.name, None))
