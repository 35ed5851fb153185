"""The pictures that were not counted, each with its reason."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHeaderView, QTableView, QWidget

from resnet_gui.evaluation.record import EvaluationRecord
from resnet_gui.gui.kit.basic import column, label

NAMES: Final = 220
"""Pixels of the column of names; the reasons have the rest."""


class LeftOutDialog(QDialog):
    """The list of what was left out of an evaluation.

    Attributes:
        rows: picture or class, and reason.
    """

    def __init__(self, parent: QWidget | None, record: EvaluationRecord) -> None:
        super().__init__(parent)
        self.setWindowTitle("Left out")
        self.resize(860, 420)
        layout = column(self, (16, 14, 16, 14), 10)
        layout.addWidget(label(left_out_sentence(record), wrap=True))
        self.rows = QStandardItemModel(0, 2, self)
        self.rows.setHorizontalHeaderLabels(["Picture or class", "Reason"])
        for one in record.left_out:
            # The reason of a file that cannot be read is a sentence that begins with the whole path.
            items = [QStandardItem(_short(one.path)), QStandardItem(one.reason.removeprefix(f"{one.path} "))]
            for item, tip in zip(items, (one.path, one.reason), strict=True):
                item.setEditable(False)
                item.setToolTip(tip)
            self.rows.appendRow(items)
        table = QTableView()
        table.setModel(self.rows)
        table.setShowGrid(False)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setAccessibleName("Pictures that were left out")
        table.verticalHeader().setVisible(False)
        heads = table.horizontalHeader()
        heads.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        heads.resizeSection(0, NAMES)
        layout.addWidget(table, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)


def left_out_sentence(record: EvaluationRecord) -> str:
    """How many were left out, in a sentence; empty for none."""
    count = len(record.left_out)
    if not count:
        return ""
    first = record.left_out[0]
    what = "entry was" if count == 1 else "entries were"
    name, reason = _short(first.path), first.reason.rstrip(". ")
    # The reason of a file that cannot be read is a sentence that begins with the whole path.
    rest = reason.removeprefix(first.path)
    said = f"{name}{rest}" if rest != reason else f"{name}, {reason}"
    return f"{count:,} {what} left out, {record.pictures:,} pictures are counted: {said}."


def _short(path: str) -> str:
    """A picture's name with its folder's, which is its class as a rule; a class's name as it is."""
    return "/".join(PurePath(path).parts[-2:])
