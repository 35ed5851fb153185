"""Tables that say the class of a picture: file and label, one column a class, annotations without a head."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.data.layouts.part_names import PartRole, role_in, role_of
from resnet_gui.data.layouts.scan import FoundFolder

TABLE_SUFFIXES: Final = (".csv", ".tsv", ".txt", ".jsonl")
MAX_BYTES: Final = 256 * 2**20

FILE_COLUMNS: Final = (
    *("filename", "file", "filepath", "imagepath", "path", "imagefile", "imagefilename", "imagename", "image"),
    *("img", "imgname", "imgpath", "imgfile", "imageid", "imgid", "picture", "photo", "photoid", "fname", "name", "id"),
    *("images", "isicid", "idcode", "fileid"),
)  # fmt: skip
LABEL_COLUMNS: Final = (
    *("label", "labels", "class", "classname", "classid", "category", "categoryname", "categoryid", "target", "breed"),
    *("species", "diagnosis", "dx", "labelname", "labelid", "tag", "tags", "type", "groundtruth", "y", "variety"),
    *("classlabel", "imageclass", "level", "genre", "emotion", "finding", "findinglabels"),
)  # fmt: skip
PART_COLUMNS: Final = ("split", "subset", "partition", "part", "set", "dataset", "usage", "phase")
"""Heads of columns in small letters, nothing but letters; the first that is there counts."""

_ABSOLUTE: Final = re.compile(r"/|[A-Za-z]:/")
NO_TABLES: Final = re.compile(r"readme|licen[cs]e|requirements|submission|changelog|notes?$|^classes$", re.IGNORECASE)


class TableRow(NamedTuple):
    """A picture's file as the table names it, its class, and what its column of parts says; None without one."""

    file: str
    label: str
    part: str | None = None


class LabelTable(NamedTuple):
    """A table of pictures and classes.

    Attributes:
        path: from the folder that was looked through.
        rows: with exactly one class each.
        several: rows with more classes than one.
        none: rows without a class.
        role: the part that the table's own name names.
        classes: names of the columns, where each class has one.
        notes: what deserves a look, a sentence each.
    """

    path: str
    rows: list[TableRow]
    several: int = 0
    none: int = 0
    role: PartRole | None = None
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Resolved(NamedTuple):
    """The pictures that a table names, as they were found.

    Attributes:
        classes: paths of pictures by class.
        parts: what the column of parts says of each picture; empty without one.
        unlisted: pictures that no row names.
        loose: whether rows name files without their folders, so that files of other folders may have these names.
    """

    classes: dict[str, list[str]]
    parts: dict[str, str]
    unlisted: int
    loose: bool


def read_tables(root: Path, folder: FoundFolder) -> list[LabelTable]:
    """The tables that lie in a folder; files that are none are passed over."""
    found = []
    for name in folder.files:
        stem, dot, ending = name.rpartition(".")
        if not dot or f".{ending.lower()}" not in TABLE_SUFFIXES or NO_TABLES.search(stem):
            continue
        table = read_table(root, folder.joined(name))
        if table is not None:
            found.append(table)
    return found


def read_table(root: Path, path: str) -> LabelTable | None:
    """A table of pictures and classes; None if the file is none."""
    lines = read_lines(root / path)
    if not lines:
        return None
    rows = _cells(lines, path)
    rows = [[cell.strip() for cell in row] for row in rows if row and any(cell.strip() for cell in row)]
    if not rows or len(rows[0]) < 2:
        return None
    stem = Path(path).stem
    role = role_in(stem)
    head = ["".join(letter for letter in cell.casefold() if letter.isalpha()) for cell in rows[0]]
    file_at = next((head.index(word) for word in FILE_COLUMNS if word in head), None)
    if file_at is None:
        body = [row for row in rows if len(row) >= 2]
        return LabelTable(path, [TableRow(row[0], row[1]) for row in body], role=role)
    return _headed(LabelTable(path, [], role=role), rows, head, file_at)


def read_lines(path: Path) -> list[str]:
    """The lines of a text file; none where it is no text, too large, or cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return []
        data = path.read_bytes()
    except OSError:
        return []
    if b"\0" in data[:4096]:
        return []
    try:
        return data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace").splitlines()


def _cells(lines: Sequence[str], path: str) -> list[list[str]]:
    if path.lower().endswith(".jsonl"):
        return _records(lines)
    first = lines[0]
    if "\t" in first:
        separator = "\t"
    elif ";" in first and first.count(";") >= first.count(","):
        separator = ";"
    elif "," in first:
        separator = ","
    elif path.lower().endswith(".txt"):
        return [line.split() for line in lines if not line.startswith("#")]
    else:
        return []
    try:
        return list(csv.reader(lines, delimiter=separator))
    except csv.Error:
        return []


def _records(lines: Sequence[str]) -> list[list[str]]:
    """One JSON object a line, as Hugging Face writes it, as a table with a head."""
    try:
        records = [msgspec.json.decode(line, type=dict[str, object]) for line in lines if line.strip()]
    except msgspec.MsgspecError:
        return []
    head = list(records[0]) if records else []
    return [head, *([str(record.get(name, "")) for name in head] for record in records)]


def _headed(table: LabelTable, rows: list[list[str]], head: list[str], file_at: int) -> LabelTable | None:
    """A table whose first row names its columns."""
    width = len(head)
    body = [row for row in rows[1:] if len(row) >= width]
    others = [column for column in range(width) if column != file_at]
    label_at = next((head.index(word) for word in LABEL_COLUMNS if word in head and head.index(word) in others), None)
    part_at = next(
        (
            head.index(word)
            for word in PART_COLUMNS
            if word in head and head.index(word) in others and _names_parts(body, head.index(word), label_at)
        ),
        None,
    )
    marks = [column for column in others if column != part_at]
    if label_at is None and len(marks) == 1:
        label_at = marks[0]
    if label_at is not None:
        found = [
            TableRow(row[file_at], row[label_at], row[part_at] if part_at is not None else None)
            for row in body
            if row[label_at]
        ]
        marked = [column for column in marks if head[column] in LABEL_COLUMNS and column != label_at]
        notes = _other_labels(table.path, (rows[0], body), label_at, marked)
        return table._replace(rows=found, none=len(body) - len(found), notes=notes)
    return _one_hot(table, body, (file_at, part_at), {column: rows[0][column] for column in marks})


def _other_labels(
    path: str, table: tuple[list[str], list[list[str]]], label_at: int, marked: Sequence[int]
) -> tuple[str, ...]:
    """A note where another column may tell the class too, and tells others: not a number beside each name."""
    names, body = table
    taken = {row[label_at] for row in body}
    others = []
    for column in marked:
        pairs = {(row[label_at], row[column]) for row in body}
        if not len(pairs) == len(taken) == len({row[column] for row in body}):
            others.append(f"'{names[column]}'")
    if not others:
        return ()
    listed = " and ".join(others)
    return (f"{path} tells classes in its column '{names[label_at]}', and others in {listed}, not used.",)


def _names_parts(body: list[list[str]], column: int, label_at: int | None) -> bool:
    """Whether a column names parts, be it of some rows alone.

    Where no other column has the head of labels it may be that of the classes, one of which is a train.
    """
    roles = {role_of(value) for value in {row[column] for row in body}}
    named = roles - {None}
    if label_at is not None:
        return bool(named)
    return None not in roles or ("training" in named and len(named) >= 2)


def _one_hot(
    table: LabelTable, body: list[list[str]], places: tuple[int, int | None], marks: dict[int, str]
) -> LabelTable | None:
    """A table with a column for each class, as Roboflow and ISIC write it; None if its cells are not 0 and 1."""
    yes, no = {"1", "1.0", "true", "True"}, {"0", "0.0", "false", "False", ""}
    columns = {column: name for column, name in marks.items() if all(row[column] in yes | no for row in body)}
    if len(columns) < 2 or len(columns) < len(marks):
        return None
    file_at, part_at = places
    rows, several, none = [], 0, 0
    for row in body:
        given = [name for column, name in columns.items() if row[column] in yes]
        several, none = several + (len(given) > 1), none + (not given)
        if len(given) == 1:
            rows.append(TableRow(row[file_at], given[0], row[part_at] if part_at is not None else None))
    return table._replace(rows=rows, several=several, none=none, classes=tuple(columns.values()))


def resolve(table: LabelTable, folder: FoundFolder) -> Resolved | None:
    """Find the pictures that a table names in and below a folder; None where it is about others.

    Raises:
        InputError: it gives pictures several classes, or names that several pictures have.
    """
    paths = folder.below()
    places = _places(table, folder, paths)
    classes: dict[str, list[str]] = defaultdict(list)
    labels: dict[str, str] = {}
    parts: dict[str, str] = {}
    loose = False
    for row in table.rows:
        name = row.file.replace("\\", "/").removeprefix("./")
        path = places.get(name)
        if path is None and _ABSOLUTE.match(name):
            path = next((places[end] for end in _ends(name) if end in places), None)
        if path is None:
            continue
        if path == "":
            raise InputError(f"{table.path} names '{name}', but several folders hold a picture of that name.")
        loose = loose or "/" not in name
        if labels.setdefault(path, row.label) != row.label:
            raise InputError(
                f"{table.path} gives {path} several classes ('{labels[path]}', '{row.label}'); a picture has one here."
            )
        if row.part is not None and parts.setdefault(path, row.part) != row.part:
            raise InputError(
                f"{table.path} puts {path} into several parts ('{parts[path]}', '{row.part}'); a picture is in one."
            )
    if 2 * len(labels) < min(len(table.rows), len(paths)) or not labels:
        return None
    if table.several:
        raise InputError(
            f"{table.path} gives {table.several:,} pictures several classes at once; here a picture has one class."
        )
    for path in paths:
        if path in labels:
            classes[labels[path]].append(path)
    return Resolved(_named_by_files(dict(classes)), parts, len(paths) - len(labels), loose)


def _ends(name: str) -> Iterator[str]:
    """The ends of another computer's path, the longest first, with at least one folder."""
    parts = name.strip("/").split("/")
    return ("/".join(parts[start:]) for start in range(len(parts) - 1))


def _named_by_files(classes: dict[str, list[str]]) -> dict[str, list[str]]:
    """Classes that a table only numbers, by the names that their files begin with, where each has one of its own.

    Oxford's pets are listed so: ``Abyssinian_100 1 1 1`` of the file ``Abyssinian_100.jpg``.
    """
    if not all(label.isdecimal() for label in classes):
        return classes
    names = {label: {_first_words(path) for path in paths} for label, paths in classes.items()}
    firsts = [next(iter(found)) for found in names.values()]
    if any(len(found) > 1 for found in names.values()) or len(set(firsts)) < len(firsts) or not all(firsts):
        return classes
    return dict(zip(firsts, classes.values(), strict=True))


def _first_words(path: str) -> str:
    """``Abyssinian`` of ``images/Abyssinian_100.jpg``; empty where a name does not end in a number of its own."""
    match = re.fullmatch(r"(.*[^\W\d_])[_-]\d+", path.rpartition("/")[2].rpartition(".")[0])
    return match[1] if match is not None else ""


def _places(table: LabelTable, folder: FoundFolder, paths: Sequence[str]) -> dict[str, str]:
    """Every name that a table may give a picture -> its path; the empty path where several have that name.

    Whole paths count before names alone, and names with their ending before those without.
    """
    return picture_places((table.path.rpartition("/")[0], folder.path), paths)


def picture_places(folders: Collection[str], paths: Sequence[str]) -> dict[str, str]:
    """Every name that a list may give a picture -> its path; the empty path where several have that name.

    Args:
        folders: that names may begin in.
        paths: of the pictures.
    """
    starts = ("", *sorted({f"{start}/" for start in folders if start}))
    exact: dict[str, str] = {}
    stems: dict[str, str] = {}
    names: dict[str, str] = {}
    for path in paths:
        for start in starts:
            if path.startswith(start):
                whole = path[len(start) :]
                exact[whole] = path
                _add(stems, whole.rpartition(".")[0], path)
        name = path.rpartition("/")[2]
        _add(names, name, path)
        _add(names, name.rpartition(".")[0], path)
    return names | stems | exact


def _add(places: dict[str, str], name: str, path: str) -> None:
    places[name] = path if places.get(name, path) == path else ""
