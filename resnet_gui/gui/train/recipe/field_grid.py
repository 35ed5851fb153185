"""Fields of a form in two columns, each below its label; which ones, and in which order, can change."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from resnet_gui.gui.kit.form import titled


class FieldGrid(QWidget):
    """A grid of labelled controls, which may be another grid's before."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 4)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(3)
        self._labels: dict[QWidget, QLabel] = {}
        self._shown: list[QWidget] = []

    def show_fields(self, fields: Sequence[tuple[str, QWidget]], *, wide: int = 0) -> None:
        """Show these controls under these titles, the first ``wide`` of them over both columns.

        Those that were here before are left to whoever takes them.
        """
        if [control for _, control in fields] == self._shown:
            return
        for control in self._shown:
            self._grid.removeWidget(control)
            self._grid.removeWidget(self._labels[control])
            self._labels[control].hide()
        for line in range(self._grid.rowCount()):
            self._grid.setRowMinimumHeight(line, 0)
        for number, (title, control) in enumerate(fields):
            spans = 2 if number < wide else 1
            line, place = (3 * number, 0) if spans == 2 else (3 * (wide + (number - wide) // 2), (number - wide) % 2)
            if control not in self._labels:
                self._labels[control] = titled(title, control)
            self._grid.addWidget(self._labels[control], line, place)
            self._grid.addWidget(control, line + 1, place, 1, spans)
            self._labels[control].show()
            self._grid.setRowMinimumHeight(line + 2, 3 if number + 2 < len(fields) else 0)
            self._grid.setColumnStretch(place, 1)
        self._shown = [control for _, control in fields]
