"""Designs side by side, and block by block, as tables with exact numbers: tabs, CSV and LaTeX."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final, NamedTuple

from resnet_gui.analysis.comparison import BlockGroup, choices, figures
from resnet_gui.analysis.costs import Totals
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.structure import Plan
from resnet_gui.export.latex import escape

UNITS: Final = {"bytes": " (bytes)", "pixels": " (px)"}
BLOCK_HEADS: Final = (
    "Blocks", "Count", "State", "What is different", "Parameters each", "Parameters", "MACs", "Memory (bytes)",
)  # fmt: skip

LONG: Final = 40
"""Letters of a cell from which on its column of a LaTeX table wraps."""


class ExactTable(NamedTuple):
    """Lines of cells, their heads first.

    Attributes:
        lines: of one length; numbers without thousands' commas, so that any program reads them.
        caption: what they are.
    """

    lines: tuple[tuple[str, ...], ...]
    caption: str


class ComparedColumn(NamedTuple):
    """A design of the comparison: its name, what it is, and what its authors' weights reach in per cent, if any do."""

    name: str
    spec: ResNetSpec
    plan: Plan
    totals: Totals
    accuracy: tuple[float, float] | None = None


def comparison_table(columns: Sequence[ComparedColumn], *, only_differing: bool = False) -> ExactTable:
    """Choices, costs and printed accuracies of some designs, one a column."""
    lines: list[tuple[str, ...]] = [
        (choice.title, *choice.texts)
        for choice in choices([column.spec for column in columns])
        if choice.differs or not only_differing
    ]
    lines += [
        (figure.title + UNITS.get(figure.kind, ""), *map(str, figure.values))
        for figure in figures([column.plan for column in columns], [column.totals for column in columns])
        if figure.differs or not only_differing
    ]
    if any(column.accuracy for column in columns):
        for place, title in enumerate(("Top-1 accuracy (%)", "Top-5 accuracy (%)")):
            values = tuple(f"{column.accuracy[place]:g}" if column.accuracy else "" for column in columns)
            if len(set(values)) > 1 or not only_differing:
                lines.append((title, *values))
    head = ("", *(column.name for column in columns))
    shapes = {column.spec.input for column in columns}
    at = "×".join(map(str, shapes.pop())) if len(shapes) == 1 else "each design's own input"
    return ExactTable((head, *lines), f"Costs at {at}, one picture.")


def difference_table(groups: Sequence[BlockGroup], one: str, other: str) -> ExactTable:
    """What one design has more than another, block by block; a minus is the hyphen that programs read."""
    lines = [
        (
            group.first.number if group.first == group.last else f"{group.first.number} to {group.last.number}",
            str(group.count), group.state, "; ".join(group.changes), str(group.each.params), str(group.cost.params),
            str(group.cost.macs), str(group.cost.memory),
        )
        for group in groups
    ]  # fmt: skip
    return ExactTable((BLOCK_HEADS, *lines), f"What {other} has more than {one}, block by block.")


def table_tsv(table: ExactTable) -> str:
    """The table for the clipboard, as spreadsheets take it: tabs between cells, one line a row whatever names hold."""
    return "\n".join("\t".join(" ".join(cell.split()) for cell in line) for line in table.lines)


def table_csv(table: ExactTable) -> str:
    """The table as comma-separated values (RFC 4180, lines end in CR LF)."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(table.lines)
    return out.getvalue()


def table_latex(table: ExactTable) -> str:
    """A ``table`` environment, which needs no package; numbers are grouped in threes by thin spaces."""
    head, *lines = table.lines
    body = "\n".join(" & ".join(map(_cell, line)) + r" \\" for line in lines)
    kinds = "".join(_kind([line[place] for line in lines]) for place in range(1, len(head)))
    return f"""% Written by ResNet Explorer.
\\begin{{table}}
\\centering
\\begin{{tabular}}{{l{kinds}}}
\\hline
{" & ".join(map(_cell, head))} \\\\
\\hline
{body}
\\hline
\\end{{tabular}}
\\caption{{{escape(table.caption)}}}
\\end{{table}}
"""


def _kind(cells: Sequence[str]) -> str:
    """How a column stands: long words wrap, numbers end at one edge."""
    if max(map(len, cells), default=0) > LONG:
        return r"p{0.4\textwidth}"
    return "r" if any(cell.removeprefix("-").isdecimal() for cell in cells) else "l"


def _cell(text: str) -> str:
    digits = text.removeprefix("-")
    if digits.isdecimal() and len(digits) > 3:
        grouped = f"{int(digits):,}".replace(",", r"\,")
        return f"${'-' if text != digits else ''}{grouped}$"
    return f"${text}$" if text != digits and digits.isdecimal() else escape(text)
