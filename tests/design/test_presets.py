"""The list of presets: every published network is in it, with a source, and can be built."""

from __future__ import annotations

import re

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from resnet_gui.analysis.costs import totals
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import DEFAULT_PRESET, PRESETS, find_preset
from resnet_gui.design.spec import decode_design, evolve
from resnet_gui.network.resnet import ResNet
from tests.conftest import FIGURES, one_of_each_kind

PAPER = FIGURES["paper"]
LONG = {"resnet1202", "preact_resnet1001"}


def wanted() -> set[str]:
    """Names of every network that the figures have, parameters or errors."""
    names = {name for table in ("imagenet", "cifar", "cifar_v2", "tutorials") for name in FIGURES[table]}
    names |= {f"{name}_v1" for name in FIGURES["imagenet_v1"]}
    # Option B is the paper's usual one, and 50 layers and more have no other.
    names |= {name.removesuffix("_B").lower() for name in PAPER["imagenet"]} | set(PAPER["cifar10"])
    orders = [order for order in PAPER["cifar10_orders"] if order not in {"original", "full_preact"}]
    names |= {f"resnet{depth}_{order}" for depth in (110, 164) for order in orders}
    names |= {"resnet110", "resnet164", "preact_resnet110", "preact_resnet164", "resnet110_conv1x1"}
    return names


@pytest.mark.parametrize("name", sorted(wanted()))
def test_every_network_of_the_figures_is_a_preset(name: str) -> None:
    assert find_preset(name).name == name


def test_the_figures_of_shortcuts_are_those_of_presets() -> None:
    assert set(PAPER["cifar10_shortcuts"]) == {"identity", "conv_1x1"}
    assert PRESETS["resnet110_conv1x1"].spec == evolve(PRESETS["resnet110"].spec, shortcut="C")


@pytest.mark.parametrize("depth", [110, 164])
def test_the_presets_of_the_orders_differ_in_nothing_else(depth: int) -> None:
    block = {110: "basic", 164: "bottleneck"}[depth]
    shortcut = PRESETS[f"resnet{depth}"].spec.shortcut
    for order in PAPER["cifar10_orders"]:
        names = {"original": f"resnet{depth}", "full_preact": f"preact_resnet{depth}"}
        spec = PRESETS[names.get(order, f"resnet{depth}_{order}")].spec
        assert (spec.order, spec.block, spec.depth) == (order, block, depth)
        if order != "full_preact":
            assert spec == evolve(PRESETS[f"resnet{depth}"].spec, order=order)
            assert spec.shortcut == shortcut


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_has_a_source_of_one_line_and_its_own_title(name: str) -> None:
    preset = PRESETS[name]
    assert preset.name == name
    for text in (preset.source, preset.title, preset.family):
        assert text == text.strip() != ""
        assert "\n" not in text
    assert re.search(r"\d{4}, |[Tt]utorial", preset.source), "a paper has a year and a place"
    titles = [other.title.casefold() for other in PRESETS.values()]
    assert titles.count(preset.title.casefold()) == 1


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_found_by_its_name_in_any_writing_and_by_no_other(name: str) -> None:
    for written in (name.upper(), name.replace("_", "-"), name.replace("_", "").replace("-", "")):
        assert find_preset(written) is PRESETS[name]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_goes_through_a_design_file(name: str) -> None:
    import msgspec

    design = PRESETS[name].design
    assert decode_design(msgspec.json.encode(design), name) == design


@pytest.mark.parametrize("name", one_of_each_kind(PRESETS))
def test_a_preset_is_built_with_the_parameters_and_macs_that_are_planned(name: str) -> None:
    planned = plan(PRESETS[name].spec)
    with torch.device("meta"):
        model, picture = ResNet(planned).eval(), torch.zeros(1, *planned.spec.input)
    total = totals(planned)
    assert sum(value.numel() for value in model.parameters()) == total.cost.params
    if name in LONG:
        return
    with FlopCounterMode(display=False) as counter:
        logits = model(picture)
    assert logits.shape == (1, planned.spec.classes)
    assert counter.get_total_flops() == 2 * total.cost.macs


def test_the_preset_that_is_taken_without_a_word_is_one() -> None:
    assert DEFAULT_PRESET in PRESETS
