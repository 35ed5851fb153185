"""The results of a sweep on the page: the table, what is shown of it, and what it rests on."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QToolTip, QWidget

from resnet_gui.gui.kit.basic import ElidedLabel, button, column, header, panel, set_icon, vertical_line
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.charts.dot_strip import dot_at, strip_words
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.dragged_columns import DraggedColumns
from resnet_gui.gui.train.sweeps.results_columns import ResultColumn
from resnet_gui.gui.train.sweeps.results_delegate import ResultsDelegate
from resnet_gui.gui.train.sweeps.results_model import COLUMN, ROW, ResultsModel, cells_in_words
from resnet_gui.sweeps.state import RunCell, SweepState
from resnet_gui.sweeps.table import SweepRow

ROW_HEIGHT: Final = 38
LEAST: Final = 780
"""Width of a table below which training errors, and the interval's text, have no room."""

Index = QModelIndex | QPersistentModelIndex
BY_CONFIGURATION, EVERY_RUN = "configurations", "runs"
SMALLEST: Final = {"strip": 84, "difference": 112, "interval": 56, "mean": 72, "verdict": 132, "status": 80}
"""Pixels that columns can do with; those of axes can do with their values, those of numbers with the longest."""

NUMBERS: Final = frozenset(["n", "mean", "training", "interval", "seed", "test", "epochs", "time"])
"""Columns of numbers, which are never cut."""

LEFT_OUT: Final = ("training", "epochs", "strip", "time", "n", "difference")
"""Columns that are left out where the others have no room, the first one first; the table as text has them."""

BASIS: Final = (
    "Paired by seed: one seed gives every configuration the same order of pictures, so the spread between seeds "
    "cancels. Interval: Student’s t; “differs” when it leaves out 0."
)


class ResultsTable(QTableView):
    """The table of the results.

    Attributes:
        dragged: columns that the user has given another width.

    Signals:
        run_clicked: number of a configuration and a seed.
        row_chosen: number of a configuration.
        retry_requested: failed runs are to be trained again.
    """

    run_clicked = Signal(int, int)
    row_chosen = Signal(int)
    retry_requested = Signal()

    def __init__(self, theme: Theme, model: ResultsModel) -> None:
        super().__init__()
        self._results = model
        self.setModel(model)
        self._delegate = ResultsDelegate(theme, model)
        self.setItemDelegate(self._delegate)
        self.setShowGrid(False)
        self.setCornerWidget(panel())
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        # What is left is given to the last one here: beside hidden columns Qt would touch others as well.
        head.setStretchLastSection(False)
        head.setSectionsClickable(True)
        head.setHighlightSections(False)
        head.sectionClicked.connect(self._sort)
        self.dragged = DraggedColumns(head, self.fit, self._kept_name, table="results")
        self._order: tuple[int, Qt.SortOrder] | None = None
        self.setAccessibleName("Results")
        self._fitted: tuple[int, tuple[int, ...]] = 0, ()
        self._last = -1
        head.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        model.modelReset.connect(self.fit)
        model.dataChanged.connect(lambda *_: self.fit(anew=False))
        theme.changed.connect(self.viewport().update)

    def fit(self, *, anew: bool = True) -> None:
        """Give the columns their widths in the room that there is; not ``anew`` only where another one is needed."""
        columns, room = self._results.columns, self.viewport().width()
        least = [self._least(each) for each in columns]
        fitted = room, tuple(least)
        if not anew and fitted == self._fitted:
            return
        self._fitted = fitted
        shown = self._shown(least, room)
        self._last = shown[-1] if shown else -1
        wanted = {number: max(columns[number].width, least[number]) for number in shown}
        free = [number for number in shown if not self.dragged.is_dragged(number)]
        wanted |= {number: self.dragged.width(number, 0) for number in shown if number not in free}
        # What is too wide is taken from those that can be narrower, as much as each can give.
        given = {number: wanted[number] - least[number] for number in free}
        share = min(1.0, max(0, sum(wanted.values()) - room) / max(1, sum(given.values())))
        wanted |= {number: wanted[number] - math.ceil(share * given[number]) for number in free}
        if shown:
            wanted[shown[-1]] += max(0, room - sum(wanted.values()))
        with self.dragged.fitting():
            for number in range(len(columns)):
                self.setColumnHidden(number, number not in shown)
            for number, wide in wanted.items():
                self.setColumnWidth(number, wide)
        titles = {number: ink(columns[number].title, 11, 500).width + 18 for number in shown if columns[number].short}
        self._results.shorten({number for number, wide in titles.items() if wide > wanted[number]})

    def _kept_name(self, number: int) -> str:
        """The name of a column in the settings; the last one takes what the others leave."""
        columns = self._results.columns
        if number >= min(self._last, len(columns) - 1):
            return ""
        each = columns[number]
        return each.kind if each.axis is None else f"axis {each.axis.name}"

    def _least(self, column: ResultColumn) -> int:
        """Pixels that a column needs at least."""
        least = SMALLEST.get(column.kind, column.least)
        if column.kind not in NUMBERS:
            return least
        return max([least, *(self._delegate.text_width(row, column) for row in self._results.rows)])

    def _shown(self, least: Sequence[int], room: int) -> list[int]:
        """The numbers of the columns that have room."""
        columns = self._results.columns
        shown = list(range(len(columns)))
        narrow = room < LEAST and any(each.kind == "strip" for each in columns)
        for kind in LEFT_OUT:
            if (narrow and kind == "training") or sum(least[number] for number in shown) > room:
                shown = [number for number in shown if columns[number].kind != kind]
        return shown

    def sort_as_listed(self) -> None:
        """Sort as the sweep has it."""
        self._order = None
        self.horizontalHeader().setSortIndicatorShown(False)
        self._results.sort(-1)

    def _sort(self, number: int) -> None:
        """A click sorts, another one the other way round, a third as the sweep has it."""
        orders = (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder)
        place = orders.index(self._order[1]) if self._order is not None and self._order[0] == number else -1
        self._order = (number, orders[place + 1]) if place + 1 < len(orders) else None
        if self._order is None:
            self.sort_as_listed()
            return
        self.horizontalHeader().setSortIndicatorShown(True)
        self.horizontalHeader().setSortIndicator(*self._order)
        self._results.sort(*self._order)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns."""
        super().resizeEvent(event)
        self.fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a dot names its run, elsewhere it chooses the row."""
        index = self.indexAt(event.position().toPoint())
        row, each = index.data(ROW), index.data(COLUMN)
        if isinstance(row, SweepRow) and event.button() == Qt.MouseButton.LeftButton:
            box = self.visualRect(index)
            if each.kind in {"strip", "difference"}:
                dot = dot_at(*self._delegate.strip_at(row, each, box), event.position())
                if dot is not None and isinstance(dot.key, tuple):
                    self.run_clicked.emit(*dot.key)
                    return
            retry = self._delegate.retry_box(row, box) if each.kind == "verdict" else None
            if retry is not None and retry.contains(event.position()):
                self.retry_requested.emit()
                return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the run of a row."""
        row = self.indexAt(event.position().toPoint()).data(ROW)
        if isinstance(row, RunCell):
            self.run_clicked.emit(row.configuration.number, row.seed)
        else:
            super().mouseDoubleClickEvent(event)

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802
        """The curves follow the row."""
        super().currentChanged(current, previous)
        row = current.data(ROW)
        if row is not None:
            self.row_chosen.emit(row.configuration.number)

    def select(self, number: int) -> None:
        """Show which configuration the curves are about, without telling anybody."""
        place = next((n for n, row in enumerate(self._results.rows) if row.configuration.number == number), None)
        if place is None or self.currentIndex().row() == place:
            return
        self.blockSignals(True)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(self._results.index(place, 0), flags)
        self.blockSignals(False)

    def viewportEvent(self, event: QEvent) -> bool:
        """Say what a dot is, or what a cell has no room for."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._words(event), self)
            return True
        return super().viewportEvent(event)

    def _words(self, event: QHelpEvent) -> str:
        index = self.indexAt(event.pos())
        row, each = index.data(ROW), index.data(COLUMN)
        if each is None:
            return ""
        if isinstance(row, SweepRow) and each.kind in {"strip", "difference"}:
            found = strip_words(event, *self._delegate.strip_at(row, each, self.visualRect(index)))
            return found or self._results.text(row, each)
        return self._results.text(row, each)


class ResultsFoot(QWidget):
    """The foot of the table: how much of it is shown, the ticks of the tracks, and what it rests on."""

    def __init__(self, theme: Theme, table: ResultsTable, model: ResultsModel) -> None:
        super().__init__()
        self._theme, self._table, self._results = theme, table, model
        self.note = ""
        self.setFixedHeight(46)
        table.horizontalHeader().sectionResized.connect(lambda *_: self.update())
        table.horizontalScrollBar().valueChanged.connect(lambda _value: self.update())
        theme.changed.connect(self.update)

    def show_note(self, note: str) -> None:
        """Say something else."""
        self.note = note
        self.setAccessibleName(note)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw note, ticks and basis."""
        painter = QPainter(self)
        painter.setPen(self._theme.color("t3"))
        place = next((n for n, each in enumerate(self._results.columns) if each.kind == "difference"), None)
        room = self.width() - 32
        if place is not None and self._results.rows and not self._table.isColumnHidden(place):
            left = self._table.horizontalHeader().sectionViewportPosition(place)
            box = QRect(left, 0, self._table.columnWidth(place), ROW_HEIGHT)
            self._ticks(painter, QRectF(box.left() + 2, 4, box.width() - 12, 16))
            room = left - 24
        ink(elided(self.note, max(40, room), 11), 11).draw(painter, 16, 5)
        if place is not None:
            ink(elided(BASIS, self.width() - 32, 11), 11).draw(painter, 16, 26)

    def _ticks(self, painter: QPainter, area: QRectF) -> None:
        scale = self._results.difference_scale
        taken: list[tuple[float, float]] = []
        # The middle first, then outwards: what has no room is left out.
        for tick in sorted(scale.ticks(), key=abs):
            text = ink(f"{tick:+g}".replace("-", "−") if tick else "0", 11)
            left = area.left() + 6 + scale.fraction(tick) * (area.width() - 12) - text.width / 2
            if all(left > end + 5 or left + text.width < start - 5 for start, end in taken):
                text.draw(painter, left, area.top())
                taken.append((left, left + text.width))


class SweepResults(QFrame):
    """The results: title and what to show, table, foot.

    Attributes:
        mode: by configuration, or every run.
        differs: only what differs.
        table, model: the table.
        copy: puts the table on the clipboard.
    """

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("panel")
        layout = column(self)
        bar, line, _ = header("Results")
        line.setContentsMargins(16, 0, 12, 0)
        self._about = ElidedLabel("", "muted12", least=20)
        line.addWidget(self._about, 1)
        self.differs = button("Differs only", "chip", "Leave out what cannot be told from its baseline")
        self.differs.setCheckable(True)
        self.differs.setStyleSheet("min-height: 22px; max-height: 22px; padding: 0 8px; font-size: 12px;")
        set_icon(theme, self.differs, "differs", "t2")
        self.differs.toggled.connect(lambda _on: self.changed.emit())
        line.addWidget(self.differs)
        self.mode = SegmentedControl(
            theme, [(BY_CONFIGURATION, "By configuration", ""), (EVERY_RUN, "Every run", "")], height=24
        )
        self.mode.setFixedWidth(226)
        self.mode.setAccessibleName("Rows")
        self.mode.chosen.connect(lambda _key: self.changed.emit())
        line.addWidget(self.mode)
        line.addWidget(vertical_line())
        self.copy = button("Copy as table", "small", "Put the table on the clipboard, for a spreadsheet")
        set_icon(theme, self.copy, "copy", "t1")
        self.copy.clicked.connect(self.copy_table)
        line.addWidget(self.copy)
        self.model = ResultsModel()
        self.table = ResultsTable(theme, self.model)
        self.foot = ResultsFoot(theme, self.table, self.model)
        for widget in (bar, self.table, self.foot):
            layout.addWidget(widget, 1 if widget is self.table else 0)
        self.table.horizontalHeader().sectionClicked.connect(lambda _number: self._show_about())
        self._brushed = False

    @property
    def every(self) -> bool:
        """Whether every run has a row."""
        return self.mode.key == EVERY_RUN

    def reset(self) -> None:
        """Show all of another sweep, in its own order."""
        self.differs.blockSignals(True)
        self.differs.setChecked(False)
        self.differs.blockSignals(False)
        self.table.sort_as_listed()

    def show_state(
        self, state: SweepState, cells: Collection[int], configurations: Collection[int], colour_axis: str
    ) -> None:
        """Show a state; ``cells`` and ``configurations`` are the numbers of those that are not brushed out."""
        self.differs.setVisible(bool(state.sweep.baseline) and not self.every)
        self.model.show_state(
            state,
            every=self.every,
            differing=self.differs.isChecked(),
            shown=cells if self.every else configurations,
            colour_axis=colour_axis,
        )
        self._brushed = len(cells) < len(state.cells)
        whole = len(state.cells) if self.every else len(state.expansion.configurations)
        what = "runs" if self.every else "configurations"
        shown, note = len(self.model.rows), f"{whole:,} {what}"
        if shown < whole:
            why = ["is brushed out"] if self._brushed else []
            why += ["cannot be told from its baseline"] if self.differs.isChecked() and not self.every else []
            note = f"{shown:,} of {whole:,} {what}; the rest {' or '.join(why)}"
        left_out = len(state.expansion.left_out)
        if left_out:
            note += f"; {left_out:,} cannot be trained"
        self.foot.show_note(note)
        self._show_about()

    def _show_about(self) -> None:
        by = self.model.sorted_by or (self.model.columns[0].title if self.model.columns else "")
        words = [f"sorted by {by.split(',')[0].casefold()}" if by else "", "brushed runs only" if self._brushed else ""]
        self._about.setText(", ".join(filter(None, words)))

    def copy_table(self) -> None:
        """Put the table on the clipboard."""
        QGuiApplication.clipboard().setText(cells_in_words(self.model.lines()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave texts out where there is little room."""
        super().resizeEvent(event)
        short = self.width() < LEAST
        self.copy.setText("" if short else "Copy as table")
        self.mode.setFixedWidth(200 if short else 226)
