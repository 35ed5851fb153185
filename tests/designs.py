"""Drawn designs: valid ones from the whole space, and whatever else somebody may ask for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from hypothesis import reject
from hypothesis import strategies as st

from resnet_gui.base.errors import SpecError
from resnet_gui.design import bounds
from resnet_gui.design.checks import smallest_input
from resnet_gui.design.choice import Choice, ProjectionChoice
from resnet_gui.design.choices import BLOCKS, CHOICES, HEADS, NORMS, SHORTCUTS, STEMS
from resnet_gui.design.spec import ResNetSpec, evolve

FIELDS: Final = ResNetSpec.__struct_fields__
FIRST: Final[dict[str, Any]] = {field: next(iter(known)) for field, known in CHOICES.items()}
"""The first choice of each field."""
MOST_SHRINKING: Final = 12
"""Product of the strides that are drawn for the stages: a forward pass then takes milliseconds."""


def _strides(draw: st.DrawFn, count: int) -> tuple[int, ...] | None:
    if draw(st.booleans()):
        return None
    drawn: list[int] = []
    for _ in range(count):
        drawn.append(draw(st.integers(1, min(bounds.MAX_STRIDE, MOST_SHRINKING // math.prod(drawn)))))
    return tuple(drawn)


_PROBE: Final = ResNetSpec(**FIRST, blocks=(1, 1), widths=(8, 8), input=(1, 9, 9))
"""What choices are asked about that depend on the rest of a design."""


@cache
def _may_shrink(shortcut: str) -> bool:
    """Whether stages may have fewer channels than those before them."""
    try:
        evolve(_PROBE, widths=(8, 4), shortcut=shortcut)
    except SpecError:
        return False
    return True


@cache
def _narrowing(stem: str) -> int:
    """How many times as many channels a stem puts out as its narrowest convolution."""
    return _PROBE.stem_channels // min(STEMS[stem].inner(_PROBE), default=_PROBE.stem_channels)


def _channels(draw: st.DrawFn, count: int, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that say how many channels there are, such that what is chosen finds what it needs."""
    grouped, narrowing = NORMS[chosen["norm"]].groups, _narrowing(chosen["stem"])
    norm_groups = draw(st.integers(1, 4) if grouped else st.integers(1, bounds.MAX_GROUPS))
    width = st.integers(2, 4).map(lambda times: times * norm_groups) if grouped else st.integers(1, 6)
    widths = draw(st.lists(width, min_size=count, max_size=count))
    # The narrowest convolution of a stem has norms too.
    stem_width = draw(width) * narrowing if grouped and narrowing > 1 else draw(st.none() | width)
    if not _may_shrink(chosen["shortcut"]):
        widths = sorted(max(each, stem_width or 1) for each in widths)
    groups, width_per_group = 1, 64
    if BLOCKS[chosen["block"]].grouped:
        groups = draw(st.integers(1, 3))
        narrowest = math.ceil(64 / min(widths))
        per_group = draw(st.sampled_from([64, 128] if grouped else [narrowest, 64, 65, 96, 128]))
        # Where the first convolution has a part of the inner channels, these are so many times an even number.
        divisor = BLOCKS[chosen["block"]].divisor
        width_per_group = divisor * (per_group if divisor == 1 or per_group % 64 == 0 else 64)
    return {
        "norm_groups": norm_groups, "stem_width": stem_width, "widths": tuple(widths), "groups": groups,
        "width_per_group": width_per_group,
    }  # fmt: skip


def any_choice(_choice: Choice) -> bool:
    """Of designs that may have every choice."""
    return True


@st.composite
def designs(
    draw: st.DrawFn,
    /,
    *,
    stages: int = 3,
    deepest: int = 2,
    among: Callable[[Choice], bool] = any_choice,
    **fixed: Any,
) -> ResNetSpec:
    """Valid designs of the whole space, every field drawn; small, with odd and oblong pictures. ``fixed`` fields stay.

    What is fixed must go with everything else, as ``dropout=0.0`` does. Choices are drawn among all that are registered
    (and that ``among`` wants); what one of them refuses is drawn again.
    """
    count = draw(st.integers(1, stages))
    size, switch, maybe = st.integers(0, 6), st.booleans(), st.sampled_from([None, True, False])
    chosen = {field: draw(_keys(field, among)) for field in CHOICES if field not in fixed}
    chosen |= {field: fixed[field] for field in CHOICES if field in fixed}
    fields = chosen | _channels(draw, count, chosen) | {
        "blocks": tuple(draw(st.lists(st.integers(1, deepest), min_size=count, max_size=count))),
        "strides": _strides(draw, count),
        "stem_stride": draw(st.sampled_from([None, None, 1, 2, 3])),
        "dilated_stages": draw(st.sampled_from([0, 0, *range(count + 1)])),
        "norm_eps": draw(st.sampled_from([1e-5, 1e-3])),
        "conv_eps": draw(st.sampled_from([1e-8, 1e-3])),
        "projection_norm": draw(maybe),
        "projection_bias": draw(maybe),
        "raw_projection": draw(switch),
        "shared_first": draw(switch),
        "se_ratio": draw(st.sampled_from([0, 0, 1, 2, 16])),
        "se_divisor": draw(st.sampled_from([8, 8, 1, 3])),
        "gate_bias": draw(st.sampled_from([-6.0, 0, -2.5])),
        "conv_bias": draw(switch),
        "dropout": draw(st.sampled_from([0.0, 0, 0.3])),
        "stochastic_depth": draw(st.sampled_from([0.0, 0, 0.5])),
        "zero_init": draw(switch),
        "activated_stem": draw(switch),
        "final_activation": draw(switch),
        "hidden": tuple(draw(st.lists(st.integers(1, 5), max_size=2))),
        "classes": draw(st.integers(1, 5)),
    }  # fmt: skip
    fields |= fixed
    if not HEADS[fields["head"]].classifies:
        fields["hidden"] = ()
    if not SHORTCUTS[fields["shortcut"]].adds:
        # Most of what a plain network cannot have is drawn; refusing it all would leave few of them.
        fields |= {field: FIRST[field] for field in ("ablation", "branch_scale")}
        fields |= {"stochastic_depth": 0.0, "zero_init": False}
    strides = fields["strides"] or (1,) + (2,) * (count - 1)
    strides = strides[: count - fields["dilated_stages"]]
    smallest = smallest_input(fields["stem"], strides, stem_pool=fields["stem_pool"], stem_stride=fields["stem_stride"])
    fields["input"] = (draw(st.integers(1, 4)), smallest + draw(size), smallest + draw(size))
    try:
        return ResNetSpec(**fields)
    except SpecError:
        # A choice that contradicts another says so itself.
        reject()


def _keys(field: str, among: Callable[[Choice], bool]) -> st.SearchStrategy[str]:
    return st.sampled_from([key for key, choice in CHOICES[field].items() if among(choice)])


def _is_plain(choice: Choice) -> bool:
    return choice.identified_by is None and not (isinstance(choice, ProjectionChoice) and max(choice.kernels) > 1)


def plainly_named(**fixed: Any) -> st.SearchStrategy[ResNetSpec]:
    """Designs without weights that tell a choice by themselves, whose places only names or the file's order tell."""
    return designs(among=_is_plain, **fixed)


# ---- what cannot be

_WORDS: Final = [key for known in CHOICES.values() for key in known]
_NUMBERS: Final = st.integers() | st.sampled_from([0, -1, 2**31, 2**63, 2**64, 10**30, -(10**30), 10**400])


def _inside(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
        max_leaves=10,
    )


def json_values() -> st.SearchStrategy[Any]:
    """Anything that a JSON file can hold, and NaN and the infinities, which Python writes into one."""
    return _inside(st.none() | st.booleans() | _NUMBERS | st.floats() | st.text(max_size=8) | st.sampled_from(_WORDS))


def wild_values() -> st.SearchStrategy[Any]:
    """Anything: wrong types, wrong lengths, NaN, numbers of any size, values inside lists and tuples."""
    anything = json_values() | st.binary(max_size=4) | st.complex_numbers() | st.fractions()
    return anything | st.lists(anything, max_size=9).map(tuple) | st.just(object())


def _entries(top: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.integers(0, 4) | st.integers(-1, top + 1), max_size=9).map(tuple)


def plausible_values(field: str) -> st.SearchStrategy[Any]:
    """Values of the right type for a field, up to just outside its range, whatever the other fields are."""
    known = bounds
    sizes = st.integers(0, 40) | st.sampled_from([known.MAX_SIZE, known.MAX_SIZE + 1])
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "blocks": _entries(known.MAX_BLOCKS),
        "widths": _entries(known.MAX_WIDTH),
        "strides": st.none() | _entries(known.MAX_STRIDE),
        "hidden": st.lists(st.integers(0, known.MAX_CLASSES + 1), max_size=5).map(tuple),
        "input": st.tuples(st.integers(0, known.MAX_CHANNELS + 1), sizes, sizes),
        "stem_width": st.none() | st.integers(0, known.MAX_WIDTH + 1),
        "groups": st.integers(0, 4) | st.integers(0, known.MAX_GROUPS + 1),
        "width_per_group": st.integers(0, known.MAX_WIDTH + 1),
        "se_ratio": st.integers(-1, known.MAX_WIDTH + 1),
        "se_divisor": st.integers(-1, known.MAX_SE_DIVISOR + 1),
        "norm_groups": st.integers(0, 8) | st.integers(0, known.MAX_GROUPS + 1),
        "classes": st.integers(0, known.MAX_CLASSES + 1),
        "dropout": st.floats(-0.1, 1.1),
        "stochastic_depth": st.floats(-0.1, 1.1),
        "projection_norm": st.none() | st.booleans(),
        "projection_bias": st.none() | st.booleans(),
        **{name: st.sampled_from(list(known)) for name, known in CHOICES.items()},
        "gate_bias": st.floats(-21, 21),
        "stem_stride": st.none() | st.integers(0, known.MAX_STRIDE + 1),
        "dilated_stages": st.integers(-1, 9),
        "norm_eps": st.floats(-0.1, 1.1),
        "conv_eps": st.floats(-0.1, 1.1),
    }
    return kinds.get(field, st.booleans())


@st.composite
def askings(draw: st.DrawFn, values: st.SearchStrategy[Any] | None = None) -> dict[str, Any]:
    """Changes to a design: plausible values that contradict each other, or ``values``, for some of its fields."""
    fields = draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=8, unique=True))
    return {
        field: draw(plausible_values(field) if values is None or draw(st.booleans()) else values) for field in fields
    }
