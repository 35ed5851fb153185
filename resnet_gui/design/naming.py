"""The name of a design: that of the preset that it is, or of the nearest one with what differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Final, NamedTuple

from resnet_gui.base.errors import SpecError
from resnet_gui.design.choice import ShortcutChoice
from resnet_gui.design.choices import CHOICES
from resnet_gui.design.nearest import MAX_DIFFERENCES, differing_fields, effective, shown_value
from resnet_gui.design.presets import PRESETS, Preset, find_preset
from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.design.words import FIELD_TITLES, field_word

MAX_NAMED: Final = 3
"""So many differences stand in a name; a design with more is only said to be edited."""

MAX_LETTERS: Final = 56
"""Letters that differences may take in a name; of longer ones it is only said that there are some."""

EDITED: Final = "edited"
"""What stands in a name in place of more differences."""

MAX_WORD: Final = 32
"""Letters of a value that a name repeats; of a longer one, as a list of many stages, it says that it is another."""

_COUNTED: Final = frozenset({"classes", "groups"})
"""Fields whose numbers stand in front: "10 classes"."""

_PLAIN: Final = frozenset({"order", "ablation", "activation", "convolution", "attention", "head"})
"""Fields whose choices are understood without the field."""

_SHAPE_TITLES: Final = {"block": "block", "blocks": "blocks"}
"""What the fields are called that no published design is searched by."""

_SMALL_INPUT: Final = 64
"""Pixels of a side up to which an input follows from the stem that keeps its size."""

_SMALL_STEM: Final = "cifar"
"""The stem that keeps the size of a small input; what names call it says more than the kernel's size."""

_FAMILIES: Final = ("resnet", "plain")
"""Whose networks are known by their depth alone, whatever it is."""


class Likeness(NamedTuple):
    """The preset that a design is, or is nearest to.

    Attributes:
        preset: it.
        fields: the fields of the spec in which the design differs from it; empty if it is the preset.
    """

    preset: Preset
    fields: tuple[str, ...]


def nearest_preset(spec: ResNetSpec, began: Preset) -> Likeness:
    """The preset that a design is or is nearest to.

    Those with the same blocks come first, since a name gives a depth; if all of them are far, any other may be nearer.

    Args:
        spec: of the design.
        began: the preset that it began as, which goes before others that are as near.
    """
    found = _nearest(spec, began)
    if found.preset.name in PRESETS:
        return found
    # A network of a known family that is in no list: what it began as is what it can be reset to.
    return next(_compared(spec, (began,)))


def design_name(spec: ResNetSpec, preset: Preset) -> str:
    """What a design is called that nobody has named: "ResNet-50", "ResNet-50, option C", "ResNet-18, edited".

    Args:
        spec: of the design.
        preset: the one that it began as, or is nearest to; of several that are as near, it gives the name.
    """
    found = _nearest(spec, preset)
    return ", ".join((found.preset.title, *_words(spec, found.fields)))


def kept_name(name: str, before: ResNetSpec, after: ResNetSpec, preset: Preset) -> str:
    """The name of a design after an edit.

    A name that somebody has chosen stays, whatever the design becomes, until another preset or file is chosen; one that
    the program gave follows the design.

    Args:
        name: of the design before the edit.
        before: what it was.
        after: what it is now.
        preset: the one that it began as.
    """
    given = is_preset_title(name) or name == design_name(before, preset)
    return design_name(after, preset) if given else name


def given_name(design: Design, preset: Preset) -> str:
    """The name of a design from elsewhere: its own, but a preset's title only if it is that preset."""
    return design_name(design.spec, preset) if is_preset_title(design.name) else design.name


def is_preset_title(name: str) -> bool:
    """Whether a name is that of a preset, which no other design may have."""
    return name in _titles()


def differences(spec: ResNetSpec, preset: Preset) -> tuple[str, ...]:
    """What differs between a design and a preset, a phrase each, as names have them; empty if it is the preset."""
    return tuple(_phrase(spec, field) for field in _differing(spec, preset.spec))


@cache
def _titles() -> frozenset[str]:
    return frozenset(preset.title for preset in PRESETS.values())


@cache
def _by_blocks() -> dict[tuple[object, ...], tuple[Preset, ...]]:
    """Presets by block and blocks, in the order of the list."""
    found: dict[tuple[object, ...], tuple[Preset, ...]] = {}
    for preset in PRESETS.values():
        key = preset.spec.block, preset.spec.blocks
        found[key] = (*found.get(key, ()), preset)
    return found


def _of_depth(spec: ResNetSpec) -> Iterator[Preset]:
    """Networks of the design's depth that are in no list, if they have its blocks."""
    for found in _unlisted(spec.depth):
        if (found.spec.block, found.spec.blocks) == (spec.block, spec.blocks):
            yield found


@lru_cache(maxsize=64)
def _unlisted(depth: int) -> tuple[Preset, ...]:
    """The networks of known families that are in no list."""
    found: list[Preset] = []
    for family in _FAMILIES:
        try:
            found.append(find_preset(f"{family}{depth}"))
        except SpecError:
            continue
    return tuple(preset for preset in found if preset.name not in PRESETS)


@lru_cache(maxsize=64)
def _nearest(spec: ResNetSpec, began: Preset) -> Likeness:
    """The nearest preset, that in no list among them; kept, as one edit asks for it several times."""

    def rank(found: Likeness) -> tuple[int, bool]:
        return len(found.fields), found.preset.name != began.name

    alike = list(_compared(spec, (*_by_blocks().get((spec.block, spec.blocks), ()), *_of_depth(spec))))
    near = min(alike, key=rank, default=None)
    if near is not None and len(near.fields) <= MAX_DIFFERENCES:
        return near
    return min((*alike, *_compared(spec, PRESETS.values())), key=rank)


def _compared(spec: ResNetSpec, presets: Iterable[Preset]) -> Iterator[Likeness]:
    for preset in presets:
        yield Likeness(preset, _differing(spec, preset.spec))


def _differing(spec: ResNetSpec, known: ResNetSpec) -> tuple[str, ...]:
    """The fields that make a design another than a known one; what both leave to other fields follows from them."""
    return tuple(
        field
        for field in differing_fields(effective(spec), effective(known))
        if getattr(spec, field) is not None or getattr(known, field) is not None
    )


def _words(spec: ResNetSpec, fields: tuple[str, ...]) -> tuple[str, ...]:
    """What differs, as it stands in a name."""
    if _follows_from_stem(spec, fields):
        fields = tuple(field for field in fields if field != "input")
    if len(fields) > MAX_NAMED:
        return (EDITED,)
    found = tuple(_phrase(spec, field) for field in fields)
    return found if len(", ".join(found)) <= MAX_LETTERS else (EDITED,)


def _follows_from_stem(spec: ResNetSpec, fields: tuple[str, ...]) -> bool:
    """Whether a name says of a small input by the stem that keeps its size."""
    named = "input" in fields and "stem" in fields
    return named and spec.stem == _SMALL_STEM and max(spec.input[1:]) <= _SMALL_INPUT


def _phrase(spec: ResNetSpec, field: str) -> str:
    """A value in the words of a name: "option C", "10 classes", "norm group", "no dropout"."""
    value = shown_value(effective(spec), field)
    title = FIELD_TITLES.get(field) or _SHAPE_TITLES[field]
    choice = CHOICES.get(field, {}).get(value) if isinstance(value, str) else None
    if isinstance(choice, ShortcutChoice):
        return choice.short_run
    if (field, value) == ("stem", _SMALL_STEM):
        return "CIFAR stem"
    if isinstance(value, bool):
        return title if value else f"without {title}"
    word = field_word(field, value)
    if word == "none":
        return f"no {title}"
    if len(word) > MAX_WORD:
        return f"other {title}"
    if field in _COUNTED:
        return f"{word} {title}"
    return word if field in _PLAIN else f"{title} {word}"
