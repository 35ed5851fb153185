"""Every tensor of a design and the one of the weights that it begins from, as a table."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QDialog, QHeaderView, QTableView, QWidget

from resnet_gui.gui.kit.basic import button, column, label, row
from resnet_gui.gui.kit.format import shape
from resnet_gui.gui.kit.window.screen_room import resize_within_screen
from resnet_gui.protocol.start_messages import FittedTensor, TensorState, WeightsFitted

COLUMNS: Final = ("In the design", "Shape", "In the weights", "Shape there", "")
STATES: Final[dict[TensorState, str]] = {
    "fits": "fits",
    "channels": "fits, for other channels",
    "rows": "rows of classes of one name",
    "zeros": "new, zeros: a bias the weights lack",
    "new": "new, random",
    "unused": "not used",
    "differs": "differs",
}


class _TensorModel(QAbstractTableModel):
    """The rows of the table."""

    def __init__(self, table: tuple[FittedTensor, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = table

    def rowCount(self, _parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """How many tensors."""
        return len(self._rows)

    def columnCount(self, _parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """How many columns."""
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The titles."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return COLUMNS[section]
        return None

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The texts."""
        if role not in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return None
        return cells_of(self._rows[index.row()])[index.column()]


def cells_of(tensor: FittedTensor) -> tuple[str, str, str, str, str]:
    """The texts of a row."""
    ours, theirs = ("–" if size is None else shape(size) or "one number" for size in (tensor.ours, tensor.theirs))
    return tensor.name or "–", ours, tensor.source or "–", theirs, STATES[tensor.state]


class TensorsDialog(QDialog):
    """The dialog with every tensor.

    Attributes:
        table: of the tensors.
    """

    def __init__(self, parent: QWidget, model: str, found: WeightsFitted) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Tensors of {model}")
        resize_within_screen(self, 820, 560)
        layout = column(self, (16, 16, 16, 16), 12)
        for sentence in found.sentences or ((found.refused,) if found.refused else ()):
            layout.addWidget(label(sentence, "muted12", wrap=True))
        self.table = QTableView()
        self.table.setModel(_TensorModel(found.table, self))
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.setShowGrid(False)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        heads = self.table.horizontalHeader()
        heads.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for place in range(len(COLUMNS)):
            stretched = place in {0, 2}
            how = QHeaderView.ResizeMode.Stretch if stretched else QHeaderView.ResizeMode.ResizeToContents
            heads.setSectionResizeMode(place, how)
        layout.addWidget(self.table, 1)
        foot = row(gap=8)
        foot.addStretch()
        close = button("Close")
        close.clicked.connect(self.accept)
        foot.addWidget(close)
        layout.addLayout(foot)
