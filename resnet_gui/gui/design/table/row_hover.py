"""Which row of the layer table the pointer is over."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QTimer, Signal
from PySide6.QtWidgets import QTreeView, QWidget

from resnet_gui.gui.design.table.model import LayerModel
from resnet_gui.gui.design.table.node import Node
from resnet_gui.gui.design.table.row_painter import ROW_HEIGHT


class _Viewport(QWidget):
    """The widget that the rows are painted on.

    Signals:
        left: the pointer is over it no more.
    """

    left = Signal()

    def leaveEvent(self, event: QEvent) -> None:
        """Tell it."""
        super().leaveEvent(event)
        self.left.emit()


class RowHover:
    """The row under the pointer, painted as that; Qt finds out which it is only while it draws cells.

    Attributes:
        node: of the row; None where the pointer is over none.
    """

    def __init__(self, tree: QTreeView, layers: LayerModel, painted: Callable[[], list[int]]) -> None:
        """Watch a tree; ``painted`` tells the tops of the rows that are painted as hovered."""
        self.node: Node | None = None
        self._tree, self._layers, self._painted, self._place = tree, layers, painted, QPoint(-1, -1)
        port = _Viewport()  # for one of Qt's own PySide would make all its classes of widgets
        tree.setViewport(port)
        port.left.connect(lambda: self.move(QPoint(-1, -1)))
        # Rows move below the pointer when the user scrolls.
        tree.verticalScrollBar().actionTriggered.connect(
            lambda _action: QTimer.singleShot(0, port, lambda: self.move(self._place))
        )

    def move(self, place: QPoint) -> QModelIndex:
        """Take another place of the pointer, in the viewport; returns the cell there."""
        tree, self._place = self._tree, place
        index = tree.indexAt(place)
        node = self._layers.node(index)
        if node is not self.node:
            self.node = node
            tops = self._painted()
            if node is not None:
                tops.append(tree.visualRect(index).top())
            for top in tops:
                tree.viewport().update(0, top, tree.viewport().width(), ROW_HEIGHT)
        return index
