"""Choices that contradict each other: each refusal names its field, and what it advises helps."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import InputError, SpecError
from resnet_gui.design.checks import CHECKS
from resnet_gui.design.choices import NORMS, ORDERS
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, decode_design, evolve
from tests.conftest import examples
from tests.designs import FIELDS, askings, designs, json_values, wild_values

BASIC: dict[str, Any] = {
    "block": "basic", "blocks": (1, 2, 1), "widths": (16, 32, 64), "stem": "cifar", "classes": 10, "input": (3, 32, 32),
}  # fmt: skip
BOTTLENECK = BASIC | {"block": "bottleneck"}


class Refusal(NamedTuple):
    """A design that cannot be, the field that is named, a part of the sentence, and the stage that is marked."""

    asked: dict[str, Any]
    field: str
    said: str
    stage: int | None = None


REFUSALS = {
    "groups of a basic block": Refusal(BASIC | {"groups": 2}, "groups", "no grouped convolution"),
    "a width per group of a basic block": Refusal(
        BASIC | {"width_per_group": 128}, "width_per_group", "no grouped convolution"
    ),
    "groups that leave no channel": Refusal(
        BOTTLENECK | {"widths": (16, 32, 4), "width_per_group": 15}, "width_per_group", "Stage 3: width 4 .* of 0", 2
    ),
    "groups of too many channels": Refusal(
        BOTTLENECK | {"widths": (16, 8192, 64), "width_per_group": 8192}, "width_per_group", "1048576 channels", 1
    ),
    "a half bottleneck that cannot be halved": Refusal(
        BASIC | {"block": "half_bottleneck", "widths": (16, 33, 64)}, "widths",
        "Stage 2: a half bottleneck .* are 33, .* multiple of 2 channels", 1,
    ),
    "a half bottleneck that cannot be halved in each group": Refusal(
        BASIC | {"block": "half_bottleneck", "groups": 2, "width_per_group": 4}, "widths",
        "Stage 1: .* in each group; .* multiple of 4 channels", 0,
    ),
    "group norm of the first 1×1 of a half bottleneck": Refusal(
        BASIC | {"block": "half_bottleneck", "norm": "group", "norm_groups": 8}, "norm_groups", "8 channels of stage 1"
    ),
    "widths for too few stages": Refusal(BASIC | {"widths": (16, 32)}, "widths", "2 entries for 3 stages"),
    "strides for too many stages": Refusal(
        BASIC | {"strides": (1, 1, 1, 1)}, "strides", "4 entries for 3 stages"
    ),
    "blocks of no stage": Refusal(BASIC | {"blocks": ()}, "blocks", "1 to 8 stages"),
    "a stage without blocks": Refusal(BASIC | {"blocks": (1, 0, 1)}, "blocks", "stage 2: 0", 1),
    "a stage that is too wide": Refusal(BASIC | {"widths": (16, 32, 8193)}, "widths", "stage 3: 8193", 2),
    "a stage that strides too far": Refusal(BASIC | {"strides": (5, 1, 1)}, "strides", "stage 1: 5", 0),
    "a picture that shrinks to nothing": Refusal(BASIC | {"input": (3, 2, 32)}, "input", "use at least 3×3"),
    "a picture that great strides shrink to nothing": Refusal(
        BASIC | {"strides": (4, 4, 4), "input": (3, 16, 99)}, "input", "use at least 17×17"
    ),
    "a picture that is no picture": Refusal(BASIC | {"input": (3, 32)}, "input", "three whole numbers"),
    "group norm of too many groups": Refusal(
        BASIC | {"norm": "group", "norm_groups": 32}, "norm_groups", "16 channels of the stem .* use 8"
    ),
    "group norm that does not divide": Refusal(
        BASIC | {"norm": "group", "norm_groups": 3}, "norm_groups", "16 channels of the stem"
    ),
    "group norm of one channel a group": Refusal(
        BASIC | {"norm": "group", "norm_groups": 16}, "norm_groups", "at least two"
    ),
    "group norm of the first convolutions of a deep stem": Refusal(
        BASIC | {"norm": "group", "norm_groups": 8, "stem": "deep"}, "norm_groups", "8 channels of the stem"
    ),
    "group norm of a stem of its own width": Refusal(
        BASIC | {"norm": "group", "norm_groups": 4, "stem_width": 6}, "norm_groups", "6 channels of the stem"
    ),
    "group norm of a later stage": Refusal(
        BASIC | {"norm": "group", "norm_groups": 8, "widths": (16, 32, 60)}, "norm_groups", "60 channels of stage 3"
    ),
    "group norm of the 3×3 of a bottleneck": Refusal(
        BOTTLENECK | {"norm": "group", "norm_groups": 8, "width_per_group": 32}, "norm_groups", "8 channels of stage 1"
    ),
    "group norm where only one channel is": Refusal(
        BASIC | {"norm": "group", "norm_groups": 1, "widths": (1, 1, 1)}, "norm_groups", "wider layers"
    ),
    "option A into fewer channels": Refusal(
        BASIC | {"shortcut": "A", "widths": (16, 32, 31)}, "shortcut", "from 32 to 31 channels in stage 3", 2
    ),
    "option A from a wide stem": Refusal(
        BASIC | {"shortcut": "A", "stem_width": 17}, "shortcut", "from 17 to 16 channels in stage 1", 0
    ),
    "an ablation without shortcuts": Refusal(BASIC | {"shortcut": "none", "ablation": "scaling"}, "ablation", "plain"),
    "stochastic depth without shortcuts": Refusal(
        BASIC | {"shortcut": "none", "stochastic_depth": 0.1}, "stochastic_depth", "zeros"
    ),
    "zero init without shortcuts": Refusal(BASIC | {"shortcut": "none", "zero_init": True}, "zero_init", "zeros"),
    "zero init behind a ReLU": Refusal(
        BASIC | {"order": "relu_before_addition", "zero_init": True}, "zero_init", "never learns"
    ),
    "five hidden layers": Refusal(BASIC | {"hidden": (1,) * 5}, "hidden", "at most 4"),
    "a hidden layer of nothing": Refusal(BASIC | {"hidden": (8, 0)}, "hidden", "0 is not"),
    "no stride of the stem": Refusal(BASIC | {"stem_stride": 0}, "stem_stride", "from 1 to 4, or null"),
    "no epsilon": Refusal(BASIC | {"norm_eps": 0}, "norm_eps", "from 1e-12 to 1"),
    "more dilated stages than there are": Refusal(BASIC | {"dilated_stages": 8}, "dilated_stages", "there are"),
    "a dilation beyond all maps": Refusal(
        BASIC | {"blocks": (1,) * 4, "widths": (8,) * 4, "strides": (4,) * 4, "dilated_stages": 4}, "dilated_stages",
        "by 256",
    ),
    "certain dropout": Refusal(BASIC | {"dropout": 1}, "dropout", "0 to below 1"),
}  # fmt: skip


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_a_contradiction_is_refused_in_one_sentence_that_names_its_field_and_stage(refusal: Refusal) -> None:
    with pytest.raises(SpecError, match=refusal.said) as caught:
        ResNetSpec(**refusal.asked)
    assert (caught.value.field, caught.value.stage) == (refusal.field, refusal.stage)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_a_contradiction_in_a_design_file_is_refused_in_the_same_field_and_stage(refusal: Refusal) -> None:
    with pytest.raises(InputError, match="mine") as caught:
        decode_design(json.dumps({"name": "x", "spec": refusal.asked}), "mine")
    if refusal.said != "three whole numbers":  # That the JSON cannot even say.
        assert isinstance(caught.value, SpecError)
        assert (caught.value.field, caught.value.stage) == (refusal.field, refusal.stage)


def test_every_check_refuses_something_here() -> None:
    refusing = set()
    for refusal in (*REFUSALS.values(), Refusal(BASIC | {"block": 1}, "", ""), Refusal(BASIC | {"groups": 0}, "", "")):
        values = {name: getattr(ResNetSpec(**BASIC), name) for name in FIELDS} | refusal.asked
        blank = type("Blank", (), values | {name: getattr(ResNetSpec, name) for name in NAMES})()
        for check in CHECKS:
            try:
                check(blank)
            except SpecError:
                refusing.add(check)
                break
    assert refusing == set(CHECKS)


NAMES = (
    "stem_channels", "stage_strides", "stage_steps", "stage_dilations", "inner_width",
    "fitting_norm_groups", "normed_channels",
    "shrinking_stages", "output_channels",
)  # fmt: skip
"""What of a spec the checks read beside its fields."""


# ---- advice


@given(channels=st.lists(st.integers(1, 64), min_size=4, max_size=4), groups=st.integers(1, 64))
def test_the_groups_that_a_refusal_of_group_norm_advises_are_legal(channels: list[int], groups: int) -> None:
    stem, *widths = channels
    asked = BASIC | {"norm": "group", "norm_groups": groups, "stem_width": stem, "widths": tuple(widths)}
    try:
        ResNetSpec(**asked)
    except SpecError as error:
        advised = re.search(r"use (\d+)\.$", str(error))
    else:
        return
    if advised is None:
        for count in range(1, 65):
            with pytest.raises(SpecError):
                ResNetSpec(**asked | {"norm_groups": count})
    else:
        assert ResNetSpec(**asked | {"norm_groups": int(advised[1])}).norm == "group"


@given(spec=designs())
def test_the_smallest_picture_that_a_refusal_advises_is_legal_and_any_smaller_is_not(spec: ResNetSpec) -> None:
    channels = spec.input[0]
    smallest = next(size for size in range(1, 200) if not refused(spec, input=(channels, size, size)))
    assert evolve(spec, input=(channels, smallest, smallest + 5)).input[1] == smallest
    for height, width in ((smallest - 1, 200), (200, smallest - 1)):
        error = refused(spec, input=(channels, height, width))
        assert error is not None
        assert error.field == "input"
        assert smallest == 1 or f"at least {smallest}×{smallest}" in str(error)


def refused(spec: ResNetSpec, **changes: object) -> SpecError | None:
    try:
        evolve(spec, **changes)
    except SpecError as error:
        return error
    return None


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "gelu", "silu"])
@pytest.mark.parametrize("norm", NORMS)
def test_zero_init_is_refused_exactly_where_relu_would_keep_it_at_zero(order: str, activation: str, norm: str) -> None:
    error = refused(ResNetSpec(**BASIC), order=order, activation=activation, norm=norm, norm_groups=8, zero_init=True)
    stuck = order in {"relu_before_addition", "relu_around_addition"} and activation == "relu"
    assert (error is not None and error.field == "zero_init") == stuck


@pytest.mark.parametrize(
    ("stem", "before"), [("imagenet", [2, 2]), ("7x7", [2]), ("deep", [2, 2]), ("cifar", []), ("3x3", [2])]
)
@pytest.mark.parametrize("strides", [(1,), (2,), (1, 2, 2), (4, 4, 4), (3, 1, 2), (2, 1, 4, 3), (1, 1, 1)])
def test_the_smallest_picture_is_the_one_on_which_every_stride_still_skips_something(
    stem: str, before: list[int], strides: tuple[int, ...]
) -> None:
    def skips(size: int) -> bool:
        for stride in (*before, *strides):
            if stride > 1 and size == 1:
                return False
            size = -(-size // stride)
        return True

    def made(size: int) -> SpecError | None:
        count = len(strides)
        return refused(
            ResNetSpec(**BASIC), blocks=(1,) * count, widths=(8,) * count, strides=strides, stem=stem,
            input=(3, size, 4096),
        )  # fmt: skip

    assert [made(size) is None for size in range(1, 120)] == [skips(size) for size in range(1, 120)]


# ---- whatever is asked for


def asked_for(changes: dict[str, Any], base: dict[str, Any]) -> None:
    """Ask for a design; it can be planned, or the error names a field in one sentence."""
    error: SpecError | None = None
    try:
        spec = ResNetSpec(**base | changes)
    except SpecError as refusal:
        error = refusal
    if error is None:
        planned = plan(spec)
        assert all(size >= 1 for _, layer in planned.layers() for size in layer.output)
        assert totals(planned).cost.params > 0
        return
    assert error.field in FIELDS
    assert str(error).endswith(".")
    assert "\n" not in str(error)
    assert str(error).encode()


BASES = st.sampled_from([BASIC, BOTTLENECK])


@given(changes=askings(), base=BASES)
@examples(75)
def test_plausible_choices_give_a_plan_or_an_error_that_names_a_field(
    changes: dict[str, Any], base: dict[str, Any]
) -> None:
    asked_for(changes, base)


@given(changes=askings(wild_values()), base=BASES)
@examples(75)
def test_whatever_is_asked_for_gives_a_plan_or_an_error_that_names_a_field(
    changes: dict[str, Any], base: dict[str, Any]
) -> None:
    asked_for(changes, base)


@given(field=st.sampled_from(FIELDS), value=wild_values())
@examples(120)
def test_whatever_one_field_is_set_to_gives_a_plan_or_an_error_that_names_a_field(field: str, value: object) -> None:
    asked_for({field: value}, BOTTLENECK)


def test_a_number_too_long_to_print_is_refused_in_its_field() -> None:
    huge = 10**5000
    for field in FIELDS:
        for value in (huge, -huge, (huge,), (1, huge, 1), [huge]):
            with pytest.raises(SpecError) as caught:
                ResNetSpec(**BASIC | {field: value})
            assert caught.value.field == field


@pytest.mark.parametrize("field", ["blocks", "widths", "strides", "input", "hidden", "block", "dropout"])
def test_text_of_several_lines_or_of_half_characters_is_refused_in_one_line_that_can_be_written(field: str) -> None:
    for value in ("a\nb", ("a\nb",), ("a\nb", 32, 32), (3, "\ud800", 32)):
        asked_for({field: value}, BASIC)


@given(changes=askings(json_values()), name=st.text(max_size=5) | st.integers())
@examples(60)
def test_whatever_a_design_file_says_gives_a_design_or_a_sentence(changes: dict[str, Any], name: object) -> None:
    text = json.dumps({"name": name, "spec": BOTTLENECK | changes})
    error: InputError | None = None
    try:
        decode_design(text, "some-file")
    except InputError as refusal:
        error = refusal
    if error is None:
        return
    assert not isinstance(error, SpecError) or error.field in FIELDS
    assert "some-file" in str(error)
    assert "\n" not in str(error)


def test_a_preset_may_be_changed_into_any_other() -> None:
    spec = PRESETS["resnet18"].spec
    for preset in PRESETS.values():
        changes = {name: getattr(preset.spec, name) for name in FIELDS}
        spec = evolve(spec, **changes)
        assert spec == preset.spec
