"""The classes of one part of a data set: by folders, by a table, or by the names of its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from resnet_gui.data.layouts.description import many
from resnet_gui.data.layouts.file_labels import labels_in_names
from resnet_gui.data.layouts.part_names import PartRole, are_pieces, holds_lists, is_mask, role_of
from resnet_gui.data.layouts.parts import wrapped
from resnet_gui.data.layouts.refusals import check_classes, pieces
from resnet_gui.data.layouts.scan import FoundFolder
from resnet_gui.data.layouts.tables import LabelTable, read_tables, resolve

FOLDER_NAMES = "folder names"
FILE_NAMES = "file names"


@dataclass(slots=True)
class Labelled:
    """The pictures of a part with their classes.

    Attributes:
        classes: paths of pictures by class, each list in order.
        labels: what tells the class.
        where: the folder, or the table and its folder, in words.
        unlabelled: pictures in the same place that have no class, by why.
        empty: class folders without a picture.
        parts: what the table's column of parts says of each picture; empty without one.
        tables: paths of the tables that were read.
        rows: of the table that name a class.
        loose: whether the table names files without their folders.
        notes: what deserves a look.
    """

    classes: dict[str, list[str]]
    labels: str
    where: str
    unlabelled: dict[str, int] = field(default_factory=dict)
    empty: list[FoundFolder] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)
    rows: int = 0
    loose: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Pictures that have a class."""
        return sum(map(len, self.classes.values()))

    @property
    def source(self) -> str:
        """Where the pictures are from, in words: their folder, and what tells their classes if that is not folders."""
        if self.labels in {FOLDER_NAMES, self.where}:
            return self.where
        return f"{self.where} by {self.labels}".lstrip()


class ColumnParts(NamedTuple):
    """The parts that a table's column names, and how many pictures have another value there, by that value."""

    parts: dict[PartRole, Labelled]
    others: Counter[str]


def parts_of_column(found: Labelled) -> ColumnParts:
    """Part pictures by what the table's column of parts says of each."""
    roles = {value: role_of(value) for value in set(found.parts.values())}
    classes: dict[PartRole, dict[str, list[str]]] = {}
    others: Counter[str] = Counter()
    for name, paths in found.classes.items():
        for path in paths:
            role = roles[found.parts[path]]
            if role is None:
                others[found.parts[path]] += 1
            else:
                classes.setdefault(role, {}).setdefault(name, []).append(path)
    return ColumnParts({role: Labelled(each, found.labels, found.labels) for role, each in classes.items()}, others)


class TableFinder:
    """The tables that lie in folders, each read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[str, list[LabelTable]] = {}

    def of(self, folder: FoundFolder) -> list[LabelTable]:
        """The tables that lie right in a folder, or in one in it that is for them (``annotations``)."""
        if folder.path not in self._read:
            places = [folder, *(inner for inner in folder.folders if holds_lists(inner.name))]
            self._read[folder.path] = [table for place in places for table in read_tables(self._root, place)]
        return self._read[folder.path]


class PartPlace(NamedTuple):
    """The place of a part on disk.

    Attributes:
        folder: of the part, or of all parts.
        beside: tables that lie outside of it and may be about it.
        role: of the part; tables that name another one are not about it.
    """

    folder: FoundFolder
    beside: Sequence[LabelTable] = ()
    role: PartRole = "training"


def place_text(folder: FoundFolder) -> str:
    """A folder as a description names it; empty for the folder that was named itself."""
    return f"{folder.path}/" if folder.path else ""


def label(place: PartPlace, finder: TableFinder, known: Collection[str] | None = None) -> Labelled | None:
    """The classes of a part; None where nothing tells them.

    Args:
        place: where it lies.
        finder: reads tables.
        known: the classes that it may have; None where it may have any.

    Raises:
        InputError: a table contradicts itself, or the folders are those of another task.
    """
    folder, tables = place.folder, [*finder.of(place.folder), *place.beside]
    while (inner := wrapped(folder)) is not None:
        folder = inner
        tables = [*finder.of(folder), *tables]
    filled = folder.filled
    if filled and not _says_nothing(folder, known):
        return _by_folders(folder, filled)
    found = label_by_table(folder, _about(tables, place.role), known)
    if found is None and len(filled) > 1 and known is None:
        raise pieces(place_text(folder) or "The folder", filled)
    if found is None and folder.pictures and not filled:
        found = _by_names(folder, known)
    return found


def _says_nothing(folder: FoundFolder, known: Collection[str] | None) -> bool:
    """Whether the names of the folders inside are no classes."""
    names = [each.name for each in folder.filled]
    if known is not None:
        return not any(name in known for name in names)
    return are_pieces(names)


def _by_folders(folder: FoundFolder, filled: Sequence[FoundFolder]) -> Labelled:
    empty = [each for each in folder.folders if not each.total]
    found = Labelled(
        {each.name: each.below() for each in filled}, FOLDER_NAMES, place_text(folder), empty=empty
    )  # fmt: skip
    if folder.pictures:
        found.unlabelled["beside the class folders"] = len(folder.pictures)
    return found


def label_by_table(
    folder: FoundFolder, tables: Sequence[LabelTable], known: Collection[str] | None = None
) -> Labelled | None:
    """The classes of the pictures in and below a folder by the first of some tables that is about them.

    Args:
        folder: of the pictures.
        tables: of pictures and classes.
        known: the classes that they may have; None where they may have any.

    Raises:
        InputError: a table contradicts itself, or its labels are values and no classes.
    """
    masks = [each.name for each in folder.filled if is_mask(each.name)]
    place = folder if not masks else folder.without(masks)
    for table in tables:
        if not table.rows:
            continue
        resolved = resolve(table, place)
        if resolved is None or (known is not None and not all(name in known for name in resolved.classes)):
            continue
        if known is None:
            check_classes(table.path, resolved.classes)
        found = Labelled(resolved.classes, table.path, place_text(folder), parts=resolved.parts, tables=[table.path])
        found.rows, found.loose = len({row.file for row in table.rows}), resolved.loose
        if masks:
            found.unlabelled[f"of {', '.join(masks)}"] = folder.total - place.total
        if resolved.unlisted:
            found.unlabelled[f"not named by {table.path}"] = resolved.unlisted
        if table.none:
            found.notes.append(f"{many(table.none, 'row')} of {table.path} name{'s' * (table.none == 1)} no class.")
        found.notes.extend((*table.notes, *_missing_values(table.path, resolved.classes)))
        return found
    return None


MISSING: Final = frozenset({"nan", "null", "none", "n/a", "na", "<na>", "nat", "?", "-"})
"""What programs write where a table has no value."""


def _missing_values(path: str, classes: Mapping[str, Sequence[str]]) -> list[str]:
    """A note for each class whose name may mean that there is none."""
    return [
        f"{many(len(paths), 'picture')} of {path} by the class '{name}', which may mean that there is none: it is a "
        "class like the others here."
        for name, paths in classes.items()
        if name.casefold() in MISSING
    ]


def _by_names(folder: FoundFolder, known: Collection[str] | None) -> Labelled | None:
    labels = labels_in_names(folder.pictures)
    if labels is None or (known is not None and not all(name in known for name in labels)):
        return None
    classes: dict[str, list[str]] = {}
    for name, given in zip(folder.pictures, labels, strict=True):
        classes.setdefault(given, []).append(folder.joined(name))
    return Labelled(classes, FILE_NAMES, place_text(folder))


def _about(tables: Sequence[LabelTable], role: PartRole) -> list[LabelTable]:
    """The tables that may be about a part, those that name it first."""
    return sorted((each for each in tables if each.role in {role, None}), key=lambda each: each.role is None)
