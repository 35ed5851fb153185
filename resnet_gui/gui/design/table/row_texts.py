"""Rows of the layer table as text, for a spreadsheet or a Markdown document."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex

from resnet_gui.gui.design.table.model import LayerModel
from resnet_gui.gui.design.table.rows import TITLES, Column, exact_heads, exact_text


def text_of_rows(
    model: LayerModel, rows: Sequence[QModelIndex], columns: Sequence[Column], *, markdown: bool = False
) -> str:
    """Some rows with a header.

    Tab-separated with numbers in full, for a spreadsheet, or as a Markdown table with numbers as they are shown.
    """
    shown = [[str(index.siblingAtColumn(column).data()) for column in columns] for index in rows]
    if not markdown:
        heads = exact_heads()
        nodes = [model.node(index) for index in rows]
        exact = [
            [exact_text(node.data, Column(column), text) for column, text in zip(columns, texts, strict=True)]
            for node, texts in zip(nodes, shown, strict=True)
            if node is not None
        ]
        return "\n".join(map("\t".join, [[heads[column] for column in columns], *exact]))
    lines = [[TITLES[column] for column in columns], *shown]
    sides = ["---:" if column >= Column.GROUPS else "---" for column in columns]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (lines[0], sides, *lines[1:]))
