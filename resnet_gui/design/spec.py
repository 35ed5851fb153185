"""The design of a residual network as plain data, validated on construction."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError, SpecError
from resnet_gui.base.files import read_text, write_atomic
from resnet_gui.design.checks import CHECKS, stem_strides
from resnet_gui.design.choices import BLOCKS, HEADS, NORMS, ORDERS, SHORTCUTS, STEMS


class ResNetSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The choices that the user made; everything else follows from them in ``plan``.

    A choice that has nothing to act on (``stride_on`` in a basic block, ``raw_projection`` in a post-activation order)
    changes nothing.

    Attributes:
        block: "basic", two 3×3 convolutions, "bottleneck", 1×1, 3×3, 1×1 (He et al. 2015, Fig. 5), or
            "half_bottleneck", the same whose first 1×1 puts out half of the 3×3's channels (SENet-154, Hu et al. 2017).
        blocks: number of blocks of each stage.
        widths: channels of the 3×3 convolutions of each stage; a bottleneck puts out four times as many.
        order: where norm and activation stand (He et al. 2016, Fig. 4): "original" (a), "bn_after_addition" (b),
            "relu_before_addition" (c), "relu_around_addition" (before and after), "relu_only_preact" (d) or
            "full_preact" (e).
        shortcut: "A" zero-pads where shapes change, "B" projects there, "C" projects everywhere (He et al. 2015,
            section 4.1), "pool" pools and zero-pads where they change (Han et al. 2017), "none" is the plain network.
        pad_side: where option A puts the zeros of the new channels: "both_sides" of the old ones, "zeros_behind" or
            "zeros_in_front".
        ablation: what is done to the signal of the shortcut before the addition (He et al. 2016, Table 1): "none",
            "scaling" halves the shortcut, "scaling_both" shortcut and branch, "exclusive_gating" weighs them by 1 − g
            and g, "shortcut_gating" only the shortcut by 1 − g, "dropout" drops half of the shortcut's values.
        gate_bias: what the gates' biases begin at (He et al. 2016, Table 1 tries 0 to −7; −6 is its best).
        branch_scale: a factor at the end of each branch: "none", or "skip_init", a learnt scalar that begins at 0
            (De & Smith 2020).
        stem: "imagenet", 7×7 stride 2 and 3×3 max-pooling stride 2 (He et al. 2015, Table 1); "7x7", the same without
            the pooling; "deep", three 3×3, the first of stride 2, and the pooling (He et al. 2018, Fig. 2, ResNet-C);
            "cifar", 3×3 stride 1 (He et al. 2015, section 4.2); "3x3", 3×3 stride 2; "3x3_pool", "5x5", "5x5_pool",
            "1x1"; "tiered", the deep one with growing widths (timm); "deep_strided", with a convolution of stride 2
            in place of the pooling (Bello et al. 2021).
        stem_pool: the pooling of a stem that pools: "max_padded" (torchvision), "max_ceil" (Caffe), "max_zeros" (BiT),
            "means_2x2" (CLIP) or "max_blurred" (Zhang 2019).
        stem_stride: stride of the stem's first convolution; None is that of the stem's choice.
        stem_width: channels that the stem puts out; None is the width of the first stage.
        strides: stride of the first block of each stage; None is 1 for the first stage and 2 for the others.
        dilated_stages: how many of the last stages dilate their 3×3 convolutions instead of striding (torchvision's
            replace_stride_with_dilation; Yu et al. 2017): 1 is output stride 16, 2 is 8.
        downsampling: how the branch of a block strides: "strided_conv", or behind the convolution's activation
            "blurred" (Zhang 2019) or "mean_pool".
        stride_on: convolution of a bottleneck that strides: "1x1", the first (v1, the paper), or "3x3" (v1.5,
            torchvision, Goyal et al. 2017).
        projection: "conv", a strided 1×1 convolution, "avg_pool", average pooling and then 1×1 (ResNet-D),
            "conv3x3", a strided 3×3 convolution, or "conv3x3_where_strided", that where a block strides and 1×1 where
            it does not (SENet-154, Hu et al. 2017).
        projection_norm: whether a norm follows the projection; None is yes, but in full pre-activation no.
        projection_bias: whether the projection's convolution learns a bias; None is as ``conv_bias``.
        raw_projection: in pre-activation orders, shortcuts read the block's raw input also in the first block and where
            they change the shape, instead of the activated one.
        shared_first: in pre-activation orders, the identity shortcut of the first block reads the activated output of
            the stem, as the branch does (He et al. 2016, appendix); many tutorials let it read the raw one.
        groups: groups of the bottleneck's 3×3 convolutions (Xie et al. 2016).
        width_per_group: channels of a group for 64 of ``widths`` (torchvision's name; 128 is "wide ResNet-50-2").
        se_ratio: reduction of squeeze-and-excitation (Hu et al. 2017, section 3.2; 16 is usual); 0 is none.
        se_divisor: the squeezed width is a multiple of this, at least this: 8 in timm, 1 in the paper.
        attention: the gate for each channel at the end of the branch: "se", squeeze-and-excitation, which acts where
            ``se_ratio`` is above 0, or "eca", efficient channel attention (Wang et al. 2020).
        norm: "batch" (Ioffe & Szegedy 2015), "group" (Wu & He 2018) or "none".
        norm_groups: groups of the group normalisation.
        norm_eps: what norms add to a variance.
        convolution: "ordinary", or "standardised": each filter has mean 0 and variance 1 (Qiao et al. 2019).
        conv_eps: what standardised convolutions add to the variance of a filter (1e-8 in BiT, as timm has it).
        conv_bias: whether convolutions learn a bias.
        activation: "relu", "leaky_relu" (slope 0.01), "gelu", "silu" or "prelu" (learnt slopes, He et al. 2015b).
        dropout: probability of dropout before the last convolution of each branch (Zagoruyko & Komodakis 2016, 2.4).
        stochastic_depth: probability of dropping the last branch, growing linearly from 0 (Huang et al. 2016, eq. 4).
        zero_init: the last norm of each branch begins at 0 (Goyal et al. 2017, section 5.1); where the branch ends in a
            convolution, that.
        activated_stem: in pre-activation orders, norm and activation stand after the stem's convolution.
        final_activation: in pre-activation orders, norm and activation follow the last block.
        head: "pool", global average pooling, or "flatten", which keeps every position; "none" ends in the pooled
            features, without linear layers.
        hidden: widths of hidden linear layers before the last one, each with an activation.
        classes: outputs of the last linear layer.
        input: shape of one picture: channels, height, width.

    Raises:
        SpecError: the choices contradict each other or lie out of range; its ``field`` names the culprit.
    """

    block: str
    blocks: tuple[int, ...]
    widths: tuple[int, ...]
    order: str = "original"
    shortcut: str = "B"
    pad_side: str = "both_sides"
    ablation: str = "none"
    gate_bias: float = -6.0
    branch_scale: str = "none"
    stem: str = "imagenet"
    stem_pool: str = "max_padded"
    stem_stride: int | None = None
    stem_width: int | None = None
    strides: tuple[int, ...] | None = None
    dilated_stages: int = 0
    downsampling: str = "strided_conv"
    stride_on: str = "3x3"
    projection: str = "conv"
    projection_norm: bool | None = None
    projection_bias: bool | None = None
    raw_projection: bool = False
    shared_first: bool = True
    groups: int = 1
    width_per_group: int = 64
    se_ratio: int = 0
    se_divisor: int = 8
    attention: str = "se"
    norm: str = "batch"
    norm_groups: int = 32
    norm_eps: float = 1e-5
    convolution: str = "ordinary"
    conv_eps: float = 1e-8
    conv_bias: bool = False
    activation: str = "relu"
    dropout: float = 0.0
    stochastic_depth: float = 0.0
    zero_init: bool = False
    activated_stem: bool = False
    final_activation: bool = True
    head: str = "pool"
    hidden: tuple[int, ...] = ()
    classes: int = 1000
    input: tuple[int, int, int] = (3, 224, 224)

    def __post_init__(self) -> None:
        for check in CHECKS:
            check(self)

    @property
    def stem_channels(self) -> int:
        """Channels that the stem puts out."""
        return self.widths[0] if self.stem_width is None else self.stem_width

    @property
    def stem_step(self) -> int:
        """Stride of the stem's first convolution."""
        convs, _ = stem_strides(self.stem, self.stem_stride)
        return convs[0] if convs else 1

    @property
    def stage_strides(self) -> tuple[int, ...]:
        """Stride of the first block of each stage, also of those that dilate in its place."""
        return (1,) + (2,) * (len(self.blocks) - 1) if self.strides is None else self.strides

    @property
    def stage_steps(self) -> tuple[int, ...]:
        """By how much each stage shrinks its map: its stride, or 1 where it dilates in its place."""
        strides = self.stage_strides
        kept = len(strides) - self.dilated_stages
        return strides[:kept] + (1,) * self.dilated_stages

    @property
    def stage_dilations(self) -> tuple[int, ...]:
        """Dilation of the 3×3 convolutions of each stage; the first of a stage has that of the stage before."""
        kept = len(self.blocks) - self.dilated_stages
        found = [1]
        for stage, stride in enumerate(self.stage_strides):
            found.append(found[-1] * (1 if stage < kept else stride))
        return tuple(found[1:])

    @property
    def preactivated(self) -> bool:
        """Whether blocks activate before their convolutions (He et al. 2016, Fig. 4 d and e)."""
        return ORDERS[self.order].preactivated

    @property
    def projects_with_norm(self) -> bool:
        """Whether a norm follows the projection's convolution."""
        if NORMS[self.norm].kind is None:
            return False
        return not ORDERS[self.order].norms_first if self.projection_norm is None else self.projection_norm

    @property
    def projects_with_bias(self) -> bool:
        """Whether the projection's convolution learns a bias."""
        return self.conv_bias if self.projection_bias is None else self.projection_bias

    def inner_width(self, width: int) -> int:
        """Channels of the 3×3 convolutions of a stage of a width (torchvision's rule for groups)."""
        if not BLOCKS[self.block].grouped:
            return width
        return int(width * (self.width_per_group / 64)) * self.groups

    @property
    def depth(self) -> int:
        """Layers with weights on the main path, the way He et al. count: stem and head one each, projections none."""
        return 1 + HEADS[self.head].classifies + len(BLOCKS[self.block].units) * sum(self.blocks)

    def output_channels(self, stage: int) -> int:
        """Channels that a stage puts out, counted from 0."""
        return self.widths[stage] * BLOCKS[self.block].expansion

    @property
    def projects(self) -> bool:
        """Whether shortcuts may learn projections."""
        return SHORTCUTS[self.shortcut].projects

    def projection_strides(self) -> frozenset[int]:
        """Strides of the blocks whose shortcuts project, also of those that dilate in place of striding."""
        shortcut = SHORTCUTS[self.shortcut]
        if not shortcut.projects:
            return frozenset()
        channels = (self.stem_channels, *(self.output_channels(stage) for stage in range(len(self.widths))))
        changes = zip(self.stage_strides, self.stage_steps, pairwise(channels), strict=True)
        found = {stride for stride, step, (before, after) in changes
                 if shortcut.everywhere or step > 1 or before != after}  # fmt: skip
        return frozenset(found | ({1} if shortcut.everywhere and max(self.blocks) > 1 else set()))

    @property
    def adds(self) -> bool:
        """Whether there are shortcuts at all."""
        return SHORTCUTS[self.shortcut].adds

    def shrinking_stages(self) -> Iterator[tuple[int, int, int]]:
        """Stages, from 0, that put out fewer channels than they read: stage, channels before, channels after."""
        channels = (self.stem_channels, *(self.output_channels(stage) for stage in range(len(self.widths))))
        for stage, (before, after) in enumerate(pairwise(channels)):
            if after < before:
                yield stage, before, after

    def normed_channels(self) -> Iterator[tuple[str, int]]:
        """Every channel count that a normalisation of this design may meet, with where."""
        for count in (*STEMS[self.stem].inner(self), self.stem_channels):
            yield "the stem", count
        for number, width in enumerate(self.widths, start=1):
            inner = self.inner_width(width)
            for divisor in dict.fromkeys(unit.divisor for unit in BLOCKS[self.block].units if not unit.widens):
                yield f"stage {number}", inner // divisor
            yield f"stage {number}", self.output_channels(number - 1)

    def fitting_norm_groups(self) -> int | None:
        """The design's number of groups if it fits all its channels, else the largest up to 32 that does, or None."""
        channels = [count for _, count in self.normed_channels()]
        common, least = math.gcd(*channels), min(channels)
        fits = [count for count in range(1, common + 1) if common % count == 0 and count < least]
        if self.norm_groups in fits:
            return self.norm_groups
        return max((count for count in fits if count <= 32), default=None)


DEFAULTS: Final[dict[str, object]] = dict(
    zip(reversed(ResNetSpec.__struct_fields__), reversed(ResNetSpec.__struct_defaults__), strict=False)
)
"""Field -> its value where nothing is chosen; fields that every design has to choose are missing."""


def evolve(spec: ResNetSpec, **changes: object) -> ResNetSpec:
    """A copy of ``spec`` with fields replaced, validated anew.

    Raises:
        SpecError: the changed design cannot be.
    """
    unknown = set(changes) - set(spec.__struct_fields__)
    if unknown:
        raise SpecError(min(unknown), f"A design has no field '{min(unknown)}'.")
    return msgspec.structs.replace(spec, **changes)


class Design(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A spec with the name people call it by; the content of a design file."""

    name: str
    spec: ResNetSpec
    format: Literal["resnet-explorer-design"] = "resnet-explorer-design"
    version: Literal[1] = 1


def decode_design(text: str | bytes, source: str) -> Design:
    """Read a design from JSON; ``source`` names it in errors.

    Raises:
        SpecError: a field of the design is wrong.
        InputError: this is not a design.
    """
    try:
        return msgspec.json.decode(text, type=Design)
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, SpecError):
            cause = error.__cause__
            raise SpecError(cause.field, f"{source}: {cause}", cause.stage) from error
        if not _claims_design(text):
            # It has no field of a design that could be wrong.
            raise InputError(f"{source} is not a design file: it has no name and spec of a network.") from error
        if (version := _later_version(text)) is not None:
            says = f"{source} was written by a newer version of the program, in version {version} of design files"
            raise InputError(f"{says}; this one reads version 1.") from error
        raise InputError(f"{source} is not a design of this version: {decoding_fault(error, text, Design)}.") from error
    except msgspec.DecodeError as error:
        raise InputError(f"{source} is not a design file: {decoding_fault(error, text)}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{source} is not a design file: it is not text.") from error


def _claims_design(text: str | bytes) -> bool:
    """Whether JSON calls itself a design, of whatever version."""
    try:
        found = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError):
        return False
    return "spec" in found or b"resnet-explorer-design" in bytes(found.get("format", b""))


def _later_version(text: str | bytes) -> int | None:
    """The version of a design file that is newer than this program's; None if it is none."""
    try:
        found = msgspec.json.decode(text, type=dict[str, Any]).get("version")
    except (msgspec.MsgspecError, RecursionError):
        return None
    return found if isinstance(found, int) and found > 1 else None


def load_design(path: Path) -> Design:
    """Read a design file.

    Raises:
        InputError: the file cannot be read or is not a design.
    """
    return decode_design(read_text(path, "design file"), path.name)


def encode_design(design: Design) -> bytes:
    """The content of a design file: indented JSON."""
    return msgspec.json.format(msgspec.json.encode(design), indent=2) + b"\n"


def save_design(design: Design, path: Path) -> None:
    """Write a design file (JSON), whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        write_atomic(path, encode_design(design))
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}; choose another place.") from error
