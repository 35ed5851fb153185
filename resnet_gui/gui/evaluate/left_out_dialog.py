"""The pictures that were not counted, each with its reason."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHeaderView, QTableView, QWidget

from resnet_gui.evaluation.record import EvaluationRecord
from resnet_gui.gui.kit.basic import column, label


class LeftOutDialog(QDialog):
    """The list of what was left out of an evaluation.

    Attributes:
        rows: picture or class, and reason.
    """

    def __init__(self, parent: QWidget | None, record: EvaluationRecord) -> None:
        super().__init__(parent)
        self.setWindowTitle("Left out")
        self.resize(640, 420)
        layout = column(self, (16, 14, 16, 14), 10)
        layout.addWidget(label(left_out_sentence(record), wrap=True))
        self.rows = QStandardItemModel(0, 2, self)
        self.rows.setHorizontalHeaderLabels(["Picture or class", "Reason"])
        for one in record.left_out:
            items = [QStandardItem(one.path), QStandardItem(one.reason)]
            for item in items:
                item.setEditable(False)
                item.setToolTip(item.text())
            self.rows.appendRow(items)
        table = QTableView()
        table.setModel(self.rows)
        table.setShowGrid(False)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setAccessibleName("Pictures that were left out")
        table.verticalHeader().setVisible(False)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
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
    name, reason = "/".join(PurePath(first.path).parts[-2:]), first.reason.rstrip(". ")
    # The reason of a file that cannot be read is a sentence that begins with the whole path.
    rest = reason.removeprefix(first.path)
    said = f"{name}{rest}" if rest != reason else f"{name}, {reason}"
    return f"{count:,} {what} left out, {record.pictures:,} pictures are counted: {said}."
