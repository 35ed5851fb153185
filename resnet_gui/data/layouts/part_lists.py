"""Lists of the pictures of each part beside class folders: Food-101's ``meta/train.txt``, CUB-200's numbered tables.

The folders tell the classes, the lists which pictures are for training and which are held out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from resnet_gui.base.errors import InputError
from resnet_gui.data.layouts.labelled import Labelled
from resnet_gui.data.layouts.part_names import PartRole, holds_lists, role_of
from resnet_gui.data.layouts.scan import FoundFolder
from resnet_gui.data.layouts.tables import picture_places, read_lines

NUMBERED: Final = "images.txt"
"""CUB-200's list of pictures: a number and a path a line."""
TRAINED: Final = "train_test_split.txt"
"""CUB-200's list of parts: a picture's number, and 1 for training or 0 for test."""


class PartLists(NamedTuple):
    """The lists of a data set: names of pictures by part, and the files that they are from.

    Attributes:
        names: of pictures, as the lists write them.
        files: path of the list of each part.
    """

    names: dict[PartRole, list[str]]
    files: dict[PartRole, str]


def find_lists(root: Path, folder: FoundFolder) -> PartLists | None:
    """The lists that lie in a folder, or in one in it that is for them (``meta``); None where there are none.

    Args:
        root: folder that was looked through.
        folder: the data set's.
    """
    for place in (folder, *(inner for inner in folder.folders if holds_lists(inner.name))):
        found = _numbered(root, place) or _named(root, place)
        if found is not None and "training" in found.names and len(found.names) >= 2:
            return found
    return None


def _named(root: Path, folder: FoundFolder) -> PartLists | None:
    """``train.txt`` beside ``test.txt``: a picture a line."""
    names: dict[PartRole, list[str]] = {}
    files: dict[PartRole, str] = {}
    for name in folder.files:
        stem, _, ending = name.rpartition(".")
        role = role_of(stem) if ending.lower() == "txt" else None
        if role is None or role in names:
            continue
        lines = [line.strip() for line in read_lines(root / folder.joined(name)) if line.strip()]
        if lines and all("/" in line for line in lines):
            names[role], files[role] = lines, folder.joined(name)
    return PartLists(names, files) if names else None


def _numbered(root: Path, folder: FoundFolder) -> PartLists | None:
    """CUB-200's two tables."""
    if not {NUMBERED, TRAINED} <= set(folder.files):
        return None
    pictures, trained = (dict(_pairs(root / folder.joined(name))) for name in (NUMBERED, TRAINED))
    if not set(trained.values()) <= {"0", "1"}:
        return None
    names: dict[PartRole, list[str]] = {}
    for number, flag in trained.items():
        if number in pictures:
            names.setdefault("training" if flag == "1" else "test", []).append(pictures[number])
    return PartLists(names, dict.fromkeys(names, folder.joined(TRAINED)))


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    for line in read_lines(path):
        number, _, rest = line.strip().partition(" ")
        if rest:
            yield number, rest.strip()


def by_lists(found: Labelled, lists: PartLists, folder: FoundFolder) -> dict[PartRole, Labelled] | None:
    """The pictures of class folders by part; None where the lists are about others.

    Args:
        found: all pictures by their folders.
        lists: which are of which part.
        folder: of the data set.

    Raises:
        InputError: a picture is in two lists.
    """
    paths = {path: name for name, all_paths in found.classes.items() for path in all_paths}
    places = _places(lists, folder, list(paths))
    roles: dict[str, PartRole] = {}
    for role, names in lists.names.items():
        for name in names:
            path = places.get(name.removeprefix("./"))
            if path and roles.setdefault(path, role) != role:
                raise InputError(f"{lists.files[role]} names {path}, which is in the list of another part; mend one.")
    named = sum(map(len, lists.names.values()))
    if 2 * len(roles) < min(named, len(paths)) or set(roles.values()) != set(lists.names):
        return None
    parts: dict[PartRole, Labelled] = {}
    for role, file in lists.files.items():
        classes: dict[str, list[str]] = {}
        for path, name in paths.items():
            if roles.get(path) == role:
                classes.setdefault(name, []).append(path)
        parts[role] = Labelled(classes, found.labels, file)
    training = parts["training"]
    training.unlabelled, training.empty, training.notes = dict(found.unlabelled), found.empty, list(found.notes)
    if unlisted := len(paths) - len(roles):
        training.unlabelled["in no list of a part"] = unlisted
    if missing := named - len(roles):
        where = ", ".join(dict.fromkeys(lists.files.values()))
        training.notes.append(f"{missing:,} of {named:,} lines of {where} name no picture here.")
    return parts


def _places(lists: PartLists, folder: FoundFolder, paths: Sequence[str]) -> Mapping[str, str]:
    """Names as lists write them -> paths: from the data set's folder, or from the one that holds the classes."""
    starts = {folder.path, *(inner.path for inner in folder.folders)}
    beside = next(iter(lists.files.values())).rpartition("/")[0]
    return picture_places({*starts, beside}, paths)
