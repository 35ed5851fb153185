"""The layer tree as a Qt model: stages, blocks and layers; layers are listed when their block is opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from resnet_gui.analysis.layer_names import Naming
from resnet_gui.design.location import Location
from resnet_gui.design.structure import Plan
from resnet_gui.gui.design.table.filter import Filter, FilterMatches, RowHits, found_in
from resnet_gui.gui.design.table.node import Node
from resnet_gui.gui.design.table.rows import (
    BARS,
    TIPS,
    TITLES,
    Column,
    TopRows,
    column_amount,
    largest,
    layer_row,
    tip,
    top_rows,
    value,
)

Index = QModelIndex | QPersistentModelIndex

MANY: Final = 500
"""More opened blocks than these are not told of one by one, which takes longer than the edit: ``rows_replaced`` is."""


def _holds(node: Node, location: Location) -> bool:
    """Whether a row of the first level is the stage, the stem or the head of a location."""
    own = node.data.location
    return own is not None and own.stage == location.stage


class LayerModel(QAbstractItemModel):
    """Rows of a plan: input, stem, stages, head; under them blocks and layers.

    Sorts and filters itself, because a ``QSortFilterProxyModel`` (recursive filtering, accepted children) calls Python
    two or three times a row: on the 4,814 rows of ResNet-1202 it takes 129 to 289 ms a filter where this takes 39 to
    43 ms, and 287 ms a sorting where this takes 22 ms. It would also want the layers of every block listed, which are
    made here when their block is opened.

    Attributes:
        naming: whose names the layers bear.
        found: what the filter leaves; None without one.
        longest: the largest amount of each level and column with bars, of which a bar is a fraction.

    Signals:
        rows_replaced: rows show something else in their old places, of which ``dataChanged`` has told.
    """

    rows_replaced = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.naming: Naming = "paper"
        self.found: FilterMatches | None = None
        self._all: list[Node] = []
        self._top: list[Node] = []
        self._listed: dict[Node, None] = {}
        self.longest: dict[tuple[int, int], int] = {}
        self._filter = ""
        self._sorting: tuple[Column, bool] | None = None

    # ---- what is shown

    def set_plan(self, plan: Plan) -> None:
        """Show another plan; where it has the same stages and blocks the rows stay and only what they show changes."""
        rows = top_rows(plan)
        self.longest = largest(plan, rows)
        hits = self._sift(rows)
        if self._sorting is None and self._keeps_rows(rows, hits):
            self._replace(rows, hits)
            return
        self.beginResetModel()
        old = self._all, self._top, self._listed  # views may look at their old rows until the reset is over
        self._all, self._listed = [], {}
        for number, ((row, blocks), hit) in enumerate(zip(rows, hits, strict=True)):
            node = Node(number)
            node.put(row, blocks, hit)
            node.children = [Node(place, node, 1) for place in range(len(blocks))]
            self._all.append(node)
        self._arrange()
        self.endResetModel()
        del old

    def _sift(self, rows: TopRows) -> Sequence[RowHits | None]:
        """What the filter leaves of rows, and of all together; nothing to say of them without one."""
        self.found = None
        if not self._filter:
            return [None] * len(rows)
        sought = Filter(self._filter)
        hits = [sought.sift(*row) for row in rows]
        self.found = found_in(rows, hits)
        return hits

    def _keeps_rows(self, rows: TopRows, hits: Sequence[RowHits | None]) -> bool:
        """Whether the same rows are on show, whatever they show; without a filter a block may have other layers."""
        if [len(node.rows) for node in self._all] != [len(blocks) for _, blocks in rows]:
            return False
        pairs = ((node.hits, hit) for node, hit in zip(self._all, hits, strict=True))
        return all(mine is its or (mine is not None and its is not None and mine.same_rows(its)) for mine, its in pairs)

    def _replace(self, rows: TopRows, hits: Sequence[RowHits | None]) -> None:
        for node, (row, blocks), hit in zip(self._all, rows, hits, strict=True):
            node.put(row, blocks, hit)
            if node.rows and node.shown:
                self._emit_changed(node.shown)
        for node in list(self._listed):
            self._replace_layers(node, tell=len(self._listed) <= MANY)
        if self._top:
            self._emit_changed(self._top)
        self.rows_replaced.emit()

    def _replace_layers(self, node: Node, *, tell: bool) -> None:
        """Refresh the layers of a block that has been opened; ``tell`` whether what they show is told of here."""
        layers, shown = node.remaining(), node.shown or []
        if len(layers) == len(shown):
            node.layers = layers
            if shown and tell:
                self._emit_changed(shown)
            return
        parent = self.index_of(node)
        if shown:
            self.beginRemoveRows(parent, 0, len(shown) - 1)
            node.layers, node.shown = (), []
            self.endRemoveRows()
        self.beginInsertRows(parent, 0, len(layers) - 1)
        node.list_layers(layers)
        self.endInsertRows()
        del shown

    def _emit_changed(self, nodes: list[Node]) -> None:
        self.dataChanged.emit(self.index_of(nodes[0]), self.index_of(nodes[-1], len(Column) - 1))

    def set_naming(self, naming: Naming) -> None:
        """Call the layers as the paper or as PyTorch does."""
        self.naming = naming
        for nodes in (self._top, *(node.shown for node in (*self._all, *self._listed))):
            if nodes:
                self._emit_changed(nodes)
        self.rows_replaced.emit()

    def set_filter(self, text: str) -> None:
        """Leave only rows that match, and those above them."""
        if text.strip() != self._filter:
            self._filter = text.strip()
            self._rearrange()

    def set_sorting(self, sorting: tuple[Column, bool] | None) -> None:
        """Sort the rows of every level by a column, descending if the second says so; None is the network's order."""
        if sorting != self._sorting:
            self._sorting = sorting
            self._rearrange()

    @property
    def sorting(self) -> tuple[Column, bool] | None:
        """The column that sorts and whether it descends."""
        return self._sorting

    @property
    def filtered(self) -> bool:
        """Whether a filter is set."""
        return bool(self._filter)

    def _rearrange(self) -> None:
        self.beginResetModel()
        old = [node.shown for node in self._listed]  # views may look at their old rows until the reset is over
        hits = self._sift([(node.data, node.rows) for node in self._all])
        for node, hit in zip(self._all, hits, strict=True):
            node.hits = hit
        self._arrange()
        self.endResetModel()
        del old

    def _arrange(self) -> None:
        """Choose and sort what is shown; the layers of a block are listed when they are asked for."""
        for node in self._listed:
            node.layers, node.shown = (), None
        self._listed = {}
        for node in self._all:
            if node.data.group is None:
                hits = node.hits.blocks if node.hits is not None else None
                left = node.children if hits is None else [child for child in node.children if hits[child.number].shown]
                node.shown = self._sorted(left)
        self._top = self._sorted([node for node in self._all if node.hits is None or node.hits.shown])

    def _sorted(self, nodes: list[Node]) -> list[Node]:
        if self._sorting is not None:
            column, descending = self._sorting
            nodes = sorted(nodes, key=lambda node: value(node.data, column), reverse=descending)
        for row, node in enumerate(nodes):
            node.row = row
        return nodes

    def _sorted_layers(self, node: Node) -> Sequence[int]:
        """Numbers of the layers on show right below a row, in their order."""
        layers = node.remaining()
        if self._sorting is None:
            return layers
        (column, descending), data = self._sorting, node.data
        return sorted(layers, key=lambda number: value(layer_row(data, number), column), reverse=descending)

    # ---- rows

    def top_nodes(self) -> list[Node]:
        """The shown rows of the first level."""
        return self._top

    def node(self, index: Index) -> Node | None:
        """The row behind an index."""
        pointer = index.internalPointer() if index.isValid() else None
        return pointer if isinstance(pointer, Node) else None

    def index_of(self, node: Node, column: int = 0) -> QModelIndex:
        """The index of a row."""
        return self.createIndex(node.row, column, node)

    def children_of(self, node: Node) -> list[Node]:
        """The shown rows below a row."""
        if node.shown is not None:
            return node.shown
        self._listed[node] = None
        return node.list_layers(self._sorted_layers(node))

    def find(self, path: str) -> QModelIndex:
        """The row of a path of PyTorch: a stage, a block or a layer; invalid if there is none on show."""
        try:
            location = Location.parse(path)
        except ValueError:
            return QModelIndex()
        found = next((node for node in self._top if _holds(node, location)), None)
        if found is not None and location.block is not None:
            blocks, shown = found.children, found.shown or []
            found = blocks[location.block] if location.block < len(blocks) else None
            if found is not None and not (found.row < len(shown) and shown[found.row] is found):
                found = None
        if found is not None and location.layer:
            found = next((child for child in self.children_of(found) if child.path == path), None)
        return QModelIndex() if found is None or found.path != path else self.index_of(found)

    def bar(self, node: Node, column: int) -> float | None:
        """Length of the in-cell bar as a fraction of the longest of its level; None where there is none."""
        if column not in BARS:
            return None
        data = node.data
        found, most = column_amount(data.cost, column), self.longest.get((data.level, int(column)), 0)
        return found / most if found and most else None

    # ---- Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of rows below a row."""
        if parent.column() > 0:
            return 0
        node = self.node(parent)
        return len(self._top) if node is None else len(self.children_of(node))

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008
        """Whether there are rows below a row, without listing them."""
        if parent.column() > 0:
            return False
        node = self.node(parent)
        if node is None:
            return bool(self._top)
        return bool(node.remaining() if node.shown is None else node.shown)

    def columnCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of columns."""
        return len(Column)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """The index of a cell."""
        node = self.node(parent)
        rows = self._top if node is None else [] if parent.column() > 0 else self.children_of(node)
        if 0 <= row < len(rows) and 0 <= column < len(Column):
            return self.createIndex(row, column, rows[row])
        return QModelIndex()

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        """The row above a row."""
        node = self.node(index)
        return QModelIndex() if node is None or node.parent is None else self.index_of(node.parent)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(TITLES):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return TIPS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section >= Column.GROUPS else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        node = self.node(index)
        if node is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return node.texts()[index.column() - 1] if index.column() else node.name(self.naming)
            case Qt.ItemDataRole.ToolTipRole:
                return tip(node.data)
            case _:
                return None
