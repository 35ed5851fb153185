"""Parts of the design form that know how they work: the field of a picture's shape, and the foot."""

from __future__ import annotations

import re

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLineEdit

from resnet_gui.gui.common.spec_form.table import FIELDS
from resnet_gui.gui.kit.basic import button, row, set_icon
from resnet_gui.gui.kit.field_guard import FieldGuard
from resnet_gui.gui.kit.format import shape
from resnet_gui.gui.kit.theme import Theme


class ShapeField(QLineEdit):
    """A field for the shape of a picture: channels × height × width.

    Signals:
        changed: another shape was typed.
        invalid: what was typed is no shape; the sentence.
        reverted: whatever was typed before counts no more.
        valid: what stands there is the shape that is shown.
    """

    changed = Signal(object)
    invalid = Signal(str)
    reverted = Signal()
    valid = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""
        self.setAccessibleName(FIELDS["input"].title)
        self.setTextMargins(-4, 0, -4, 0)
        self.setToolTip(FIELDS["input"].tip)
        self.editingFinished.connect(self._tell)
        # What was wrong and is taken back is wrong no more at once.
        self.textEdited.connect(lambda text: self._tell() if text == self._shown else None)
        self.installEventFilter(FieldGuard(self))

    def show_shape(self, picture: tuple[int, ...]) -> None:
        """Show a shape without telling anybody."""
        self._shown = shape(picture, wide=True)
        if self.text() != self._shown:
            self.setText(self._shown)
            self.setCursorPosition(0)
        self.setModified(False)

    def _tell(self) -> None:
        text = self.text()
        self.reverted.emit()
        numbers = re.findall(r"\d+", text)
        if text == self._shown:
            self.valid.emit()
        elif len(numbers) == 3 and re.fullmatch(r"[\d\s×x*,]+", text) and max(map(len, numbers)) < 10:
            self.changed.emit(tuple(map(int, numbers)))
        else:
            self.invalid.emit(f"Input is '{text}'; write channels × height × width, such as 3 × 224 × 224.")


class FormFooter(QFrame):
    """The foot of a form: back to the preset, and on to training.

    Attributes:
        reset: the left button.
        train: the primary one.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("topLine")
        self.setFixedHeight(53)
        line = row(self, (16, 1, 16, 0))
        self.reset = button("Reset", "ghost", "Back to the preset")
        self.train = button("Train this design", "primary", "Open the Train page with this design")
        set_icon(theme, self.train, "train", "onacc")
        line.addWidget(self.reset)
        line.addStretch()
        line.addWidget(self.train)
