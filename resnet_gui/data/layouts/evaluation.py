"""The pictures of a folder that a network is tested on: all of it, or its test part where it has parts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.data.layouts.finder import DEEPEST_WRAPPING
from resnet_gui.data.layouts.labelled import (
    FOLDER_NAMES,
    Labelled,
    PartPlace,
    TableFinder,
    label,
    label_by_table,
    parts_of_column,
    place_text,
)
from resnet_gui.data.layouts.layout import Layout, missing_notes, values_aside
from resnet_gui.data.layouts.part_names import PartRole
from resnet_gui.data.layouts.parts import Parts
from resnet_gui.data.layouts.refusals import TESTED_NEEDS, described_path, nothing
from resnet_gui.data.layouts.scan import FoundFolder, Scan
from resnet_gui.data.layouts.tables import read_table

ORDER: Final[tuple[PartRole, ...]] = ("test", "validation", "training")
"""The part that is counted: the first of these that there is and that has classes."""


def find_test(scan: Scan, known: Collection[str]) -> Layout:
    """The pictures to test a network on, in the layout's test part.

    Args:
        scan: of the folder.
        known: the network's classes; a folder that bears the name of one is that class.

    Raises:
        InputError: nothing tells the classes of the pictures.
    """
    if not scan.tree.total:
        raise nothing(scan, TESTED_NEEDS)
    tables = TableFinder(scan.root)
    folder = scan.tree
    for _ in range(DEEPEST_WRAPPING):
        own = folder.name if folder.path else scan.root.resolve().name
        if own in known and not any(each.name in known for each in folder.filled):
            return _layout(Labelled({own: folder.below()}, FOLDER_NAMES, place_text(folder)))
        parts = Parts(folder)
        if parts.are_there:
            return _of_parts(scan, folder, parts, tables)
        found = label(PartPlace(folder, role="test"), tables) or label(PartPlace(folder), tables)
        one = folder.filled[0] if not folder.pictures and len(folder.filled) == 1 else None
        if found is not None and (one is None or one.name in known or not one.filled):
            return _of_column(found) if found.parts else _layout(found)
        if one is None:
            break
        folder = one
    raise InputError(
        f"{described_path(scan, folder)}: nothing tells the class of these pictures; put them into one folder a class, "
        "named as the network's classes are."
    )


def find_by_table(scan: Scan, name: str) -> Layout:
    """The pictures that one table names, in the layout's test part; of a table with a column of parts, those of one.

    Args:
        scan: of the folder that the table lies in; the pictures lie in or below it.
        name: of the table.

    Raises:
        InputError: it is no table of pictures and classes, or is about others.
    """
    table = read_table(scan.root, name)
    if table is None or not table.rows:
        raise InputError(f"{scan.root / name} is no table of pictures and classes: a column of files, one of labels.")
    found = label_by_table(scan.tree, [table])
    if found is None:
        raise InputError(
            f"{scan.root / name} names {table.rows[0].file} and others, of which too few lie in its folder or below; "
            "put the table beside its pictures."
        )
    return _of_column(found) if found.parts else _layout(found)


def _of_parts(scan: Scan, folder: FoundFolder, parts: Parts, tables: TableFinder) -> Layout:
    beside = tables.of(folder)
    classes: Collection[str] | None = None
    trainings = parts.by_role.get("training", [])
    if len(trainings) == 1 and (training := label(PartPlace(trainings[0], beside), tables)) is not None:
        classes = set(training.classes)
    unlabelled: list[str] = []
    for role in ORDER:
        for each in parts.by_role.get(role, []):
            found = label(PartPlace(each, beside, role), tables, classes)
            if found is None:
                unlabelled.append(f"{each.path}/")
                continue
            layout = _layout(found)
            rest = [
                f"{other.path}/" for other in parts.named if other is not each and f"{other.path}/" not in unlabelled
            ]
            if unlabelled:
                layout.notes.append(f"{', '.join(unlabelled)} has no classes and is set aside.")
            if rest:
                layout.notes.append(f"Of its parts, {found.where} is counted, not {', '.join(rest)}.")
            return layout
    names = ", ".join(each.name for each in parts.named)
    raise InputError(
        f"{described_path(scan, folder)} is in parts ({names}), none of which tells the classes of its pictures; put "
        "them into one folder a class."
    )


def _of_column(found: Labelled) -> Layout:
    """The part to count of those that a table's column names."""
    parts, others = parts_of_column(found)
    table = found.tables[0]
    role = next((each for each in ORDER if each in parts), None)
    if role is None:
        raise InputError(f"{table} names no pictures with a class for a test in its column of parts.")
    counted = parts[role]
    counted.tables, counted.notes, counted.rows = found.tables, found.notes, counted.count + found.rows - found.count
    layout = _layout(counted)
    if rest := [each for each in parts if each != role]:
        layout.notes.append(f"Of the parts that {table} names, {role} is counted, not {', '.join(rest)}.")
    layout.aside.extend(values_aside(table, others))
    return layout


def _layout(found: Labelled) -> Layout:
    classes = tuple(sorted(found.classes))
    files = [(path, number) for number, name in enumerate(classes) for path in found.classes[name]]
    layout = Layout(
        classes,
        found.labels,
        [],
        test=files,
        where={"test": found.source},
        tables=found.tables,
        notes=list(found.notes),
    )
    layout.notes.extend(missing_notes([found]))
    for each in found.empty:
        layout.notes.append(f"The class folder '{each.path}' holds no pictures.")
    return layout
