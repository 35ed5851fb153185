"""A design that cannot be is refused in the field that causes it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.base.errors import SpecError
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec, evolve
from tests.designs import FIELDS, designs

GOOD: dict[str, Any] = {
    "block": "basic",
    "blocks": (2, 2, 2),
    "widths": (16, 32, 64),
    "shortcut": "B",
    "stem": "cifar",
    "classes": 10,
    "input": (3, 32, 32),
}
BAD: dict[str, list[object]] = {
    "gate_bias": [None, "-6", True, 21, -20.5, float("nan"), float("inf")],
    "attention": ["none", "", None, 1, ["se"]],
    "branch_scale": ["yes", "", None, 0, ["none"]],
    "block": ["Basic", "", None, 1, ["basic"], b"basic"],
    "blocks": [
        (), (0, 2, 2), (2, -1, 2), (2, 2, 10_001), (True, 2, 2), (2.0, 2, 2), ("2", 2, 2), (None, 2, 2),
        [2, 2, 2], 2, None, "222", (1,) * 9,
    ],
    "widths": [
        (), (0, 32, 64), (16, 32, -64), (16, 32, 8193), (16.5, 32, 64), (math.nan, 1, 1), (16, 32, False),
        [16, 32, 64], 16, None, (16, 32), (16, 32, 64, 128), (16,) * 9,
    ],
    "shortcut": ["D", "a", "", None, 0, "identity"],
    "stem": ["cifar10", "CIFAR", None, 7, "7X7", ("deep",)],
    "order": ["Original", "preact", None, 0, ["original"], ""],
    "ablation": ["gating", None, False, "Scaling", 0.5],
    "projection": ["avgpool", None, True, "A", 1],
    "stride_on": ["1×1", 1, None, 3, "conv1"],
    "norm": ["bn", None, False, "layer", ("batch",)],
    "activation": ["ReLU", "swish", None, max, 0],
    "head": ["linear", None, True, ("pool",)],
    "zero_init": [1, 0, None, "true", 0.0, ()],
    "conv_bias": [1, 0, None, "no", math.nan],
    "raw_projection": [1, None, "yes", []],
    "activated_stem": [1, None, "yes", {}],
    "final_activation": [0, None, "yes", b"1"],
    "projection_norm": [1, 0, "auto", "batch", ()],
    "projection_bias": [1, 0, "auto", math.inf],
    "stem_pool": ["max", None, True, 3],
    "downsampling": ["conv", None, 2],
    "convolution": ["std", None, True],
    "pad_side": ["behind", None, 0],
    "stem_stride": [0, -1, 5, 1.0, True, "2", math.nan],
    "dilated_stages": [-1, 4, 9, 1.0, True, None, "1"],
    "norm_eps": [0, -1e-5, 1.5, True, None, "1e-5", math.nan],
    "conv_eps": [0, -1e-8, 2, True, None, "1e-8", math.inf],
    "stem_width": [0, -1, 8193, 1.0, True, "16", (16,), math.nan, 10**400],
    "strides": [
        (), (1, 2), (1, 2, 2, 2), (0, 2, 2), (1, 2, 5), (1, -2, 2), (1, 2.0, 2), (True, 2, 2), ("1", 2, 2),
        (None, 2, 2), [1, 2, 2], 2, "122", (1,) * 9, (1, 2, math.nan),
    ],
    "groups": [0, -1, 1025, 2, 2.0, True, None, "1", math.inf],
    "width_per_group": [0, -64, 8193, 63, 128, 64.0, True, None, "64"],
    "se_divisor": [0, 65, 8.0, True, None, "8", math.nan],
    "shared_first": [1, None, "yes", []],
    "se_ratio": [-1, 8193, 16.0, True, None, "16", math.nan],
    "norm_groups": [0, -1, 1025, 32.0, True, None, "32"],
    "dropout": [-0.1, 1, 1.0, 1.5, math.nan, math.inf, -math.inf, True, False, None, "0.3", 0.3j, (0.3,), 10**400],
    "stochastic_depth": [-1e-9, 1, 2.0, math.nan, math.inf, True, None, "0.5", [0.5], -(10**400)],
    "hidden": [(0,), (128, -1), (100_001,), (1.0,), (True,), (None,), ("128",), (1,) * 5, [128], 128, None, "128"],
    "classes": [0, -1, 100_001, 10.0, True, "10", None, math.nan, math.inf, (10,)],
    "input": [
        (0, 32, 32), (3, 0, 32), (3, 32, -1), (3, 32, 4097), (1025, 32, 32), (3, 32), (3, 32, 32, 1), (), [3, 32, 32],
        (3.0, 32, 32), (3, 32.5, 32), (True, 32, 32), None, "3x32x32", 32, (3, 2, 32), (3, 32, 2),
    ],
}  # fmt: skip


@pytest.mark.parametrize("field", BAD)
def test_a_wrong_value_is_refused_in_its_field(field: str) -> None:
    for value in BAD[field]:
        with pytest.raises(SpecError) as caught:
            raise AssertionError(f"{value!r} gives {ResNetSpec(**GOOD | {field: value})}")
        assert caught.value.field == field, value
        assert str(caught.value).endswith("."), value
        assert "\n" not in str(caught.value), value


@pytest.mark.parametrize("field", BAD)
def test_a_change_to_a_wrong_value_is_refused_in_its_field_and_leaves_the_design(field: str) -> None:
    for value in BAD[field]:
        spec = ResNetSpec(**GOOD)
        with pytest.raises(SpecError) as caught:
            raise AssertionError(f"{value!r} gives {evolve(spec, **{field: value})}")
        assert caught.value.field == field, value
        assert spec == ResNetSpec(**GOOD), value


def test_every_field_has_wrong_values() -> None:
    assert set(BAD) == set(FIELDS)


@given(
    blocks=st.lists(st.integers(-1, 10_001), max_size=9).map(tuple),
    widths=st.lists(st.integers(-1, 8193), max_size=9).map(tuple),
    shortcut=st.sampled_from(["A", "B", "C", "none"]),
    stem=st.sampled_from(["imagenet", "cifar"]),
    side=st.integers(0, 300),
)
def test_whatever_numbers_are_asked_for_give_a_plan_or_an_error_that_names_a_field(
    blocks: tuple[int, ...], widths: tuple[int, ...], shortcut: str, stem: str, side: int
) -> None:
    try:
        spec = evolve(
            ResNetSpec(**GOOD), blocks=blocks, widths=widths, shortcut=shortcut, stem=stem, input=(3, side, side)
        )
    except SpecError as error:
        field = error.field
    else:
        assert all(size >= 1 for _, layer in plan(spec).layers() for size in layer.output)
        return
    assert field in {"blocks", "widths", "shortcut", "input"}


@given(spec=designs(), other=designs())
def test_evolving_into_all_fields_of_another_design_gives_that_design(spec: ResNetSpec, other: ResNetSpec) -> None:
    assert evolve(spec, **{field: getattr(other, field) for field in FIELDS}) == other


def test_a_field_that_a_design_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(SpecError, match="no field 'depth'") as caught:
        evolve(ResNetSpec(**GOOD), depth=21)
    assert caught.value.field == "depth"


@pytest.mark.parametrize(
    ("stem", "stages", "smallest"),
    [
        ("cifar", 1, 1), ("cifar", 2, 2), ("cifar", 3, 3), ("cifar", 4, 5), ("cifar", 8, 65),
        ("imagenet", 1, 3), ("imagenet", 2, 5), ("imagenet", 3, 9), ("imagenet", 4, 17), ("imagenet", 8, 257),
    ],
)  # fmt: skip
@pytest.mark.parametrize("wide", [False, True])
def test_an_input_is_too_small_exactly_below_the_size_that_every_stage_can_still_halve(
    stem: str, stages: int, smallest: int, wide: bool
) -> None:
    def made(side: int) -> ResNetSpec:
        shape = (3, side, 4096) if wide else (3, side, side)
        return evolve(
            ResNetSpec(**GOOD), stem=stem, blocks=(1,) * stages, widths=(8,) * stages, input=shape, shortcut="B"
        )

    strided = [layer for _, layer in plan(made(smallest)).layers() if layer.stride == 2]
    assert all(layer.input[1] >= 2 for layer in strided), "a stride of two on one pixel halves nothing"
    if smallest > 1:
        with pytest.raises(SpecError, match=f"at least {smallest}×{smallest}") as caught:
            made(smallest - 1)
        assert caught.value.field == "input"


@pytest.mark.parametrize(
    ("block", "widths", "legal"),
    [
        ("basic", (16, 32, 64), True),
        ("basic", (16, 16, 16), True),
        ("basic", (16, 8, 64), False),
        ("basic", (16, 16, 15), False),
        ("bottleneck", (16, 8, 64), False),
        ("bottleneck", (16, 16, 16), True),
    ],
)
def test_option_a_is_refused_where_channels_shrink(block: str, widths: tuple[int, ...], legal: bool) -> None:
    changes: dict[str, object] = {"block": block, "widths": widths}
    assert evolve(ResNetSpec(**GOOD), **changes).widths == widths
    if legal:
        assert evolve(ResNetSpec(**GOOD), shortcut="A", **changes).shortcut == "A"
        return
    with pytest.raises(SpecError, match="cannot go from") as caught:
        evolve(ResNetSpec(**GOOD), shortcut="A", **changes)
    assert caught.value.field == "shortcut"


def test_a_design_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError):
        ResNetSpec(**GOOD).classes = 5  # type: ignore[misc]
