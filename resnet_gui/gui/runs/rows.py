"""The runs as rows of a list: what is kept of each, and who is told when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from resnet_gui.gui.kit.format import told_apart
from resnet_gui.gui.runs.colours import RunColours
from resnet_gui.gui.runs.row import RunRow, progress_text, state_word
from resnet_gui.runs.history import RunState
from resnet_gui.runs.notes import origin_of, trashed_runs

Index = QModelIndex | QPersistentModelIndex


class RunRows(QAbstractListModel):
    """The rows of the runs, the newest first and those that ship with the program last.

    Signals:
        run_changed: a row has new events or another state.
        tags_changed: rows have other tags.
    """

    run_changed = Signal(object)
    tags_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[RunRow] = []
        self._colours = RunColours()

    # ---- what there is

    def rows(self) -> list[RunRow]:
        """All rows."""
        return list(self._rows)

    def row(self, folder: str | Path) -> RunRow | None:
        """The row of a folder."""
        return next((row for row in self._rows if str(row.folder) == str(folder)), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of runs."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row object under UserRole; its name and state in words for readers."""
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.UserRole:
                return row
            case Qt.ItemDataRole.DisplayRole:
                return row.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{row.name}, {state_word(row)}, {progress_text(row)}"
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(filter(None, (str(row.folder), row.message, row.note)))
            case _:
                return None

    # ---- what changes

    def set_shown(self, row: RunRow, *, shown: bool) -> None:
        """Draw a run's curves or not."""
        if shown != row.shown:
            row.shown = shown
            self._tell(row)

    def set_message(self, row: RunRow, message: str) -> None:
        """Say something else of a run; empty for nothing."""
        if message != row.message:
            row.message = message
            self._tell(row)

    def show_moment(self, row: RunRow, state: RunState) -> None:
        """Show a finished run as it was at a moment, as a replay does."""
        row.show_moment(state)
        self._tell(row)

    def set_stopping(self, row: RunRow) -> None:
        """A run was asked to end: it is said of it until it has."""
        if row.going and not row.stopping:
            row.stopping = True
            self._tell(row)

    def renamed(self, row: RunRow) -> None:
        """A row has another name, note or tags."""
        row.read_notes()
        self._name_all()
        self._tell(row)

    def retag(self, rows: Sequence[RunRow]) -> None:
        """Rows have other tags."""
        for row in rows:
            row.read_notes()
        self._name_all()
        places = [self._rows.index(row) for row in rows]
        if places:
            self.dataChanged.emit(self.index(min(places)), self.index(max(places)))
            self.tags_changed.emit(list(rows))

    def remove(self, row: RunRow) -> None:
        """Take a row off the list."""
        self.remove_all([row])

    def remove_all(self, rows: Sequence[RunRow]) -> None:
        """Take rows off the list, in one go where they stand beside each other."""
        places = sorted(self._rows.index(row) for row in rows)
        if not places:
            return
        first, last = places[0], places[-1]
        if last - first + 1 == len(places):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._rows[first : last + 1]
            self.endRemoveRows()
            return
        gone = set(places)
        self.beginResetModel()
        self._rows = [row for number, row in enumerate(self._rows) if number not in gone]
        self.endResetModel()

    def _read_notes(self, row: RunRow) -> None:
        """Another window may have named a run, or given it a colour or tags."""
        before = row.own_name, row.note, row.colour, row.tags
        row.read_notes()
        self._name_all()
        if before != (row.own_name, row.note, row.colour, row.tags):
            self._tell(row)

    def remove_thrown_away(self) -> None:
        """Take runs off the list that another window has moved to the trash."""
        gone = [row for row in self._rows if row.gone]
        trashed = {origin_of(each) for each in trashed_runs()} if gone else set()
        self.remove_all([row for row in gone if row.folder in trashed])

    def drop_below(self, folder: Path) -> None:
        """Take the runs of a folder that is gone off the list."""
        self.remove_all([row for row in self._rows if folder in row.folder.parents])

    def _place_by_age(self, row: RunRow) -> int:
        """Above which row another one stands that is not new: the first that is no younger, as folders are listed."""

        def age(each: RunRow) -> tuple[str, str]:
            return (each.info.created if each.info is not None else "", each.folder.name)

        for number, each in enumerate(self._rows):
            if each.recorded or (each.info is not None and age(each) <= age(row)):
                return number
        return len(self._rows)

    def _insert(self, rows: Sequence[RunRow], at: int = 0) -> None:
        """Put new rows on top or above another one, the last one uppermost."""
        if not rows:
            return
        self._colours.give(rows, self._rows)
        self.beginInsertRows(QModelIndex(), at, at + len(rows) - 1)
        self._rows[at:at] = reversed(rows)
        self._name_all()
        self.endInsertRows()
        self._keep_colours()

    def _insert_by_age(self, rows: Sequence[RunRow]) -> None:
        """Put rows that are not new each where its age says."""
        if len(rows) <= 1:
            for row in rows:
                self._insert([row], self._place_by_age(row))
            return
        self._colours.give(rows, self._rows)
        self.beginResetModel()
        for row in rows:
            self._rows.insert(self._place_by_age(row), row)
        self._name_all()
        self.endResetModel()
        self._keep_colours()

    def _append(self, rows: Sequence[RunRow]) -> None:
        """Put new rows below all others."""
        self._colours.give(rows, self._rows)
        self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(rows) - 1)
        self._rows += rows
        self._name_all()
        self.endInsertRows()

    def _name_all(self) -> None:
        """Tell runs of one name apart, the older ones first."""
        rows = list(reversed(self._rows))
        for row, name in zip(rows, told_apart([row.own_name for row in rows]), strict=True):
            row.name = name

    def _keep_colours(self) -> None:
        for row in self._colours.keep(self._rows):
            self._tell(row)

    def _tell(self, row: RunRow) -> None:
        index = self.index(self._rows.index(row))
        self.dataChanged.emit(index, index)
        self.run_changed.emit(row)
