"""Which runs follow from a sweep, what cannot be, and what its file says that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.design.depth import change_depth
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.sweeps.settings import configured, locate
from resnet_gui.sweeps.sweep import (
    MOST_RUNS,
    Axis,
    AxisValue,
    Sweep,
    decode_sweep,
    encode_sweep,
    expanded,
    field_axis,
    load_sweep,
)
from resnet_gui.training.phases import Phase
from resnet_gui.training.rates import USUAL_RATES
from resnet_gui.training.recipe import Recipe
from tests.sweeps.made_sweep import DEPTH, SHORTCUT, SPEC, SWEEP


def changed(**changes: Any) -> Sweep:
    return msgspec.structs.replace(SWEEP, **changes)


def test_every_combination_of_the_values_is_a_configuration_the_last_axis_fastest() -> None:
    found = expanded(SWEEP).configurations
    assert [each.labels for each in found] == [("8", "A"), ("8", "none"), ("14", "A"), ("14", "none")]
    assert [each.number for each in found] == [1, 2, 3, 4]
    assert [each.name for each in found][1] == "depth 8, shortcut none"
    assert [(each.spec.blocks, each.spec.shortcut) for each in found] == [
        ((1, 1, 1), "A"), ((1, 1, 1), "none"), ((2, 2, 2), "A"), ((2, 2, 2), "none"),
    ]  # fmt: skip
    assert {each.recipe for each in found} == {SWEEP.recipe}


def test_combinations_that_cannot_be_are_left_out_by_name_and_the_others_keep_their_numbers() -> None:
    odd = field_axis("depth", {"9": 9, "8": 8})
    block = field_axis("groups", {"1": 1, "2": 2})  # a basic block has no groups
    found = expanded(changed(axes=(odd, block), baseline={}))
    assert [(each.number, each.labels) for each in found.configurations] == [(3, ("8", "1"))]
    assert [one.name for one in found.left_out] == ["depth 9, groups 1", "depth 9, groups 2", "depth 8, groups 2"]
    assert all(one.reason.endswith(".") for one in found.left_out)


def test_a_sweep_of_which_nothing_can_be_is_refused_with_the_first_reason() -> None:
    with pytest.raises(InputError, match=r"^None of the 2 configurations can be trained; depth 9: .*nearest are 8"):
        expanded(changed(axes=(field_axis("depth", {"9": 9, "10": 10}),), baseline={}))
    with pytest.raises(InputError, match=r"^The only configuration cannot be trained"):
        expanded(changed(axes=(field_axis("head", {"none": "none"}),), baseline={}))


def test_a_sweep_without_axes_trains_the_design_with_every_seed() -> None:
    (only,) = expanded(changed(axes=(), baseline={})).configurations
    assert (only.labels, only.name, only.spec, only.recipe) == ((), "tiny", SPEC, SWEEP.recipe)


def test_an_axis_may_set_fields_of_design_and_recipe_together() -> None:
    network = Axis(
        "network",
        (
            AxisValue("plain-14", {"depth": 14, "shortcut": "none", "warmup": 3}),
            AxisValue("ResNet-8", {"depth": 8, "recipe.lr": 0.05, "design.zero_init": True}),
        ),
    )
    first, second = expanded(changed(axes=(network,), baseline={"network": "plain-14"})).configurations
    assert (first.name, first.spec.blocks, first.spec.shortcut, first.recipe.warmup) == (
        "plain-14", (2, 2, 2), "none", 3,
    )  # fmt: skip
    assert (second.spec.zero_init, second.recipe.lr, second.recipe.warmup) == (True, 0.05, 0)


@pytest.mark.parametrize("depth", [18, 50])
def test_a_depth_is_that_of_the_designs_family_with_the_block_that_it_has_there(depth: int) -> None:
    spec = PRESETS["resnet34"].spec
    assert configured(spec, Recipe(), {"depth": depth})[0] == evolve(spec, **change_depth(spec, depth))


def test_a_depth_follows_the_other_settings() -> None:
    spec, _ = configured(SPEC, Recipe(), {"block": "bottleneck", "depth": 20})
    assert (spec.block, spec.blocks) == ("bottleneck", (2, 2, 2))
    grouped = evolve(spec, groups=2, width_per_group=64)
    assert configured(grouped, Recipe(), {"block": "basic"})[0].groups == 1


def test_what_depends_on_a_field_of_the_recipe_follows_it() -> None:
    phased = Recipe(epochs=10, phases=(Phase(epochs=4, frozen="backbone"), Phase()))
    assert configured(SPEC, phased, {"epochs": 4})[1].phases == (Phase(epochs=1, frozen="backbone"), Phase())
    assert configured(SPEC, Recipe(), {"optimizer": "adamw"})[1].lr == USUAL_RATES["adamw"].usual
    assert configured(SPEC, Recipe(), {"optimizer": "adamw", "lr": 0.01})[1].lr == 0.01


@pytest.mark.parametrize("name", ["depth", "design.depth", "stem-stride", "recipe.batch_size"])
def test_fields_are_found_by_the_names_of_the_command_line(name: str) -> None:
    assert locate(name).name == name.rpartition(".")[2].replace("-", "_")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "needs a name"),
        ({"seeds": ()}, "a seed at least"),
        ({"seeds": (1, -1)}, "seed -1 is no seed"),
        ({"seeds": (1, 1)}, "Seed 1 stands twice"),
        ({"threads": -1}, "threads is -1"),
        ({"axes": (DEPTH, DEPTH)}, "'depth' is varied twice"),
        ({"axes": (Axis("lr", ()),), "baseline": {}}, "'lr' has no values"),
        ({"axes": (Axis(" ", ()),), "baseline": {}}, "needs a name"),
        ({"axes": (field_axis("dept", {"8": 8}),), "baseline": {}}, "'dept' is no field .* did you mean depth"),
        ({"axes": (field_axis("seed", {"8": 8}),), "baseline": {}}, "seed is no field of a sweep"),
        ({"axes": (field_axis("network.depth", {"8": 8}),), "baseline": {}}, "'network.depth' is no field"),
        ({"axes": (field_axis("lr", {"x": "fast"}),), "baseline": {}}, "lr is 'fast'; it must be a number"),
        ({"axes": (Axis("a", (AxisValue("x", {}), AxisValue("x", {}))),), "baseline": {}}, "has the value x twice"),
        (
            {"axes": (Axis("a", (AxisValue("x", {"lr": 0.1, "recipe.lr": 0.2}),)),), "baseline": {}},
            "The recipe's lr is set twice",
        ),
        ({"axes": (DEPTH, Axis("a", (AxisValue("x", {"depth": 8}),))), "baseline": {}}, "'depth' and 'a' both set"),
        ({"axes": (DEPTH, Axis("a", (AxisValue("x", {"design.depth": 8}),))), "baseline": {}}, "both set depth"),
        ({"baseline": {"lr": "1"}}, "names 'lr', but varied are depth, shortcut"),
        ({"baseline": {"depth": "9"}}, "depth=9, but its values are 8, 14"),
        ({"seeds": tuple(range(MOST_RUNS // 4 + 1))}, "has 10,004 runs; it may have 10,000"),
    ],
)  # fmt: skip
def test_a_sweep_that_cannot_be_is_refused_in_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        changed(**changes)


def test_the_number_of_runs_is_known_before_any_is_made() -> None:
    axes = tuple(Axis(f"a{n}", tuple(AxisValue(str(value), {}) for value in range(100))) for n in range(9))
    with pytest.raises(InputError, match="runs; it may have"):
        changed(axes=axes, baseline={})


def test_a_sweep_file_gives_the_same_sweep_back(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(encode_sweep(SWEEP))
    assert load_sweep(path) == SWEEP


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (b'"threads"', b'"thread"', "mine: it is not a sweep of this version: there is no field 'thread'"),
        (b'"version": 1', b'"version": 2', "mine: it is not a sweep of this version"),
        (b'"label": "14"', b'"label": "8"', "mine: 'depth' has the value 8 twice"),
        (b'"depth": 14', b'"deep": 14', "mine: 'deep' is no field of a design or a recipe"),
        (b'"epochs": 4', b'"epochs": 0', "mine: epochs is 0"),
        (b'"block": "basic"', b'"block": "best"', "mine: .*best"),
        (b"{", b"{{", "not JSON"),
    ],
)
def test_a_file_that_is_no_sweep_gets_one_sentence(before: bytes, after: bytes, sentence: str) -> None:
    text = encode_sweep(SWEEP)
    assert before in text
    with pytest.raises(InputError, match=sentence) as caught:
        decode_sweep(text.replace(before, after, 1), "mine")
    assert "\n" not in str(caught.value)


def test_shortcuts_of_one_name_are_shown_with_it() -> None:
    assert [each.name for each in expanded(changed(axes=(SHORTCUT,))).configurations] == ["shortcut A", "shortcut none"]
