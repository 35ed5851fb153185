"""The block-by-block difference of two designs as a Qt model: what was added, what changed, what each costs."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from resnet_gui.analysis.comparison import BlockGroup, align, runs
from resnet_gui.analysis.costs import Cost
from resnet_gui.analysis.layer_names import Naming
from resnet_gui.design.location import Location
from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.format import binary, count, short, signed

Index = QModelIndex | QPersistentModelIndex


class DifferenceRow(IntEnum):
    """One row of the table: neighbouring blocks that differ in one way."""

    BLOCKS = 0
    STATE = 1
    CHANGES = 2
    EACH = 3
    PARAMS = 4
    MACS = 5
    MEMORY = 6


TITLES: Final = ("Blocks", "State", "What is different", "Params each", "Params", "MACs", "Mem")
STATES: Final = {"same": "the same", "changed": "changed", "added": "added", "removed": "removed"}


class DifferenceModel(QAbstractTableModel):
    """The model of the table: rows of neighbouring blocks that differ in one way.

    Attributes:
        total: what the second design has more.
        naming: how blocks and layers are called.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: list[BlockGroup] = []
        self._all: list[BlockGroup] = []
        self._only = False
        self.total = Cost()
        self.naming: Naming = "paper"

    def set_plans(self, one: Plan, other: Plan, naming: Naming = "paper") -> None:
        """Compare other designs, their layers called as the paper does or as PyTorch does."""
        self.beginResetModel()
        self.naming = naming
        self._all = runs(align(one, other, naming))
        self.total = sum((run.cost for run in self._all), Cost())
        self._sift()
        self.endResetModel()

    def set_only_differing(self, *, only: bool) -> None:
        """Leave out what both have."""
        self.beginResetModel()
        self._only = only
        self._sift()
        self.endResetModel()

    def _sift(self) -> None:
        self._runs = [run for run in self._all if run.state != "same" or not self._only]

    def run(self, row: int) -> BlockGroup:
        """A row."""
        return self._runs[row]

    def row_of(self, location: Location) -> int:
        """The row in which a block stands; −1 if it is left out."""
        for number, run in enumerate(self._runs):
            first, last = run.first, run.last
            if first.stage == location.stage and (first.block or 0) <= (location.block or 0) <= (last.block or 0):
                return number
        return -1

    @staticmethod
    def cell(run: BlockGroup, part: DifferenceRow, naming: Naming = "paper") -> str:
        """What a cell shows."""
        match part:
            case DifferenceRow.BLOCKS:
                title = run.named(naming)
                return f"{title}  ×{run.count}" if run.count > 1 else title
            case DifferenceRow.STATE:
                return STATES[run.state]
            case DifferenceRow.CHANGES:
                return "; ".join(run.changes)
            case DifferenceRow.EACH:
                return signed(run.each.params) if run.count > 1 and run.each.params else ""
            case DifferenceRow.PARAMS:
                return signed(run.cost.params) if run.state != "same" else ""
            case DifferenceRow.MACS:
                return signed(run.cost.macs, short) if run.state != "same" else ""
            case _:
                return signed(run.cost.memory, binary) if run.state != "same" else ""

    # ---- Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of rows."""
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of columns."""
        return 0 if parent.isValid() else len(DifferenceRow)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        if not index.isValid():
            return None
        run, part = self._runs[index.row()], DifferenceRow(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(run, part, self.naming)
        if role == Qt.ItemDataRole.ToolTipRole:
            title, path = run.title, run.named("torch")
            names = title if title == path else f"{title} ({path})"
            lines = [f"{names}: {STATES[run.state]}", *run.changes]
            lines.append(f"{count(run.cost.params)} parameters, {count(run.cost.macs)} MACs in all")
            return "\n".join(lines)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if part >= DifferenceRow.EACH else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(TITLES):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section >= DifferenceRow.EACH else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return TITLES[section] if role == Qt.ItemDataRole.DisplayRole else None
