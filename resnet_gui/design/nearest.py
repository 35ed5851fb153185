"""Which published design a design is, or nearly is, and what differs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

import msgspec

from resnet_gui.base.errors import SpecError
from resnet_gui.design.applies import applies
from resnet_gui.design.choices import STEMS, STRIDES
from resnet_gui.design.papers import PUBLISHED
from resnet_gui.design.presets import PRESETS, Preset
from resnet_gui.design.spec import DEFAULTS, ResNetSpec, evolve
from resnet_gui.design.words import FIELD_TITLES, field_word

MAX_DIFFERENCES: Final = 3
"""A design that differs in more choices from every published one is one of its own."""

_SMALL, _LARGE = 64, 128
"""Pixels: up to the first the ImageNet stem is too coarse, from the second on the CIFAR stem too dear."""

_OWN: Final = frozenset({"stem_stride"})
"""Fields whose None is a value: that of another choice."""

_FREE: Final = frozenset({"Small", "Tutorials"})
"""Families that no paper and no library has."""


class Resemblance(msgspec.Struct, frozen=True, kw_only=True):
    """The published design that a design is, or is nearest to, and what differs.

    Attributes:
        preset: name of the published design.
        differences: what differs from it, a phrase each; empty if the design is it.
        reports: what its paper prints of it, a phrase each.
        remarks: what one should know about this combination, a sentence each.
    """

    preset: str
    differences: tuple[str, ...]
    reports: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def origin(self) -> str:
        """Where the design comes from: "published" in a paper, or a library that has it after a paper."""
        source = PRESETS[self.preset].source
        return next(
            (
                f"from {library}"
                for library in ("torchvision", "timm")
                if source.startswith(library) or f"as in {library}" in source
            ),
            "published",
        )

    @property
    def exact(self) -> bool:
        """Whether the design is the published one."""
        return not self.differences


def _usual_stem_step(spec: ResNetSpec) -> int | None:
    """The step of a design's stem without a stride of its own; None where its input is too small for that."""
    try:
        return evolve(spec, stem_stride=None).stem_step
    except SpecError:
        return None


@lru_cache(maxsize=256)
def effective(spec: ResNetSpec) -> ResNetSpec:
    """The design with every choice that has nothing to act on at its default, and the open ones at what they mean.

    Two designs with equal effective choices are one network.
    """
    changes: dict[str, object] = {"strides": spec.stage_strides, "stem_width": spec.stem_channels}
    if spec.stem_stride is not None and _usual_stem_step(spec) == spec.stem_step:
        changes["stem_stride"] = None
    if spec.projects:
        changes |= {"projection_norm": spec.projects_with_norm, "projection_bias": spec.projects_with_bias}
    idle = {name: usual for name, usual in DEFAULTS.items() if not applies(spec, name)}
    return evolve(spec, **(changes | idle))


@cache
def _index() -> dict[tuple[object, ...], list[tuple[Preset, ResNetSpec]]]:
    """Published designs by block and blocks, in the order of the list."""
    found: dict[tuple[object, ...], list[tuple[Preset, ResNetSpec]]] = {}
    for preset in PRESETS.values():
        if preset.family not in _FREE:
            found.setdefault((preset.spec.block, preset.spec.blocks), []).append((preset, effective(preset.spec)))
    return found


def resemblance(spec: ResNetSpec) -> Resemblance | None:
    """The published design with the same blocks that a design is or is nearest to; None if none is near."""
    candidates = _index().get((spec.block, spec.blocks), ())
    if not candidates:
        return None
    mine = effective(spec)
    preset, known = min(candidates, key=lambda candidate: len(differing_fields(mine, candidate[1])))
    differing = differing_fields(mine, known)
    if len(differing) > MAX_DIFFERENCES:
        return None
    return Resemblance(
        preset=preset.name,
        differences=tuple(_difference(field, mine, known) for field in differing),
        reports=tuple(_reports(preset.name)),
        remarks=tuple(_remarks(spec, preset.name)),
    )


def differing_fields(mine: ResNetSpec, known: ResNetSpec) -> list[str]:
    """The fields in which two designs with effective choices differ, but for those that follow from another."""
    # None is a choice that has nothing to act on, so it follows from another difference; the stem's own stride is one.
    return [
        field
        for field, one, other in zip(ResNetSpec.__struct_fields__, _values(mine), _values(known), strict=True)
        if one != other and (field in _OWN or (one is not None and other is not None))
    ]


@lru_cache(maxsize=256)
def _values(spec: ResNetSpec) -> tuple[object, ...]:
    """The values of all fields: at every edit a design is compared with every preset, field by field."""
    return msgspec.structs.astuple(spec)


def shown_value(spec: ResNetSpec, field: str) -> object:
    """The value of a field to be shown; where it is left to another choice, what that makes of it."""
    value: object = getattr(spec, field)
    return spec.stem_step if field in _OWN and value is None else value


def _difference(field: str, mine: ResNetSpec, known: ResNetSpec) -> str:
    if isinstance(getattr(known, field), bool):
        return FIELD_TITLES[field] if getattr(mine, field) else f"{FIELD_TITLES[field]}: no"
    here, there = (field_word(field, shown_value(spec, field)) for spec in (mine, known))
    if field in {"classes", "groups"}:
        return f"{here} {field}, not {there}"
    return f"{FIELD_TITLES[field]} {here}, not {there}"


def _reports(name: str) -> Iterator[str]:
    printed = PUBLISHED.get(name)
    if printed is None:
        return
    if printed.error:
        yield f"{printed.error} % {printed.measure} ({printed.place})"
    figures = [f"{printed.params} M parameters"] * bool(printed.params)
    figures += [f"{printed.flops} G FLOPs"] * bool(printed.flops)
    if figures:
        yield f"{' and '.join(figures)} ({printed.where})"


def _remarks(spec: ResNetSpec, name: str) -> Iterator[str]:
    printed = PUBLISHED.get(name)
    if printed is not None and printed.first_stride and applies(spec, "stride_on") and STRIDES[spec.stride_on].unit:
        yield "v1.5: the paper strides on the first 1×1."
    edge = max(spec.input[1:])
    size = f"{spec.input[1]}×{spec.input[2]}"
    if STEMS[spec.stem].pools and edge <= _SMALL:
        yield f"A coarse stem for {size}: papers take the 3×3 (He et al. 2015, section 4.2)."
    elif not STEMS[spec.stem].strides and edge >= _LARGE:
        yield f"A fine stem for {size}: papers take the 7×7 (He et al. 2015, Table 1)."
