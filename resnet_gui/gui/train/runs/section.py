"""A bar that opens and closes what is below it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton

from resnet_gui.gui.kit.basic import ElidedLabel, button, panel, row
from resnet_gui.gui.kit.theme import Theme


class Section(QFrame):
    """A bar that opens and closes the part below it.

    Attributes:
        button: opens and closes.
        note: at the bar's right end.
        line: the bar's row, for more.

    Signals:
        toggled: whether it is open now.
    """

    toggled = Signal(bool)

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("topLine")
        self.setFixedHeight(37)
        inner = panel("panelHeader")
        outer = row(self, (0, 1, 0, 0), 0)
        outer.addWidget(inner)
        line = self.line = row(inner, (4, 0, 12, 0), 4)
        self.button: QPushButton = button(title, "ghost")
        self.button.setStyleSheet("font-weight: 600; padding: 0 8px 0 4px; text-align: left;")
        self.button.setCheckable(True)
        self.button.setIconSize(QSize(14, 14))
        self.button.toggled.connect(self._open)
        self.note = ElidedLabel("", "muted12", least=20, middle=True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.button)
        line.addWidget(self.note, 1)
        theme.follow(self.button, lambda: self._paint())  # noqa: PLW0108

    @property
    def open(self) -> bool:
        """Whether its part is open."""
        return self.button.isChecked()

    def _paint(self) -> None:
        self.button.setIcon(self._theme.icon("chevron-down" if self.open else "chevron-right", "t2"))

    def _open(self, on: bool) -> None:
        self._paint()
        self.toggled.emit(on)
