"""Designs side by side, and block by block."""

from __future__ import annotations

from itertools import zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.analysis.comparison import align, choices, figures, runs
from resnet_gui.analysis.costs import Cost, totals
from resnet_gui.analysis.memory import inference_memory, stored_weights
from resnet_gui.base.errors import SpecError
from resnet_gui.design.nearest import effective
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from tests.conftest import examples
from tests.designs import designs


def whole(spec: ResNetSpec) -> Cost:
    return totals(plan(spec)).cost


@given(one=designs(), other=designs())
@examples(24)
def test_the_differences_of_the_blocks_add_up_to_the_difference_of_the_totals(
    one: ResNetSpec, other: ResNetSpec
) -> None:
    pairs = align(plan(one), plan(other))
    assert sum((pair.cost for pair in pairs), Cost()) == whole(other) + whole(one).times(-1)
    grouped = runs(pairs)
    assert sum((run.cost for run in grouped), Cost()) == sum((pair.cost for pair in pairs), Cost())
    assert sum(run.count for run in grouped) == len(pairs)
    names = [pair.name for pair in pairs]
    assert names[0] == "stem"
    assert names[-1] == "head"
    assert len(set(names)) == len(names)
    blocks = sum(max(pair) for pair in zip_longest(one.blocks, other.blocks, fillvalue=0))
    assert len(pairs) == blocks + 2


@given(spec=designs())
@examples(12)
def test_a_design_has_no_difference_from_itself(spec: ResNetSpec) -> None:
    assert {pair.state for pair in align(plan(spec), plan(spec))} == {"same"}


@given(one=designs(), other=designs())
@examples(12)
def test_what_is_added_one_way_is_removed_the_other_way(one: ResNetSpec, other: ResNetSpec) -> None:
    there, back = align(plan(one), plan(other)), align(plan(other), plan(one))
    opposite = {"added": "removed", "removed": "added", "same": "same", "changed": "changed"}
    assert [(pair.name, opposite[pair.state], pair.cost) for pair in there] == [
        (pair.name, pair.state, pair.cost.times(-1)) for pair in back
    ]


@given(one=designs(), other=designs())
@examples(30)
def test_two_networks_that_differ_differ_in_a_row_and_two_equal_ones_in_none(
    one: ResNetSpec, other: ResNetSpec
) -> None:
    differing = [choice for choice in choices([one, other]) if choice.apart(1)]
    assert bool(differing) == (effective(one) != effective(other))


@given(one=designs(), data=st.data())
@examples(30)
def test_one_changed_field_shows_in_a_row_of_its_own(one: ResNetSpec, data: st.DataObject) -> None:
    other = data.draw(designs())
    field = data.draw(st.sampled_from(one.__struct_fields__))
    try:
        mixed = evolve(one, **{field: getattr(other, field)})
    except SpecError:
        return
    differs = any(choice.apart(1) for choice in choices([one, mixed]))
    assert differs == (effective(one) != effective(mixed))


def test_a_changed_block_always_says_what_changed() -> None:
    base = PRESETS["resnet50"].spec
    for changes in (
        {"stride_on": "1x1"}, {"shortcut": "C"}, {"order": "full_preact"}, {"se_ratio": 16}, {"conv_bias": True},
        {"dropout": 0.3}, {"stochastic_depth": 0.2}, {"groups": 32, "width_per_group": 4}, {"norm": "group"},
        {"activation": "silu"}, {"projection": "avg_pool"}, {"strides": (2, 2, 2, 2)}, {"block": "basic"},
    ):  # fmt: skip
        pairs = align(plan(base), plan(evolve(base, **changes)))
        assert any(pair.state == "changed" for pair in pairs), changes
        assert all(pair.changes for pair in pairs if pair.state == "changed"), changes


def test_resnet101_is_resnet50_and_seventeen_blocks_more() -> None:
    found = runs(align(plan(PRESETS["resnet50"].spec), plan(PRESETS["resnet101"].spec)))
    added = [run for run in found if run.state != "same"]
    assert [(run.title, run.count, run.state, run.each.params) for run in added] == [
        ("4_7 – 4_23", 17, "added", 1_117_184)
    ]
    assert added[0].cost.params == 44_549_160 - 25_557_032


def test_six_hundred_blocks_make_a_short_list() -> None:
    assert len(runs(align(plan(PRESETS["resnet20"].spec), plan(PRESETS["resnet1202"].spec)))) == 8


def test_the_rows_of_the_mock_up_are_there_and_rows_that_most_share_only_where_they_differ() -> None:
    specs = [PRESETS[name].spec for name in ("resnet34", "resnet50", "resnext50_32x4d")]
    titles = [row.title for row in choices(specs)]
    assert titles == [
        "Block", "Order", "Blocks per stage", "Shortcut", "Stem", "Stage output widths", "Inner widths, 3×3", "Groups",
        "Squeeze-and-excitation",
    ]  # fmt: skip
    assert [row.title for row in choices([*specs, evolve(specs[0], classes=10)])][-1] == "Classes"
    v1 = choices([PRESETS["resnet50"].spec, PRESETS["resnet50_v1"].spec])
    assert (v1[-1].title, v1[-1].texts) == ("Stride on", ("3×3 (v1.5)", "first 1×1 (v1)"))


@pytest.mark.parametrize(("name", "mebibytes"), [("resnet34", 83.2), ("resnet50", 97.7), ("resnet101", 170.3)])
def test_weights_are_those_of_the_state_dict_with_its_running_statistics(name: str, mebibytes: float) -> None:
    planned = plan(PRESETS[name].spec)
    row = next(row for row in figures([planned], [totals(planned)]) if row.kind == "bytes")
    assert round(row.values[0] / 2**20, 1) == mebibytes
    assert stored_weights(planned) == inference_memory(planned).weights


@pytest.mark.parametrize(
    ("one", "other", "place", "said"),
    [
        ("resnet50", "resnet50d", "2_1", ("the same layers, named otherwise in PyTorch",)),
        ("resnet50", "resnet50d", "3_1", ("shortcut conv: 1×1 /2, 256 → 512 → 1×1, 256 → 512", "new: shortcut pool")),
        (
            "resnet18", "resnet18_a", "3_1",
            ("projection shortcut → zero-pad", "new: shortcut pad", "without: shortcut conv, shortcut bn"),
        ),
    ],
)  # fmt: skip
def test_by_the_papers_names_a_layer_is_compared_with_one_of_its_kind(
    one: str, other: str, place: str, said: tuple[str, ...]
) -> None:
    pairs = align(plan(PRESETS[one].spec), plan(PRESETS[other].spec), "paper")
    assert [pair.changes for pair in pairs if pair.name == place] == [said]


@given(one=designs(), other=designs())
@examples(12)
def test_names_change_the_words_about_two_designs_and_not_what_differs(one: ResNetSpec, other: ResNetSpec) -> None:
    by_torch, by_paper = (align(plan(one), plan(other), naming) for naming in ("torch", "paper"))
    assert [(pair.state, pair.cost) for pair in by_torch] == [(pair.state, pair.cost) for pair in by_paper]
    for pair in by_paper:
        for phrase in pair.changes:
            name, said, facts = phrase.partition(": ")
            if said and name.startswith(("shortcut ", "gate ")):
                # A layer has a kernel on both sides of the arrow, or on neither.
                assert facts.count("×") in {0, 2}, phrase
