"""The sentence below a field that was refused, with what would make it fit a click away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from resnet_gui.gui.kit.basic import button, column, label


class Repair(NamedTuple):
    """A change that makes what was refused possible.

    Attributes:
        text: on its button, such as "Depth 26".
        changes: fields of the spec, those that were refused included.
    """

    text: str
    changes: dict[str, object]


class FieldError(QWidget):
    """The place below a field for what is wrong with it; it takes no room while nothing is.

    Signals:
        repair_chosen: the Repair that the user took.
    """

    repair_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        layout = column(self, gap=2)
        self._sentence = label("", "error", wrap=True)
        layout.addWidget(self._sentence)
        self._buttons: list[QPushButton] = []
        self.hide()

    def text(self) -> str:
        """The sentence; empty while nothing is wrong."""
        return "" if self.isHidden() else self._sentence.text()

    def show_sentence(self, sentence: str, repairs: Sequence[Repair] = ()) -> None:
        """Say what is wrong, and offer what would make it fit."""
        self._sentence.setText(sentence)
        for made in self._buttons:
            made.hide()
            made.deleteLater()
        self._buttons = [self._button(repair) for repair in repairs]
        self.show()

    def repairs(self) -> list[str]:
        """What is offered."""
        return [made.text() for made in self._buttons]

    def _button(self, repair: Repair) -> QPushButton:
        made = button(repair.text, "link", "Make this change, so that it fits")
        made.setObjectName("smallLink")
        made.clicked.connect(lambda: self.repair_chosen.emit(repair))
        layout = self.layout()
        if layout is not None:
            layout.addWidget(made)
        return made
