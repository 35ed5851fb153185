"""The cost ledger against the tools that it speaks for: torchinfo, torch's flop counter, fvcore, and the papers."""

from __future__ import annotations

import logging
import re
import warnings
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from types import ModuleType
from typing import Any

import pytest
import torch
import torchinfo
from hypothesis import given
from torch.utils.flop_counter import FlopCounterMode

from resnet_gui.analysis.costs import totals
from resnet_gui.analysis.ledger import LedgerEntry, ledger, published_as
from resnet_gui.design.papers import PUBLISHED
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.network.resnet import ResNet
from tests.conftest import FACTOR, daily, examples, one_of_each_kind
from tests.designs import designs

TOOLS = ["torchinfo", "torch FlopCounterMode", "fvcore"]
FAMILIES = [
    "resnet18", "resnet50", "resnet50_v1", "plain18", "wide_resnet50_2", "resnext50_32x4d", "seresnet50", "resnet50d",
    "resnet56", "resnetv2_50", "biased_resnet50", "unnormalised_resnet18", "preact_resnet22", "wrn_16_8",
    "resnet110_exclusive_gating",
]  # fmt: skip
TRACED = ["resnet18", "seresnet18", "resnet18d", "preact_resnet22", "unnormalised_resnet18", "digits-resnet"]
SENTENCE = re.compile(r"[A-Z0-9][^\n]*[^.\s]\.")


def counted(spec: ResNetSpec) -> dict[str, LedgerEntry]:
    """Who counts -> what."""
    return {entry.source: entry for entry in ledger(plan(spec))}


def by_torchinfo(model: ResNet, pictures: torch.Tensor) -> tuple[int, int]:
    found = torchinfo.summary(
        model, input_data=pictures, verbose=0, mode="eval", depth=9, device=pictures.device.type
    )  # fmt: skip
    return found.total_params, found.total_mult_adds


def by_torch(model: ResNet, pictures: torch.Tensor) -> int:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(pictures)
    return int(counter.get_total_flops())


@pytest.fixture(scope="module")
def fvcore_nn() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import fvcore.nn

    found: ModuleType = fvcore.nn
    return found


def by_fvcore(tool: ModuleType, model: ResNet, pictures: torch.Tensor) -> int:
    logging.getLogger("fvcore").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit.trace, which it uses, is deprecated.
        analysis: Any = tool.FlopCountAnalysis(model, pictures)
        return int(analysis.unsupported_ops_warnings(enabled=False).uncalled_modules_warnings(enabled=False).total())


def check(tool: ModuleType, spec: ResNetSpec) -> None:
    model, pictures = ResNet(plan(spec)).eval(), torch.zeros(1, *spec.input)
    entries = counted(spec)
    info = entries["torchinfo"]
    assert by_torchinfo(model, pictures) == (info.params, info.operations)
    assert by_torch(model, pictures) == entries["torch FlopCounterMode"].operations
    assert by_fvcore(tool, model, pictures) == entries["fvcore"].operations


@given(spec=designs())
@examples(8)
def test_every_tool_counts_what_the_ledger_says_of_it(fvcore_nn: ModuleType, spec: ResNetSpec) -> None:
    check(fvcore_nn, spec)


@pytest.mark.parametrize("name", daily(TRACED[:4], TRACED[4:]))
def test_every_tool_counts_a_preset_as_the_ledger_says(fvcore_nn: ModuleType, name: str) -> None:
    """Each day of a small picture, for fvcore computes all that it counts."""
    spec = PRESETS[name].spec
    check(fvcore_nn, evolve(spec, input=(spec.input[0], 65, 65)) if FACTOR == 1 and spec.input[1] > 65 else spec)


@pytest.mark.parametrize("name", one_of_each_kind(FAMILIES))
def test_torchinfo_and_torch_count_a_preset_of_each_family_as_the_ledger_says(name: str) -> None:
    """Each day two blocks of every stage are counted; any more are like the second."""
    spec = PRESETS[name].spec
    if FACTOR == 1:
        spec = evolve(spec, blocks=tuple(min(count, 2) for count in spec.blocks))
    with torch.device("meta"):
        model, pictures = ResNet(plan(spec)).eval(), torch.zeros(1, *spec.input)
    entries = counted(spec)
    assert by_torchinfo(model, pictures) == (entries["torchinfo"].params, entries["torchinfo"].operations)
    assert by_torch(model, pictures) == entries["torch FlopCounterMode"].operations


# ---- the sentences


@given(spec=designs())
def test_entries_stand_in_order_and_each_has_sentences_on_one_line(spec: ResNetSpec) -> None:
    entries = ledger(plan(spec))
    assert [entry.source for entry in entries] == ["ResNet Explorer", *TOOLS]
    assert all(SENTENCE.fullmatch(entry.why) for entry in entries)
    cost = totals(plan(spec)).cost
    assert (entries[0].params, entries[0].operations, entries[0].unit) == (cost.params, cost.macs, "MACs")


@given(spec=designs())
def test_the_numbers_in_a_tools_sentence_add_up_to_its_difference_from_ours(spec: ResNetSpec) -> None:
    macs = totals(plan(spec)).cost.macs
    entries = counted(spec)
    assert entries["torch FlopCounterMode"].operations == 2 * macs
    assert entries["torch FlopCounterMode"].why.startswith("Twice ours")
    for source in ("torchinfo", "fvcore"):
        entry = entries[source]
        assert isinstance(entry.operations, int)
        if entry.operations == macs:
            assert entry.why.startswith("The same: ")
            continue
        more, *parts = [int(text.replace(",", "")) for text in re.findall(r"-?\d[\d,]*(?= )", entry.why)]
        assert more == abs(entry.operations - macs)
        assert entry.operations - macs == sum(parts)
        assert entry.why.startswith(f"{more:,} {'more' if entry.operations > macs else 'less'}: ")


def test_fvcore_counts_the_same_where_there_is_neither_norm_nor_global_pooling() -> None:
    spec = ResNetSpec(
        block="basic", blocks=(1,), widths=(4,), norm="none", head="flatten", stem="cifar", input=(1, 5, 5)
    )
    assert counted(spec)["fvcore"].why == (
        "The same: a multiply-add is one FLOP there, and nothing else in this design counts."
    )


# ---- the papers


def test_every_published_figure_belongs_to_a_preset_and_is_a_number_with_its_place() -> None:
    assert set(PUBLISHED) <= set(PRESETS)
    for name, printed in PUBLISHED.items():
        assert re.fullmatch(r"[A-Z].+ 20\d\d, Table \d+", printed.where), name
        figures = (printed.params, printed.flops, printed.error)
        assert any(figures), name
        assert all(re.fullmatch(r"\d+\.\d+", text) for text in figures if text), name
        assert bool(printed.error) == bool(printed.measure) == bool(printed.place), name


def test_the_figures_of_the_papers_are_the_printed_ones() -> None:
    # Typed from the papers' tables, not from the program.
    flops = {
        "resnet18": "1.8", "resnet34": "3.6", "plain34": "3.6", "resnet50": "3.8", "resnet101": "7.6",
        "resnet152_v1": "11.3", "resnext50_32x4d": "4.2", "seresnet50": "3.87", "resnet50d": "4.3",
    }  # fmt: skip
    params = {
        "resnet20": "0.27", "resnet32": "0.46", "resnet44": "0.66", "resnet56": "0.85", "resnet110": "1.7",
        "resnet1202": "19.4", "preact_resnet164": "1.7", "preact_resnet1001": "10.2", "wrn_16_8": "11.0",
        "wrn_28_10": "36.5", "wrn_40_4": "8.9", "wide_resnet50_2": "68.9", "resnext50_32x4d": "25.0",
    }  # fmt: skip
    assert {name: PUBLISHED[name].flops for name in flops} == flops
    assert {name: PUBLISHED[name].params for name in params} == params


@pytest.mark.parametrize("name", [name for name, printed in PUBLISHED.items() if printed.counts])
def test_a_published_design_has_its_papers_entry_second_and_its_sentence_is_true(name: str) -> None:
    spec, printed = PRESETS[name].spec, PUBLISHED[name]
    entries = ledger(plan(spec))
    assert [entry.source for entry in entries] == ["ResNet Explorer", printed.where, *TOOLS]
    entry = entries[1]
    assert entry.params == (f"{printed.params} M" if printed.params else None)
    assert entry.operations == (f"{printed.flops} G" if printed.flops else None)
    assert SENTENCE.fullmatch(entry.why)
    v1 = evolve(spec, stride_on="1x1") if "with the stride on the first 1×1" in entry.why else spec
    cost, described = totals(plan(spec)).cost, totals(plan(v1)).cost
    claims = re.findall(
        r"same (parameters|multiply-adds), (rounded|cut off|rounded up) from ([\d.]+?)(?=\.? |\.$)", entry.why
    )  # fmt: skip
    others = re.findall(r"The network as described has ([\d.]+); .* its (parameters|multiply-adds)\.", entry.why)
    near = re.findall(r"one unit of the last printed digit\b.*?", entry.why)
    assert len(claims) + len(others) + len(near) == bool(printed.params) + bool(printed.flops)
    exact = {"parameters": Decimal(cost.params).scaleb(-6), "multiply-adds": Decimal(described.macs).scaleb(-9)}
    shown = {"parameters": printed.params, "multiply-adds": printed.flops}
    roundings = {"rounded": ROUND_HALF_UP, "cut off": ROUND_FLOOR, "rounded up": ROUND_CEILING}
    for what, how, number in claims:
        value = Decimal(number)
        assert value == exact[what].quantize(value, ROUND_HALF_EVEN)
        assert str(value.quantize(Decimal(shown[what]), roundings[how])) == shown[what]
    for number, what in others:
        value, said = Decimal(number), Decimal(shown[what])
        assert value == exact[what].quantize(value, ROUND_HALF_EVEN)
        assert abs(value - said) >= Decimal(1).scaleb(int(said.as_tuple().exponent))
    if near:
        (number,) = re.findall(r"\d+\.\d+", entry.why)
        value, said = Decimal(number), Decimal(printed.flops)
        assert value == exact["multiply-adds"].quantize(value, ROUND_HALF_EVEN)
        assert abs(value - said) < Decimal(1).scaleb(int(said.as_tuple().exponent))
    for more in re.findall(r"on the 3×3, as here and in torchvision, ([\d,]+) more", entry.why):
        assert int(more.replace(",", "")) == cost.macs - described.macs > 0


def test_a_design_that_is_not_published_has_no_papers_entry() -> None:
    spec = evolve(PRESETS["resnet50"].spec, activation="gelu")
    assert published_as(spec) == ""
    assert [entry.source for entry in ledger(plan(spec))] == ["ResNet Explorer", *TOOLS]
    assert published_as(PRESETS["resnet50"].spec) == "resnet50"
