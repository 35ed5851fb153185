"""What the command line prints of a design: every figure is the plan's, every line says something."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given

from resnet_gui.analysis.costs import rows, totals
from resnet_gui.analysis.ledger import ledger
from resnet_gui.analysis.memory import inference_memory, training_memory
from resnet_gui.design.depth import depth_arithmetic
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.words import describe
from resnet_gui.export import text_report
from tests.conftest import examples
from tests.designs import designs

NUMBER = r"-?[\d,]+(?:\.\d+)?"


def checked(lines: Iterable[str]) -> list[str]:
    """The lines; none is empty, none ends in blanks."""
    found = list(lines)
    assert all(line == line.rstrip() and line and "\n" not in line for line in found)
    return found


def numbers(text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in re.findall(rf"(?<=\s){NUMBER}(?=\s|$)", text)]


@given(spec=designs())
def test_the_table_of_a_summary_has_the_figures_of_every_row_and_the_totals(spec: ResNetSpec) -> None:
    planned = plan(spec)
    total = totals(planned)
    found = checked(text_report.summary_lines("drawn", planned))
    assert found[0] == f"drawn, input {'×'.join(map(str, spec.input))}"
    assert found[1].startswith(f"{total.depth} layers = {depth_arithmetic(spec)}: ")
    assert found[2].startswith("MACs: ")
    assert found[3].split() == ["layer", "kind", "output", "parameters", "MACs", "field", "stride", "centre"]
    expected = list(rows(planned))
    assert len(found) == 4 + len(expected) + 1
    for line, row in zip(found[4:-1], expected, strict=True):
        path, kind, shape, *figures = line.split()
        assert (path, kind, shape) == (row.path, row.layer.kind, "×".join(map(str, row.layer.output)))
        assert [float(figure.replace(",", "")) for figure in figures] == [
            row.cost.params, row.cost.macs, row.field.size, row.field.jump, row.field.centre,
        ]  # fmt: skip
    assert found[-1].startswith("total ")
    assert numbers(found[-1]) == [total.cost.params, total.cost.macs, total.receptive_field]


def test_the_columns_of_the_deepest_presets_stand_below_their_titles() -> None:
    for name in ("resnet50", "resnet1202", "preact_resnet200", "resnet110_exclusive_gating"):
        found = checked(text_report.summary_lines(name, plan(PRESETS[name].spec)))
        assert {len(line) for line in found[3:-1]} == {len(found[3])}, name
        end = found[3].index("field") + len("field")
        assert len(found[-1]) == end


@given(spec=designs())
def test_the_document_of_a_summary_has_the_figures_of_every_row(spec: ResNetSpec) -> None:
    planned = plan(spec)
    total = totals(planned)
    document = text_report.summary_document("drawn", planned, verified=None)
    layers = document.pop("layers")
    assert document == {
        "name": "drawn", "params": total.cost.params, "macs": total.cost.macs, "depth": total.depth,
        "receptive_field": total.receptive_field, "activations": total.cost.activations, "verified": None,
    }  # fmt: skip
    assert [layer["path"] for layer in layers] == [path for path, _ in planned.layers()]
    assert sum(layer["params"] for layer in layers) == total.cost.params
    assert sum(layer["macs"] for layer in layers) == total.cost.macs
    msgspec.json.encode(document)


@given(spec=designs())
def test_the_ledger_for_people_has_two_lines_an_entry_with_its_figures(spec: ResNetSpec) -> None:
    planned = plan(spec)
    found = checked(text_report.ledger_lines(planned))
    entries = ledger(planned)
    assert len(found) == 1 + 2 * len(entries)
    for entry, line, why in zip(entries, found[1::2], found[2::2], strict=True):
        assert line.strip().startswith(entry.source)
        assert line.endswith(f" {entry.unit}")
        assert (f"{entry.params:,}" if entry.params else "–") in line
        assert f" {entry.operations:,} " in line
        assert why.strip() == entry.why


def test_the_ledger_for_people_shows_a_papers_figures_as_they_are_printed() -> None:
    found = checked(text_report.ledger_lines(plan(PRESETS["resnext50_32x4d"].spec)))
    assert re.fullmatch(r"  Xie et al\. 2016, Table 1 +25\.0 M parameters +4\.2 G FLOPs", found[3])
    found = checked(text_report.ledger_lines(plan(PRESETS["resnet20"].spec)))
    assert re.fullmatch(r"  He et al\. 2015, Table 6 +0\.27 M parameters +–", found[3])


@given(spec=designs())
@examples(25)
@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_the_memory_for_people_and_its_document_are_the_models(spec: ResNetSpec, precision: str) -> None:
    planned = plan(spec)
    document = text_report.memory_document(planned, 5, precision)  # type: ignore[arg-type]
    expected = {
        "inference": inference_memory(planned, 5, precision),  # type: ignore[arg-type]
        "momentum": training_memory(planned, 5, precision),  # type: ignore[arg-type]
        "adamw": training_memory(planned, 5, precision, "adamw"),  # type: ignore[arg-type]
    }
    assert (document["batch"], document["precision"]) == (5, precision)
    assert list(document["training"]) == ["momentum", "adamw"]
    found = checked(text_report.memory_lines(planned, 5, precision))  # type: ignore[arg-type]
    assert "5 pictures" in found[0]
    assert precision in found[0]
    assert found[1].split() == ["weights", "maps", "gradients", "optimiser", "total"]
    for line, (name, memory) in zip(found[2:], expected.items(), strict=True):
        parts = [memory.weights, memory.activations, memory.gradients, memory.optimizer]
        written = document["inference"] if name == "inference" else document["training"][name]
        names = ("weights", "activations", "gradients", "optimizer", "total")
        assert written == dict(zip(names, [*parts, sum(parts)], strict=True))
        assert numbers(line) == [round(part / 2**20, 2) for part in (*parts, sum(parts))]


def test_an_identification_names_the_network_its_depth_and_every_choice() -> None:
    spec = PRESETS["seresnet50"].spec
    found = checked(text_report.identification_lines(spec, "seresnet50", 1234))
    assert found[0] == "SE-ResNet-50: 50 layers, 28,088,024 parameters; 1,234 tensors matched"
    assert found[1:] == [f"  {line}" for line in describe(spec)]
    assert next(text_report.identification_lines(spec, "", 1)).startswith("no published design: 50 layers")
