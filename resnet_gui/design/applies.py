"""When a field of a design has something to act on; the one answer for forms, comparisons and resemblances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from resnet_gui.design.choices import ABLATIONS, ATTENTIONS, BLOCKS, CONVOLUTIONS, HEADS, NORMS, SHORTCUTS, STEMS
from resnet_gui.design.spec import ResNetSpec


def _grouped(spec: ResNetSpec) -> bool:
    return BLOCKS[spec.block].grouped


def _projects(spec: ResNetSpec) -> bool:
    return spec.projects


def _adds(spec: ResNetSpec) -> bool:
    return spec.adds


def _preactivated(spec: ResNetSpec) -> bool:
    return spec.preactivated


def _first_may_differ(spec: ResNetSpec) -> bool:
    shortcut = SHORTCUTS[spec.shortcut]
    first = shortcut.adds and not shortcut.everywhere
    return spec.preactivated and first and not spec.activated_stem and not spec.raw_projection


def _classifies(spec: ResNetSpec) -> bool:
    return HEADS[spec.head].classifies


_RULES: Final[dict[str, Callable[[ResNetSpec], bool]]] = {
    "stride_on": _grouped,
    "groups": _grouped,
    "width_per_group": _grouped,
    "projection": _projects,
    "projection_norm": lambda spec: spec.projects and NORMS[spec.norm].kind is not None,
    "projection_bias": _projects,
    "ablation": _adds,
    "gate_bias": lambda spec: spec.adds and ABLATIONS[spec.ablation].gated,
    "branch_scale": _adds,
    "stochastic_depth": _adds,
    "zero_init": _adds,
    "raw_projection": lambda spec: spec.preactivated and spec.adds,
    "shared_first": _first_may_differ,
    "activated_stem": _preactivated,
    "final_activation": _preactivated,
    "se_ratio": lambda spec: ATTENTIONS[spec.attention].rated,
    "se_divisor": lambda spec: ATTENTIONS[spec.attention].rated and spec.se_ratio > 0,
    "norm_eps": lambda spec: NORMS[spec.norm].kind is not None,
    "conv_eps": lambda spec: CONVOLUTIONS[spec.convolution].standardises,
    "stem_pool": lambda spec: STEMS[spec.stem].pools,
    "pad_side": lambda spec: SHORTCUTS[spec.shortcut].pads,
    "downsampling": lambda spec: max(spec.stage_steps) > 1,
    "norm_groups": lambda spec: NORMS[spec.norm].groups,
    "hidden": _classifies,
    "classes": _classifies,
}
"""Fields that depend on others; all others always apply."""


def applies(spec: ResNetSpec, field: str) -> bool:
    """Whether a field of a design changes anything."""
    rule = _RULES.get(field)
    return rule is None or rule(spec)
