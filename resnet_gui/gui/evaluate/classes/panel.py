"""The panel of the classes: the table, its means, and its copy for a spreadsheet."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QGuiApplication

from resnet_gui.evaluation.selection import Selection
from resnet_gui.gui.evaluate.classes.model import F1, SUPPORT, WORDS, ClassFiguresModel
from resnet_gui.gui.evaluate.classes.table import ClassTable, MeanRow
from resnet_gui.gui.evaluate.panel import EvaluationPanel
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.kit.basic import button, set_icon
from resnet_gui.gui.kit.theme import Theme


class ClassPanel(EvaluationPanel):
    """The panel of the figures by class.

    Attributes:
        classes: the rows.
        table: of them.

    Signals:
        copied: a sentence: the table is on the clipboard.
    """

    copied = Signal(str)

    def __init__(self, theme: Theme, state: EvaluateState) -> None:
        super().__init__("By class")
        self._state = state
        self.copy = button("Copy as table", "small", "Copy the table for a spreadsheet")
        set_icon(theme, self.copy, "copy", "t1")
        self.tools.addWidget(self.copy)
        self.classes = ClassFiguresModel(self)
        self.table = ClassTable(theme, self.classes)
        self.mean = MeanRow(theme, self.table)
        self.body.addWidget(self.table, 1000)
        self.body.addWidget(self.mean)
        self.body.addStretch()
        self.copy.clicked.connect(self._copy)
        self.table.clicked.connect(self._clicked)
        self.table.selectionModel().currentRowChanged.connect(self._moved)
        self.classes.layoutChanged.connect(self._sorted)
        state.evaluation_changed.connect(self._changed)
        state.selection_changed.connect(self._selected)
        self._changed()

    def _changed(self) -> None:
        answers = self._state.answers
        with QSignalBlocker(self.table.selectionModel()):
            self.classes.show_figures(answers.by_class if answers is not None else ())
        self.copy.setEnabled(answers is not None)
        self.mean.show_texts(self.classes.mean_texts(), self.classes.mean_tip())
        self.mean.setVisible(answers is not None)
        self._show_words()

    def _show_words(self) -> None:
        column, order = self.classes.sorted_by
        first = order == Qt.SortOrder.AscendingOrder
        if column == F1:
            self.show_about("%, worst first" if first else "%, best first")
        elif column == SUPPORT:
            self.show_about("%, fewest pictures first" if first else "%, most pictures first")
        else:
            ends = ("A to Z" if first else "Z to A") if not column else "worst first" if first else "best first"
            self.show_about(f"%, by {WORDS[column]}, {ends}")

    def _sorted(self) -> None:
        self._show_words()
        self._selected()

    def _selected(self) -> None:
        """Mark the class of the selection."""
        truth = self._state.selection.truth
        row = self.classes.row_of(truth) if truth is not None else -1
        chosen = self.table.selectionModel()
        with QSignalBlocker(chosen):
            if row < 0:
                self.table.clearSelection()
                chosen.setCurrentIndex(QModelIndex(), chosen.SelectionFlag.Clear)
            else:
                self.table.selectRow(row)
        if row >= 0:
            self.table.scrollTo(self.classes.index(row, 0))
        self.table.viewport().update()

    def _moved(self, index: QModelIndex) -> None:
        """The user goes to a class with the keys or the mouse."""
        if index.isValid():
            self._state.select(Selection(truth=self.classes.figures(index.row()).number))

    def _clicked(self, index: QModelIndex) -> None:
        """A click on the class of a chosen cell selects the whole class."""
        self._moved(index)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.classes.as_table())
        count = self.classes.rowCount()
        self.copied.emit(f"The figures of {count:,} classes are on the clipboard, with tabs between.")
