"""The classes as rows of a table: figures as shares, in the order of a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from resnet_gui.evaluation.by_class import ClassFigures, class_means
from resnet_gui.evaluation.intervals import Share

Index = QModelIndex | QPersistentModelIndex
HEADS: Final = ("Class", "Precision", "Recall", "F1", "Support")
LABEL, PRECISION, RECALL, F1, SUPPORT = range(5)
WORDS: Final = ("name", "precision", "recall", "F1", "support")
"""Of the columns, behind "by"."""


def share_value(share: Share | None) -> float | None:
    """A share as a fraction; None where there is nothing to take it of."""
    return share.value if share is not None else None


def figure_of(figures: ClassFigures, column: int) -> float | None:
    """A figure from 0 to 1, or the number of pictures; None where it says nothing."""
    match column:
        case 1:
            return share_value(figures.precision)
        case 2:
            return share_value(figures.recall)
        case 3:
            return figures.f1
        case _:
            return float(figures.support)


def figure_text(value: float | None) -> str:
    """A share in per cent with one digit; a dash where there is none."""
    return "–" if value is None else f"{100 * value:.1f}"


class ClassFiguresModel(QAbstractTableModel):
    """The model of the classes, which sorts itself; classes without a figure come last in either order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._figures: tuple[ClassFigures, ...] = ()
        self._order: list[int] = []
        self._sorted = (F1, Qt.SortOrder.AscendingOrder)

    def show_figures(self, figures: Sequence[ClassFigures]) -> None:
        """Take other figures, in the order that was chosen last."""
        self.beginResetModel()
        self._figures = tuple(figures)
        self._order = self._ordered()
        self.endResetModel()

    @property
    def sorted_by(self) -> tuple[int, Qt.SortOrder]:
        """Column and direction."""
        return self._sorted

    def figures(self, row: int) -> ClassFigures:
        """The class of a row."""
        return self._figures[self._order[row]]

    def row_of(self, number: int) -> int:
        """The row of a class; −1 if there is none."""
        return self._order.index(number) if number < len(self._figures) else -1

    def _ordered(self) -> list[int]:
        column, direction = self._sorted
        falling = direction == Qt.SortOrder.DescendingOrder
        numbers = range(len(self._figures))
        if column == LABEL:
            return sorted(numbers, key=lambda number: self._figures[number].label.casefold(), reverse=falling)
        values = [figure_of(figures, column) for figures in self._figures]
        there = [(-value if falling else value, number) for number, value in enumerate(values) if value is not None]
        return [number for _, number in sorted(there)] + [number for number in numbers if values[number] is None]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        self._sorted = (column, order)
        self.layoutAboutToBeChanged.emit()
        self._order = self._ordered()
        self.layoutChanged.emit()

    def mean_texts(self) -> tuple[str, ...]:
        """The words of the row below, one a column; empty where there are no figures."""
        means = class_means(self._figures)
        if means is None:
            return ()
        pictures = sum(figures.support for figures in self._figures)
        return ("Mean", *(figure_text(value) for value in (means.precision, means.recall, means.f1)), f"{pictures:,}")

    def mean_tip(self) -> str:
        """What the means are of."""
        means = class_means(self._figures)
        if means is None:
            return ""
        never = f", {means.never_answered} of which no picture was taken for: a precision of 0" if (
            means.never_answered
        ) else ""  # fmt: skip
        empty = len(self._figures) - means.classes
        left = f"; {empty} without pictures are left out" if empty else ""
        return f"Each of {means.classes:,} classes counts once{never}{left}."

    def as_table(self) -> str:
        """Everything in the order on show, one line a class with tabs between, for a spreadsheet."""
        lines = [HEADS, *(self._texts(row) for row in range(self.rowCount())), self.mean_texts()]
        return "".join("\t".join(line).replace(",", "") + "\n" for line in lines if line)

    def _texts(self, row: int) -> tuple[str, ...]:
        return tuple(self._text(row, column) for column in range(len(HEADS)))

    def _text(self, row: int, column: int) -> str:
        figures = self.figures(row)
        if column == LABEL:
            return figures.label
        if column == SUPPORT:
            return f"{figures.support:,}"
        return figure_text(figure_of(figures, column))

    def _tip(self, row: int, column: int) -> str:
        figures = self.figures(row)
        if column in {PRECISION, RECALL}:
            share = figures.precision if column == PRECISION else figures.recall
            of = "answers" if column == PRECISION else "pictures"
            if share is None:
                what = "was never answered" if column == PRECISION else "has no pictures"
                return f"'{figures.label}' {what}, so there is no such figure"
            ends = f"{100 * share.low:.1f} to {100 * share.high:.1f} %, 95 % interval"
            return f"{share.count:,} of {share.of:,} {of} '{figures.label}' are right: {ends}"
        return figures.label

    # ---- Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of classes."""
        return 0 if parent.isValid() else len(self._figures)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Name and figures."""
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == LABEL else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The class under UserRole; its words."""
        if not index.isValid() or not 0 <= index.row() < len(self._order):
            return None
        match role:
            case Qt.ItemDataRole.UserRole:
                return self.figures(index.row())
            case Qt.ItemDataRole.DisplayRole:
                return self._text(index.row(), index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(index.row(), index.column())
            case Qt.ItemDataRole.AccessibleTextRole:
                text = self._text(index.row(), index.column())
                return text if index.column() == LABEL else f"{HEADS[index.column()]} {text}"
            case _:
                return None
