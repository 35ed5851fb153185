"""All answers as a table."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from resnet_gui.gui.kit.basic import button, column, header, label, set_icon
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.dragged_columns import DraggedColumns
from resnet_gui.gui.predict.pictures.filter import PictureFilter
from resnet_gui.gui.predict.pictures.model import SORT_ROLE, PictureModel
from resnet_gui.gui.predict.pictures.reasons import ReasonDelegate

NAMES = ("", "class", "probability", "second", "second_probability", "size", "time")
"""Of the columns in the settings; the first, the picture's name, takes what is left, but never less than its width."""

WIDTHS = (140, 110, 96, 104, 96, 104, 96)
"""Pixels of the columns."""

FIRST_TO_GO = (6, 5)
"""Columns that are left out where not all fit: the time, then the size."""

SCROLL_BAR = 10


class PictureTable(QFrame):
    """The table of all answers.

    Attributes:
        dragged: columns that the user has given another width.

    Signals:
        picture_chosen: show this picture large.
        export_requested: write all answers as CSV.
    """

    picture_chosen = Signal(object)
    export_requested = Signal()

    def __init__(self, theme: Theme, model: PictureModel, shown: PictureFilter) -> None:
        super().__init__()
        layout = column(self)
        bar, line, _ = header("Results")
        self.summary = label("", "muted12")
        line.addWidget(self.summary)
        line.addStretch()
        self.export = button("Export CSV", "small", "Write every picture with its five likeliest classes")
        set_icon(theme, self.export, "download", "t1")
        self.export.clicked.connect(self.export_requested)
        line.addWidget(self.export)
        layout.addWidget(bar)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(shown)
        self._proxy.setSortRole(SORT_ROLE)
        self.table = QTableView()
        self.table.setModel(self._proxy)
        self.table.setItemDelegate(ReasonDelegate(self.table))
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setAccessibleName("Results")
        self.table.verticalHeader().setVisible(False)
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.setTabKeyNavigation(False)
        self.dragged = DraggedColumns(self.table.horizontalHeader(), self.fit, NAMES.__getitem__, table="pictures")
        self.table.horizontalHeader().setStretchLastSection(False)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.doubleClicked.connect(self._chosen)
        self.table.activated.connect(self._chosen)
        layout.addWidget(self.table, 1)
        self._model = model

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width anew."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Give what is left to the pictures' names; where there is too little, some columns are left out."""
        room = self.width() - SCROLL_BAR
        widths = {number: self.dragged.width(number, width) for number, width in enumerate(WIDTHS)}
        with self.dragged.fitting():
            for number in FIRST_TO_GO:
                fits = sum(widths.values()) <= room
                self.table.setColumnHidden(number, not fits)
                if not fits:
                    del widths[number]
            widths[0] = max(WIDTHS[0], widths[0] + room - sum(widths.values()))
            for number, width in widths.items():
                self.table.setColumnWidth(number, width)

    def show_counts(self) -> None:
        """Say how many are there."""
        total, known, failed = self._model.counts()
        words = [f"{total:,} pictures", f"{known:,} answered"]
        if failed:
            words.append(f"{failed:,} not")
        self.summary.setText(", ".join(words))

    def _chosen(self, index: QModelIndex) -> None:
        picture = index.data(Qt.ItemDataRole.UserRole)
        if picture is not None:
            self.picture_chosen.emit(picture)
