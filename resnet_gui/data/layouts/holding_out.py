"""Which pictures of a data set without parts are held out.

Everything is a function of names and fractions, in whole numbers and SHA-256, so that every computer and every build
holds out the same pictures.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from resnet_gui.base.errors import InputError
from resnet_gui.data.layouts.description import NAMED, many, name_text
from resnet_gui.data.layouts.layout import Layout
from resnet_gui.data.layouts.splitting import EVERY_FIFTH, FOLDERS, NO_EFFECT, SplitRule

TRAINING: Final = 0
VALIDATION: Final = 1
TEST: Final = 2

Grouping = Callable[[int], str]
"""The group of a picture by its number; empty where it is alone."""


class HeldOut(NamedTuple):
    """Numbers of the pictures that are held out, rising, and what deserves a look, in sentences."""

    validation: list[int]
    test: list[int]
    notes: tuple[str, ...] = ()


class SplitPictures(NamedTuple):
    """Pictures that are to be split: a name and the number of the class of each, and the classes' names."""

    names: Sequence[str]
    labels: Sequence[int]
    classes: Sequence[str]


def split_layout(layout: Layout, rule: SplitRule, named: str) -> None:
    """Hold pictures out of a layout that has training pictures alone; one that has parts keeps them.

    Args:
        layout: is changed.
        rule: how they are chosen.
        named: what the user named, for sentences.

    Raises:
        InputError: there are too few pictures, or too few groups.
    """
    if layout.validation or layout.test:
        if rule != EVERY_FIFTH:
            layout.notes.append(NO_EFFECT)
        return
    files = layout.training
    held = hold_out(SplitPictures([name for name, _ in files], [label for _, label in files], layout.classes), rule)
    check_held_out(held, rule, named)
    out = {*held.validation, *held.test}
    layout.training = [entry for number, entry in enumerate(files) if number not in out]
    selected, tested = ([files[number] for number in numbers] for numbers in (held.validation, held.test))
    if rule.test:
        layout.validation, layout.test = selected, tested
        layout.where |= {"validation": rule.words(rule.validation), "test": rule.words(rule.test)}
    else:
        # As a set with a training and a test part: the weights are selected on what is called its test pictures.
        layout.test = selected
        layout.where["test"] = rule.words(rule.validation)
    layout.notes.extend(held.notes)


def check_held_out(held: HeldOut, rule: SplitRule, named: str) -> None:
    """Refuse a set of which nothing can be held out.

    Raises:
        InputError: it has too few pictures.
    """
    parts = ((held.validation, rule.validation), (held.test, rule.test))
    needed = [
        math.ceil(1 / share) for (numbers, _), share in zip(parts, rule.fractions, strict=True) if share and not numbers
    ]
    if needed:
        raise InputError(f"{named} holds too few pictures: a class needs at least {max(needed)} to hold one out.")


def hold_out(pictures: SplitPictures, rule: SplitRule) -> HeldOut:
    """Choose what is held out: of each class the rule's fractions, rounded down; whole groups where it says so.

    Args:
        pictures: in the order of their names; for ``folders``, names are paths.
        rule: how they are chosen.

    Raises:
        InputError: a class has too few groups for one to be in each part.
    """
    if rule.groups:
        return _groups_held_out(pictures, rule)
    by_class: dict[int, list[int]] = {}
    for number, label in enumerate(pictures.labels):
        by_class.setdefault(label, []).append(number)
    validation, test = rule.fractions
    found = HeldOut([], [])
    for members in by_class.values():
        if rule.seed:
            members.sort(key=lambda number: drawn(rule.seed, pictures.names[number]))
            tested = int(len(members) * test)
            found.test.extend(members[:tested])
            found.validation.extend(members[tested : tested + int(len(members) * validation)])
        else:
            chosen = set(evenly_spaced(members, test))
            found.test.extend(chosen)
            rest = [number for number in members if number not in chosen]
            found.validation.extend(evenly_spaced(rest, validation / (1 - test)))
    few = set(by_class) - {pictures.labels[number] for number in found.validation}
    notes = (_few_note(pictures.classes, sorted(few)),) if few and found.validation else ()
    return HeldOut(sorted(found.validation), sorted(found.test), notes)


def _few_note(classes: Sequence[str], few: Sequence[int]) -> str:
    names = ", ".join(f"'{name_text(classes[label])}'" for label in few[:NAMED]) + (", …" if len(few) > NAMED else "")
    return f"No picture of {names} is held out for the selection of the weights: too few."


def evenly_spaced(members: Sequence[int], share: Fraction) -> list[int]:
    """Every so manieth, the last of each stretch: of a fifth, the fifth, the tenth, and so on."""
    # In whole numbers: a Fraction for each of 200,000 files takes four times as long as listing them.
    up, down = share.numerator, share.denominator
    return [member for at, member in enumerate(members) if (at + 1) * up // down > at * up // down]


def drawn(seed: int, name: str) -> bytes:
    """What pictures are sorted by to shuffle them: a picture that is added leaves the order of the others."""
    return hashlib.sha256(f"{seed}\0{name}".encode(errors="surrogateescape")).digest()


# ---- groups


def _folder_of(pictures: SplitPictures) -> Grouping:
    """The folder below that of the class; where no folder bears the class's name, the one that the picture lies in."""

    def group(number: int) -> str:
        folders = pictures.names[number].split("/")[:-1]
        own = pictures.classes[pictures.labels[number]]
        if own in folders:
            return next(iter(folders[folders.index(own) + 1 :]), "")
        return "/".join(folders)

    return group


def _match_of(pictures: SplitPictures, pattern: str) -> Grouping:
    search = re.compile(pattern).search

    def group(number: int) -> str:
        found = search(pictures.names[number].rpartition("/")[2])
        return (found[1] or "") if found is not None else ""

    return group


class _Group(NamedTuple):
    """Pictures that stay together, and how many there are of each class."""

    name: str
    members: list[int]
    counts: Counter[int]


def _grouped(pictures: SplitPictures, rule: SplitRule) -> tuple[list[_Group], list[int]]:
    """The groups, a group of one name in several classes being one; and the pictures that are alone."""
    group_of = _folder_of(pictures) if rule.groups == FOLDERS else _match_of(pictures, rule.groups)
    members: dict[str, list[int]] = {}
    alone: list[int] = []
    for number in range(len(pictures.labels)):
        if name := group_of(number):
            members.setdefault(name, []).append(number)
        else:
            alone.append(number)
    sets = [*members.items(), *((pictures.names[number], [number]) for number in alone)]
    groups = [_Group(name, them, Counter(pictures.labels[number] for number in them)) for name, them in sets]
    return groups, alone


class _Shares:
    """Groups on their way into parts: how many pictures of each class a part has, and should have."""

    def __init__(self, totals: Counter[int], wanted: tuple[Fraction, ...]) -> None:
        self._totals = totals
        self._wanted = [float(share) for share in wanted]
        self.parts = [part for part, share in enumerate(wanted) if share]
        self.counts: list[Counter[int]] = [Counter() for _ in wanted]
        self.groups: list[Counter[int]] = [Counter() for _ in wanted]
        """How many groups of each class a part has."""

    def cost(self, part: int, group: _Group) -> float:
        """How much further from the wanted shares, squared and summed over classes, a part is with a group in it."""
        total = 0.0
        for label, count in group.counts.items():
            added = count / self._totals[label]
            total += added * (added + 2 * (self.counts[part][label] / self._totals[label] - self._wanted[part]))
        return total

    def put(self, part: int, group: _Group) -> None:
        """Put a group into a part."""
        self.counts[part].update(group.counts)
        self.groups[part].update(group.counts.keys())

    def take(self, part: int, group: _Group) -> None:
        """Take a group out of a part."""
        self.counts[part].subtract(group.counts)
        self.groups[part].subtract(group.counts.keys())

    def spares(self, part: int, group: _Group) -> bool:
        """Whether a part has every class of a group in another group too."""
        return all(self.groups[part][label] > 1 for label in group.counts)


def _groups_held_out(pictures: SplitPictures, rule: SplitRule) -> HeldOut:
    groups, alone = _grouped(pictures, rule)
    validation, test = rule.fractions
    shares = _Shares(Counter(pictures.labels), (1 - validation - test, validation, test))
    _check_groups(pictures, groups, len(shares.parts))
    # Large ones first, which are the hard ones; within a factor of two by chance, so that a seed matters.
    groups.sort(key=lambda each: (-len(each.members).bit_length(), drawn(rule.seed, each.name) if rule.seed else b""))
    places: list[int] = []
    for group in groups:
        part = min(shares.parts, key=lambda part: shares.cost(part, group))
        shares.put(part, group)
        places.append(part)
    missing = _mend(groups, places, shares)
    if any(part == TRAINING for part, _ in missing):
        name = name_text(pictures.classes[next(label for part, label in missing if part == TRAINING)])
        raise InputError(f"No group of the class '{name}' is left to train on; choose other groups (split_groups).")
    words = {VALIDATION: "validation", TEST: "test"}
    notes = [
        f"The {words[part]} part has no picture of '{name_text(pictures.classes[label])}': its groups cannot be parted."
        for part, label in missing
    ]
    if alone:
        first = name_text(pictures.names[alone[0]])
        notes.append(f"{many(len(alone), 'picture')} of no group, such as '{first}', may lie in any part.")
    held = [sorted(n for g, at in zip(groups, places, strict=True) if at == part for n in g.members) for part in (1, 2)]
    return HeldOut(held[0], held[1], tuple(notes))


def _check_groups(pictures: SplitPictures, groups: Sequence[_Group], parts: int) -> None:
    """Refuse a class that cannot be in every part.

    Raises:
        InputError: it has fewer groups than there are parts.
    """
    counts = Counter(label for group in groups for label in group.counts)
    for label in sorted(counts):
        if counts[label] >= parts:
            continue
        name = name_text(pictures.classes[label])
        only = next(name_text(group.name) for group in groups if label in group.counts)
        have = f"one group only ('{only}')" if counts[label] == 1 else f"{counts[label]} groups"
        raise InputError(
            f"The class '{name}' has {have}, too few for {parts} parts that share none; choose other groups "
            "(split_groups), or none."
        )


def _mend(groups: Sequence[_Group], places: list[int], shares: _Shares) -> list[tuple[int, int]]:
    """Move groups, the smallest that will do, so that every part has every class.

    Returns:
        what a part lacks all the same: (part, class).
    """
    missing: list[tuple[int, int]] = []
    labels = sorted({label for group in groups for label in group.counts})
    for part in shares.parts:
        for label in labels:
            if shares.groups[part][label] > 0:
                continue
            movable = [
                (len(group.members), at)
                for at, group in enumerate(groups)
                if label in group.counts and places[at] != part and shares.spares(places[at], group)
            ]
            if not movable:
                missing.append((part, label))
                continue
            _, at = min(movable)
            shares.take(places[at], groups[at])
            shares.put(part, groups[at])
            places[at] = part
    return missing
