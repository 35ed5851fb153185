"""A row of the layer table as a place in its tree, whose content can be replaced while it stays."""

from __future__ import annotations

from collections.abc import Sequence

from resnet_gui.analysis.costs import Cost
from resnet_gui.analysis.layer_names import Naming
from resnet_gui.design.structure import BlockPlan
from resnet_gui.gui.design.table.filter import BlockHits, RowHits
from resnet_gui.gui.design.table.rows import NO_BLOCKS, BlockRows, RowData, cell_texts, layer_row
from resnet_gui.gui.kit.cached_text import CachedText, ink


class Node:
    """A place in the tree; what it shows can be replaced while it stays.

    A block has its content from the rows of its stage and a layer from its block's, when somebody looks at it: an edit
    puts another plan behind thousands of rows by changing those of the first level alone.

    Attributes:
        level: 0 for stem, stages and head, 1 for blocks, 2 for layers.
        row: position among the shown rows of its parent.
        number: of a block, its place in its stage.
        rows: of a stage, the content of its blocks.
        hits: of a row of the first level, what the filter leaves of it; None without one.
        children: of a stage, all of its blocks.
        look: what whoever draws it has made of it; None when it shows something else.
        layers: numbers of the shown layers right below it, in the order of ``shown``.
        shown: the rows below that the filter leaves, in the order of the sorting; None as long as a block's layers are
            not listed.
    """

    __slots__ = (
        "_data", "_inks", "_source", "_texts", "children", "hits", "layers", "level", "look", "number", "parent", "row",
        "rows", "shown",
    )  # fmt: skip

    def __init__(self, row: int, parent: Node | None = None, level: int = 0) -> None:
        self.level = level
        self.row = self.number = row
        self.parent = parent
        self.rows: BlockRows = NO_BLOCKS
        self.hits: RowHits | None = None
        self.children: list[Node] = []
        self.layers: Sequence[int] = ()
        self.shown: list[Node] | None = None
        self.look: object = None
        self._data: RowData | None = None
        self._source: object = None
        self._texts: tuple[str, ...] | None = None
        self._inks: tuple[CachedText | None, ...] | None = None

    @property
    def data(self) -> RowData:
        """What it shows."""
        parent, data = self.parent, self._data
        if parent is not None:
            block = self.level == 1
            source: object = parent.rows if block else parent.data
            if data is None or source is not self._source:
                data = parent.rows[self.number] if block else layer_row(parent.data, parent.layers[self.row])
                self._source = source
                self._show(data)
        if data is None:
            raise ValueError("a row of the first level has been given nothing to show")
        return data

    def _show(self, data: RowData) -> None:
        self._data, self._texts, self._inks, self.look = data, None, None, None

    def put(self, data: RowData, rows: BlockRows, hits: RowHits | None) -> None:
        """Show something else in a row of the first level, and with it in those below."""
        self.rows, self.hits = rows, hits
        self._show(data)

    @property
    def group(self) -> BlockPlan | None:
        """The block, stem or head that it stands for; None for stages and layers."""
        if self.parent is None:
            return self.data.group
        return self.parent.rows.blocks[self.number] if self.level == 1 else None

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

    def remaining(self) -> Sequence[int]:
        """Numbers of the layers right below it that the filter leaves, in the network's order."""
        group, parent = self.group, self.parent
        if group is None:
            return ()
        hits: RowHits | BlockHits | None = self.hits
        if parent is not None:
            hits = parent.hits.blocks[self.number] if parent.hits is not None else None
        return range(len(group.layers)) if hits is None else hits.layers

    def list_layers(self, layers: Sequence[int]) -> list[Node]:
        """List some of its layers below it."""
        self.layers = layers
        self.shown = [Node(number, self, 2) for number in range(len(layers))]
        return self.shown

    def texts(self) -> tuple[str, ...]:
        """What its cells show behind the name; made once."""
        data = self.data
        if self._texts is None:
            self._texts = cell_texts(data)
        return self._texts

    def inks(self) -> tuple[CachedText | None, ...]:
        """``texts`` ready to be drawn; None for an empty cell."""
        texts = self.texts()
        if self._inks is None:
            self._inks = tuple(ink(text) if text else None for text in texts)
        return self._inks

    def name(self, naming: Naming) -> str:
        """What it is called."""
        return self.data.name if naming == "paper" else self.data.torch_name
