"""A design in words: the choices that make it, and those beyond the usual."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from resnet_gui.base.text import shape_text
from resnet_gui.design.presets import ABLATION_TITLES, ORDER_TITLES
from resnet_gui.design.spec import ResNetSpec

STEM_TITLES = {
    "imagenet": "7×7 stride 2, max-pooling", "7x7": "7×7 stride 2", "deep": "three 3×3, max-pooling",
    "cifar": "3×3", "3x3": "3×3 stride 2",
}  # fmt: skip
ACTIVATION_TITLES = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "gelu": "GELU", "silu": "SiLU"}
SHORTCUT_TITLES = {
    "A": "option A, zero-padding", "B": "option B, projections where shapes change",
    "C": "option C, projections everywhere", "none": "none, a plain network",
}  # fmt: skip


FIELD_TITLES: Final = {
    "widths": "widths", "order": "order", "shortcut": "shortcut", "ablation": "what the shortcut does", "stem": "stem",
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

SHORT_STEMS: Final = {
    "imagenet": "7×7 /2 + pool", "7x7": "7×7 /2", "deep": "3 × 3×3 + pool", "cifar": "3×3", "3x3": "3×3 /2"
}  # fmt: skip
_WORDS: Final[dict[str, dict[Any, str]]] = {
    "order": dict(ORDER_TITLES), "ablation": dict(ABLATION_TITLES), "stem": SHORT_STEMS,
    "activation": ACTIVATION_TITLES, "stride_on": {"3x3": "3×3 (v1.5)", "1x1": "first 1×1 (v1)"},
    "projection": {"conv": "strided 1×1", "avg_pool": "average pooling, then 1×1"},
}  # fmt: skip


def field_word(field: str, value: object) -> str:
    """A value of a field of a spec, in as few letters as tell it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return shape_text(value, "×" if field == "input" else "-") or "none"
    if isinstance(value, int | float) and not value:
        return "none"
    words = _WORDS.get(field, {})
    return words.get(value, f"{value:,}" if isinstance(value, int) else str(value))


def describe(spec: ResNetSpec) -> Iterator[str]:
    """One line a choice: what every design has, then what is beyond the usual."""
    yield f"blocks: {spec.block}, {'-'.join(map(str, spec.blocks))}, widths {'-'.join(map(str, spec.widths))}"
    yield f"order: {ORDER_TITLES[spec.order]}"
    yield f"shortcut: {SHORTCUT_TITLES[spec.shortcut]}"
    yield f"stem: {STEM_TITLES[spec.stem]}, {spec.stem_channels} channels"
    picture = shape_text(spec.input)
    yield f"input {picture}, {spec.classes:,} classes"
    yield from extras(spec)


def extras(spec: ResNetSpec) -> Iterator[str]:
    """The choices of a design that differ from the usual and have an effect."""
    usual = (1,) + (2,) * (len(spec.blocks) - 1)
    if spec.stage_strides != usual:
        yield f"strides of the stages: {'-'.join(map(str, spec.stage_strides))}"
    yield from _block_extras(spec)
    if spec.norm != "batch":
        yield "no norms" if spec.norm == "none" else f"group normalisation with {spec.norm_groups} groups"
    if spec.activation != "relu":
        yield f"activation: {ACTIVATION_TITLES[spec.activation]}"
    if spec.conv_bias:
        yield "convolutions with biases"
    yield from _shortcut_extras(spec)
    if spec.preactivated and spec.activated_stem:
        yield "norm and activation after the stem's convolution"
    if spec.preactivated and not spec.final_activation:
        yield "no norm and activation after the last block"
    if spec.head == "flatten":
        yield "head: every position flattened"
    if spec.hidden:
        yield f"hidden layers: {'-'.join(map(str, spec.hidden))}"


def _block_extras(spec: ResNetSpec) -> Iterator[str]:
    if spec.block == "bottleneck" and spec.stride_on == "1x1":
        yield "stride on the first 1×1 (v1)"
    if spec.groups > 1:
        yield f"{spec.groups} groups of width {spec.width_per_group}"
    elif spec.width_per_group != 64:
        yield f"3×3 convolutions {spec.width_per_group / 64:g} times as wide"
    if spec.se_ratio:
        to = "" if spec.se_divisor == 8 else f" to multiples of {spec.se_divisor}"
        yield f"squeeze-and-excitation, reduction {spec.se_ratio}{to}"
    if spec.dropout:
        yield f"dropout {spec.dropout:g} in the blocks"
    if spec.stochastic_depth:
        yield f"stochastic depth {spec.stochastic_depth:g}"
    if spec.zero_init:
        yield "branches begin at zero"


def _shortcut_extras(spec: ResNetSpec) -> Iterator[str]:
    if spec.ablation != "none":
        yield f"shortcut ablation: {ABLATION_TITLES[spec.ablation]}"
    if spec.preactivated and spec.raw_projection and spec.shortcut != "none":
        yield "shortcuts read the raw input everywhere"
    elif spec.preactivated and not spec.shared_first and not spec.activated_stem and spec.shortcut in {"A", "B"}:
        yield "the first block's identity shortcut reads the raw input"
    if spec.shortcut not in {"B", "C"}:
        return
    if spec.projection == "avg_pool":
        yield "average pooling before the projection (ResNet-D)"
    if spec.projection_norm is not None and spec.norm != "none":
        yield f"projections {'with' if spec.projection_norm else 'without'} norm"
    if spec.projects_with_bias != spec.conv_bias:
        yield f"projections {'with' if spec.projects_with_bias else 'without'} bias"
