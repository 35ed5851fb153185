"""What makes a design possible: one check after the other, each refusing with a sentence that names its field."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from resnet_gui.base.errors import SpecError
from resnet_gui.design import bounds
from resnet_gui.design.choices import BLOCKS, CHOICES, STEM_POOLS, STEMS

if TYPE_CHECKING:
    from resnet_gui.design.spec import ResNetSpec

_SWITCHES: Final = ("conv_bias", "raw_projection", "shared_first", "activated_stem", "final_activation", "zero_init")
_MAYBE_SWITCHES: Final = ("projection_norm", "projection_bias")
_NUMBERS: Final = {
    "groups": (1, bounds.MAX_GROUPS), "width_per_group": (1, bounds.MAX_WIDTH), "se_ratio": (0, bounds.MAX_WIDTH),
    "se_divisor": (1, bounds.MAX_SE_DIVISOR),
    "norm_groups": (1, bounds.MAX_GROUPS), "dilated_stages": (0, bounds.MAX_STAGES), "classes": (1, bounds.MAX_CLASSES),
}  # fmt: skip
_RATES: Final = ("dropout", "stochastic_depth")
_EPSILONS: Final = ("norm_eps", "conv_eps")
_STAGE_NUMBERS: Final = {"blocks": bounds.MAX_BLOCKS, "widths": bounds.MAX_WIDTH, "strides": bounds.MAX_STRIDE}


def is_int(value: object) -> bool:
    """Whether a value is a whole number and no truth value."""
    return type(value) is int


def value_text(value: object) -> str:
    """A value as a sentence can hold it: one line, short, whatever it is."""
    if is_int(value) and abs(value) >= 10**12:  # type: ignore[arg-type]
        # Python refuses to write out numbers of thousands of digits.
        return "a huge number"
    if isinstance(value, tuple | list):
        shown = ", ".join(value_text(part) for part in value[:4])
        return f"({shown}{', …' if len(value) > 4 else ''})"
    text = ascii(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _check_choices(spec: ResNetSpec) -> None:
    for field, allowed in CHOICES.items():
        value = getattr(spec, field)
        if not isinstance(value, str) or value not in allowed:
            raise SpecError(field, f"{field} is {value_text(value)}; it must be one of {', '.join(allowed)}.")
    for field in (*_SWITCHES, *_MAYBE_SWITCHES):
        value = getattr(spec, field)
        if not isinstance(value, bool) and not (value is None and field in _MAYBE_SWITCHES):
            usual = " (null: as the order wants)" if field in _MAYBE_SWITCHES else ""
            raise SpecError(field, f"{field} is {value_text(value)}; it must be true or false{usual}.")


def _check_numbers(spec: ResNetSpec) -> None:
    for field, (low, high) in _NUMBERS.items():
        value = getattr(spec, field)
        if not is_int(value) or not low <= value <= high:
            raise SpecError(field, f"{field} is {value_text(value)}; it must be a whole number from {low} to {high:,}.")
    if spec.stem_width is not None and not (is_int(spec.stem_width) and 1 <= spec.stem_width <= bounds.MAX_WIDTH):
        raise SpecError(
            "stem_width",
            f"stem_width is {value_text(spec.stem_width)}; it must be a whole number from 1 to {bounds.MAX_WIDTH:,}, "
            "or null for the width of the first stage.",
        )
    if spec.stem_stride is not None and not (is_int(spec.stem_stride) and 1 <= spec.stem_stride <= bounds.MAX_STRIDE):
        raise SpecError(
            "stem_stride",
            f"stem_stride is {value_text(spec.stem_stride)}; it must be a whole number from 1 to {bounds.MAX_STRIDE}, "
            "or null for that of the stem.",
        )
    for field in _EPSILONS:
        value = getattr(spec, field)
        if type(value) not in {int, float} or not bounds.MIN_EPS <= value <= 1:
            raise SpecError(field, f"{field} is {value_text(value)}; it must be a number from {bounds.MIN_EPS:g} to 1.")
    if type(spec.gate_bias) not in {int, float} or not abs(spec.gate_bias) <= bounds.MAX_GATE_BIAS:
        raise SpecError(
            "gate_bias",
            f"gate_bias is {value_text(spec.gate_bias)}; it must be a number from −{bounds.MAX_GATE_BIAS} to "
            f"{bounds.MAX_GATE_BIAS}.",
        )
    for field in _RATES:
        value = getattr(spec, field)
        if type(value) not in {int, float} or not 0 <= value < 1:
            raise SpecError(field, f"{field} is {value_text(value)}; it must be a probability from 0 to below 1.")


def _check_stages(spec: ResNetSpec) -> None:
    for field, top in _STAGE_NUMBERS.items():
        values = getattr(spec, field)
        if values is None and field == "strides":
            continue
        if not isinstance(values, tuple):
            raise SpecError(field, f"{field} must be a list of whole numbers, one for each stage.")
        if not 1 <= len(values) <= bounds.MAX_STAGES:
            raise SpecError(field, f"{field} has {len(values)} entries; a network has 1 to {bounds.MAX_STAGES} stages.")
        for stage, value in enumerate(values, start=1):
            if not is_int(value) or not 1 <= value <= top:
                message = f"{field}, stage {stage}: {value_text(value)} is not a whole number from 1 to {top:,}."
                raise SpecError(field, message, stage - 1)
    for field, values in (("widths", spec.widths), ("strides", spec.strides)):
        if values is not None and len(values) != len(spec.blocks):
            raise SpecError(
                field, f"{field} has {len(values)} entries for {len(spec.blocks)} stages; give one for each stage."
            )


def _check_dilation(spec: ResNetSpec) -> None:
    if spec.dilated_stages > len(spec.blocks):
        raise SpecError(
            "dilated_stages", f"dilated_stages is {spec.dilated_stages}, but there are {len(spec.blocks)} stages."
        )
    dilation = max(spec.stage_dilations)
    if dilation > bounds.MAX_DILATION:
        raise SpecError(
            "dilated_stages",
            f"dilated_stages is {spec.dilated_stages}, which dilates the last stage by {dilation:,}; use fewer, so "
            f"that it is at most {bounds.MAX_DILATION}.",
        )


def _check_head(spec: ResNetSpec) -> None:
    if not isinstance(spec.hidden, tuple) or len(spec.hidden) > bounds.MAX_HIDDEN:
        raise SpecError("hidden", f"hidden must be a list of at most {bounds.MAX_HIDDEN} widths of hidden layers.")
    for value in spec.hidden:
        if not is_int(value) or not 1 <= value <= bounds.MAX_CLASSES:
            raise SpecError(
                "hidden", f"hidden: {value_text(value)} is not a whole number from 1 to {bounds.MAX_CLASSES:,}."
            )


def _check_input(spec: ResNetSpec) -> None:
    if not isinstance(spec.input, tuple) or len(spec.input) != 3:
        raise SpecError("input", "input must be three whole numbers: channels, height, width.")
    tops = (bounds.MAX_CHANNELS, bounds.MAX_SIZE, bounds.MAX_SIZE)
    for name, value, top in zip(("channels", "height", "width"), spec.input, tops, strict=True):
        if not is_int(value) or not 1 <= value <= top:
            raise SpecError(
                "input", f"input {name} is {value_text(value)}; it must be a whole number from 1 to {top:,}."
            )


def stem_strides(stem: str, first: int | None = None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Strides of a stem's convolutions as far as they are not 1, and of its pooling; ``first`` replaces the first."""
    choice = STEMS[stem]
    convs, pool = (choice.strides[:-1], choice.strides[-1:]) if choice.pools else (choice.strides, ())
    return convs if first is None else (first, *convs[1:]), pool


def smallest_input(
    stem: str, strides: tuple[int, ...], *, stem_pool: str = next(iter(STEM_POOLS)), stem_stride: int | None = None
) -> int:
    """Edge of the smallest picture on which every stride of a stem and its stages still skips something (pixels).

    A 3×3 convolution of stride 2 on one pixel is legal in torch, but halves nothing: the stages after it would see
    only padding around a single number.
    """
    convs, pool = stem_strides(stem, stem_stride)
    smallest = _smallest(strides)
    for stride in pool:
        # Without what is left of an odd map the whole stride is needed for each position.
        smallest = max(2, stride * smallest) if STEM_POOLS[stem_pool].floors else _smallest((stride,), smallest)
    return _smallest(convs, smallest)


def _smallest(strides: tuple[int, ...], smallest: int = 1) -> int:
    for stride in reversed(strides):
        if stride > 1:
            # ⌈size / stride⌉ must be at least what the next stride needs, and this one needs two pixels.
            smallest = max(2, stride * (smallest - 1) + 1)
    return smallest


def _check_resolution(spec: ResNetSpec) -> None:
    steps = spec.stage_steps
    smallest = smallest_input(spec.stem, steps, stem_pool=spec.stem_pool, stem_stride=spec.stem_stride)
    _, height, width = spec.input
    if min(height, width) < smallest:
        convs, pool = stem_strides(spec.stem, spec.stem_stride)
        shrinks = [stride for stride in (*convs, *pool, *steps) if stride > 1]
        way_out = " or fewer stages" if not STEMS[spec.stem].strides else ", fewer stages, or the CIFAR stem"
        raise SpecError(
            "input",
            f"Input {height}×{width} is too small: the stem and {len(spec.blocks)} stages shrink it {len(shrinks)} "
            f"times, by {math.prod(shrinks)} in all; use at least {smallest}×{smallest}{way_out}.",
        )


def _check_groups(spec: ResNetSpec) -> None:
    if not BLOCKS[spec.block].grouped:
        for field, usual in (("groups", 1), ("width_per_group", 64)):
            if getattr(spec, field) != usual:
                raise SpecError(
                    field,
                    f"{field} is {getattr(spec, field)}, but a {BLOCKS[spec.block].title} block has no grouped "
                    f"convolution; use the bottleneck, or {field} {usual}.",
                )
        return
    for stage, width in enumerate(spec.widths):
        inner = spec.inner_width(width)
        if not 1 <= inner <= bounds.MAX_INNER:
            raise SpecError(
                "width_per_group",
                f"Stage {stage + 1}: width {width} with {spec.groups} groups of width {spec.width_per_group} per 64 "
                f"gives 3×3 convolutions of {inner} channels; they must have 1 to {bounds.MAX_INNER:,}.",
                stage,
            )
        divisor = BLOCKS[spec.block].divisor
        if inner % (divisor * spec.groups):
            raise SpecError(
                "widths",
                f"Stage {stage + 1}: a {BLOCKS[spec.block].title} has 1/{divisor} of the channels of its 3×3, which "
                f"are {inner}, in front of it{' in each group' if spec.groups > 1 else ''}; use a width whose 3×3 has "
                f"a multiple of {divisor * spec.groups} channels.",
                stage,
            )


def _check_refusals(spec: ResNetSpec) -> None:
    for field, known in CHOICES.items():
        known[getattr(spec, field)].refuse(spec)


CHECKS: Final[tuple[Callable[[ResNetSpec], None], ...]] = (
    _check_choices,
    _check_numbers,
    _check_stages,
    _check_dilation,
    _check_head,
    _check_input,
    _check_resolution,
    _check_groups,
    _check_refusals,
)
