"""The design of a residual network as plain data, validated on construction."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal, get_args

import msgspec

from resnet_gui.spec.errors import InputError, SpecError
from resnet_gui.spec.files import read_text, write_atomic

BlockKind = Literal["basic", "bottleneck"]
Shortcut = Literal["A", "B", "C", "none"]
Stem = Literal["imagenet", "cifar"]
Shape = tuple[int, ...]
"""Channels, height, width in that order, without the batch; a flat tensor has its features only."""

EXPANSION: Final = {"basic": 1, "bottleneck": 4}
"""Output channels of a block over its width (He et al. 2015, Fig. 5)."""

MAX_STAGES: Final = 8
MAX_BLOCKS: Final = 1000
MAX_WIDTH: Final = 8192
MAX_CLASSES: Final = 100_000
MAX_CHANNELS: Final = 1024
MAX_SIZE: Final = 4096


class ResNetSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the user chose; everything else follows from it in ``plan``.

    The first stage keeps the resolution of the stem, each later stage halves it. A bottleneck strides on its 3×3
    convolution ("v1.5", as torchvision does).

    Attributes:
        block: "basic", two 3×3 convolutions, or "bottleneck", 1×1, 3×3, 1×1 (He et al. 2015, Fig. 5).
        blocks: number of blocks of each stage.
        widths: channels of the 3×3 convolutions of each stage; a bottleneck puts out four times as many.
        shortcut: option A zero-pads where shapes change, B projects there, C projects everywhere
            (He et al. 2015, section 4.1), "none" is the plain network.
        stem: "imagenet", 7×7 stride 2 and 3×3 max-pooling stride 2 (Table 1), or "cifar", 3×3 stride 1 (section 4.2).
        classes: outputs of the last linear layer.
        input: shape of one picture: channels, height, width.

    Raises:
        SpecError: the choices contradict each other or lie out of range; its ``field`` names the culprit.
    """

    block: BlockKind
    blocks: tuple[int, ...]
    widths: tuple[int, ...]
    shortcut: Shortcut = "B"
    stem: Stem = "imagenet"
    classes: int = 1000
    input: tuple[int, int, int] = (3, 224, 224)

    def __post_init__(self) -> None:
        for check in _CHECKS:
            check(self)

    @property
    def stem_width(self) -> int:
        """Channels that the stem puts out: the width of the first stage."""
        return self.widths[0]

    @property
    def depth(self) -> int:
        """Layers with weights on the main path, the way He et al. count: projections are not counted."""
        return 2 + CONVS_PER_BLOCK[self.block] * sum(self.blocks)


CONVS_PER_BLOCK: Final = {"basic": 2, "bottleneck": 3}


def evolve(spec: ResNetSpec, **changes: object) -> ResNetSpec:
    """A copy of ``spec`` with fields replaced, validated anew (``msgspec.structs.replace`` would not validate).

    Raises:
        SpecError: the changed design cannot be.
    """
    values = {name: getattr(spec, name) for name in spec.__struct_fields__}
    unknown = set(changes) - set(values)
    if unknown:
        raise SpecError(min(unknown), f"A design has no field '{min(unknown)}'.")
    return ResNetSpec(**(values | changes))


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_choices(spec: ResNetSpec) -> None:
    for field, kind in (("block", BlockKind), ("shortcut", Shortcut), ("stem", Stem)):
        value, allowed = getattr(spec, field), get_args(kind)
        if value not in allowed:
            raise SpecError(field, f"{field} is {value!r}; it must be one of {', '.join(allowed)}.")


def _check_numbers(spec: ResNetSpec) -> None:
    for field, top in (("blocks", MAX_BLOCKS), ("widths", MAX_WIDTH)):
        values = getattr(spec, field)
        if not isinstance(values, tuple):
            raise SpecError(field, f"{field} must be a list of whole numbers, one for each stage.")
        if not 1 <= len(values) <= MAX_STAGES:
            raise SpecError(field, f"{field} has {len(values)} entries; a network has 1 to {MAX_STAGES} stages.")
        for stage, value in enumerate(values, start=1):
            if not _is_int(value) or not 1 <= value <= top:
                message = f"{field}, stage {stage}: {value} is not a whole number from 1 to {top:,}."
                raise SpecError(field, message, stage - 1)
    if len(spec.blocks) != len(spec.widths):
        raise SpecError(
            "widths",
            f"widths has {len(spec.widths)} entries for {len(spec.blocks)} stages; give one for each stage.",
        )
    if not _is_int(spec.classes) or not 1 <= spec.classes <= MAX_CLASSES:
        raise SpecError("classes", f"classes is {spec.classes}; it must be a whole number from 1 to {MAX_CLASSES:,}.")


def _check_input(spec: ResNetSpec) -> None:
    if not isinstance(spec.input, tuple) or len(spec.input) != 3:
        raise SpecError("input", "input must be three whole numbers: channels, height, width.")
    for name, value, top in zip(
        ("channels", "height", "width"), spec.input, (MAX_CHANNELS, MAX_SIZE, MAX_SIZE), strict=True
    ):
        if not _is_int(value) or not 1 <= value <= top:
            raise SpecError("input", f"input {name} is {value}; it must be a whole number from 1 to {top:,}.")


def _check_resolution(spec: ResNetSpec) -> None:
    # A 3×3 convolution of stride 2 on one pixel is legal in torch, but halves nothing: the stages after it
    # would see only padding around a single number.
    pooled = spec.stem == "imagenet"
    halvings = (2 if pooled else 0) + len(spec.blocks) - 1
    smallest = 2 ** (halvings - 1) + 1 if halvings else 1
    _, height, width = spec.input
    if min(height, width) < smallest:
        way_out = ", fewer stages, or the CIFAR stem" if pooled else " or fewer stages"
        raise SpecError(
            "input",
            f"Input {height}×{width} is too small: the stem and {len(spec.blocks)} stages halve it {halvings} times; "
            f"use at least {smallest}×{smallest}{way_out}.",
        )


def _check_zero_pad(spec: ResNetSpec) -> None:
    if spec.shortcut == "A":
        channels = (spec.stem_width, *(width * EXPANSION[spec.block] for width in spec.widths))
        for stage, (before, after) in enumerate(pairwise(channels), start=1):
            if after < before:
                raise SpecError(
                    "shortcut",
                    f"Option A pads with zeros, so it cannot go from {before} to {after} channels in stage {stage}; "
                    "use option B, or a width that does not shrink.",
                )


_CHECKS: Final[tuple[Callable[[ResNetSpec], None], ...]] = (
    _check_choices,
    _check_numbers,
    _check_input,
    _check_resolution,
    _check_zero_pad,
)


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
            raise SpecError(cause.field, f"{source}: {cause}") from error
        raise InputError(f"{source} is not a design of this version: {error}.") from error
    except msgspec.DecodeError as error:
        raise InputError(f"{source} is not a design file: it is not JSON ({error}).") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{source} is not a design file: it is not text.") from error


def load_design(path: Path) -> Design:
    """Read a design file.

    Raises:
        InputError: the file cannot be read or is not a design.
    """
    return decode_design(read_text(path, "design file"), path.name)


def save_design(design: Design, path: Path) -> None:
    """Write a design file (JSON), whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        write_atomic(path, msgspec.json.format(msgspec.json.encode(design), indent=2) + b"\n")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}; choose another place.") from error
