"""The layer table as comma-separated values: one row a layer, the same figures as the plan's rows and totals."""

from __future__ import annotations

import csv
import io
from math import prod

import pytest
from hypothesis import given

from resnet_gui.analysis.costs import rows, totals
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.export.layer_csv import COLUMNS, to_csv
from tests.designs import designs

SUMMED = ("params", "macs", "activations", "memory_bytes")


def table(text: str) -> tuple[list[dict[str, str]], dict[str, str]]:
    """The rows and the last one, the totals, by the names of the columns."""
    lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert lines[0] == list(COLUMNS)
    assert {len(line) for line in lines} == {len(COLUMNS)}
    found = [dict(zip(COLUMNS, line, strict=True)) for line in lines[1:]]
    return found[:-1], found[-1]


def shape(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split("x")))


def check(spec: ResNetSpec) -> None:
    planned = plan(spec)
    found, last = table(to_csv(planned))
    expected = list(rows(planned))
    assert len(found) == len(expected)
    for line, row in zip(found, expected, strict=True):
        layer, cost = row.layer, row.cost
        assert (line["path"], line["kind"], line["branch"]) == (row.path, layer.kind, layer.branch)
        assert (shape(line["input"]), shape(line["output"])) == (layer.input, layer.output)
        assert int(line["kernel"] or 0) == layer.kernel
        numbers = tuple(int(line[name]) for name in ("stride", "padding", "groups"))
        assert numbers == (layer.stride, layer.padding, layer.groups)
        assert tuple(int(line[name]) for name in SUMMED) == (cost.params, cost.macs, cost.activations, cost.memory)
        field = row.field
        assert int(line["receptive_field"]) == field.size == row.receptive_field
        assert int(line["receptive_field_stride"]) == field.jump
        assert float(line["receptive_field_centre"]) == (field.left + field.right) / 2
    total = totals(planned)
    assert last["path"] == "total"
    for name in SUMMED:
        assert int(last[name]) == sum(int(line[name]) for line in found)
    assert (int(last["params"]), int(last["macs"])) == (total.cost.params, total.cost.macs)
    assert int(last["receptive_field"]) == total.receptive_field
    empty = set(COLUMNS) - {"path", *SUMMED, "receptive_field"}
    assert all(last[name] == "" for name in empty)


@given(spec=designs())
def test_a_drawn_design_has_a_row_for_each_layer_and_a_total_that_is_their_sum(spec: ResNetSpec) -> None:
    check(spec)


@pytest.mark.parametrize("name", ["resnet50", "resnet152", "seresnet50", "resnet50d", "preact_resnet22", "resnet1202"])
def test_a_preset_has_a_row_for_each_layer_and_a_total_that_is_their_sum(name: str) -> None:
    check(PRESETS[name].spec)


@given(spec=designs())
def test_a_weighted_rows_parameters_follow_from_its_own_columns(spec: ResNetSpec) -> None:
    for line in table(to_csv(plan(spec)))[0]:
        if line["kind"] != "conv":
            continue
        weights = shape(line["output"])[0] * shape(line["input"])[0] // int(line["groups"]) * int(line["kernel"]) ** 2
        assert int(line["params"]) - weights in {0, shape(line["output"])[0]}
        assert int(line["macs"]) == weights * prod(shape(line["output"])[1:])


def test_lines_end_in_cr_lf_and_no_cell_is_a_formula_or_needs_a_quote() -> None:
    text = to_csv(plan(PRESETS["resnet20"].spec))
    assert text.count("\r\n") == text.count("\n") == 71 + 2
    assert text.endswith("\r\n")
    assert '"' not in text
    assert text.isascii()
    head = "conv1,conv,main,3x32x32,16x32x32,3,1,1,1,432,442368,16384,65536,3,1,0,1"
    assert text.split("\r\n")[1] == head
