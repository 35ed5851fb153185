"""What the pictures of a set are like, from files that are evenly spread over it: sizes, colours, depth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.data.grey_range import GreyRange
from resnet_gui.data.layouts.description import many
from resnet_gui.engine.data.greys import enclosing, is_deep, is_finite, values_used
from resnet_gui.engine.data.pictures import PictureHeader, open_picture, read_header

T = TypeVar("T")
HEADERS: Final = 2_000
"""Files whose first bytes are read to find deep greys."""

DECODED: Final = 64
"""Pictures of deep greys that are decoded to find the values that a set uses."""

GREY_MODES: Final = frozenset({"1", "L", "LA", "La"})


class PictureSurvey(msgspec.Struct, frozen=True):
    """The sizes and colours that were found.

    Attributes:
        sides: the shorter side of each picture that could be read, in pixels, sorted.
        grey: whether all of them are grey.
    """

    sides: tuple[int, ...]
    grey: bool

    @property
    def middle(self) -> int:
        """The median of the sides; half of the pictures are at least so large."""
        return self.sides[len(self.sides) // 2]


def evenly(items: Sequence[T], count: int) -> list[T]:
    """At most so many of the items, in their order, as evenly spread as they can be."""
    wanted = min(count, len(items))
    return [items[number * len(items) // wanted] for number in range(wanted)]


def survey(paths: Sequence[Path], count: int) -> PictureSurvey:
    """What so many of the pictures are like; only their first bytes are read.

    Raises:
        InputError: none of them can be read.
    """
    found = [header for _, header in _headers(evenly(paths, count))]
    if not found:
        raise InputError(f"None of {min(count, len(paths)):,} pictures can be read; one of them is {paths[0]}.")
    return PictureSurvey(
        tuple(sorted(min(header.size) for header in found)),
        all(header.mode in GREY_MODES or is_deep(header.mode) for header in found),
    )


class DepthSurvey(msgspec.Struct, frozen=True):
    """The pictures of a set that have more than 8 bits a channel.

    Attributes:
        greys: black and white for the deep greys, by the values that some of them use.
        cut: how many of those that were looked at have colours of 16 bits, of which 8 are read.
        looked: how many were looked at.
        endless: how many of those that were decoded hold values that are no finite numbers.
        decoded: how many were decoded.
    """

    greys: GreyRange
    cut: int = 0
    looked: int = 0
    endless: int = 0
    decoded: int = 0


CUT: Final = "have 16 bits a channel: the upper 8 are read"
"""What is said of such colours, behind how many pictures have them."""


WHOLE_NUMBERS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"})
"""Endings of pictures whose values are no floating-point numbers; they are not opened to find that out."""

NOT_FINITE: Final = "hold values that are no finite numbers: NaN and −∞ are read as black, ∞ as white"
"""What is said of such floating-point numbers, behind how many pictures have them."""


def not_finite_notice(paths: Sequence[Path]) -> str:
    """A sentence if some of the pictures hold NaN or infinity, with the first of them; of very many, some are read.

    Of those the sentence says how many were looked at.
    """
    perhaps = [path for path in paths if path.suffix.casefold() not in WHOLE_NUMBERS]
    real = [path for path, header in _headers(evenly(perhaps, HEADERS)) if header.mode == "F"]
    looked = evenly(real, DECODED)
    found = [path for path, finite in _tried(lambda path: (path, is_finite(open_picture(path))), looked) if not finite]
    if not found:
        return ""
    said = NOT_FINITE if len(found) > 1 else NOT_FINITE.replace("hold", "holds", 1)
    first = f"the first {found[0]}" if len(found) > 1 else str(found[0])
    if len(perhaps) > HEADERS or len(real) > DECODED:
        return f"{len(found):,} of {len(looked):,} pictures of real numbers that were looked at, {first}, {said}."
    if len(found) == 1:
        return f"{first} {said}."
    return f"{len(found):,} of {len(looked):,} pictures of real numbers, {first}, {said}."


def cut_notice(paths: Sequence[Path]) -> str:
    """A sentence if some of the pictures have colours of 16 bits, else empty; of very many, some are looked at."""
    headers = _headers(evenly(paths, HEADERS))
    cut = sum(header.cut for _, header in headers)
    if not cut:
        return ""
    if len(paths) > HEADERS:
        return f"{cut:,} of {len(headers):,} pictures that were looked at {CUT}."
    return f"{many(cut, 'picture')} {CUT if cut > 1 else CUT.replace('have', 'has', 1)}."


def depth_notes(depth: DepthSurvey) -> tuple[str, ...]:
    """What is said of the pictures of a set that have more than 8 bits a channel."""
    notes = []
    if words := depth.greys.words:
        notes.append(f"Greys of more than 8 bits: {words} becomes black … white, by what the pictures use.")
    if depth.cut:
        which = "All" if depth.cut == depth.looked else f"{depth.cut:,} of {depth.looked:,}"
        notes.append(f"{which} pictures that were looked at {CUT}.")
    if depth.endless:
        notes.append(f"{depth.endless:,} of {depth.decoded:,} deep pictures that were looked at {NOT_FINITE}.")
    return tuple(notes)


def survey_depth(paths: Sequence[Path]) -> DepthSurvey:
    """How deep the pictures of a set are, by the headers of some that are evenly spread over it."""
    headers = _headers(evenly(paths, HEADERS))
    deep = [path for path, header in headers if is_deep(header.mode)]
    cut = sum(header.cut for _, header in headers)
    if not deep:
        return DepthSurvey(GreyRange(), cut, len(headers))
    read = tuple(_tried(_values_of, evenly(deep, DECODED)))
    endless = sum(not finite for _, finite in read)
    return DepthSurvey(enclosing(used for used, _ in read), cut, len(headers), endless, len(read))


def _values_of(path: Path) -> tuple[GreyRange, bool]:
    """What values a picture of deep greys uses, and whether all are finite."""
    image = open_picture(path)
    return values_used(image), is_finite(image)


def _headers(paths: Sequence[Path]) -> list[tuple[Path, PictureHeader]]:
    return list(_tried(lambda path: (path, read_header(path)), paths))


def _tried(work: Callable[[Path], T], paths: Sequence[Path]) -> Iterable[T]:
    """What becomes of each path, in threads; those that cannot be read are left out: whoever needs them says so."""

    def attempt(path: Path) -> T | None:
        try:
            return work(path)
        except InputError:
            return None

    with ThreadPoolExecutor() as pool:
        return [result for result in pool.map(attempt, paths) if result is not None]
