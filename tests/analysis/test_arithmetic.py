"""The calculator: every sum, worked out anew from its text, gives what the plan says."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest
from hypothesis import given

from resnet_gui.analysis.arithmetic import (
    LocatedLayer,
    Step,
    chain_steps,
    cost_steps,
    field_steps,
    find_layer,
    has_path,
    producer,
    size_rule,
    size_steps,
)
from resnet_gui.analysis.costs import Row, layer_cost, rows
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.structure import Plan
from tests.conftest import examples
from tests.designs import designs

SOME = ["resnet18", "resnet50", "resnet50_v1", "seresnet50", "resnet50d", "preact_resnet22", "resnet20", "plain20",
        "resnet110_exclusive_gating", "resnext50_32x4d", "wrn_16_8"]  # fmt: skip


def worked_out(text: str) -> int:
    """The value of a sum as it is written."""
    python = text.replace("·", "*").replace("−", "-").replace("²", "**2")
    python = re.sub(r"⌊(.+?)⌋", r"math.floor(\1)", python)
    python = re.sub(r"⌈(.+?)⌉", r"math.ceil(\1)", python)
    assert re.fullmatch(r"[\d\s+*/().-]*|.*math\.(floor|ceil).*", python), python
    return int(eval(python, {"math": math}))  # noqa: S307 (the text was just checked to hold only a sum)


def number(text: str) -> int:
    return int(text.replace(",", ""))


def chosen(planned: Plan) -> list[Row]:
    """The rows of a few blocks: all of a small design, of a large one those with another block plan."""
    seen: set[tuple[int, str]] = set()
    found = []
    blocks = dict(planned.groups())
    for row in rows(planned):
        prefix = row.path[: len(row.path) - len(row.layer.name)]
        key = (id(blocks[prefix]), row.layer.name)
        if key not in seen:
            seen.add(key)
            found.append(row)
    return found


def assert_explained(planned: Plan, row: Row) -> None:
    layer = row.layer
    steps = size_steps(layer)
    for step in steps:
        assert step.is_sum == (step.name in {"size", "height", "width"} or layer.kind == "flatten")
        if step.is_sum:
            assert worked_out(step.working) == number(step.result)
    sizes = {step.name: number(step.result) for step in steps if step.name in {"size", "height", "width"}}
    if sizes and layer.kernel:
        assert layer.output[1:] == (
            sizes.get("height", sizes.get("size")), sizes.get("width", sizes.get("size"))
        )  # fmt: skip
    assert size_rule(layer)
    cost = layer_cost(layer)
    named = {step.name: step for step in cost_steps(layer)}
    assert number(named["parameters"].result if "parameters" in named else "0") == cost.params
    assert number(named["MACs"].result if "MACs" in named else "0") == cost.macs
    for step in named.values():
        assert worked_out(step.working) == number(step.result)
    chain = chain_steps(planned, row.path)
    assert chain[0] == Step("input", "", "×".join(map(str, planned.spec.input)), is_sum=False)
    # Each layer on the way reads what the one before it wrote.
    for before, after in pairwise(chain):
        if after.is_sum:
            assert before.result.split("×")[1] in after.working
    assert (chain[-1].name, chain[-1].result) == (row.path, "×".join(map(str, layer.output)))
    field = field_steps(planned, row.path)
    assert number(field[-1].result) == row.receptive_field
    assert_grows(field)


def assert_grows(steps: list[Step]) -> None:
    """Each window's sum gives the field behind it, and the next begins with that field."""
    before, jump = 1, 1
    for step in steps[1:]:
        if step.is_sum:
            assert step.working.startswith(f"{before} + ")
            assert step.working.endswith(f" · {jump}")
            assert worked_out(step.working) == number(step.result)
            told = re.fullmatch(rf"jump (?:{jump} · (\d+) = )?(\d+)", step.note)
            assert told is not None
            jump *= int(told[1] or 1)
            assert jump == int(told[2])
        before = number(step.result)


@pytest.mark.parametrize("name", SOME)
def test_every_kind_of_layer_of_a_network_is_explained_with_its_own_numbers(name: str) -> None:
    planned = plan(PRESETS[name].spec)
    for row in chosen(planned):
        assert_explained(planned, row)


@given(spec=designs())
@examples(16)
def test_any_layer_of_any_design_is_explained_with_its_own_numbers(spec: ResNetSpec) -> None:
    planned = plan(spec)
    for row in chosen(planned):
        assert_explained(planned, row)


def test_the_first_convolution_reads_as_in_a_lecture() -> None:
    place = find_layer(plan(PRESETS["resnet50"].spec), "conv1")
    assert place is not None
    assert size_rule(place.layer) == "⌊(size + 2·pad − kernel) / stride⌋ + 1"
    assert size_steps(place.layer)[0] == Step("size", "⌊(224 + 2·3 − 7) / 2⌋ + 1", "112")


def test_the_chain_to_a_layer_of_stage_2_lists_what_changes_the_size() -> None:
    steps = chain_steps(plan(PRESETS["resnet50"].spec), "layer2.0.conv2")
    assert [(step.name, step.result) for step in steps] == [
        ("input", "3×224×224"), ("conv1", "64×112×112"), ("maxpool", "64×56×56"), ("layer2.0.conv2", "128×28×28"),
    ]  # fmt: skip


def located(preset: str, path: str) -> LocatedLayer:
    place = find_layer(plan(PRESETS[preset].spec), path)
    assert place is not None
    return place


def test_an_addition_names_the_two_that_it_adds_with_their_shapes_and_what_it_costs() -> None:
    shape = "512×28×28"
    first, second = located("resnet50", "layer2.0.add"), located("resnet50", "layer2.1.add")
    assert size_steps(first.layer, first.block) == [
        Step("F(x)", "the branch", shape, is_sum=False),
        Step("h(x)", "the shortcut (conv, bn)", shape, is_sum=False),
        Step("shape", "F(x) + h(x), value by value", shape, is_sum=False),
    ]
    assert [(step.name, step.working) for step in size_steps(second.layer, second.block)][1:] == [
        ("x", "the shortcut, as it was before the branch"), ("shape", "F(x) + x, value by value"),
    ]  # fmt: skip
    (cost,) = cost_steps(first.layer)
    assert (cost.name, cost.working, cost.result) == ("additions", "512 · 28 · 28", "401,408")


def test_the_chain_to_an_addition_has_the_convolution_that_makes_its_channels() -> None:
    steps = chain_steps(plan(PRESETS["resnet50"].spec), "layer2.0.add")
    assert [(step.name, step.result, step.note) for step in steps[-3:]] == [
        ("layer2.0.conv2", "128×28×28", ""), ("layer2.0.conv3", "512×28×28", "channels 128 → 512"),
        ("layer2.0.add", "512×28×28", ""),
    ]  # fmt: skip
    assert steps[-1].working == "F(x) + h(x), value by value"


def test_a_shortcut_that_sees_what_its_branch_does_not_gets_a_line_of_its_own() -> None:
    spec = evolve(PRESETS["resnet50d"].spec, strides=(4, 1, 1, 1), blocks=(1, 1, 1, 1))
    steps = field_steps(plan(spec), "layer1.0.add")
    assert steps[-1] == Step("layer1.0.add", "branch and shortcut: pixels −11 to 19", "31", is_sum=False)


def test_a_layer_of_the_excitation_reads_what_the_pooling_leaves_and_its_product_the_whole_map() -> None:
    planned = plan(PRESETS["seresnet50"].spec)
    assert [step.name for step in chain_steps(planned, "layer1.0.se.fc1")][-2:] == [
        "layer1.0.se.pool",
        "layer1.0.se.fc1",
    ]
    assert [step.name for step in chain_steps(planned, "layer1.0.se.scale")] == [
        "input", "conv1", "maxpool", "layer1.0.se.scale",
    ]  # fmt: skip


@pytest.mark.parametrize("name", SOME)
def test_the_producer_of_a_layer_writes_what_it_reads(name: str) -> None:
    planned = plan(PRESETS[name].spec)
    for row in [*rows(planned)][1:]:
        source = find_layer(planned, producer(planned, row.path))
        assert source is not None, row.path
        assert source.layer.output == row.layer.input, row.path


@given(spec=designs())
@examples(16)
def test_the_producer_of_any_layer_writes_what_it_reads(spec: ResNetSpec) -> None:
    planned = plan(spec)
    for row in chosen(planned):
        source = find_layer(planned, producer(planned, row.path))
        assert (source.layer.output if source is not None else spec.input) == row.layer.input, row.path


def test_the_projection_and_the_first_convolution_read_the_same_and_the_picture_has_no_producer() -> None:
    planned = plan(PRESETS["resnet50"].spec)
    for name in ("conv1", "downsample.0"):
        assert producer(planned, f"layer1.0.{name}") == "maxpool"
        assert producer(planned, f"layer2.0.{name}") == "layer1.2.relu3" or producer(
            planned, f"layer2.0.{name}"
        ).startswith("layer1.2.")
    assert producer(planned, "conv1") == ""
    assert producer(planned, "layer9.0.conv1") == ""


def test_the_head_has_no_field_of_its_own() -> None:
    step = field_steps(plan(PRESETS["resnet18"].spec), "fc")[-1]
    assert (step.result, step.is_sum) == ("435", False)
    assert "every position" in step.working


def test_a_path_that_no_layer_has_is_not_found() -> None:
    planned = plan(PRESETS["resnet18"].spec)
    for path in ("", "layer1", "layer1.0", "layer9.0.conv1", "conv2", "layer1.0.conv3"):
        assert find_layer(planned, path) is None


def test_paths_of_stages_blocks_and_layers_are_told_from_others() -> None:
    planned = plan(PRESETS["resnet18"].spec)
    for path in ("conv1", "layer1", "layer4.1", "layer2.0.downsample.1", "fc"):
        assert has_path(planned, path)
    for path in ("", "layer5", "layer1.2", "layer1.x", "layer1.0.conv9", "layer1.-1", "layer"):
        assert not has_path(planned, path)
