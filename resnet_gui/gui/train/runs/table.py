"""The table of runs: narrow it is a list of names, states and errors; pulled wide it has columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView

from resnet_gui.gui.kit.cached_text import draw_message, ink
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.train.runs.arrangement import GroupHeading, RunArrangement
from resnet_gui.gui.train.runs.columns import COLUMNS, KEYS, NAME, exact_table, fitting_widths
from resnet_gui.gui.train.runs.table_delegate import EYE, RunTableDelegate
from resnet_gui.gui.train.runs.table_model import RunTableModel
from resnet_gui.gui.train.state import TrainState

MEASURED: Final = 200
"""Runs whose names the column of names is fitted to; more would take long at each change."""

BESIDE_SIGN: Final = 72
"""Pixels of eye, dot and margins beside a name."""


class RunTable(QTreeView):
    """The table of runs; the run that has the keyboard is the page's chosen one, and more can be selected.

    Signals:
        menu_requested: the selected runs and where on the screen their menu is wanted.
        trash_requested: the selected runs, by Delete.
        rename_requested: the chosen run, by F2.
        arrangement_changed: they are sorted by another column.
    """

    menu_requested = Signal(object, object)
    trash_requested = Signal(object)
    rename_requested = Signal(object)
    arrangement_changed = Signal()

    def __init__(self, theme: Theme, runs: RunModel, state: TrainState) -> None:
        super().__init__()
        self._theme, self._runs, self._state = theme, runs, state
        self._kept: list[RunRow] = []
        self._scrolled = 0
        self.table = RunTableModel(runs, self)
        self._delegate = RunTableDelegate(theme, self.table.sparklines)
        self.setItemDelegate(self._delegate)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setIndentation(0)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAllColumnsShowFocus(True)
        self.setAccessibleName("Runs")
        self.setToolTip("Click the eye to hide or show a run's curves; Ctrl or Shift selects several")
        self.setModel(self.table)
        self.table.arranged.connect(self._fit_columns)
        heads = self.header()
        heads.setSectionsMovable(False)
        heads.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        heads.setMinimumSectionSize(30)
        heads.setStretchLastSection(False)
        heads.setSectionsClickable(True)
        heads.setSortIndicatorShown(True)
        heads.sectionClicked.connect(lambda section: self.sort_by(KEYS[section]))
        self._connect(theme)
        self._arranged()

    def _connect(self, theme: Theme) -> None:
        self.table.modelAboutToBeReset.connect(self._keep_selection)
        self.table.modelReset.connect(self._arranged)
        self._runs.rowsAboutToBeRemoved.connect(self._leave)
        self.selectionModel().currentChanged.connect(self._choose)
        self._state.run_changed.connect(self._show_chosen)
        theme.changed.connect(self.viewport().update)

    @property
    def narrow(self) -> bool:
        """Whether there is one column, which says name, state and error."""
        return self._delegate.narrow

    # ---- what is chosen

    def selected(self) -> list[RunRow]:
        """The selected runs, from top to bottom."""
        places = sorted(self.selectionModel().selectedRows(), key=lambda index: index.row())
        return [run for index in places if isinstance(run := self.table.entry(index), RunRow)]

    def select(self, runs: list[RunRow]) -> None:
        """Select these runs; the chosen one stays what it is."""
        chosen = QItemSelection()
        for run in runs:
            place = self.table.index_of(run)
            if place.isValid():
                chosen.select(place, place)
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(chosen, flag.ClearAndSelect | flag.Rows)

    def _choose(self, index: QModelIndex) -> None:
        run = self.table.entry(index)
        if isinstance(run, RunRow):
            self._state.choose(run)

    def _show_chosen(self) -> None:
        run = self._state.run
        if run is not None and run is not self.table.entry(self.currentIndex()):
            self.setCurrentIndex(self.table.index_of(run))

    def _leave(self, _parent: QModelIndex, first: int, last: int) -> None:
        """A run goes: its neighbour in the table is the chosen one."""
        self.leave([run.folder for run in self._runs.rows()[first : last + 1]])

    def leave(self, folders: Sequence[Path]) -> None:
        """Choose a run that stays, if the chosen one is about to go."""
        run = self._state.run
        if run is not None and run.folder in folders:
            neighbour = self.table.neighbour(run, set(folders))
            if neighbour is not None:
                self._state.choose(neighbour)

    def _keep_selection(self) -> None:
        self._kept, self._scrolled = self.selected(), self.verticalScrollBar().value()

    def _arranged(self) -> None:
        """Span the headings, and give back what was selected."""
        for number, entry in enumerate(self.table.entries()):
            if isinstance(entry, GroupHeading):
                self.setFirstColumnSpanned(number, QModelIndex(), True)
        flag = QItemSelectionModel.SelectionFlag
        chosen = self.table.index_of(self._state.run)
        if chosen.isValid():
            self.selectionModel().setCurrentIndex(chosen, flag.NoUpdate)
        self.select(self._kept or ([self._state.run] if self._state.run is not None else []))
        self.verticalScrollBar().setValue(self._scrolled)
        self._show_order()

    # ---- how they are arranged

    def arrange(self, arrangement: RunArrangement) -> None:
        """Show other runs, or the same ones in another order."""
        self.table.arrange(arrangement)
        self._show_order()

    def sort_by(self, key: str) -> None:
        """Sort by a column; by the same one in the other order."""
        self.arrange(self.table.arrangement.by(key))
        self.arrangement_changed.emit()

    def _show_order(self) -> None:
        arrangement, order = self.table.arrangement, Qt.SortOrder
        self.header().setSortIndicator(
            KEYS.index(arrangement.key), order.DescendingOrder if arrangement.descending else order.AscendingOrder
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many columns as have room."""
        super().resizeEvent(event)
        self._fit_columns()

    def _longest_name(self) -> int:
        """Pixels that the longest name needs with its sign."""
        names = (ink(run.name, 13, 500).width for run in self.table.shown_runs()[:MEASURED])
        return round(max(names, default=0.0)) + BESIDE_SIGN

    def _fit_columns(self) -> None:
        widths = fitting_widths(self.viewport().width(), self._longest_name())
        narrow = list(widths) == [NAME]
        if narrow != self._delegate.narrow:
            self._delegate.narrow = narrow
            self.scheduleDelayedItemsLayout()
        self.setHeaderHidden(narrow)
        for number, column in enumerate(COLUMNS):
            self.setColumnHidden(number, column.key not in widths)
            if column.key in widths:
                self.setColumnWidth(number, widths[column.key])

    # ---- Qt

    @property
    def nothing_found(self) -> str:
        """What stands in a table in which a search finds nothing; empty for any other."""
        search = self.table.arrangement.search.strip()
        return f"No run has “{search}” in its name, tags, data, design, state or note." if self._is_bare(search) else ""

    def _is_bare(self, search: str) -> bool:
        return bool(search) and not self.table.rowCount()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the runs, or say that none is found."""
        super().paintEvent(event)
        if sentence := self.nothing_found:
            painter = QPainter(self.viewport())
            painter.setPen(self._theme.color("t2"))
            draw_message(painter, QRectF(0, 0, self.viewport().width(), min(80, self.viewport().height())), sentence)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the selected runs, or the one under the mouse if that is none of them."""
        under = self.table.entry(self.indexAt(event.pos()))
        runs = self.selected()
        if isinstance(under, RunRow) and under not in runs:
            self.setCurrentIndex(self.table.index_of(under))
            runs = [under]
        if runs:
            self.menu_requested.emit(runs, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete, F2, copying, and Space for the eye."""
        runs, run = self.selected(), self._state.run
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(exact_table(runs))
        elif event.key() == Qt.Key.Key_Delete and runs:
            self.trash_requested.emit(runs)
        elif event.key() == Qt.Key.Key_F2 and run is not None:
            self.rename_requested.emit(run)
        elif event.key() == Qt.Key.Key_Space and run is not None:
            self.show_curves(runs or [run], shown=not run.shown)
        else:
            super().keyPressEvent(event)

    def show_curves(self, runs: list[RunRow], *, shown: bool) -> None:
        """Draw the curves of some runs, or none of them."""
        for run in runs:
            self._runs.set_shown(run, shown=shown)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the eye shows or hides the curves, elsewhere it selects."""
        place = event.position().toPoint()
        index = self.indexAt(place)
        run = self.table.entry(index)
        if isinstance(run, RunRow) and index.column() == 0 and place.x() < EYE:
            self._runs.set_shown(run, shown=not run.shown)
            return
        super().mousePressEvent(event)

    def box_of(self, run: RunRow) -> QRect:
        """Where a run is drawn, in the viewport."""
        return self.visualRect(self.table.index_of(run))
