"""A design in words: the choices that make it, and those beyond the usual; and its fields as people type them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import shape_text
from resnet_gui.design.applies import applies
from resnet_gui.design.checks import value_text
from resnet_gui.design.choice import Choice
from resnet_gui.design.choices import CHOICES
from resnet_gui.design.spec import DEFAULTS, ResNetSpec

FIELD_TITLES: Final = {
    "widths": "widths", "order": "order", "shortcut": "shortcut", "ablation": "what the shortcut does",
    "gate_bias": "bias of the gate",
    "branch_scale": "factor of the branch", "attention": "channel attention", "stem": "stem",
    "stem_pool": "pooling of the stem", "stem_stride": "stride of the stem",
    "stem_width": "stem width", "strides": "strides", "dilated_stages": "stages that dilate",
    "downsampling": "downsampling in blocks", "pad_side": "side of the zeros", "convolution": "convolutions",
    "conv_eps": "ε of the weights", "norm_eps": "ε of the norm",
    "stride_on": "stride on", "projection": "projection",
    "projection_norm": "norm after the projection", "projection_bias": "bias of the projection",
    "raw_projection": "shortcuts read the raw input", "shared_first": "first block shares its activation",
    "groups": "groups", "width_per_group": "width per group", "se_ratio": "squeeze-and-excitation ratio",
    "se_divisor": "rounding of the squeezed width", "norm": "norm", "norm_groups": "groups of the norm",
    "conv_bias": "biased convolutions", "activation": "activation", "dropout": "dropout",
    "stochastic_depth": "stochastic depth", "zero_init": "branches begin at zero", "activated_stem": "activated stem",
    "final_activation": "final activation", "head": "head", "hidden": "hidden layers", "classes": "classes",
    "input": "input",
}  # fmt: skip
"""What the fields of a spec are called in a sentence."""

USUAL_GATE_BIAS: Final = -6.0
"""The best of the values that He et al. 2016, Table 1 tries for both gatings."""


def field_word(field: str, value: object) -> str:
    """A value of a field of a spec, in as few letters as tell it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return shape_text(value, "×" if field == "input" else "-") or "none"
    if isinstance(value, int | float):
        # A number that is 0 unless it is chosen switches something off; to another one 0 is a value like any.
        off = value == 0 and DEFAULTS.get(field) == 0
        return "none" if off else f"{value:,}" if isinstance(value, int) else repr(value).removesuffix(".0")
    if field in CHOICES and value in CHOICES[field]:
        return str(CHOICES[field][value].short_text)
    return str(value)


def describe(spec: ResNetSpec) -> Iterator[str]:
    """One line a choice: what every design has, then what is beyond the usual."""
    blocks, widths = ("-".join(map(str, values)) for values in (spec.blocks, spec.widths))
    yield f"blocks: {CHOICES['block'][spec.block].title}, {blocks}, widths {widths}"
    yield f"order: {CHOICES['order'][spec.order].title}"
    yield f"shortcut: {CHOICES['shortcut'][spec.shortcut].title}"
    yield f"stem: {CHOICES['stem'][spec.stem].title}, {spec.stem_channels} channels"
    picture = shape_text(spec.input)
    yield f"input {picture}" + (f", {spec.classes:,} classes" if applies(spec, "classes") else "")
    yield from extras(spec)


def extras(spec: ResNetSpec) -> Iterator[str]:
    """The choices of a design that differ from the usual and have an effect."""
    usual = (1,) + (2,) * (len(spec.blocks) - 1)
    if spec.stage_strides != usual:
        yield f"strides of the stages: {'-'.join(map(str, spec.stage_strides))}"
    yield from _stem_extras(spec)
    yield from _block_extras(spec)
    yield from _phrases(spec, "norm", "activation")
    if applies(spec, "norm_eps") and spec.norm_eps != DEFAULTS["norm_eps"]:
        yield f"norms with ε = {spec.norm_eps:g}"
    yield from _phrases(spec, "convolution")
    if applies(spec, "conv_eps") and spec.conv_eps != DEFAULTS["conv_eps"]:
        yield f"standardised with ε = {spec.conv_eps:g}"
    if spec.conv_bias:
        yield "convolutions with biases"
    yield from _shortcut_extras(spec)
    if spec.preactivated and spec.activated_stem:
        yield "norm and activation after the stem's convolution"
    if spec.preactivated and not spec.final_activation:
        yield "no norm and activation after the last block"
    yield from _phrases(spec, "head")
    if spec.hidden:
        yield f"hidden layers: {'-'.join(map(str, spec.hidden))}"


def _phrases(spec: ResNetSpec, *fields: str) -> Iterator[str]:
    """What is unusual about the choices of some fields."""
    for field in fields:
        choice: Choice = CHOICES[field][getattr(spec, field)]
        usual = choice.phrase is None and choice is next(iter(CHOICES[field].values()))
        if usual or not applies(spec, field):
            continue
        said = f"{FIELD_TITLES[field]}: {choice.title}" if choice.phrase is None else choice.phrase(spec)
        if said:
            yield said


def _stem_extras(spec: ResNetSpec) -> Iterator[str]:
    yield from _phrases(spec, "stem_pool")
    if spec.stem_stride is not None:
        yield f"stem of stride {spec.stem_stride}"
    if spec.dilated_stages:
        number = spec.dilated_stages
        yield f"the last {number} stages dilate instead of striding" if number > 1 else "the last stage dilates"


def _block_extras(spec: ResNetSpec) -> Iterator[str]:
    yield from _phrases(spec, "downsampling", "stride_on")
    if spec.groups > 1:
        yield f"{spec.groups} groups of width {spec.width_per_group}"
    elif spec.width_per_group != 64:
        yield f"3×3 convolutions {spec.width_per_group / 64:g} times as wide"
    yield from _phrases(spec, "attention", "branch_scale")
    if spec.dropout:
        yield f"dropout {spec.dropout:g} in the blocks"
    if spec.stochastic_depth:
        yield f"stochastic depth {spec.stochastic_depth:g}"
    if spec.zero_init:
        yield "branches begin at zero"


def _shortcut_extras(spec: ResNetSpec) -> Iterator[str]:
    yield from _phrases(spec, "ablation")
    if applies(spec, "gate_bias") and spec.gate_bias != USUAL_GATE_BIAS:
        yield f"gates begin at a bias of {spec.gate_bias:g}"
    if applies(spec, "raw_projection") and spec.raw_projection:
        yield "shortcuts read the raw input everywhere"
    elif applies(spec, "shared_first") and not spec.shared_first:
        yield "the first block's identity shortcut reads the raw input"
    yield from _phrases(spec, "pad_side")
    if not spec.projects:
        return
    yield from _phrases(spec, "projection")
    if spec.projection_norm is not None and applies(spec, "projection_norm"):
        yield f"projections {'with' if spec.projection_norm else 'without'} norm"
    if spec.projects_with_bias != spec.conv_bias:
        yield f"projections {'with' if spec.projects_with_bias else 'without'} bias"


# ---- fields as people type them: field=value


class AssignmentError(InputError):
    """The refusal of an assignment: an open field cannot have the value that somebody tells."""


_TYPES: Final[dict[str, Any]] = {field.name: field.type for field in msgspec.structs.fields(ResNetSpec)}
_LISTS: Final = frozenset({"blocks", "widths", "strides", "hidden", "input"})
_EMPTY: Final = frozenset({"", "none", "null", "usual"})


def read_assignments(pairs: Iterable[str]) -> dict[str, object]:
    """The values of ``field=value``, each of its field's type; whether a design can have them is its own to say.

    Raises:
        InputError: one is no assignment, names no field, or its value is of another type.
    """
    found: dict[str, object] = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        field = name.strip().replace("-", "_").lower()
        if not sign or field not in _TYPES:
            raise InputError(f"--set {pair}: write field=value with one of the fields {', '.join(sorted(_TYPES))}.")
        found[field] = _value(field, text.strip(), pair)
    return found


def _value(field: str, text: str, pair: str) -> object:
    if field in CHOICES:
        known = {key.lower(): key for key in CHOICES[field]}
        if text.lower() not in known:
            raise InputError(f"--set {pair}: {field} must be one of {', '.join(CHOICES[field])}.")
        return known[text.lower()]
    nullable = type(None) in getattr(_TYPES[field], "__args__", ())
    if nullable and text.lower() in _EMPTY:
        return None
    value: object = re.split(r"[\s,;x×]+", text.strip("()[] ")) if field in _LISTS else text
    if field in _LISTS and text.lower() in _EMPTY:
        value = []
    try:
        return msgspec.convert(value, _TYPES[field], strict=False)
    except msgspec.ValidationError:
        wanted = _WANTED.get(str(_TYPES[field]).removesuffix(" | None"), "whole numbers, such as 1,2,2,2")
        raise InputError(f"--set {pair}: {field} must be {wanted}.") from None


_WANTED: Final = {
    str(int): "a whole number", "int": "a whole number",
    str(float): "a number, such as 1e-3",
    str(bool): "true or false", "bool": "true or false",
}  # fmt: skip


def assignment(field: str, value: object) -> str:
    """``field=value`` as ``read_assignments`` reads it back."""
    if isinstance(value, tuple):
        text = shape_text(value, ",") or "none"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = "null" if value is None else value if isinstance(value, str) else repr(value)
    return f"{field}={text}"


def assignments(values: Mapping[str, object]) -> str:
    """Several in a sentence: "norm_eps=1e-05, strides=1,2,2,2"."""
    return ", ".join(assignment(field, value) for field, value in values.items())


def refused(field: str, value: object, why: str) -> AssignmentError:
    """The refusal of an assignment, whose reason ends the sentence."""
    shown = assignment(field, value) if len(value_text(value)) <= 40 else field
    return AssignmentError(f"--set {shown}: {why}")
