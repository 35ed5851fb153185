"""Unfolds many blocks of the layer table in slices, between which the window answers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, QTimer

from resnet_gui.design.location import Location
from resnet_gui.gui.design.table.model import LayerModel
from resnet_gui.gui.design.table.node import Node
from resnet_gui.gui.design.table.row_painter import ROW_HEIGHT

if TYPE_CHECKING:
    from resnet_gui.gui.design.table.tree import LayerTree

AT_ONCE: Final = 300
"""So many blocks are unfolded in one go, which takes a few milliseconds."""

SLICE_SECONDS: Final = 0.008


class BlockUnfolder(QObject):
    """The unfolder of all rows: what can be seen at once, then from the top down, a slice in each turn of the loop.

    What is above the view grows without moving what is in it.
    """

    def __init__(self, tree: LayerTree, model: LayerModel) -> None:
        super().__init__(tree)
        self._tree, self._model = tree, model
        self._wanted: Set[Location] | None = None
        self._steps: Iterator[None] = iter(())
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._take_slice)
        model.modelAboutToBeReset.connect(self.stop)

    @property
    def going(self) -> bool:
        """Whether blocks wait to be unfolded."""
        return self._timer.isActive()

    def start(self, wanted: Set[Location] | None = None) -> None:
        """Unfold rows without telling anybody of each of them.

        Args:
            wanted: places of stages and blocks; what is taken out meanwhile is left alone. None for every row.
        """
        self.stop()
        self._wanted = wanted
        tops, blocks = [node for node in self._model.top_nodes() if self._wants(node)], list(self._blocks())
        if len(blocks) <= AT_ONCE:
            blocked = self._tree.blockSignals(True)
            if wanted is None:
                self._tree.expandAll()
            for node in (*tops, *blocks) if wanted is not None else ():
                self._tree.setExpanded(self._model.index_of(node), True)
            self._tree.blockSignals(blocked)
            return
        with self._in_place():
            for node in tops:
                self._tree.setExpanded(self._model.index_of(node), True)
        with self._in_place():
            self._unfold_seen()
        self._steps = self._unfold(blocks)
        self._timer.start(0)

    def _wants(self, node: Node) -> bool:
        """Whether a row is to be unfolded; of a block without making what it shows."""
        if self._wanted is None:
            return True
        above = node.parent.data.location if node.parent is not None and node.level == 1 else None
        location = Location(above.stage, node.number) if above is not None else node.data.location
        return location is not None and location in self._wanted

    def _blocks(self) -> Iterator[Node]:
        """The shown blocks that are to be unfolded, from the top down."""
        for top in self._model.top_nodes():
            blocks, stage = (top.shown or []) if top.rows else [], top.data.location
            if self._wanted is not None and stage is not None:
                numbers = {location.block for location in self._wanted if location.stage == stage.stage}
                blocks = [node for node in blocks if node.number in numbers]
            yield from blocks

    @contextmanager
    def _in_place(self) -> Iterator[None]:
        """Unfold without telling anybody, without moving what is in view, and without painting before the end."""
        tree, bar = self._tree, self._tree.verticalScrollBar()
        anchor = tree.indexAt(QPoint(0, 0))
        before = tree.visualRect(anchor).top()
        blocked = tree.blockSignals(True)
        try:
            with tree.updates_held():
                yield
                bar.setValue(bar.value() + tree.visualRect(anchor).top() - before)
        finally:
            tree.blockSignals(blocked)

    def stop(self) -> None:
        """Leave the rest as it is."""
        self._timer.stop()

    def _unfold_seen(self) -> None:
        tree, index = self._tree, self._tree.indexAt(QPoint(0, 0))
        for _ in range(tree.viewport().height() // ROW_HEIGHT + 1):
            node = self._model.node(index)
            if node is None:
                return
            if self._wants(node):
                tree.setExpanded(index, True)
            index = tree.indexBelow(index)

    def _unfold(self, blocks: Sequence[Node]) -> Iterator[None]:
        for node in blocks:
            if self._wants(node):
                self._unfold_one(node)
                yield

    def _unfold_one(self, node: Node) -> None:
        index = self._model.index_of(node)
        if not self._tree.isExpanded(index):
            self._tree.setExpanded(index, True)

    def _take_slice(self) -> None:
        end = time.perf_counter() + SLICE_SECONDS
        with self._in_place():
            for _ in self._steps:
                if time.perf_counter() > end:
                    break
            else:
                self.stop()
