"""The layout of a data set: its classes, and which pictures are for training, validation and test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import is_readable, readable
from resnet_gui.data.layouts.description import NAMED
from resnet_gui.data.layouts.labelled import Labelled
from resnet_gui.data.layouts.part_names import role_of
from resnet_gui.data.layouts.refusals import names_text, strange_classes
from resnet_gui.data.layouts.scan import FoundFolder, Scan

HeldOut = Literal["validation", "test"]
HELD_OUT: Final[tuple[HeldOut, ...]] = ("validation", "test")

Files = list[tuple[str, int]]
"""Paths from the folder that was named, with the number of their class."""


@dataclass(slots=True)
class SetAside:
    """A group of things that were found and are not used: one of them in words, more of them, how many, and a name."""

    one: str
    more: str
    count: int
    name: str = ""


def pictures_aside(rest: str, count: int, name: str = "") -> SetAside:
    """Pictures that are not used: ``rest`` says why, after their number."""
    return SetAside(f"picture {rest}", f"pictures {rest}", count, name)


def values_aside(table: str, others: Counter[str]) -> list[SetAside]:
    """Pictures of which a table's column of parts says something else than a part, by what it says; of many the most.

    Args:
        table: that holds the column.
        others: how many pictures have each of these values.
    """
    named = others.copy()
    unnamed = named.pop("", 0)
    found = [pictures_aside(f"of no known part in {table}", count, name) for name, count in named.most_common(NAMED)]
    if rest := named.total() - sum(each.count for each in found):
        found.append(pictures_aside(f"of {len(named) - NAMED:,} more unknown parts in {table}", rest))
    if unnamed:
        found.append(pictures_aside(f"without a part in {table}", unnamed))
    return found


@dataclass(slots=True)
class Layout:
    """The content of a folder of pictures as it is used.

    Attributes:
        classes: names in the order of the network's outputs.
        labels: what tells the class.
        training, validation, test: files by class; the last two are empty where there are none.
        where: in words, for each part that there is.
        aside: what is not used.
        tables: paths of the tables that were read.
        notes: what deserves a look.
    """

    classes: tuple[str, ...]
    labels: str
    training: Files
    validation: Files = field(default_factory=list)
    test: Files = field(default_factory=list)
    where: dict[str, str] = field(default_factory=dict)
    aside: list[SetAside] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def make_layout(scan: Scan, found: Labelled, held: dict[HeldOut, Labelled]) -> Layout:
    """The layout of training pictures, and of what is held out beside them.

    Raises:
        InputError: a held-out part has other classes, or a class has a name that cannot be written.
    """
    classes = tuple(sorted(found.classes))
    numbers = {name: number for number, name in enumerate(classes)}
    layout = Layout(
        classes, found.labels, _files(found, numbers), where={"training": found.where}, notes=list(found.notes),
        tables=[*found.tables, *(path for each in held.values() for path in each.tables)],
    )  # fmt: skip
    layout.aside.extend(pictures_aside(why, count) for why, count in found.unlabelled.items())
    layout.aside.extend(without_pictures(each) for each in found.empty)
    layout.notes.extend(missing_notes([found, *held.values()]))
    for role in HELD_OUT:
        if (part := held.get(role)) is not None:
            _add_held(scan, layout, role, part, complete=role == "test" and _is_complete(held, classes))
    _check_names(layout)
    return layout


def missing_notes(parts: Sequence[Labelled]) -> list[str]:
    """A sentence for each table that names files which are in none of its parts."""
    notes = []
    for path in dict.fromkeys(path for part in parts for path in part.tables):
        about = [part for part in parts if path in part.tables]
        if missing := about[0].rows - sum(part.count for part in about):
            notes.append(f"{missing:,} of {about[0].rows:,} rows of {path} name no picture here.")
    return notes


def without_pictures(folder: FoundFolder) -> SetAside:
    """A folder that holds no picture."""
    return SetAside("folder without a picture", "folders without a picture", 1, folder.name)


def _is_complete(held: dict[HeldOut, Labelled], classes: Collection[str]) -> bool:
    """Whether there is a validation part that has all classes."""
    part = held.get("validation")
    return part is not None and all(part.classes.get(name) for name in classes)


def _add_held(scan: Scan, layout: Layout, role: HeldOut, part: Labelled, *, complete: bool) -> None:
    """Add a held-out part; where it cannot serve and there is a complete one, set it aside."""
    strange = [name for name in part.classes if name not in layout.classes]
    missing = [name for name in layout.classes if not part.classes.get(name)]
    if strange and not complete:
        raise strange_classes(str(scan.root / part.where), strange, layout.classes)
    if (strange or missing) and complete:
        why = (
            f"has {names_text(strange)}, which the training part has not" if strange else f"lacks {names_text(missing)}"
        )
        layout.aside.append(pictures_aside(f"of a {role} part that {why}", part.count, part.where.rstrip("/")))
        return
    if missing:
        layout.notes.append(f"The {role} part ({part.where or part.labels}) has no picture of {names_text(missing)}.")
    layout.aside.extend(pictures_aside(f"{why} of {part.where}", count) for why, count in part.unlabelled.items())
    layout.notes.extend(part.notes)
    numbers = {name: number for number, name in enumerate(layout.classes)}
    files = _files(part, numbers)
    if part.tables:
        learnt = {path for path, _ in layout.training}
        if both := sum(path in learnt for path, _ in files):
            layout.notes.append(f"{both:,} pictures are in the training part and in the {role} part.")
    setattr(layout, role, files)
    layout.where[role] = part.source


def _files(found: Labelled, numbers: dict[str, int]) -> Files:
    """Files with the number of their class, the classes in their order."""
    return [(path, numbers[name]) for name in numbers for path in found.classes.get(name, ())]


def _check_names(layout: Layout) -> None:
    """Say what is odd about the names of the classes.

    Raises:
        InputError: one cannot be written down.
    """
    for name in layout.classes:
        if not is_readable(name):
            raise InputError(f"The class '{readable(name)}' has a name in an unknown encoding; rename it.")
    folded = Counter(name.casefold() for name in layout.classes)
    if alike := [name for name in layout.classes if folded[name.casefold()] > 1]:
        layout.notes.append(f"Classes whose names differ only in case are kept apart: {names_text(alike)}.")
    if parts := [name for name in layout.classes if role_of(name)]:
        layout.notes.append(f"{names_text(parts)} is read as a class, for other classes lie beside it.")
