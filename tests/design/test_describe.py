"""A design in words: every choice that differs from the usual is said, and what has no effect is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from resnet_gui.base.errors import SpecError
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.words import describe, extras
from tests.conftest import examples
from tests.designs import FIELDS, designs

REQUIRED = {"block", "blocks", "widths"}
DEFAULTS: dict[str, Any] = {
    name: default
    for name, default in zip(
        FIELDS[len(FIELDS) - len(ResNetSpec.__struct_defaults__) :], ResNetSpec.__struct_defaults__, strict=True
    )
    if name not in REQUIRED
}
BASE = PRESETS["resnet18"].spec
DEEP = PRESETS["resnet50"].spec


def lines(spec: ResNetSpec) -> list[str]:
    found = list(describe(spec))
    for line in found:
        assert line == line.strip()
        assert line
        assert "\n" not in line
        assert not line.endswith(".")
    assert len(set(found)) == len(found)
    return found


def layers(spec: ResNetSpec) -> object:
    """Everything that a design computes."""
    planned = plan(spec)
    return planned.stem, planned.stages, planned.head, spec.zero_init


@given(spec=designs())
@examples(50)
def test_taking_back_any_choice_that_had_an_effect_changes_the_words(spec: ResNetSpec) -> None:
    for name, default in DEFAULTS.items():
        try:
            usual = evolve(spec, **{name: default})
        except SpecError:
            continue
        if layers(usual) != layers(spec):
            assert lines(usual) != lines(spec), name


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_described_by_its_blocks_order_shortcut_stem_and_input(name: str) -> None:
    spec = PRESETS[name].spec
    found = lines(spec)
    assert [line.split(":")[0] for line in found[:4]] == ["blocks", "order", "shortcut", "stem"]
    assert "-".join(map(str, spec.blocks)) in found[0]
    assert "-".join(map(str, spec.widths)) in found[0]
    assert found[3].endswith(f", {spec.stem_channels} channels")
    assert found[4] == f"input {'×'.join(map(str, spec.input))}, {spec.classes:,} classes"
    assert found[5:] == list(extras(spec))


def test_presets_that_differ_are_described_differently() -> None:
    said: dict[tuple[str, ...], ResNetSpec] = {}
    for preset in PRESETS.values():
        assert said.setdefault(tuple(lines(preset.spec)), preset.spec) == preset.spec, preset.name


def test_the_networks_of_table_1_have_nothing_beyond_the_usual() -> None:
    for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnet20"):
        assert list(extras(PRESETS[name].spec)) == [], name


@pytest.mark.parametrize(
    ("spec", "changes", "says"),
    [
        (BASE, {"strides": (2, 1, 2, 2)}, "strides of the stages: 2-1-2-2"),
        (DEEP, {"stride_on": "1x1"}, "stride on the first 1×1 (v1)"),
        (DEEP, {"groups": 32, "width_per_group": 4}, "32 groups of width 4"),
        (DEEP, {"width_per_group": 128}, "3×3 convolutions 2 times as wide"),
        (BASE, {"se_ratio": 16}, "squeeze-and-excitation, reduction 16"),
        (BASE, {"se_ratio": 16, "se_divisor": 1}, "squeeze-and-excitation, reduction 16 to multiples of 1"),
        (BASE, {"dropout": 0.3}, "dropout 0.3 in the blocks"),
        (BASE, {"stochastic_depth": 0.5}, "stochastic depth 0.5"),
        (BASE, {"zero_init": True}, "branches begin at zero"),
        (BASE, {"norm": "none"}, "no norms"),
        (BASE, {"norm": "group", "norm_groups": 8}, "group normalisation with 8 groups"),
        (BASE, {"activation": "gelu"}, "activation: GELU"),
        (BASE, {"conv_bias": True}, "convolutions with biases"),
        (BASE, {"ablation": "dropout"}, "shortcut ablation: dropout shortcut"),
        (BASE, {"projection": "avg_pool"}, "average pooling before the projection (ResNet-D)"),
        (BASE, {"projection_norm": False}, "projections without norm"),
        (BASE, {"projection_bias": True}, "projections with bias"),
        (BASE, {"order": "full_preact", "raw_projection": True}, "shortcuts read the raw input everywhere"),
        (BASE, {"order": "full_preact", "activated_stem": True}, "norm and activation after the stem's convolution"),
        (BASE, {"order": "full_preact", "final_activation": False}, "no norm and activation after the last block"),
        (BASE, {"head": "flatten"}, "head: every position flattened"),
        (BASE, {"hidden": (64, 32)}, "hidden layers: 64-32"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)  # fmt: skip
def test_a_choice_beyond_the_usual_has_its_line(spec: ResNetSpec, changes: dict[str, object], says: str) -> None:
    assert says in list(extras(evolve(spec, **changes)))
    assert says not in list(extras(spec))


@pytest.mark.parametrize(
    "changes",
    [
        {"stride_on": "1x1"}, {"raw_projection": True}, {"activated_stem": True}, {"final_activation": False},
        {"shortcut": "none", "projection": "avg_pool"}, {"shortcut": "A", "projection_bias": True},
        {"strides": (1, 2, 2, 2)}, {"projection_bias": False},
    ],
    ids="-".join,
)  # fmt: skip
def test_a_choice_that_has_nothing_to_act_on_is_not_said(changes: dict[str, object]) -> None:
    assert list(extras(evolve(BASE, **changes))) == []
