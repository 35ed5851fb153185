"""The layer table of a design as comma-separated values."""

from __future__ import annotations

import csv
import io

from resnet_gui.analysis.costs import rows, totals
from resnet_gui.design.structure import Plan

COLUMNS = (
    "path", "kind", "branch", "input", "output", "kernel", "stride", "padding", "groups", "params", "macs",
    "activations", "memory_bytes", "receptive_field", "receptive_field_stride", "receptive_field_centre", "dilation",
)  # fmt: skip


def to_csv(plan: Plan) -> str:
    """One line a layer in the order of computation, and a last line with the totals (RFC 4180, lines end in CR LF).

    Shapes are written ``64x112x112``. Memory is that of the stored output for one picture in fp32. The centre is that
    of the first unit's receptive field, in pixels from the middle of the first pixel.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows(plan):
        layer, cost = row.layer, row.cost
        writer.writerow(
            [
                row.path, layer.kind, layer.branch, _shape(layer.input), _shape(layer.output), layer.kernel or "",
                layer.stride, layer.padding, layer.groups, cost.params, cost.macs, cost.activations, cost.memory,
                row.field.size, row.field.jump, f"{row.field.centre:g}", layer.dilation,
            ]
        )  # fmt: skip
    total = totals(plan)
    cost = total.cost
    summed = [cost.params, cost.macs, cost.activations, cost.memory, total.receptive_field]
    writer.writerow(["total", *[""] * 8, *summed, "", "", ""])
    return text.getvalue()


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
