"""Models of the layer table, and what they show."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QModelIndex

from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.design.table.model import LayerModel
from resnet_gui.gui.design.table.node import Node


def nodes(model: LayerModel, parent: QModelIndex | None = None) -> Iterator[Node]:
    """Every row on show, from top to bottom."""
    parent = parent or QModelIndex()
    for number in range(model.rowCount(parent)):
        index = model.index(number, 0, parent)
        node = model.node(index)
        assert node is not None
        yield node
        yield from nodes(model, index)


def made(spec: ResNetSpec) -> LayerModel:
    model = LayerModel()
    model.set_plan(plan(spec))
    return model


def contents(model: LayerModel) -> list[tuple[str, ...]]:
    return [(node.name("paper"), node.path, *node.texts()) for node in nodes(model)]
