"""What a weights file leaves open of its design: a control for each field, and what was taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.words import assignment, read_assignments
from resnet_gui.gui.common.spec_form.fields import FieldSet
from resnet_gui.gui.common.spec_form.table import FIELDS
from resnet_gui.gui.kit.basic import button, column, label
from resnet_gui.gui.kit.theme import Theme

HIGHEST: Final = 230
"""Pixels that the fields take of the card; more of them scroll."""


class OpenFields(QWidget):
    """The open fields of a weights file, folded away until they are asked for.

    Attributes:
        button: shows them.
        fields: their controls; None while there are none.

    Signals:
        changed: the user has said what one is, so that ``assignments`` are others.
    """

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._assigned: dict[str, object] = {}
        self._names: tuple[str, ...] = ()
        self.fields: FieldSet | None = None
        layout = column(self, (0, 0, 0, 0), 4)
        self.button = button("", "small", "What the tensors of this file do not tell, and what was taken")
        self.button.setCheckable(True)
        self.button.toggled.connect(self._open)
        layout.addWidget(self.button)
        self._part = QWidget()
        inner = column(self._part, (0, 0, 0, 0), 4)
        inner.addWidget(label("Shown is what was taken; another value is tried at once.", "caption", wrap=True))
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setMaximumHeight(HIGHEST)
        inner.addWidget(self._scroll)
        layout.addWidget(self._part)
        self._part.hide()
        self.hide()

    def assignments(self) -> tuple[str, ...]:
        """What the user has said, each ``field=value``."""
        return tuple(assignment(field, value) for field, value in self._assigned.items())

    def take(self, assignments: Sequence[str]) -> None:
        """Take what was said elsewhere, each ``field=value``.

        Raises:
            InputError: one is no assignment.
        """
        self._assigned = read_assignments(assignments)

    def forget(self) -> None:
        """Another file leaves other fields open."""
        self._assigned.clear()
        self.button.setChecked(False)
        self.hide()

    def show_design(self, spec: ResNetSpec, names: tuple[str, ...]) -> None:
        """Show what is open of a design; nothing if that is nothing."""
        self.setVisible(bool(names))
        count = len(names)
        self.button.setText(f"{count} open field{'s' * (count != 1)}")
        if names != self._names:
            self._names = names
            self.fields = FieldSet(self._theme, [(FIELDS[name],) for name in names if name in FIELDS])
            self.fields.edited.connect(self._edited)
            self._scroll.setWidget(self.fields)
        if self.fields is not None:
            self.fields.show_spec(spec, set())

    def _open(self, on: bool) -> None:
        self._part.setVisible(on)

    def _edited(self, _step: str, changes: dict[str, object]) -> None:
        self._assigned |= changes
        self.changed.emit()
