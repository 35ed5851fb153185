"""A design in plain text and as documents for scripts: what the command line prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from resnet_gui.analysis.costs import rows, totals
from resnet_gui.analysis.ledger import ledger
from resnet_gui.analysis.memory import Memory, Precision, inference_memory, training_memory
from resnet_gui.base.text import shape_text
from resnet_gui.design.choices import HEADS
from resnet_gui.design.depth import depth_arithmetic
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.structure import Plan
from resnet_gui.design.words import describe
from resnet_gui.protocol.events import Score

_MIB = 2**20


def scores_line(top: Sequence[Score]) -> str:
    """Classes with their probabilities in a line."""
    return "  ".join(f"{score.label} {score.probability:.1%}" for score in top)


def summary_document(name: str, planned: Plan, *, verified: bool | None) -> dict[str, Any]:
    """The document of ``summary --json``."""
    total = totals(planned)
    layers = [
        {
            "path": row.path, "kind": row.layer.kind, "output": row.layer.output, "params": row.cost.params,
            "macs": row.cost.macs, "receptive_field": row.receptive_field,
        }
        for row in rows(planned)
    ]  # fmt: skip
    return {
        "name": name, "params": total.cost.params, "macs": total.cost.macs, "depth": total.depth,
        "receptive_field": total.receptive_field, "activations": total.cost.activations,
        "layers": layers, "verified": verified,
    }  # fmt: skip


def summary_lines(name: str, planned: Plan) -> Iterator[str]:
    """The table of ``summary``."""
    total = totals(planned)
    picture = shape_text(planned.spec.input)
    yield f"{name}, input {picture}"
    counted = "stem, head and blocks" if HEADS[planned.spec.head].classifies else "stem and blocks"
    yield f"{total.depth} layers = {depth_arithmetic(planned.spec)}: {counted}, without projections."
    yield "MACs: multiply-accumulates of convolutions and linear layers for one picture."
    titles = f"{'layer':26} {'kind':10} {'output':>14} {'parameters':>12} {'MACs':>15}"
    yield f"{titles} {'field':>6} {'stride':>6} {'centre':>7}"
    for row in rows(planned):
        shape = shape_text(row.layer.output)
        yield (
            f"{row.path:26} {row.layer.kind:10} {shape:>14} {row.cost.params:>12,} {row.cost.macs:>15,} "
            f"{row.field.size:>6,} {row.field.jump:>6} {row.field.centre:>7g}"
        )
    cost = total.cost
    yield f"{'total':26} {'':10} {'':>14} {cost.params:>12,} {cost.macs:>15,} {total.receptive_field:>6,}"


def ledger_lines(planned: Plan) -> Iterator[str]:
    """The cost ledger: who counts what, and why it differs."""
    yield "ledger: the same network, counted in other ways, for one picture"
    for entry in ledger(planned):
        params, operations = _figure(entry.params), _figure(entry.operations)
        yield f"  {entry.source:30} {params:>12} parameters {operations:>16} {entry.unit}".rstrip()
        yield f"  {'':30} {entry.why}"


def _figure(value: int | str | None) -> str:
    return "–" if value is None else value if isinstance(value, str) else f"{value:,}"


def memory_document(planned: Plan, batch: int, precision: Precision) -> dict[str, Any]:
    """Bytes to use and to train a design, for ``summary --json --memory``."""
    return {
        "batch": batch, "precision": precision,
        "inference": _memory(inference_memory(planned, batch, precision)),
        "training": {
            optimizer: _memory(training_memory(planned, batch, precision, optimizer))
            for optimizer in ("momentum", "adamw")
        },
    }  # fmt: skip


def _memory(memory: Memory) -> dict[str, int]:
    return {
        "weights": memory.weights, "activations": memory.activations, "gradients": memory.gradients,
        "optimizer": memory.optimizer, "total": memory.total,
    }  # fmt: skip


def memory_lines(planned: Plan, batch: int, precision: Precision) -> Iterator[str]:
    """What a device must hold, in MiB."""
    pictures = "1 picture" if batch == 1 else f"{batch} pictures"
    yield f"memory for {pictures} in {precision}, in MiB, without the libraries' workspaces"
    yield f"  {'':22} {'weights':>10} {'maps':>10} {'gradients':>10} {'optimiser':>10} {'total':>10}"
    cases = (
        ("inference", inference_memory(planned, batch, precision)),
        ("training, SGD momentum", training_memory(planned, batch, precision)),
        ("training, AdamW", training_memory(planned, batch, precision, "adamw")),
    )
    for name, memory in cases:
        parts = (memory.weights, memory.activations, memory.gradients, memory.optimizer, memory.total)
        yield f"  {name:22} " + " ".join(f"{part / _MIB:>10,.2f}" for part in parts)


def identification_lines(spec: ResNetSpec, preset: str, matched: int, notices: Sequence[str] = ()) -> Iterator[str]:
    """What was found in a checkpoint; what is in doubt about it stands in the second line."""
    total = totals(plan(spec))
    known = PRESETS[preset].title if preset else "no published design"
    yield f"{known}: {total.depth} layers, {total.cost.params:,} parameters; {matched:,} tensors matched"
    yield from notices
    for line in describe(spec):
        yield f"  {line}"
