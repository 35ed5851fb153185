"""The layer tree: stages, blocks and layers of a plan as a Qt model; layers are listed when their block is opened."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import prod
from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from resnet_gui.gui.format import count, shape, short
from resnet_gui.gui.theme import stage_token
from resnet_gui.spec.choices import Shape
from resnet_gui.spec.costs import Cost, Reach, block_cost, block_reaches, layer_cost, reaches, stage_costs
from resnet_gui.spec.structure import BlockPlan, LayerPlan, Plan

Index = QModelIndex | QPersistentModelIndex
MIB: Final = 2**20

KIND_TITLES: Final = {
    "conv": "Conv", "bn": "BN", "relu": "ReLU", "max_pool": "Max-pool", "avg_pool": "Avg-pool", "flatten": "Flatten",
    "linear": "Linear", "zero_pad": "Zero-pad", "add": "Add", "basic": "Basic", "bottleneck": "Bottleneck",
    "group_norm": "GroupNorm", "leaky_relu": "LeakyReLU", "gelu": "GELU", "silu": "SiLU", "sigmoid": "Sigmoid",
    "scale": "Scale", "gate": "Multiply", "cogate": "Multiply", "dropout": "Dropout", "drop_path": "Drop path",
}  # fmt: skip


SHORTCUT_NAMES: Final = {"zero_pad": "pad", "avg_pool": "pool", "group_norm": "norm", "cogate": "× (1 − g)"}


class Column(IntEnum):
    """Columns of the table."""

    NAME = 0
    KIND = 1
    OUTPUT = 2
    WINDOW = 3
    PARAMS = 4
    MACS = 5
    MEMORY = 6
    FIELD = 7


TITLES: Final = ("Layer", "Type", "Output", "k / s", "Params", "MACs", "Mem MiB", "RF")
TIPS: Final = (
    "Name in the paper; PyTorch's name is in the tooltip of each row",
    "What the layer computes",
    "Channels × height × width of the output, without the batch",
    "Edge of the window, and stride where it is not 1",
    "Trainable values",
    "Multiply-accumulates for one picture",
    "Stored output in fp32 for one picture; ReLU works in place",
    "Receptive field: edge of the square of input pixels that one unit can see",
)
NUMERIC: Final = (Column.PARAMS, Column.MACS, Column.MEMORY)


START: Final = Reach()


@dataclass(eq=False)
class Node:
    """A row: a stage, a block or a layer; the input is a row without cost."""

    name: str
    path: str
    kind: str
    output: Shape
    window: str
    cost: Cost
    field: int
    token: str
    level: int
    row: int
    parent: Node | None = None
    block: BlockPlan | None = None
    reach: Reach = START
    children: list[Node] | None = None
    texts: tuple[str, ...] | None = None


class LayerModel(QAbstractItemModel):
    """Rows of a plan: input, stem, stages, head; under them blocks and layers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._top: list[Node] = []
        self._largest: dict[tuple[int, int], float] = {}
        self.total = Cost()
        self.rows = 0

    def set_plan(self, plan: Plan) -> None:
        """Show another plan."""
        self.beginResetModel()
        self._top = _top_nodes(plan)
        self._largest = {}
        for node in self._top:
            self._note_largest(node)
        self.endResetModel()

    def top_nodes(self) -> list[Node]:
        """The rows of the first level."""
        return self._top

    def node(self, index: Index) -> Node | None:
        """The row behind an index."""
        pointer = index.internalPointer() if index.isValid() else None
        return pointer if isinstance(pointer, Node) else None

    def index_of(self, node: Node, column: int = 0) -> QModelIndex:
        """The index of a row."""
        return self.createIndex(node.row, column, node)

    def find_block(self, stage: int, block: int) -> QModelIndex:
        """The row of a block, both numbers counted from 0; invalid if there is none."""
        for node in self._top:
            if node.path == f"layer{stage + 1}":
                children = self._children(node)
                if block < len(children):
                    return self.index_of(children[block])
        return QModelIndex()

    # ---- Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of rows below a row."""
        if parent.column() > 0:
            return 0
        node = self.node(parent)
        return len(self._top) if node is None else len(self._children(node))

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008
        """Whether a row can be opened; answered without listing what is below."""
        if parent.column() > 0:
            return False
        node = self.node(parent)
        return bool(self._top) if node is None else node.block is not None or bool(node.children)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of columns."""
        return len(TITLES)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        """The index of a cell."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        node = self.node(parent)
        return self.createIndex(row, column, (self._top if node is None else self._children(node))[row])

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
            side = Qt.AlignmentFlag.AlignRight if section >= Column.PARAMS else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        node = self.node(index)
        if node is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell_texts(node)[index.column()]
            case Qt.ItemDataRole.ToolTipRole:
                return _tip(node)
            case _:
                return None

    # ---- rows below rows

    def _children(self, node: Node) -> list[Node]:
        if node.children is None:
            node.children = _layer_nodes(node) if node.block is not None else []
            for child in node.children:
                self._note_largest(child)
        return node.children

    def _note_largest(self, node: Node) -> None:
        for column in NUMERIC:
            key = (node.level, column)
            self._largest[key] = max(self._largest.get(key, 0.0), _value(node, column))
        if node.children:
            # Blocks of a stage stand ready; equal ones cost the same.
            for child in {id(child.block): child for child in node.children}.values():
                self._note_largest(child)

    def bar(self, node: Node, column: Column) -> float | None:
        """Length of the in-cell bar as a fraction of the longest of its level; None where there is none."""
        if column not in NUMERIC:
            return None
        value, largest = _value(node, column), self._largest.get((node.level, column), 0.0)
        return value / largest if value and largest else None


def _value(node: Node, column: Column) -> float:
    match column:
        case Column.PARAMS:
            return node.cost.params
        case Column.MACS:
            return node.cost.macs
        case _:
            return node.cost.memory


def cell_texts(node: Node) -> tuple[str, ...]:
    """What the cells of a row show, in the order of the columns; made once a row."""
    if node.texts is None:
        cost = node.cost
        node.texts = (
            node.name,
            node.kind,
            shape(node.output),
            node.window,
            (count(cost.params) if cost.params < 1e8 else short(cost.params)) if cost.params else "–",
            short(cost.macs) if cost.macs else "–",
            mebibytes(cost.memory) if cost.memory else "–",
            str(node.field) if node.field < 100_000 else short(node.field),
        )
    return node.texts


def mebibytes(size: int) -> str:
    """Memory for a narrow column: two decimals as long as there is room."""
    value = size / MIB
    return f"{value:.2f}" if value < 1000 else f"{value:,.0f}" if value < 1e6 else short(value)


def _tip(node: Node) -> str:
    cost = node.cost
    lines = [f"{node.path or 'input'}: {shape(node.output, wide=True)}"]
    lines.append(f"{count(cost.params)} parameters, {count(cost.macs)} MACs, {count(cost.memory)} bytes")
    lines.append(f"receptive field {count(node.field)} px")
    return "\n".join(lines)


def _top_nodes(plan: Plan) -> list[Node]:
    picture = plan.spec.input
    # The picture itself is stored too; the convention for layers counts outputs, so it has a row of its own.
    nodes = [Node("input", "", "Tensor", picture, "", Cost(memory=4 * prod(picture)), 1, "t3", 0, 0)]
    reach_list = block_reaches(plan)
    stem = _group_node("conv1", "conv1", "Stem", plan.stem, reach_list[0].size, "s0")
    stem.reach = Reach()
    nodes.append(stem)
    position = 0
    for stage, cost in zip(plan.stages, stage_costs(plan), strict=True):
        token = stage_token(stage.index)
        last = reach_list[position + len(stage.blocks)]
        stride = stage.blocks[0].stride
        window = f"/{stride}" if stride > 1 else ""
        node = Node(stage.paper_name, stage.name, "Stage", stage.output, window, cost, last.size, token, 0, 0)
        node.children = []
        costs: dict[int, Cost] = {}
        for number, block in enumerate(stage.blocks):
            found = costs.get(id(block))
            if found is None:
                found = costs[id(block)] = block_cost(block)
            child = Node(
                f"conv{stage.index + 2}_{number + 1}", f"{stage.name}.{number}", KIND_TITLES[block.kind], block.output,
                f"/{block.stride}" if block.stride > 1 else "", found, reach_list[position + number + 1].size, token,
                1, number, node, block, reach_list[position + number],
            )  # fmt: skip
            node.children.append(child)
        position += len(stage.blocks)
        nodes.append(node)
    nodes.append(_group_node("head", "", "Head", plan.head, reach_list[-1].size, "t3"))
    for number, node in enumerate(nodes):
        node.row = number
    return nodes


def _group_node(name: str, path: str, kind: str, group: BlockPlan, size: int, token: str) -> Node:
    stride = group.stride
    window = f"/{stride}" if stride > 1 else ""
    return Node(name, path, kind, group.output, window, block_cost(group), size, token, 0, 0, block=group)


def _layer_nodes(node: Node) -> list[Node]:
    block = node.block
    if block is None:
        return []
    if block.kind == "head":
        sizes = [node.field] * len(block.layers)
    else:
        sizes = [reach.size for reach in reaches(block, node.reach)]
    prefix = f"{node.path}." if node.level == 1 else ""
    return [
        Node(
            paper_layer_name(layer), prefix + layer.name, KIND_TITLES[layer.kind], layer.output, _window(layer),
            layer_cost(layer), size, node.token, 2, number, node,
        )
        for number, (layer, size) in enumerate(zip(block.layers, sizes, strict=True))
    ]  # fmt: skip


def paper_layer_name(layer: LayerPlan) -> str:
    """A layer's name for people: the shortcut's layers say that they are."""
    if layer.branch == "shortcut":
        return f"shortcut {SHORTCUT_NAMES.get(layer.kind, layer.kind)}"
    if layer.branch == "gate":
        return f"gate {layer.kind}"
    return layer.name


def _window(layer: LayerPlan) -> str:
    if layer.kind == "avg_pool" and not layer.kernel:
        return shape(layer.input[1:])
    if not layer.kernel:
        return ""
    return f"{layer.kernel}×{layer.kernel}" + (f" /{layer.stride}" if layer.stride > 1 else "")
