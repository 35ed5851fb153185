"""Designs side by side as a Qt model: a column for each, rows of choices, costs and accuracies under headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from resnet_gui.analysis.comparison import ChoiceRow, Figure, choices, figures
from resnet_gui.analysis.costs import Totals
from resnet_gui.design.spec import Design
from resnet_gui.design.structure import Plan
from resnet_gui.design.torchvision import ACCURACIES, PrintedAccuracy, torchvision_name
from resnet_gui.gui.kit.format import binary, change, count, difference, scaled, shape, short

Index = QModelIndex | QPersistentModelIndex
Kind = Literal["heading", "choice", "figure", "accuracy"]


@dataclass(frozen=True)
class ComparisonCell:
    """One cell: what stands at a design's place in a row.

    Attributes:
        text: the value.
        note: how it relates to the reference.
        differs: whether it is another than the reference's.
        share: length of the bar, or place of the dot, between 0 and 1; None for none.
    """

    text: str
    note: str = ""
    differs: bool = False
    share: float | None = None


@dataclass(frozen=True)
class ComparisonRow:
    """One row of cells; ``differs`` says whether the designs do not all agree."""

    kind: Kind
    title: str
    cells: tuple[ComparisonCell, ...] = ()
    differs: bool = True


@dataclass(frozen=True)
class ComparedDesign:
    """A column: a design with its plan and figures, the colour that it keeps, and what it is here.

    Attributes:
        name: of the design, told apart from namesakes.
        hollow: whether its sign is a ring, because others have its colour already.
    """

    name: str
    design: Design
    plan: Plan
    totals: Totals
    token: str
    is_baseline: bool = False
    is_present: bool = False
    accuracy: PrintedAccuracy | None = field(default=None)
    hollow: bool = False


def accuracy_of(design: Design) -> PrintedAccuracy | None:
    """How torchvision's first ImageNet weights score, where the design is theirs, input and classes included."""
    spec = design.spec
    if spec.classes != 1000 or spec.input != (3, 224, 224):
        return None
    return ACCURACIES.get(torchvision_name(spec))


def written(figure: Figure, value: int) -> str:
    """A figure as its kind is written."""
    match figure.kind:
        case "count":
            return count(value) if value < 1e9 else short(value)
        case "scaled":
            return " ".join(scaled(value)).strip()
        case "bytes":
            return binary(value)
        case "pixels":
            return f"{value:,} px"
        case _:
            return f"{value:,}"


def _related(figure: Figure, value: int, reference: int) -> str:
    if value == reference:
        return ""
    if figure.kind in {"layers", "pixels"}:
        return difference(value, reference) + (" px" if figure.kind == "pixels" else "")
    return change(value, reference)


def _choice_line(row: ChoiceRow) -> ComparisonRow:
    cells = tuple(ComparisonCell(text, differs=row.apart(place)) for place, text in enumerate(row.texts))
    return ComparisonRow("choice", row.title, cells, row.differs)


def _figure_line(row: Figure) -> ComparisonRow:
    most = max(row.values)
    cells = tuple(
        ComparisonCell(
            written(row, value),
            _related(row, value, row.values[0]),
            value != row.values[0],
            value / most if most else 0,
        )
        for value in row.values
    )
    return ComparisonRow("figure", row.title, cells, row.differs)


def _accuracy_line(name: str, values: Sequence[float | None]) -> ComparisonRow:
    known = [value for value in values if value is not None]
    low, high = int(min(known) // 5 * 5), int(-(-max(known) // 5) * 5)
    first = values[0]
    cells = []
    for value in values:
        if value is None:
            cells.append(ComparisonCell("–"))
            continue
        note = "" if first is None or value == first else f"{'+' if value > first else '−'}{abs(value - first):.2f}"
        cells.append(ComparisonCell(f"{value:.2f} %", note, value != first, (value - low) / max(high - low, 1)))
    return ComparisonRow("accuracy", f"{name}, {low} to {high} %", tuple(cells), len(set(values)) > 1)


def lines_of(entries: Sequence[ComparedDesign]) -> list[ComparisonRow]:
    """Every row for some designs, of which the first is the reference."""
    if not entries:
        return []
    specs = [entry.design.spec for entry in entries]
    found = [ComparisonRow("heading", "Architecture"), *map(_choice_line, choices(specs))]
    inputs = {spec.input for spec in specs}
    at = shape(specs[0].input, wide=True) if len(inputs) == 1 else "each design's own input"
    found += [
        ComparisonRow("heading", f"Cost at {at}, batch 1"),
        *map(_figure_line, figures([entry.plan for entry in entries], [entry.totals for entry in entries])),
    ]
    if any(entry.accuracy for entry in entries):
        found.append(ComparisonRow("heading", "ImageNet, torchvision IMAGENET1K_V1, one crop"))
        found.append(_accuracy_line("Top-1", [entry.accuracy.top1 if entry.accuracy else None for entry in entries]))
        found.append(_accuracy_line("Top-5", [entry.accuracy.top5 if entry.accuracy else None for entry in entries]))
    return found


class ComparisonModel(QAbstractTableModel):
    """The model of the comparison; its vertical header holds the titles of the rows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[ComparedDesign] = []
        self._all: list[ComparisonRow] = []
        self._lines: list[ComparisonRow] = []
        self._only = False

    def set_entries(self, entries: Sequence[ComparedDesign]) -> None:
        """Compare other designs; the first is the reference."""
        self.beginResetModel()
        self._entries = list(entries)
        self._all = lines_of(entries)
        self._sift()
        self.endResetModel()

    def set_only_differing(self, *, only: bool) -> None:
        """Leave out rows in which all designs agree."""
        self.beginResetModel()
        self._only = only
        self._sift()
        self.endResetModel()

    def _sift(self) -> None:
        self._lines = [line for line in self._all if line.kind == "heading" or line.differs or not self._only]
        # A heading over nothing goes too.
        self._lines = [
            line
            for line, after in zip(self._lines, [*self._lines[1:], None], strict=True)
            if line.kind != "heading" or (after is not None and after.kind != "heading")
        ]

    def entry(self, column: int) -> ComparedDesign:
        """The design of a column."""
        return self._entries[column]

    def line(self, row: int) -> ComparisonRow:
        """A row."""
        return self._lines[row]

    # ---- Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of rows."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of designs."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        if not index.isValid():
            return None
        cells = self._lines[index.row()].cells
        if not cells:
            return None
        cell = cells[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{cell.text} {cell.note}".strip()
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names of the designs, titles of the rows."""
        rows = orientation == Qt.Orientation.Vertical
        if not 0 <= section < (len(self._lines) if rows else len(self._entries)):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._lines[section].title if rows else self._entries[section].name
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be chosen."""
        if not index.isValid() or not self._lines[index.row()].cells:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
