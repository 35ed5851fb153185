"""The depth of a design: a row of chips for those that the papers print and any other, and the sum that gives it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from resnet_gui.design.depth import depth_arithmetic, family_depth, usual_depths
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.kit.basic import button, label, row
from resnet_gui.gui.kit.field_guard import FieldGuard

LONGEST = 34
"""Letters of a sum that fit beside the title."""


class DepthChoice(QWidget):
    """The choice of a depth: a chip for each usual one; the last one, "other…", becomes a field for any other.

    Attributes:
        field: where a depth is typed; on show while that is done, or while the depth is none of the usual ones.
        other: the last chip.
        arithmetic: the label of the sum, for the form to place.

    Signals:
        entered: a depth was chosen or typed.
        invalid: what was typed is no number; the sentence.
        valid: what was typed is the depth that is shown.
    """

    entered = Signal(int)
    invalid = Signal(str)
    valid = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._chips: list[QPushButton] = []
        self._usual = 0
        self._depth = 0
        self.arithmetic = label("", "caption")
        self.field = QLineEdit()
        self.field.setFixedWidth(56)
        self.field.setTextMargins(-6, 0, -6, 0)  # four digits have to fit
        self.field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.field.setToolTip(
            "Layers with weights on the main path (He et al. 2015, Table 1; 6n + 2 on CIFAR, section 4.2); type any "
            "depth that the family has, then Enter"
        )
        self.field.editingFinished.connect(self._tell)
        # What was wrong and is taken back is wrong no more at once.
        self.field.textEdited.connect(lambda text: self.valid.emit() if text == str(self._depth) else None)
        self.field.installEventFilter(FieldGuard(self.field))
        self.field.hide()
        self.other = button("other…", "chip", "Type any depth that the family has")
        self.other.setFixedWidth(56)
        # Smaller, or its letters touch the frame.
        self.other.setStyleSheet("font-size: 12px; min-width: 54px; max-width: 54px;")
        self.other.clicked.connect(self._open_field)
        line = row(self, gap=5)
        self._row = row(gap=5)
        line.addLayout(self._row, 1)
        line.addWidget(self.other)
        line.addWidget(self.field)

    def show_spec(self, spec: ResNetSpec) -> None:
        """Show a design's depth among those of its family."""
        self._depth = family_depth(spec)
        text = f"{depth_arithmetic(spec)} = {spec.depth}"
        self.arithmetic.setText(text if len(text) < LONGEST else f"= {spec.depth}")
        self.arithmetic.setToolTip(
            f"{text}: the stem, the convolutions of the blocks, the last layer; projections are not counted. "
            "Wide ResNets count their three projections instead of the last layer: 6n + 4"
        )
        if self.field.text() != str(self._depth):
            self.field.setText(str(self._depth))
        self.field.setModified(False)
        depths = usual_depths(spec.stem, spec.block)
        if [chip.text() for chip in self.chips()] != [str(depth) for depth in depths]:
            self._name_chips(depths)
        for chip in self.chips():
            chip.setChecked(chip.text() == str(self._depth))
        self._show_field(on=self._depth not in depths or self.field.hasFocus())

    def show_refused(self, depth: int) -> None:
        """Let a depth that the family has not stand in the field."""
        self.field.setText(str(depth))
        self._show_field(on=True)

    def _show_field(self, *, on: bool) -> None:
        self.field.setVisible(on)
        self.other.setVisible(not on)

    def _open_field(self) -> None:
        """Let another depth be typed."""
        self._show_field(on=True)
        self.field.setFocus()
        self.field.selectAll()

    def chips(self) -> list[QPushButton]:
        """The chips of the family's depths."""
        return self._chips[: self._usual]

    @property
    def made(self) -> int:
        """So many chips there are; those that a family with fewer depths does not need are hidden."""
        return len(self._chips)

    def _name_chips(self, depths: Sequence[int]) -> None:
        """Give each depth its chip; to make and style chips takes longer than all else of an edit."""
        while len(self._chips) < len(depths):
            self._chips.append(self._make_chip())
        self._usual = len(depths)
        for number, chip in enumerate(self._chips):
            if number < len(depths):
                chip.setText(str(depths[number]))
                chip.setToolTip(f"Depth {depths[number]}")
            chip.setVisible(number < len(depths))

    def _make_chip(self) -> QPushButton:
        chip = button("", "chip", "")
        chip.setCheckable(True)
        chip.clicked.connect(lambda: self.entered.emit(int(chip.text())))
        self._row.addWidget(chip, 1)
        return chip

    def _tell(self) -> None:
        text = self.field.text().strip()
        if text == str(self._depth) and text in [chip.text() for chip in self.chips()] and not self.field.hasFocus():
            # Left as it was: the row of chips is whole again.
            self._show_field(on=False)
        if text == str(self._depth):
            self.valid.emit()
        elif text.isdecimal() and len(text) < 10:
            self.entered.emit(int(text))
        else:
            self.invalid.emit(f"Depth is '{text}'; it must be a whole number.")
