"""What a design has and costs, layer by layer: a table to look at and figures to compute with."""

from __future__ import annotations

from html import escape

import msgspec

from resnet_gui.analysis.costs import Row, rows, totals
from resnet_gui.analysis.memory import Memory, inference_memory, training_memory
from resnet_gui.base.text import shape_text
from resnet_gui.design.structure import Plan
from resnet_gui.export.text_report import summary_lines


class DesignSummary(msgspec.Struct, frozen=True):
    """The figures of a design; it shows itself as the table that ``resnet-gui summary`` prints.

    Every figure is exact and for one picture. What is counted how is said in ``analysis.costs`` and
    ``analysis.memory``.

    Attributes:
        name: what the design is called.
        plan: its layers with their shapes.
    """

    name: str
    plan: Plan

    @property
    def params(self) -> int:
        """Trainable values."""
        return totals(self.plan).cost.params

    @property
    def macs(self) -> int:
        """Multiply-accumulates of convolutions and linear layers."""
        return totals(self.plan).cost.macs

    @property
    def activations(self) -> int:
        """Values that convolutions and linear layers put out (Radosavovic et al. 2020, arXiv:2003.13678)."""
        return totals(self.plan).cost.activations

    @property
    def depth(self) -> int:
        """Layers with weights as the papers count them: without projections (He et al. 2015, Table 1)."""
        return totals(self.plan).depth

    @property
    def receptive_field(self) -> int:
        """Edge of what a unit of the last convolution can see, in input pixels, not clipped to the picture."""
        return totals(self.plan).receptive_field

    @property
    def inference_memory(self) -> Memory:
        """Bytes that a device must hold to use the network on one picture in fp32."""
        return inference_memory(self.plan, batch=1)

    @property
    def training_memory(self) -> Memory:
        """Bytes that a device must hold to train the network on one picture in fp32 by SGD with momentum."""
        return training_memory(self.plan, batch=1)

    @property
    def layers(self) -> tuple[Row, ...]:
        """Every layer in the order of computation, with its path, shapes, costs and receptive field (input pixels)."""
        return tuple(rows(self.plan))

    def __repr__(self) -> str:
        return "\n".join(summary_lines(self.name, self.plan))

    def _repr_html_(self) -> str:
        """The same table for notebooks."""
        titles = ("layer", "kind", "output", "parameters", "MACs", "field", "stride", "centre")
        body = [
            (row.path, row.layer.kind, shape_text(row.layer.output), f"{row.cost.params:,}", f"{row.cost.macs:,}",
             f"{row.field.size:,}", f"{row.field.jump}", f"{row.field.centre:g}")
            for row in self.layers
        ]  # fmt: skip
        body.append(("total", "", "", f"{self.params:,}", f"{self.macs:,}", f"{self.receptive_field:,}", "", ""))
        caption = f"{self.name}, input {shape_text(self.plan.spec.input)}, {self.depth} layers"
        lines = [_html_row("th", titles), *(_html_row("td", cells) for cells in body)]
        return f"<table><caption>{escape(caption)}</caption>{''.join(lines)}</table>"


def _html_row(tag: str, cells: tuple[str, ...]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"
