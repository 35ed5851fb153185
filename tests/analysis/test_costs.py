"""Totals are sums of rows; the plan's arithmetic and its sharing."""

from __future__ import annotations

from math import prod

from hypothesis import given

from resnet_gui.analysis.costs import Cost, block_cost, block_receptive_fields, rows, stage_costs, totals
from resnet_gui.design.choices import KINDS
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec
from tests.designs import designs


@given(spec=designs(stages=5, deepest=4))
def test_totals_are_the_sums_of_the_rows(spec: ResNetSpec) -> None:
    planned = plan(spec)
    all_rows = list(rows(planned))
    total = totals(planned)
    assert total.cost == sum((row.cost for row in all_rows), Cost())
    assert total.rows == len(all_rows)
    assert [row.path for row in all_rows] == [path for path, _ in planned.layers()]
    assert len({row.path for row in all_rows}) == len(all_rows)


@given(spec=designs(stages=4, deepest=4))
def test_the_cost_of_a_stage_is_the_sum_of_its_rows(spec: ResNetSpec) -> None:
    planned = plan(spec)
    for stage, cost in zip(planned.stages, stage_costs(planned), strict=True):
        inside = [row.cost for row in rows(planned) if row.path.startswith(f"{stage.name}.")]
        assert cost == sum(inside, Cost()) == sum(map(block_cost, stage.blocks), Cost())


@given(spec=designs(stages=4, deepest=4))
def test_the_field_of_a_network_is_that_of_its_last_row_before_the_head(spec: ResNetSpec) -> None:
    planned = plan(spec)
    body = list(rows(planned))[: -len(planned.head.layers)]
    assert totals(planned).receptive_field == body[-1].receptive_field
    ends = {".".join(row.path.split(".")[:2]): row.receptive_field for row in body}
    fields = [ends[f"{stage.name}.{number}"] for stage in planned.stages for number in range(len(stage.blocks))]
    assert [field.size for field in block_receptive_fields(planned)][1:] == fields


@given(spec=designs(stages=4))
def test_every_layer_reads_what_the_one_before_it_on_its_path_writes(spec: ResNetSpec) -> None:
    planned = plan(spec)
    shape: tuple[int, ...] = spec.input
    for _, group in planned.groups():
        assert group.input == shape
        ends = dict.fromkeys(["shared", "gate"], shape)
        for layer in group.layers:
            # Main path and shortcut part where the shared layers end; the gate reads the block's own input.
            start = ends["shared"] if layer.branch in {"main", "shortcut"} else ends.get("main", shape)
            if layer.part_of and KINDS[layer.kind].gates:
                assert ends["main"] == (layer.input[0], 1, 1), "the gate has one value a channel"
                ends["main"] = layer.input
            assert layer.input == ends.get(layer.branch, ends.get("join", start) if layer.branch == "out" else start)
            ends[layer.branch] = layer.output
            if layer.branch == "join" and "shortcut" in ends:
                assert ends["shortcut"] == ends["main"] == layer.output, "both branches of an addition have one shape"
            if layer.kind in {"gate", "cogate"} and not layer.part_of:
                assert ends["gate"] == layer.input, "a gate has a value for each of what it weighs"
        shape = group.output
    assert shape == (spec.classes if spec.head != "none" else spec.output_channels(-1),)


@given(spec=designs(deepest=6, stochastic_depth=0.0))
def test_the_blocks_after_the_first_of_a_stage_are_one_and_the_same_plan(spec: ResNetSpec) -> None:
    for stage, count in zip(plan(spec).stages, spec.blocks, strict=True):
        assert len(stage.blocks) == count
        assert len({id(block) for block in stage.blocks[1:]}) <= 1


def test_a_plan_of_resnet1202_holds_six_block_plans_not_six_hundred() -> None:
    planned = plan(PRESETS["resnet1202"].spec)
    assert sum(len(stage.blocks) for stage in planned.stages) == 600
    assert len({id(block) for stage in planned.stages for block in stage.blocks}) == 6


@given(spec=designs())
def test_activations_count_the_outputs_of_convolutions_and_the_linear_layer(spec: ResNetSpec) -> None:
    planned = plan(spec)
    outputs = [prod(layer.output) for _, layer in planned.layers() if "conv" in layer.kind or layer.kind == "linear"]
    assert totals(planned).cost.activations == sum(outputs)


def test_resnet50_has_the_published_number_of_activations() -> None:
    # Radosavovic et al. 2020, arXiv:2003.13678, print 11.1 M for ResNet-50 at 224×224.
    assert f"{totals(plan(PRESETS['resnet50'].spec)).cost.activations / 1e6:.1f}" == "11.1"


def test_memory_counts_four_bytes_for_each_stored_output() -> None:
    planned = plan(
        ResNetSpec(block="basic", blocks=(1,), widths=(2,), stem="cifar", shortcut="B", classes=3, input=(1, 5, 4))
    )
    by_path = {row.path: row.cost.memory for row in rows(planned)}
    assert by_path["conv1"] == by_path["bn1"] == by_path["layer1.0.conv2"] == 4 * 2 * 5 * 4
    assert (by_path["avgpool"], by_path["fc"]) == (4 * 2, 4 * 3)
    assert by_path["relu"] == by_path["flatten"] == by_path["layer1.0.add"] == 0
