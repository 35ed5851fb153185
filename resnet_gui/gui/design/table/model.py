"""The layer tree as a Qt model: stages, blocks and layers; layers are listed when their block is opened."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from resnet_gui.analysis.costs import Cost
from resnet_gui.design.structure import Plan
from resnet_gui.gui.design.table.naming import Naming
from resnet_gui.gui.design.table.rows import (
    BARS,
    TIPS,
    TITLES,
    Column,
    Filter,
    RowData,
    cell_texts,
    column_amount,
    largest,
    layer_rows,
    owners,
    tip,
    top_rows,
    value,
)
from resnet_gui.gui.kit.cached_text import CachedText, ink

Index = QModelIndex | QPersistentModelIndex


class Node:
    """A place in the tree; what it shows can be replaced while it stays.

    Attributes:
        data: what it shows.
        row: position among the shown rows of its parent.
        children: all rows below; None as long as a block's layers are not listed.
        shown: those that the filter leaves, in the order of the sorting.
    """

    __slots__ = ("_inks", "_texts", "children", "data", "parent", "row", "shown")

    def __init__(self, data: RowData, row: int, parent: Node | None = None) -> None:
        self.data, self.row, self.parent = data, row, parent
        self.children: list[Node] | None = None
        self.shown: list[Node] | None = None
        self._texts: tuple[str, ...] | None = None
        self._inks: tuple[CachedText | None, ...] | None = None

    @property
    def level(self) -> int:
        """0 for stem, stages and head, 1 for blocks, 2 for layers."""
        return self.data.level

    @property
    def path(self) -> str:
        """PyTorch's full path."""
        return self.data.path

    @property
    def kind(self) -> str:
        """Word for what it is."""
        return self.data.kind

    @property
    def cost(self) -> Cost:
        """What it costs."""
        return self.data.cost

    def put(self, data: RowData) -> None:
        """Show something else."""
        self.data, self._texts, self._inks = data, None, None

    def texts(self) -> tuple[str, ...]:
        """What its cells show behind the name; made once."""
        if self._texts is None:
            self._texts = cell_texts(self.data)
        return self._texts

    def inks(self) -> tuple[CachedText | None, ...]:
        """``texts`` ready to be drawn; None for an empty cell."""
        if self._inks is None:
            self._inks = tuple(ink(text) if text else None for text in self.texts())
        return self._inks

    def name(self, naming: Naming) -> str:
        """What it is called."""
        return self.data.name if naming == "paper" else self.data.torch_name


class FilterMatches(msgspec.Struct, frozen=True):
    """The layers that a filter leaves, and what they cost together."""

    layers: int
    cost: Cost


class LayerModel(QAbstractItemModel):
    """Rows of a plan: input, stem, stages, head; under them blocks and layers.

    Sorts and filters itself, because a ``QSortFilterProxyModel`` (recursive filtering, accepted children) calls Python
    two or three times a row: on the 4,814 rows of ResNet-1202 it takes 129 to 289 ms a filter where this takes 39 to
    43 ms, and 287 ms a sorting where this takes 22 ms. It would also want the layers of every block listed, which are
    made here when their block is opened.

    Attributes:
        naming: whose names the layers bear.
        found: what the filter leaves; None without one.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.naming: Naming = "paper"
        self.found: FilterMatches | None = None
        self._all: list[Node] = []
        self._top: list[Node] = []
        self._largest: dict[tuple[int, int], int] = {}
        self._filter = ""
        self._sorting: tuple[Column, bool] | None = None

    # ---- what is shown

    def set_plan(self, plan: Plan) -> None:
        """Show another plan; where it has the same stages and blocks the rows stay and only what they show changes."""
        rows = top_rows(plan)
        self._largest = largest(plan, rows)
        same = [len(node.children or ()) for node in self._all if node.data.group is None] == [
            len(blocks) for row, blocks in rows if row.group is None
        ]
        if same and not self._filter and self._sorting is None:
            self._replace(rows)
            return
        self.beginResetModel()
        old = self._all, self._top  # views may look at their old rows until the reset is over
        self._all = []
        for number, (row, blocks) in enumerate(rows):
            node = Node(row, number)
            if row.group is None:
                node.children = [Node(block, place, node) for place, block in enumerate(blocks)]
            self._all.append(node)
        self._arrange()
        self.endResetModel()
        del old

    def _replace(self, rows: list[tuple[RowData, list[RowData]]]) -> None:
        for node, (row, blocks) in zip(self._all, rows, strict=True):
            node.put(row)
            if row.group is not None:
                self._replace_layers(node)
                continue
            for child, data in zip(node.children or (), blocks, strict=True):
                child.put(data)
                self._replace_layers(child)
            if node.children:
                self._emit_changed(node.children)
        self._emit_changed(self._all)

    def _replace_layers(self, node: Node) -> None:
        """Refresh the layers of a block that has been opened."""
        if node.children is None:
            return
        rows = layer_rows(node.data)
        if len(rows) != len(node.children):
            parent = self.index_of(node)
            if node.children:
                self.beginRemoveRows(parent, 0, len(node.children) - 1)
                gone, node.children, node.shown = node.children, [], []
                self.endRemoveRows()
                del gone
            self.beginInsertRows(parent, 0, len(rows) - 1)
            node.children = node.shown = [Node(row, number, node) for number, row in enumerate(rows)]
            self.endInsertRows()
            return
        for child, row in zip(node.children, rows, strict=True):
            child.put(row)
        self._emit_changed(node.children)

    def _emit_changed(self, nodes: list[Node]) -> None:
        self.dataChanged.emit(self.index_of(nodes[0]), self.index_of(nodes[-1], len(Column) - 1))

    def set_naming(self, naming: Naming) -> None:
        """Call the layers as the paper or as PyTorch does."""
        self.naming = naming
        for node in self._top:
            self._tell_below(node)
        if self._top:
            self._emit_changed(self._top)

    def _tell_below(self, node: Node) -> None:
        if node.shown:
            self._emit_changed(node.shown)
            for child in node.shown:
                self._tell_below(child)

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
        self._arrange()
        self.endResetModel()

    def _arrange(self) -> None:
        """Choose and sort what is shown."""
        self.found = None
        if not self._filter:
            self._top = self._sorted(self._all)
            for node in self._all:
                self._show_all(node)
            return
        sought = Filter(self._filter)
        hits: list[Node] = []

        def search(node: Node, above: frozenset[str] = frozenset()) -> bool:
            if sought.means(node.data):
                self._show_all(node, hits)
                return True
            children = self._list(node)
            below = above | owners(node.data) if node.level < 2 else above
            node.shown = self._sorted([child for child in children if search(child, below)])
            found = sought.matches(node.data, above)
            if found and node.level == 2:
                hits.append(node)
            return found or bool(node.shown)

        self._top = self._sorted([node for node in self._all if search(node)])
        self.found = FilterMatches(len(hits), sum((node.cost for node in hits), Cost()))

    def _show_all(self, node: Node, hits: list[Node] | None = None) -> None:
        if hits is not None and node.level == 2:
            hits.append(node)
        children = self._list(node) if hits is not None else node.children
        if children is None:
            return
        node.shown = self._sorted(children)
        for child in children:
            self._show_all(child, hits)

    def _sorted(self, nodes: list[Node]) -> list[Node]:
        if self._sorting is not None:
            column, descending = self._sorting
            nodes = sorted(nodes, key=lambda node: value(node.data, column), reverse=descending)
        for row, node in enumerate(nodes):
            node.row = row
        return nodes

    def _list(self, node: Node) -> list[Node]:
        """All rows below a row; a block's layers are listed when they are first asked for."""
        if node.children is None:
            node.children = [Node(row, number, node) for number, row in enumerate(layer_rows(node.data))]
        return node.children

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
        if node.shown is None:
            node.shown = self._sorted(self._list(node))
        return node.shown

    def find(self, path: str) -> QModelIndex:
        """The row of a path of PyTorch: a stage, a block or a layer; invalid if there is none on show."""
        nodes = self._top
        found: Node | None = None
        for node in nodes:
            if node.path and (path == node.path or path.startswith(f"{node.path}.")):
                found = node
            elif not node.path and node.data.group is not None:
                found = next((child for child in self.children_of(node) if child.path == path), None)
            if found is not None:
                break
        while found is not None and found.path != path:
            below = self.children_of(found)
            found = next((n for n in below if path == n.path or path.startswith(f"{n.path}.")), None)
        return QModelIndex() if found is None else self.index_of(found)

    def bar(self, node: Node, column: int) -> float | None:
        """Length of the in-cell bar as a fraction of the longest of its level; None where there is none."""
        if column not in BARS:
            return None
        data = node.data
        found, most = column_amount(data.cost, column), self._largest.get((data.level, int(column)), 0)
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
        if node.shown is not None:
            return bool(node.shown)
        return bool(node.children) or (node.children is None and node.data.group is not None)

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
