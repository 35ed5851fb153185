"""The runs as a table: those that are found, in their order, under headings."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.train.runs.arrangement import Entry, GroupHeading, RunArrangement
from resnet_gui.gui.train.runs.columns import COLUMNS, CURVE, KEYS, RunColumn
from resnet_gui.gui.train.runs.sparklines import Sparklines

Index = QModelIndex | QPersistentModelIndex
ENTRY = Qt.ItemDataRole.UserRole
"""Role of the run or the heading of a row."""


class RunTableModel(QAbstractTableModel):
    """The model of the table of runs.

    Attributes:
        runs: where they come from.
        sparklines: what the column of curves shows.
        arrangement: which runs are shown, and how.

    Signals:
        arranged: other runs are shown, or in another order.
    """

    arranged = Signal()

    def __init__(self, runs: RunModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.runs = runs
        self.arrangement = RunArrangement()
        self.sparklines = Sparklines(self)
        self._entries: list[Entry] = self.arrangement.entries(runs.rows())
        for signal in (runs.modelReset, runs.rowsInserted, runs.rowsRemoved):
            signal.connect(self._arrange)
        runs.run_changed.connect(self._run_changed)
        runs.tags_changed.connect(self._tags_changed)
        self.sparklines.ready.connect(self._show_curve)

    def arrange(self, arrangement: RunArrangement) -> None:
        """Show other runs, or the same ones in another order."""
        if arrangement != self.arrangement:
            self.arrangement = arrangement
            self._arrange()
            self.arranged.emit()

    def entries(self) -> list[Entry]:
        """What is shown, row by row."""
        return list(self._entries)

    def shown_runs(self) -> list[RunRow]:
        """The runs that are shown."""
        return [entry for entry in self._entries if isinstance(entry, RunRow)]

    def entry(self, index: Index) -> Entry | None:
        """What stands in a row."""
        return self._entries[index.row()] if index.isValid() and index.row() < len(self._entries) else None

    def index_of(self, run: RunRow | None) -> QModelIndex:
        """Where a run stands; an invalid index where it is not shown."""
        found = next((number for number, entry in enumerate(self._entries) if entry is run), None)
        return QModelIndex() if found is None else self.index(found, 0)

    def neighbour(self, run: RunRow, gone: Container[Path]) -> RunRow | None:
        """The nearest run below another one, or else above it, whose folder is not one of those that go."""
        shown = self.shown_runs()
        if run not in shown:
            return None
        at = shown.index(run)
        return next((each for each in [*shown[at + 1 :], *reversed(shown[:at])] if each.folder not in gone), None)

    def _arrange(self) -> None:
        before, entries = self._entries, self.arrangement.entries(self.runs.rows())
        if entries == before:
            return
        # One run that comes or goes leaves the others as they are: of many that do, each would draw all anew.
        same = next((at for at, (old, new) in enumerate(zip(before, entries, strict=False)) if old != new), None)
        at = min(len(before), len(entries)) if same is None else same
        if entries[at + 1 :] == before[at:]:
            self.beginInsertRows(QModelIndex(), at, at)
            self._entries = entries
            self.endInsertRows()
        elif entries[at:] == before[at + 1 :]:
            self.beginRemoveRows(QModelIndex(), at, at)
            self._entries = entries
            self.endRemoveRows()
        else:
            self.beginResetModel()
            self._entries = entries
            self.endResetModel()
        self.arranged.emit()

    def _run_changed(self, run: RunRow) -> None:
        self._arrange()
        place = self.index_of(run)
        if place.isValid():
            self.dataChanged.emit(place, place.siblingAtColumn(len(COLUMNS) - 1))

    def _tags_changed(self) -> None:
        self._arrange()
        if self._entries:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._entries) - 1, len(COLUMNS) - 1))

    def _show_curve(self, run: RunRow) -> None:
        place = self.index_of(run).siblingAtColumn(KEYS.index(CURVE))
        if place.isValid():
            self.dataChanged.emit(place, place)

    # ---- Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of runs and headings."""
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A heading is not chosen."""
        if isinstance(self.entry(index), GroupHeading):
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The titles of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return f"Sort by {column.title.casefold()}" if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The run or the heading under ``ENTRY``; the cell in words for readers."""
        entry = self.entry(index)
        if entry is None or role == ENTRY:
            return entry
        if isinstance(entry, GroupHeading):
            words = role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}
            return f"{entry.title}, {entry.count}" if words and index.column() == 0 else None
        return self._cell(entry, COLUMNS[index.column()], role)

    def _cell(self, run: RunRow, column: RunColumn, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(run)
            case Qt.ItemDataRole.AccessibleTextRole if column.key != "name":
                return f"{column.title}: {column.text(run)}"
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                return self.runs.data(self.runs.index(self.runs.rows().index(run)), role)
            case _:
                return None
