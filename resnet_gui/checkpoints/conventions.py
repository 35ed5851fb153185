"""What the names of known programs tell of a design that its tensors leave open.

A row is a program whose names no other has, with what its networks are; a row is taken only if its design has the same
tensors. That it was taken is said where any open field is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from resnet_gui.design.choices import BLOCKS, NORMS, STEMS
from resnet_gui.design.spec import ResNetSpec


class Convention(NamedTuple):
    """A program's names.

    Attributes:
        source: whose they are.
        patterns: each is found in one of the names.
        applies: whether a design may be one of its networks.
        fields: what its networks are.
        lack: what they do that no design does, as a sentence goes on; empty for nothing.
    """

    source: str
    patterns: tuple[str, ...]
    applies: Callable[[ResNetSpec], bool]
    fields: Callable[[ResNetSpec], Mapping[str, object]]
    lack: str = ""

    @property
    def doubt(self) -> str:
        """A notice of what no design does."""
        return (
            f"Its names are those of {self.source}, which {self.lack}: no design does, and the answers here are wrong."
        )


def _has_three_convolutions(spec: ResNetSpec) -> bool:
    return len(STEMS[spec.stem].inner(spec)) == 2 and STEMS[spec.stem].pools


def _is_preactivated(spec: ResNetSpec) -> bool:
    return spec.preactivated


def _is_grouped_norm(spec: ResNetSpec) -> bool:
    return spec.preactivated and NORMS[spec.norm].groups and STEMS[spec.stem].pools


_CLIP: Final = {"stem_pool": "means_2x2", "downsampling": "mean_pool", "projection": "avg_pool"}


_TIMM_V2: Final[dict[str, object]] = {"shared_first": False, "raw_projection": False, "stride_on": "3x3"}
_BIT: Final[dict[str, object]] = {"convolution": "standardised", "stem_pool": "max_zeros"}


def _timm_v2(spec: ResNetSpec) -> dict[str, object]:
    """Its "d" and "t" nets alone have stems of three convolutions, and pool before projections."""
    if STEMS[spec.stem].inner(spec):
        return _TIMM_V2 | {"projection": "avg_pool"}
    return _TIMM_V2 | {"projection": "conv"} | (_BIT | {"conv_eps": 1e-8} if _is_grouped_norm(spec) else {})


def _cadene(spec: ResNetSpec) -> dict[str, object]:
    if not BLOCKS[spec.block].grouped:
        return {"stem_pool": "max_ceil", "order": "relu_around_addition"}
    return {"stem_pool": "max_ceil", "stride_on": "1x1" if spec.groups == 1 else "3x3"}


def _weiaicunzai(spec: ResNetSpec) -> dict[str, object]:
    return {"raw_projection": True} | ({"stride_on": "1x1"} if BLOCKS[spec.block].grouped else {})


_ALL: Final = (
    Convention(
        "CLIP (Radford et al. 2021), as OpenAI and open_clip name it",
        # Of the stem, and not of a block.
        (r"^(?!.*layer\d)(.*\.)?conv3\.weight$", r"(^|\.)layer1\.0\.downsample\.0\.weight$"),
        _has_three_convolutions, lambda _spec: _CLIP,
    ),
    Convention(
        "CLIP, as timm names it (resnet50_clip_gap)",
        (r"(^|\.)stem\.conv3\.conv\.weight$", r"(^|\.)stages\.0\.0\.conv2_kxk\.conv\.weight$"),
        _has_three_convolutions, lambda _spec: _CLIP,
    ),
    Convention(
        "Cadene's SE nets, and timm's legacy ones",
        (r"(^|\.)layer0\.conv1\.weight$", r"\.se_module\.fc1\.weight$"),
        lambda spec: spec.se_ratio > 0, _cadene,
    ),
    Convention(
        "timm's resnetv2, BiT among them (resnetv2_*_bit)",
        (r"(^|\.)stem\.conv1?\.weight$", r"(^|\.)stages\.0\.blocks\.0\.norm1\.weight$"),
        _is_preactivated, _timm_v2,
    ),
    Convention(
        "BiT (Kolesnikov et al. 2019), as its authors name it",
        (r"(^|\.)root\.conv\.weight$", r"(^|\.)body\.block1\.unit01\."),
        _is_grouped_norm,
        lambda _spec: _BIT | {"conv_eps": 1e-10},
    ),
    Convention(
        "weiaicunzai's pytorch-cifar100, pre-activation",
        # A projection is a convolution alone, in its wide nets a row of one.
        (r"\.residual\.\d+\.weight$", r"\.shortcut(\.\d+)?\.weight$"),
        _is_preactivated, _weiaicunzai,
    ),
    Convention(
        "weiaicunzai's pytorch-cifar100, squeeze-and-excitation",
        (r"\.residual\.\d+\.weight$", r"\.excitation\.2\.weight$"),
        lambda spec: spec.se_ratio > 0 and not spec.preactivated, lambda _spec: {"order": "relu_around_addition"},
    ),
    Convention(
        "weiaicunzai's pytorch-cifar100, stochastic depth",
        (r"(^|\.)conv2_x\.\d+\.residual\.\d+\.weight$", r"(^|\.)conv5_x\.\d+\.residual\.\d+\.weight$"),
        lambda spec: not spec.preactivated, lambda _spec: {},
        lack="scale each branch by the probability that it was trained with and have no activation behind the addition",
    ),
    Convention(
        "kuangliu's pytorch-cifar and RobustBench, pre-activation",
        (r"\.\d+\.bn1\.weight$", r"\.shortcut\.0\.weight$"),
        _is_preactivated, lambda _spec: {"shared_first": False, "raw_projection": False},
    ),
    Convention(
        "MONAI (its projections alone learn biases)",
        (r"(^|\.)layer2\.0\.downsample\.0\.bias$",),
        lambda spec: not spec.conv_bias and STEMS[spec.stem].pools and spec.stem_stride is None,
        lambda _spec: {"stem_stride": 1},
    ),
)  # fmt: skip
"""The first row that is found counts."""


def find_convention(spec: ResNetSpec, names: Iterable[str]) -> Convention | None:
    """The program whose names a file's tensors have, if the design may be one of its networks."""
    text = "\n".join(names)
    for known in _ALL:
        if all(re.search(pattern, text, re.MULTILINE) for pattern in known.patterns) and known.applies(spec):
            return known
    return None
