"""The entries of a palette as rows of a list, under the headings of their groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from resnet_gui.gui.kit.palette.finding import PaletteEntry

Index = QModelIndex | QPersistentModelIndex


class PaletteModel(QAbstractListModel):
    """Entries under the headings of their groups; a row is a heading or an entry."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[str | PaletteEntry] = []

    def show_entries(self, entries: Sequence[PaletteEntry]) -> None:
        """Show these entries, a heading before each group."""
        self.beginResetModel()
        self._rows = []
        group = ""
        for entry in entries:
            if entry.group != group:
                group = entry.group
                self._rows.append(group)
            self._rows.append(entry)
        self.endResetModel()

    def entry(self, row: int) -> PaletteEntry | None:
        """The entry of a row; None for a heading and outside."""
        found = self._rows[row] if 0 <= row < len(self._rows) else None
        return found if isinstance(found, PaletteEntry) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of rows, headings among them."""
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be chosen; what cannot be done can, as its reason is to be read."""
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return usual if self.entry(index.row()) is not None else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Title, and everything else in words for readers; the entry itself under UserRole."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if isinstance(row, str):
            return row if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole} else None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.title
            case Qt.ItemDataRole.UserRole:
                return row
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(filter(None, (row.title, row.group, row.detail, row.key, row.reason)))
            case Qt.ItemDataRole.ToolTipRole:
                return row.reason or row.detail or None
            case _:
                return None
