"""What the README says of the rooms of the house, and what the files of the package really do.

``test_floors`` compares the two. A room is a folder or a file; of two rows that fit a file the longer one counts.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.sources import parsed

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "resnet_gui"
FILES = sorted(path.relative_to(ROOT / PACKAGE).as_posix() for path in (ROOT / PACKAGE).rglob("*.py"))
ROOMS = ["room", "what it is", "may import"]
EXCEPTIONS = ["where", "exception", "why"]
PLAIN = "the plain rooms"
GROUND = "base"
"""The room whose packages everybody may use who may import the room."""

COMPUTED = "a computed name"
"""Stands for the module of an ``import_module`` whose name is worked out; an exception may name it."""

LIMITS = {"file": 400, "class": 300, "function": 50, "parameters": 6, "files": 20}


class Room(NamedTuple):
    """What one row of the table says: where it holds, and the dotted names that may be imported there."""

    where: str
    anywhere: frozenset[str]
    in_functions: frozenset[str] = frozenset()
    for_types: frozenset[str] = frozenset()

    def holds(self, file: str) -> bool:
        """Whether a file is in this room: below its folder, the file itself, or beside it for ``folder/*.py``."""
        if self.where.endswith("/*.py"):
            return str(Path(file).parent) == self.where.removesuffix("/*.py")
        return file.startswith(self.where) if self.where.endswith("/") else file == self.where

    def allows(self, found: Import) -> bool:
        """Whether this room may import that, there."""
        return (
            covers(self.anywhere, found.name)
            or (found.in_function and covers(self.in_functions, found.name))
            or (found.for_types and covers(self.for_types, found.name))
        )


class Import(NamedTuple):
    """One import: the dotted name, its line, and whether it stands in a function or under TYPE_CHECKING."""

    name: str
    line: int
    in_function: bool
    for_types: bool


class Fault(NamedTuple):
    """One thing that the rules forbid: an import, or a size in lines, parameters or files."""

    where: str
    what: str
    amount: int = 0
    line: int = 0

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        return f"{self.where}{line} {f'has {self.amount} {self.what}' if self.amount else self.what}"


class Allowed(NamedTuple):
    """One row of the table of exceptions."""

    where: str
    what: str
    limit: int
    why: str

    def excuses(self, fault: Fault) -> bool:
        """Whether the fault is the one that this row names."""
        if fault.where != self.where:
            return False
        if self.limit:
            return fault.what == self.what and fault.amount <= self.limit
        return fault.what.startswith("imports ") and covers(
            frozenset({self.what.removeprefix("imports ")}), fault.what.removeprefix("imports ")
        )


class House(NamedTuple):
    """The two tables of the README."""

    rooms: tuple[Room, ...]
    exceptions: tuple[Allowed, ...]

    def room(self, file: str) -> Room | None:
        """The row that counts for a file: the longest that fits; None without one."""
        fitting = (room for room in self.rooms if room.holds(file))
        return max(fitting, key=lambda room: len(room.where.removesuffix("*.py")), default=None)

    def empty_rooms(self, files: Iterable[str]) -> list[str]:
        """The rows that hold none of the files."""
        held = {self.room(file) for file in files}
        return [room.where for room in self.rooms if room not in held]

    def judge(self, faults: Iterable[Fault], kinds: str) -> list[str]:
        """The faults that no exception names, and the exceptions of these kinds that name no fault.

        Args:
            faults: What was found over the whole package.
            kinds: A regular expression; exceptions whose words it does not match are of another test.
        """
        left: list[str] = []
        used: set[Allowed] = set()
        for fault in faults:
            excused = [allowed for allowed in self.exceptions if allowed.excuses(fault)]
            used.update(excused)
            if not excused:
                left.append(str(fault))
        stale = (allowed for allowed in self.exceptions if re.match(kinds, allowed.what) and allowed not in used)
        return left + [f"{allowed.where}: the exception '{allowed.what}' is not needed any more" for allowed in stale]


# ---- the README


def table(markdown: str, header: list[str]) -> list[list[str]]:
    """Rows of the one table with this header."""
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in markdown.splitlines()]
    (start,) = (number for number, cells in enumerate(lines) if cells == header)
    rows = []
    for cells in lines[start + 2 :]:
        if len(cells) != len(header):
            break
        rows.append(cells)
    return rows


def quoted(words: str) -> list[str]:
    return re.findall(r"`([^`]+)`", words)


def dotted(name: str) -> str:
    """``gui/kit`` -> ``resnet_gui.gui.kit``; the name of an installed package stays."""
    own = ROOT / PACKAGE / name.rstrip("/")
    if own.is_dir() or own.with_suffix(".py").is_file():
        return f"{PACKAGE}.{name.rstrip('/').removesuffix('.py').replace('/', '.')}"
    assert "/" not in name, f"{name} in the README's table is no module"
    return name


def names_of(words: str, plain: list[str]) -> frozenset[str]:
    """Dotted names that a part of a cell means."""
    names = [word.strip().strip("`") for word in re.split(r",| or | and ", words) if word.strip()]
    flat = [inner for name in names for inner in (plain if name == PLAIN else [name])]
    return frozenset(dotted(name) for name in flat if name != "standard library")


def room_of(where: str, cell: str, plain: list[str]) -> Room:
    """The rule that a row writes down, such as ``design, base; torch only inside functions or for types``."""
    always, *clauses = cell.split(";")
    own = where.removesuffix("*.py").rstrip("/").removesuffix(".py").replace("/", ".")
    inside: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    for clause in clauses:
        names, only, place = clause.partition(" only ")
        assert only, f"this test cannot read: {cell}"
        places = {part.strip() for part in place.split(" or ")}
        assert places <= {"inside functions", "for types"}, f"this test cannot read: {cell}"
        inside |= names_of(names, plain) if "inside functions" in places else frozenset()
        types |= names_of(names, plain) if "for types" in places else frozenset()
    itself = frozenset() if own in {"__init__", "__main__"} else frozenset({f"{PACKAGE}.{own}"})
    return Room(where, names_of(always, plain) | itself, inside, types)


def allowed_of(where: str, exception: str, why: str) -> Allowed:
    """One row of the table of exceptions: ``imports `gui/x` `` or ``up to 420 lines``."""
    assert len(why) > 10, f"the exception of {where} has no reason"
    place = " ".join(quoted(where))
    assert place, f"{where} names no file"
    if size := re.fullmatch(r"up to (\d+) (lines|parameters|files)", exception):
        return Allowed(place, size[2], int(size[1]), why)
    (name,) = quoted(exception)
    assert exception == f"imports `{name}`", f"this test cannot read: {exception}"
    return Allowed(place, f"imports {dotted(name)}", 0, why)


def read_house(markdown: str) -> House:
    """Both tables. Whoever may import ``base`` may also use the packages that it uses."""
    (plain,) = re.findall(r"\*\*The plain rooms\*\* \(([^)]*)\)", markdown)
    rows = [(where, cell) for places, _, cell in table(markdown, ROOMS) for where in quoted(places)]
    rooms = [room_of(where, cell, quoted(plain)) for where, cell in rows]
    (ground,) = (room.anywhere for room in rooms if room.where == f"{GROUND}/")
    rooms = [
        room._replace(anywhere=room.anywhere | ground) if f"{PACKAGE}.{GROUND}" in room.anywhere else room
        for room in rooms
    ]
    assert len({room.where for room in rooms}) == len(rooms), "a room has two rows"
    return House(tuple(rooms), tuple(allowed_of(*row) for row in table(markdown, EXCEPTIONS)))


# ---- the imports


def is_module(name: str) -> bool:
    """Whether a dotted name is a module of this project."""
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def named_by(node: ast.AST, package: str) -> Iterator[str]:
    """Modules that a statement or a call imports."""
    match node:
        case ast.Import():
            yield from (alias.name for alias in node.names)
        case ast.ImportFrom():
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            module = ".".join([*parents, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                yield inner if module.startswith(PACKAGE) and is_module(inner) else module
        case ast.Call(func=ast.Name(id="__import__") | ast.Attribute(attr="import_module"), args=[name, *_]):
            yield name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else COMPUTED


def for_types(node: ast.AST) -> bool:
    """Whether this is ``if TYPE_CHECKING:``."""
    return isinstance(node, ast.If) and any(
        "TYPE_CHECKING" in {getattr(part, "id", ""), getattr(part, "attr", "")} for part in ast.walk(node.test)
    )


def imports(file: str, source: str) -> list[Import]:
    """Every import of a file, also inside functions and under TYPE_CHECKING."""
    package = ".".join([PACKAGE, *Path(file).parent.parts])
    found: list[Import] = []

    def visit(node: ast.AST, *, function: bool, types: bool) -> None:
        found.extend(Import(name, getattr(node, "lineno", 0), function, types) for name in named_by(node, package))
        function = function or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        types = types or for_types(node)
        for child in ast.iter_child_nodes(node):
            visit(child, function=function, types=types)

    visit(parsed(source), function=False, types=False)
    return found


def covers(names: frozenset[str], module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def wrong_imports(file: str, source: str, house: House) -> list[Fault]:
    """The imports that the file's room does not allow; a file without a room is a fault too."""
    room = house.room(file)
    if room is None:
        return [Fault(file, "stands in no room of the README's table")]
    return [
        Fault(file, f"imports {found.name}", line=found.line)
        for found in imports(file, source)
        if found.name.split(".")[0] not in sys.stdlib_module_names and found.name != PACKAGE and not room.allows(found)
    ]


# ---- sizes


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Number of parameters; self and cls are not counted."""
    positional = [*function.args.posonlyargs, *function.args.args]
    bound = bool(positional) and positional[0].arg in {"self", "cls"}
    return len(positional) - bound + len(function.args.kwonlyargs)


def definitions(tree: ast.AST, outer: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every class and function with its qualified name."""
    for node in ast.iter_child_nodes(tree):
        named = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        name = f"{outer}.{node.name}".strip(".") if named else outer  # type: ignore[attr-defined]
        if named:
            yield name, node
        yield from definitions(node, name)


def too_large(file: str, source: str) -> list[Fault]:
    """The file, its classes and its functions that are larger than the limits."""
    lines = len(source.splitlines())
    faults = [Fault(file, "lines", lines)] if lines > LIMITS["file"] else []
    for name, node in definitions(parsed(source)):
        assert isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > LIMITS["class" if isinstance(node, ast.ClassDef) else "function"]:
            faults.append(Fault(f"{file} {name}", "lines", length, node.lineno))
        if not isinstance(node, ast.ClassDef) and parameters(node) > LIMITS["parameters"]:
            faults.append(Fault(f"{file} {name}", "parameters", parameters(node), node.lineno))
    return faults


def too_full(files: Iterable[str]) -> list[Fault]:
    """Folders with more modules than the limit; ``__init__.py`` is not counted."""
    counts = Counter(f"{Path(file).parent}/" for file in files if Path(file).name != "__init__.py")
    return [Fault(folder, "files", number) for folder, number in sorted(counts.items()) if number > LIMITS["files"]]
