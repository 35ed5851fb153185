"""Unfolds many blocks of the layer table in slices, between which the window answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, QTimer

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
        self._steps: Iterator[None] = iter(())
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._take_slice)
        model.modelAboutToBeReset.connect(self.stop)

    @property
    def going(self) -> bool:
        """Whether blocks wait to be unfolded."""
        return self._timer.isActive()

    def start(self) -> None:
        """Unfold every row that folds, without telling anybody of each of them."""
        self.stop()
        tops = self._model.top_nodes()
        if sum(len(node.shown or ()) for node in tops if node.rows) <= AT_ONCE:
            blocked = self._tree.blockSignals(True)
            self._tree.expandAll()
            self._tree.blockSignals(blocked)
            return
        with self._in_place():
            for node in tops:
                self._tree.setExpanded(self._model.index_of(node), True)
        with self._in_place():
            self._unfold_seen()
        self._steps = self._unfold()
        self._timer.start(0)

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
            if not index.isValid():
                return
            tree.setExpanded(index, True)
            index = tree.indexBelow(index)

    def _unfold(self) -> Iterator[None]:
        for top in list(self._model.top_nodes()):
            for node in list(top.shown or ()) if top.rows else ():
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
