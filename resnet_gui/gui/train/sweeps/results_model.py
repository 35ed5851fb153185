"""The results of a sweep as a table: by configuration over the seeds, or every run."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from resnet_gui.gui.common.verdicts import VERDICT_BADGES, waiting_badge
from resnet_gui.gui.kit.charts.badge import BadgeData
from resnet_gui.gui.kit.charts.dot_strip import DotStripData, StripDot
from resnet_gui.gui.kit.charts.strip_scale import StripScale, even_scale, symmetric_scale
from resnet_gui.gui.train.sweeps.colours import label_of, value_dash, value_token
from resnet_gui.gui.train.sweeps.results_columns import Kind, ResultColumn, configuration_columns, run_columns
from resnet_gui.sweeps.state import RunCell, SweepState
from resnet_gui.sweeps.statistics import largest_difference
from resnet_gui.sweeps.sweep import Axis
from resnet_gui.sweeps.table import SweepRow, SweepTable, sweep_table

Index = QModelIndex | QPersistentModelIndex
ROW, COLUMN = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
FINE: Final = 2000
"""Test pictures from which errors are written with two digits: one picture of so many is 0.05 %."""

LINEAR: Final = 1.0
"""Points to which tracks are linear, beyond which they are logarithmic."""

WIDE: Final = 25.0
"""Times as many points from which the track of errors is not linear."""


class ResultsModel(QAbstractTableModel):
    """The model of the results.

    Attributes:
        table: what there is, all of it.
        scale: of the strips of test errors.
        difference_scale: of the tracks of differences.
    """

    def __init__(self) -> None:
        super().__init__()
        self._state: SweepState | None = None
        self.table: SweepTable | None = None
        self.rows: list[SweepRow | RunCell] = []
        self.columns: list[ResultColumn] = []
        self.scale, self.difference_scale = StripScale(0, 1), StripScale(-1, 1, LINEAR)
        self._colour_axis: Axis | None = None
        self._sorted: tuple[int, Qt.SortOrder] | None = None
        self._digits = 1
        self._shortened: set[int] = set()

    def shorten(self, sections: set[int]) -> None:
        """Give columns of these numbers their short titles, and the others those in full."""
        if sections != self._shortened:
            self._shortened = sections
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, max(0, len(self.columns) - 1))

    @property
    def state(self) -> SweepState | None:
        """What the table is of."""
        return self._state

    def show_state(
        self, state: SweepState, *, every: bool, differing: bool, shown: Collection[int], colour_axis: str
    ) -> None:
        """Show another state.

        Args:
            state: of the sweep.
            every: every run, not one row a configuration.
            differing: only what differs, and what that is compared with.
            shown: numbers of the configurations, or of the runs among the cells, that are not brushed out.
            colour_axis: name of the axis whose colours the dots in front have.
        """
        self._state, self.table = state, sweep_table(state)
        self._colour_axis = next((axis for axis in state.sweep.axes if axis.name == colour_axis), None)
        self._digits = _digits(state)
        rows: list[SweepRow | RunCell]
        if every:
            rows = [cell for number, cell in enumerate(state.cells) if number in shown]
        else:
            table = self.table.differing() if differing else self.table
            rows = [row for row in table.rows if row.configuration.number in shown]
        columns = run_columns(state) if every else configuration_columns(state)
        self._set_scales()
        if columns != self.columns or len(rows) != len(self.rows):
            self.beginResetModel()
            self.columns, self.rows = columns, rows
            self._sort()
            self.endResetModel()
            return
        before, self.rows = self.rows, rows
        self._sort()
        if before != self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(columns) - 1))

    def _set_scales(self) -> None:
        rows = self.table.rows if self.table is not None else ()
        values = [100 * value for row in rows for value in row.values.values()]
        self.scale = even_scale(values, least=1.0)
        # Where one fails to learn, a linear scale would show the others as one dot.
        if self.scale.high > WIDE * LINEAR:
            self.scale = StripScale(0.0, self.scale.high, LINEAR)
        ends = [
            100 * value
            for row in rows
            if row.difference is not None
            for value in (row.difference.low, row.difference.high, row.difference.mean)
            if math.isfinite(value)
        ]
        # One seed has no interval; two have one so wide that nothing else could be seen.
        means = [100 * row.difference.mean for row in rows if row.difference is not None]
        reach = 3 * max([LINEAR, *map(abs, means)])
        self.difference_scale = symmetric_scale([min(max(end, -reach), reach) for end in ends], LINEAR)

    # ---- what a row says

    def strip(self, row: SweepRow) -> DotStripData:
        """The test errors of a configuration, in percent."""
        dots = tuple(
            StripDot(100 * value, f"seed {seed}: {self.figure(value)} %", (row.configuration.number, seed))
            for seed, value in row.values.items()
        )
        if row.found is None:
            return DotStripData(dots)
        sd = row.found.sd or 0.0
        return DotStripData(dots, 100 * row.found.mean, (100 * (row.found.mean - sd), 100 * (row.found.mean + sd)))

    def difference_strip(self, row: SweepRow) -> DotStripData:
        """The differences of a configuration from what it is compared with, seed by seed, in points."""
        found = row.difference
        if found is None or self.table is None:
            return DotStripData((), thresholds=(0.0,))
        others = next(each for each in self.table.rows if each.configuration.name == row.compared_with)
        dots = tuple(
            StripDot(
                100 * (value - others.values[seed]),
                f"seed {seed}: {self.figure(value - others.values[seed], sign=True)} points",
                (row.configuration.number, seed),
            )
            for seed, value in row.values.items()
            if seed in others.values
        )
        sound = math.isfinite(found.low) and row.comparison != "running"
        return DotStripData(
            dots, 100 * found.mean, (100 * found.low, 100 * found.high) if sound else None, thresholds=(0.0,)
        )

    def badge(self, row: SweepRow) -> BadgeData:
        """What is said of a configuration; one without a word for nothing."""
        if row.comparison == "running":
            if not row.waiting:
                return BadgeData("waits for the baseline", "acc")
            return waiting_badge(row.waiting)
        return VERDICT_BADGES.get(row.comparison, BadgeData(""))

    def hint(self, row: SweepRow) -> str:
        """What stands beside a verdict: ``about 6 seeds``, ``at most 0.5 either way``, ``1 extended, left out``."""
        return ", ".join(filter(None, (self._doubt(row), row.extended_words)))

    def _doubt(self, row: SweepRow) -> str:
        """What a verdict that cannot tell says beside."""
        found = row.difference
        if row.comparison != "cannot tell":
            return ""
        if found is None:
            return "no seed in common"
        if found.sd is None:
            return "one seed"
        if row.seeds_needed is not None and row.seeds_needed > found.n:
            return f"about {row.seeds_needed} seeds"
        return f"at most {self.figure(largest_difference(found))} either way"

    def figure(self, value: float, *, sign: bool = False) -> str:
        """A fraction in percent or points, with a true minus."""
        text = f"{100 * value:{'+' if sign else ''}.{self._digits}f}"
        return _plain_zero(text).replace("-", "−")

    def token(self, row: SweepRow | RunCell) -> tuple[str, bool]:
        """The colour of the dot in front of a row, and whether it is a ring."""
        if self._state is None or self._colour_axis is None:
            return "t3", False
        label = label_of(self._state.sweep, row.configuration.labels, self._colour_axis.name)
        return value_token(self._colour_axis, label), value_dash(self._colour_axis, label) % 2 == 1

    def text(self, row: SweepRow | RunCell, column: ResultColumn) -> str:
        """What a cell says."""
        if column.axis is not None and self._state is not None:
            return label_of(self._state.sweep, row.configuration.labels, column.axis.name)
        if isinstance(row, RunCell):
            return self._run_text(row, column.kind)
        match column.kind:
            case "n":
                return str(len(row.values))
            case "strip":
                return " ".join(self.figure(value) for value in row.values.values())
            case "mean":
                return self._mean(row)
            case "training":
                return "–" if row.training is None else self.figure(row.training)
            case "difference":
                return "compared with" if row.comparison == "baseline" else ""
            case "interval":
                return f"{self.difference_text(row)} {self.interval_text(row)}".strip()
            case _:
                words = filter(None, (self.badge(row).word, self.hint(row), _failed(row)))
                return ", ".join(words)

    def _mean(self, row: SweepRow) -> str:
        found = row.found
        if found is None:
            return "–"
        return self.figure(found.mean) + (f" ± {self.figure(found.sd)}" if found.sd is not None else "")

    def difference_text(self, row: SweepRow) -> str:
        """The mean difference, ``+0.5``; empty for none."""
        return "" if row.difference is None else self.figure(row.difference.mean, sign=True)

    def interval_text(self, row: SweepRow) -> str:
        """Its interval, ``+0.4 … +0.7``, or that it is not all yet."""
        found = row.difference
        if found is None:
            return ""
        if row.comparison == "running":
            return "so far"
        if not math.isfinite(found.low):
            return ""
        return f"{self.figure(found.low, sign=True)} … {self.figure(found.high, sign=True)}"

    def _run_text(self, cell: RunCell, kind: Kind) -> str:
        figures = cell.figures
        if kind == "seed":
            return str(cell.seed)
        if kind == "status":
            return cell.message or cell.status
        if figures is None:
            return "–"
        texts: dict[str, Callable[[], str]] = {
            "test": lambda: self.figure(figures.test_error),
            "training": lambda: self.figure(figures.train_error),
            "time": lambda: f"{figures.seconds:.1f}",
            "epochs": lambda: f"{figures.epochs:,}",
        }
        return texts[kind]()

    # ---- order

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; by −1 as the sweep has it."""
        self._sorted = (column, order) if 0 <= column < len(self.columns) else None
        self.layoutAboutToBeChanged.emit()
        if self._sorted is None and self._state is not None:
            self.rows.sort(key=lambda row: (row.configuration.number, getattr(row, "seed", 0)))
        self._sort()
        self.layoutChanged.emit()

    @property
    def sorted_by(self) -> str:
        """Title of the column that rows are sorted by; empty for none."""
        return self.columns[self._sorted[0]].title if self._sorted and self._sorted[0] < len(self.columns) else ""

    def _sort(self) -> None:
        if self._sorted is None or self._sorted[0] >= len(self.columns):
            return
        number, order = self._sorted
        column = self.columns[number]
        self.rows.sort(key=lambda row: _key(row, column, self.text(row, column)))
        if order == Qt.SortOrder.DescendingOrder:
            self.rows.reverse()

    # ---- Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            column = self.columns[section]
            return column.short if section in self._shortened else column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row and the column for the delegate; in words for readers."""
        if not index.isValid() or not 0 <= index.row() < len(self.rows):
            return None
        row, column = self.rows[index.row()], self.columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self.text(row, column)
            case Qt.ItemDataRole.UserRole:
                return row
            case _ if role == COLUMN:
                return column
            case _:
                return None

    def lines(self) -> list[list[str]]:
        """The table as shown, titles first."""
        body = [[self.text(row, column) for column in self.columns] for row in self.rows]
        return [[column.title for column in self.columns], *body]


def _failed(row: SweepRow) -> str:
    return f"{row.failed} failed" if row.failed else ""


def _plain_zero(text: str) -> str:
    """Nothing has no sign."""
    return text.lstrip("+-") if not float(text) else text


def _digits(state: SweepState) -> int:
    images = [cell.figures.test_images for cell in state.cells if cell.figures is not None]
    return 2 if max(images, default=0) >= FINE else 1


def _key(row: SweepRow | RunCell, column: ResultColumn, text: str) -> tuple[int, float, str]:
    """What a row is sorted by: numbers before words, what is not there last."""
    if isinstance(row, SweepRow):
        found = {
            "strip": row.found.mean if row.found else None,
            "mean": row.found.mean if row.found else None,
            "training": row.training,
            "difference": row.difference.mean if row.difference else None,
            "interval": row.difference.mean if row.difference else None,
        }
        if column.kind in found:
            value = found[column.kind]
            return (0, value, "") if value is not None else (2, 0.0, "")
    if column.axis is not None and text in column.axis.labels:
        try:
            return 0, float(text.replace(",", "")), ""
        except ValueError:
            return 1, float(column.axis.labels.index(text)), ""
    try:
        return 0, float(text.replace(",", "").replace("−", "-")), ""
    except ValueError:
        return 1, 0.0, text


def cells_in_words(lines: Sequence[Sequence[str]]) -> str:
    """Lines of cells as text that a spreadsheet takes: tabs between columns."""
    return "".join("\t".join(line) + "\n" for line in lines)
