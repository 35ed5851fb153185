"""Every preset and drawn designs, renamed, prefixed and wrapped: identify finds the design and every tensor's place."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from resnet_gui.checkpoints.identify import Identification, identify
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import KINDS, STEMS
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.tensors import tensor_shapes
from resnet_gui.design.undetermined import open_fields
from tests.conftest import daily, examples, one_of_each_kind
from tests.designs import plainly_named

GATES = {"exclusive_gating", "shortcut_gating"}

# ---- names


def renaming(names: list[str], seed: int) -> dict[str, str]:
    """Every part of every path but the last gets another name, the same one wherever it stands."""
    chance = random.Random(seed)  # noqa: S311 (the same names in every run)
    parts = {part for name in names for part in name.split(".")[:-1]}
    words: set[str] = set()
    while len(words) < len(parts):
        words.add("".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=4)))
    given_names = dict(zip(sorted(parts), chance.sample(sorted(words), len(parts)), strict=True))
    new = {}
    for name in names:
        *path, part = name.split(".")
        new[name] = ".".join([*(given_names[each] for each in path), part])
    return new


def flattened(name: str) -> str:
    """A name without containers."""
    path, _, part = name.rpartition(".")
    return f"{path.replace('.', '_')}.{part}"


FORMS: dict[str, Callable[[str], str]] = {
    "nested": lambda name: name,
    "prefixed": lambda name: f"module._orig_mod.{name}",
    "flat": flattened,
}


def renamed(spec: ResNetSpec, form: str, seed: int) -> tuple[dict[str, Shape], dict[str, str]]:
    """Shapes under new names, and new name -> name."""
    shapes = tensor_shapes(plan(spec))
    new = {name: FORMS[form](other) for name, other in renaming(list(shapes), seed).items()}
    assert len(set(new.values())) == len(shapes)
    return {new[name]: shape for name, shape in shapes.items()}, {new[name]: name for name in shapes}


# ---- what must be found


def places(spec: ResNetSpec) -> Iterator[str]:
    """For every tensor in order: the number of its block among all, its role there, and its part."""
    numbers = {
        f"layer{stage}.{number}": index
        for index, (stage, number) in enumerate(
            (stage, number) for stage, count in enumerate(spec.blocks, start=1) for number in range(count)
        )
    }
    place = 1 if spec.projection == "avg_pool" else 0
    roles = {f"downsample.{place}": "projection", f"downsample.{place + 1}": "projection_norm"}
    for name in tensor_shapes(plan(spec)):
        path, _, part = name.rpartition(".")
        if not path.startswith("layer"):
            yield name
            continue
        stage, number, role = path.split(".", 2)
        yield f"{numbers[f'{stage}.{number}']} {roles.get(role, role)} {part}"


def projecting(spec: ResNetSpec) -> list[bool]:
    return [block.shortcut == "projection" for stage in plan(spec).stages for block in stage.blocks]


def merged(spec: ResNetSpec) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Blocks and widths, stages of equal width that no projection separates taken together.

    Where every block projects, none separates.
    """
    projects = projecting(spec)
    blocks, widths, start = [0], [spec.widths[0]], 0
    for count, width in zip(spec.blocks, spec.widths, strict=True):
        if width != widths[-1] or (start and projects[start] and not all(projects)):
            blocks.append(0)
            widths.append(width)
        blocks[-1] += count
        start += count
    return tuple(blocks), tuple(widths)


def knowable(spec: ResNetSpec) -> dict[str, object]:
    """What the tensors of a design tell, whatever else is open."""
    area = 1 if spec.head != "flatten" else plan(spec).stages[-1].output[1] * plan(spec).stages[-1].output[2]
    projects = any(projecting(spec))
    normed = spec.norm != "none"
    bottleneck = spec.block == "bottleneck"
    full = spec.order == "full_preact" and normed
    return {
        "block": spec.block,
        "stages": merged(spec),
        "full_preact": full,
        "activated_stem": full and spec.activated_stem,
        "final_activation": not full or spec.final_activation,
        "projecting blocks": projecting(spec),
        "projection_norm": projects and spec.projects_with_norm,
        "projection_bias": projects and spec.projects_with_bias,
        "conv_bias": spec.conv_bias,
        "gates": spec.ablation in GATES,
        "excitation": spec.se_ratio > 0,
        "groups": spec.groups if bottleneck else 1,
        "inner": [spec.inner_width(width) for width in merged(spec)[1]],
        "norm": spec.norm,
        "stem": alike_stem(spec),
        "stem_width": spec.stem_channels,
        "head": ("flatten", area) if area > 1 else (spec.head.replace("flatten", "pool"), 1),
        "hidden": spec.hidden,
        "classes": spec.classes if spec.head != "none" else None,
        "channels": spec.input[0],
    }


def alike_stem(spec: ResNetSpec) -> str:
    """The first stem with the tensors of a design's."""
    if spec.stem == "tiered" and spec.stem_channels < 4:
        return "deep"  # The first two have a single channel each.
    return {"7x7": "imagenet", "3x3": "cifar", "3x3_pool": "cifar", "5x5_pool": "5x5"}.get(spec.stem, spec.stem)


CHOICES = ("stem_pool", "stem_stride", "downsampling", "convolution", "norm_eps", "dilated_stages", "pad_side",
           "shortcut", "projection", "raw_projection", "stride_on", "width_per_group", "se_ratio", "se_divisor",
           "shared_first", "norm_groups", "activation", "dropout", "order", "ablation", "stem", "input")  # fmt: skip


def has_effect(spec: ResNetSpec, field: str) -> bool:
    """Whether a choice does anything in a design; one that does nothing may be taken as anything."""
    shrinks = any(stride > 1 for stride in spec.stage_steps)
    return {
        "projection": any(projecting(spec)),
        "raw_projection": spec.preactivated
        and any(block.adds and block.shortcut != "identity" for _, block in plan(spec).blocks()),
        "stride_on": spec.block == "bottleneck" and shrinks,
        "norm_groups": spec.norm == "group",
        "norm_eps": spec.norm != "none",
        "stem_pool": STEMS[alike_stem(spec)].pools,
        "downsampling": shrinks,
        "dilated_stages": max(spec.stage_strides) > 1,
        "pad_side": spec.shortcut == "A" and any(block.input[0] != block.output[0] for _, block in plan(spec).blocks()),
        "width_per_group": False,  # Only the channels that it gives, which are compared.
        "se_ratio": spec.se_ratio > 0,
        "se_divisor": spec.se_ratio > 0,
        "shared_first": (
            spec.preactivated
            and spec.shortcut in {"A", "B"}
            and not spec.activated_stem
            and not spec.raw_projection
            and plan(spec).stages[0].blocks[0].shortcut == "identity"
        ),
        "shortcut": any(block.shortcut != "identity" for stage in plan(spec).stages for block in stage.blocks),
        "ablation": spec.shortcut != "none",
    }.get(field, True)


def check_found(spec: ResNetSpec, found: Identification, meaning: dict[str, str]) -> None:
    """The design is the drawn one but for what is open and said to be, and every tensor has its place."""
    got = found.spec
    assert knowable(got) == knowable(spec)
    told = {sentence.partition(":")[0] for sentence in found.undetermined}
    assert all(sentence.endswith(".") for sentence in found.undetermined)
    assert open_fields(got) <= told
    for field in CHOICES:
        if field in {"raw_projection", "shared_first"} and not got.preactivated:
            continue  # It goes with the order, which is open then.
        if getattr(got, field) != getattr(spec, field) and has_effect(spec, field):
            assert field in told, f"{field}: {getattr(spec, field)} was taken as {getattr(got, field)} without a word"
    assert {"activation", "dropout", "strides", "input", "normalisation"} <= told
    assert ("labels" in told) == (spec.head != "none")
    assert ("hidden" in told) == bool(spec.hidden)

    ours = dict(zip(tensor_shapes(plan(got)), places(got), strict=True))
    theirs = dict(zip(tensor_shapes(plan(spec)), places(spec), strict=True))
    assert found.unmatched == ()
    assert set(found.names) == set(ours)
    assert set(found.names.values()) == set(meaning)
    assert {name: theirs[meaning[other]] for name, other in found.names.items()} == ours
    assert found.params == identify(tensor_shapes(plan(got))).params


# ---- presets

DEEPEST = [name for name in PRESETS if name.endswith(("1202", "1001"))]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        # Each day one of each kind of presets in one of the forms; every one in all of them in a long proof.
        pytest.param(*preset.values, form, marks=preset.marks if place % 3 == number else [pytest.mark.prove])
        for place, preset in enumerate(one_of_each_kind([name for name in PRESETS if name not in DEEPEST], most=60))
        for number, form in enumerate(FORMS)
    ],
)
def test_every_preset_is_found_under_other_names(name: str, form: str) -> None:
    spec = PRESETS[name].spec
    shapes, meaning = renamed(spec, form, seed=len(name))
    found = identify(shapes)
    check_found(spec, found, meaning)
    wanted = list(tensor_shapes(plan(spec)).values())
    published = PRESETS[found.preset].spec
    assert sorted(tensor_shapes(plan(published)).values()) == sorted(wanted)


@pytest.mark.parametrize("name", daily(DEEPEST[:1], DEEPEST[1:]))
def test_the_deepest_presets_are_found_under_other_names(name: str) -> None:
    shapes, meaning = renamed(PRESETS[name].spec, "prefixed", seed=3)
    check_found(PRESETS[name].spec, identify(shapes), meaning)


@cache
def shapes_of_preset(name: str) -> dict[str, Shape]:
    return tensor_shapes(plan(PRESETS[name].spec))


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_found_under_their_own_names_as_the_first_with_their_shapes(name: str) -> None:
    wanted = shapes_of_preset(name)
    first = next(other for other in PRESETS if shapes_of_preset(other) == wanted)
    found = identify(wanted)
    assert found.preset == first
    assert found.spec == PRESETS[first].spec
    assert found.names == {key: key for key in wanted}


@pytest.mark.parametrize("name", one_of_each_kind([name for name in PRESETS if name not in DEEPEST], most=60))
def test_presets_are_found_from_sorted_names(name: str) -> None:
    wanted = tensor_shapes(plan(PRESETS[name].spec))
    found = identify(dict(sorted(wanted.items())))
    assert tensor_shapes(plan(found.spec)) == wanted
    assert found.names == {key: key for key in wanted}


# ---- drawn designs


def is_gate_or_projection(spec: ResNetSpec) -> bool:
    """Whether every block has one biased 1×1 convolution without a norm beside its branch: a gate, or option C."""
    projects = projecting(spec)
    if spec.ablation in GATES:
        return not any(projects)
    return all(projects) and spec.projects_with_bias and not spec.projects_with_norm


def is_before_or_behind(spec: ResNetSpec) -> bool:
    """Whether the norms of full pre-activation, all of one size, could as well stand behind their convolutions."""
    inner = {spec.inner_width(width) for width in spec.widths}
    outer = {spec.stem_channels, *(spec.output_channels(stage) for stage in range(len(spec.widths)))}
    early = spec.order == "full_preact" and spec.norm != "none"
    return early and spec.activated_stem and not spec.final_activation and len(inner | outer) == 1


def is_all_alike(spec: ResNetSpec) -> bool:
    """Whether gate, projection and both layers of squeeze-and-excitation have one shape: only containers tell them."""
    channels = {spec.stem_channels, *(spec.output_channels(stage) for stage in range(len(spec.widths)))}
    several = spec.se_ratio > 0 or (spec.ablation in GATES and any(projecting(spec)))
    return several and len(channels) == 1


def is_stem_or_block(spec: ResNetSpec) -> bool:
    """Whether the last two convolutions of a deep stem could as well be a basic block: one channel, no norms."""
    return spec.stem == "deep" and spec.norm == "none" and spec.block == "basic" and spec.stem_channels == 1


def is_ended_like_a_head(spec: ResNetSpec) -> bool:
    """Whether the last layer of a network without a head could as well be one: a biased 1×1 convolution."""
    last = [layer for _, layer in plan(spec).layers() if KINDS[layer.kind].tensors(layer)][-1]
    return spec.head == "none" and last.kernel == 1 and last.bias


@given(plainly_named(), st.sampled_from(sorted(FORMS)), st.integers(0, 2**20))
@examples(30)
def test_drawn_designs_are_found_under_other_names(spec: ResNetSpec, form: str, seed: int) -> None:
    assume(not is_gate_or_projection(spec))
    assume(not is_before_or_behind(spec))
    assume(form != "flat" or not (is_all_alike(spec) or is_stem_or_block(spec) or is_ended_like_a_head(spec)))
    shapes, meaning = renamed(spec, form, seed)
    check_found(spec, identify(shapes), meaning)


TWINS = st.one_of(
    plainly_named(shortcut="C", ablation="none", projection_norm=False, projection_bias=True),
    plainly_named(ablation="shortcut_gating", shortcut="B", strides=None, stages=1, stem_width=None, block="basic",
            groups=1, width_per_group=64, norm="batch"),
)  # fmt: skip


@given(TWINS, st.sampled_from(sorted(FORMS)), st.integers(0, 2**20))
@examples(16)
def test_what_may_be_a_gate_or_a_projection_is_taken_as_one_of_them(spec: ResNetSpec, form: str, seed: int) -> None:
    assert is_gate_or_projection(spec)
    assume(not is_before_or_behind(spec) and not is_stem_or_block(spec))
    assume(form != "flat" or not (is_all_alike(spec) or is_ended_like_a_head(spec)))
    shapes, meaning = renamed(spec, form, seed)
    found = identify(shapes)
    assert set(found.names.values()) == set(meaning)
    assert found.unmatched == ()
    got, wanted = knowable(found.spec), knowable(spec)
    differ = {key for key in got if got[key] != wanted[key]}
    assert differ <= {"gates", "projecting blocks", "projection_norm", "projection_bias", "stages", "inner"}


@given(TWINS)
@examples(8)
def test_what_may_be_a_gate_or_a_projection_is_said_to_be_open(spec: ResNetSpec) -> None:
    told = "\n".join(identify(renamed(spec, "nested", 1)[0]).undetermined)
    assert "gate" in told
    assert "projection" in told


@given(
    plainly_named(
        order="full_preact",
        norm="batch",
        activated_stem=True,
        final_activation=False,
        ablation="none",
        stages=1,
        block="basic",
        stem_width=None,
        strides=None,
        groups=1,
        width_per_group=64,
    ),
    st.integers(0, 2**20),
)
@examples(8)
def test_norms_that_may_stand_before_or_behind_are_named(spec: ResNetSpec, seed: int) -> None:
    assert is_before_or_behind(spec)
    shapes, meaning = renamed(spec, "nested", seed)
    found = identify(shapes)
    assert set(found.names.values()) == set(meaning)
    (order,) = [sentence for sentence in found.undetermined if sentence.startswith("order: ")]
    assert "full pre-activation" in order
