"""The floors of the house: who may import what, as the README's table says, and how large a file may grow."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT

PACKAGE = "resnet_gui"
FILES = sorted(path.relative_to(ROOT / PACKAGE).as_posix() for path in (ROOT / PACKAGE).rglob("*.py"))
HEADER = ["floor", "what it is", "may import"]
FLOORS = ("spec", "core", "engine", "gui", "cli")
ROOMS = {"__init__.py": frozenset[str](), "__main__.py": frozenset({f"{PACKAGE}.cli"})}
"""Files that stand on no floor: they may import the standard library and these."""

MAX_FILE, MAX_FUNCTION, MAX_CLASS, MAX_MAIN_WINDOW, MAX_PARAMETERS = 400, 50, 300, 250, 6


class Rule(NamedTuple):
    """What a floor may import: names of packages and of the project's own modules."""

    anywhere: frozenset[str]
    in_functions: frozenset[str] = frozenset()


class Import(NamedTuple):
    name: str
    line: int
    in_function: bool


# ---- the table


def table_rows(markdown: str) -> dict[str, str]:
    """Floor -> "may import", from the one table with the header of HEADER."""
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in markdown.splitlines()]
    (start,) = (number for number, cells in enumerate(lines) if cells == HEADER)
    found: dict[str, str] = {}
    for cells in lines[start + 2 :]:
        if len(cells) != len(HEADER):
            break
        found[cells[0].strip("`").removesuffix("/").removesuffix(".py")] = cells[2]
    return found


def names_of(words: str) -> frozenset[str]:
    """Modules that the words of a cell mean."""
    names = [word.strip().strip("`") for word in re.split(r",| or | and ", words)]
    own = {name: f"{PACKAGE}.{name}" for name in FLOORS}
    return frozenset(own.get(name, "" if name == "standard library" else name) for name in names) - {""}


def rules(markdown: str) -> dict[str, Rule]:
    """The rule of each floor. Whoever stands on spec may use what spec stands on: its structs are msgspec's."""
    rows = table_rows(markdown)
    ground = names_of(rows["spec"])
    found: dict[str, Rule] = {}
    for floor, cell in rows.items():
        always, _, inside = cell.partition(";")
        anywhere = names_of(always) | {f"{PACKAGE}.{floor}"}
        if f"{PACKAGE}.spec" in anywhere:
            anywhere |= ground
        in_functions = names_of(inside.split(" only inside ")[0]) if inside else frozenset()
        assert not inside or " only inside " in inside, f"this test cannot read: {cell}"
        found[floor] = Rule(anywhere, in_functions)
    return found


@pytest.fixture(scope="module")
def house() -> dict[str, Rule]:
    return rules((ROOT / "README.md").read_text(encoding="utf-8"))


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
            yield name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else "a computed name"


def imports(file: str, source: str) -> list[Import]:
    """Every import of a file, also inside functions and under TYPE_CHECKING."""
    package = ".".join([PACKAGE, *Path(file).parent.parts])
    found: list[Import] = []

    def visit(node: ast.AST, *, in_function: bool) -> None:
        found.extend(Import(name, getattr(node, "lineno", 0), in_function) for name in named_by(node, package))
        inside = in_function or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            visit(child, in_function=inside)

    visit(ast.parse(source), in_function=False)
    return found


def covers(names: frozenset[str], module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def wrong_imports(file: str, source: str, house: dict[str, Rule]) -> list[str]:
    """A sentence for each import that the file's floor does not allow."""
    floor = Path(file).parts[0].removesuffix(".py")
    rule = Rule(ROOMS[file]) if file in ROOMS else house[floor]
    wrong = []
    for name, line, in_function in imports(file, source):
        top = name.split(".")[0]
        if top in sys.stdlib_module_names or name == PACKAGE:
            continue
        if covers(rule.anywhere, name) or (in_function and covers(rule.in_functions, name)):
            continue
        wrong.append(f"{file}:{line} imports {name}")
    return wrong


@pytest.mark.parametrize("file", FILES)
def test_a_file_imports_only_what_its_floor_may(file: str, house: dict[str, Rule]) -> None:
    assert wrong_imports(file, (ROOT / PACKAGE / file).read_text(encoding="utf-8"), house) == []


def test_the_readme_has_a_row_for_every_floor_and_every_folder_is_a_floor(house: dict[str, Rule]) -> None:
    assert tuple(house) == FLOORS
    assert {file.split("/")[0].removesuffix(".py") for file in FILES} - set(FLOORS) == {"__init__", "__main__"}


# ---- the test tests itself

TABLE = """
| floor | what it is | may import |
|---|---|---|
| `spec/` | plain data | standard library, msgspec |
| `core/` | the network | spec, torch, safetensors |
| `engine/` | computes | core, spec, torch, numpy, PIL |
| `gui/` | the window | spec, PySide6, pyqtgraph, numpy |
| `cli.py` | the command | spec; gui or engine only inside the chosen command |

more text
"""


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("spec/a.py", "import torch"),
        ("spec/a.py", "def f():\n    import numpy as np"),
        ("spec/a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from torch import Tensor"),
        ("spec/a.py", "from resnet_gui.network.resnet import ResNet"),
        ("spec/a.py", "from resnet_gui import core"),
        ("spec/a.py", "from ..core import resnet"),
        ("spec/a.py", "import importlib\nimportlib.import_module('torch')"),
        ("spec/a.py", "__import__(name)"),
        ("core/a.py", "import numpy"),
        ("core/a.py", "from resnet_gui.engine import train"),
        ("engine/a.py", "from PySide6.QtCore import QObject"),
        ("engine/a.py", "from resnet_gui.gui.session import Session"),
        ("gui/a.py", "class A:\n    async def f(self):\n        import torch.nn"),
        ("gui/pages/a.py", "from ...engine import train"),
        ("gui/a.py", "from resnet_gui.cli.main import main"),
        ("cli.py", "import torch"),
        ("cli.py", "from resnet_gui.engine.train.run import train"),
        ("cli.py", "from resnet_gui import gui"),
        ("cli.py", "def f():\n    from resnet_gui.network.resnet import ResNet"),
        ("cli.py", "def f():\n    import torch"),
        ("__init__.py", "from resnet_gui.spec import arch"),
        ("__main__.py", "import msgspec"),
    ],
)
def test_an_import_from_a_floor_above_or_of_a_strange_package_is_found(file: str, source: str) -> None:
    assert len(wrong_imports(file, source, rules(TABLE))) == 1


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("spec/a.py", "import os.path\nimport msgspec.json\nfrom resnet_gui.spec import arch\nfrom . import plan"),
        ("spec/a.py", "from resnet_gui import __version__"),
        ("core/a.py", "import msgspec\nfrom torch.nn import functional\nfrom safetensors.torch import save_file"),
        ("engine/a.py", "from PIL import Image\nfrom resnet_gui.network.resnet import ResNet\nfrom .. import spec"),
        ("gui/pages/a.py", "from ..session import Session\nfrom ...spec.plan import plan\nimport numpy"),
        ("cli.py", "def f():\n    from resnet_gui.gui.app import run\n    from resnet_gui.engine import train"),
        ("__main__.py", "import sys\nfrom resnet_gui.cli.main import main"),
    ],
)
def test_an_import_of_the_floor_itself_or_of_one_below_is_allowed(file: str, source: str) -> None:
    assert wrong_imports(file, source, rules(TABLE)) == []


# ---- sizes


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Number of parameters; self and cls are not counted."""
    positional = [*function.args.posonlyargs, *function.args.args]
    bound = bool(positional) and positional[0].arg in {"self", "cls"}
    return len(positional) - bound + len(function.args.kwonlyargs)


def too_large(file: str, source: str) -> list[str]:
    """A sentence for each file, class and function that is larger than the house allows."""
    lines = len(source.splitlines())
    limit = MAX_MAIN_WINDOW if file == "gui/main_window.py" else MAX_FILE
    wrong = [f"{file} has {lines} lines, at most {limit} are allowed"] if lines > limit else []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        limit = MAX_CLASS if isinstance(node, ast.ClassDef) else MAX_FUNCTION
        if length > limit:
            wrong.append(f"{file}:{node.lineno} {node.name} has {length} lines, at most {limit} are allowed")
        if not isinstance(node, ast.ClassDef) and parameters(node) > MAX_PARAMETERS:
            wrong.append(f"{file}:{node.lineno} {node.name} has {parameters(node)} parameters")
    return wrong


@pytest.mark.parametrize("file", FILES)
def test_no_file_class_or_function_is_larger_than_the_house_allows(file: str) -> None:
    assert too_large(file, (ROOT / PACKAGE / file).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("spec/a.py", "\n" * 401),
        ("gui/main_window.py", "\n" * 251),
        ("spec/a.py", "def f():\n" + "    x = 1\n" * 50),
        ("spec/a.py", "class A:\n" + "    x = 1\n" * 300),
        ("spec/a.py", "class A:\n    def f(self, a, b, c, d, e, f, g): ..."),
        ("spec/a.py", "async def f(a, b, c, *, d, e, f, g): ..."),
    ],
)
def test_what_is_too_large_is_found(file: str, source: str) -> None:
    assert len(too_large(file, source)) == 1


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("spec/a.py", "\n" * 400),
        ("gui/main_window.py", "\n" * 250),
        ("spec/a.py", "def f():\n" + "    x = 1\n" * 49),
        ("spec/a.py", "class A:\n" + "    x = 1\n" * 299),
        ("spec/a.py", "class A:\n    def f(self, a, b, c, d, e, f): ..."),
    ],
)
def test_what_is_just_small_enough_is_not_found(file: str, source: str) -> None:
    assert too_large(file, source) == []
