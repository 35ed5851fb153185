"""A design in words: the choices that make it, and those beyond the usual."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from resnet_gui.base.text import shape_text
from resnet_gui.design.applies import applies
from resnet_gui.design.choice import Choice
from resnet_gui.design.choices import CHOICES
from resnet_gui.design.spec import DEFAULTS, ResNetSpec

FIELD_TITLES: Final = {
    "widths": "widths", "order": "order", "shortcut": "shortcut", "ablation": "what the shortcut does",
    "gate_bias": "bias of the gate",
    "branch_scale": "factor of the branch", "attention": "channel attention", "stem": "stem",
    "stem_width": "stem width", "strides": "strides", "stride_on": "stride on", "projection": "projection",
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
    yield f"blocks: {spec.block}, {'-'.join(map(str, spec.blocks))}, widths {'-'.join(map(str, spec.widths))}"
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
    yield from _block_extras(spec)
    yield from _phrases(spec, "norm", "activation")
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


def _block_extras(spec: ResNetSpec) -> Iterator[str]:
    yield from _phrases(spec, "stride_on")
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
    if not spec.projects:
        return
    yield from _phrases(spec, "projection")
    if spec.projection_norm is not None and applies(spec, "projection_norm"):
        yield f"projections {'with' if spec.projection_norm else 'without'} norm"
    if spec.projects_with_bias != spec.conv_bias:
        yield f"projections {'with' if spec.projects_with_bias else 'without'} bias"
