"""PySide is loaded with less work, and is the same."""

from __future__ import annotations

import builtins
import enum
import subprocess
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any

import pytest
from PySide6 import QtCore, QtGui, QtWidgets

from resnet_gui.gui.binding import enums
from resnet_gui.gui.binding.compiled import CompiledSources
from tests.rooms import ROOT

SOURCE = b"answer = 6 * 7"
NAME = "shibokensupport/answers.py"


def look(made: Any) -> dict[str, object]:
    """All that can be seen of an enum; what PySide itself puts into some of them left out."""
    values = [member.value for member in made.__members__.values()]
    return {
        "bases": made.__mro__[1:],
        "members": {name: (member.name, member.value) for name, member in made.__members__.items()},
        "canonical": [member.name for member in made],
        "by value": [made(value).name for value in values],
        "hashes": [hash(member) for member in made],
        "attributes": {name for name in vars(made) if not name.startswith("__")} - {"_missing_"},
        "mask": getattr(made, "_flag_mask_", None),
        "bits": getattr(made, "_all_bits_", None),
        "boundary": getattr(made, "_boundary_", None),
    }


@pytest.mark.parametrize("base", enums.BASES)
def test_this_python_s_enums_can_be_laid_out(base: type[enum.Enum]) -> None:
    assert enums.EnumLayout(base).is_python_s


def pyside_enums() -> list[Any]:
    holders = [QtCore.Qt, QtCore.QEvent, QtGui.QPalette, QtGui.QFont, QtGui.QPainter, QtWidgets.QStyle]
    holders += [QtWidgets.QSizePolicy, QtWidgets.QAbstractItemView, QtWidgets.QMessageBox, QtCore.QLocale]
    return [each for holder in holders for each in vars(holder).values() if isinstance(each, enum.EnumType)]


def test_enums_of_pyside_are_those_that_python_makes() -> None:
    found = pyside_enums()
    assert len(found) > 100
    assert {made.__mro__[1] for made in found} == {enum.Enum, enum.IntEnum, enum.Flag, enum.IntFlag}
    for made in found:
        members = [(name, member.value) for name, member in made.__members__.items()]
        stock = enums._python_creates(made.__mro__[1], made.__name__, members, module=__name__, boundary=enum.KEEP)
        assert look(made) == look(stock), made


def test_flags_of_pyside_are_combined_and_told_apart() -> None:
    both = QtCore.Qt.AlignmentFlag.AlignRight | QtCore.Qt.AlignmentFlag.AlignTop
    assert both.value == 0x22
    assert QtCore.Qt.AlignmentFlag.AlignTop in both
    assert QtCore.Qt.AlignmentFlag.AlignLeft not in both
    assert QtCore.Qt.AlignmentFlag(0x22) is both


@pytest.mark.parametrize(
    "members", [[("name", 1)], [("_hidden", 1)], [("mro", 1)], [("a", 1), ("a", 2)], [("a", "text")], ["ab"], "a b"]
)
def test_members_that_python_treats_in_its_own_way_are_left_to_it(members: object) -> None:
    assert not enums.EnumLayout(enum.Enum).takes(members)


def test_an_enum_of_anybody_else_is_made_by_python() -> None:
    Colour = enum.Enum("Colour", "RED GREEN")  # noqa: N806 (a class)
    assert Colour.__module__ == __name__
    assert [member.value for member in Colour] == [1, 2]


def run(sources: CompiledSources, source: bytes = SOURCE) -> Any:
    """What code says that is compiled while ``sources`` is used."""
    space: dict[str, Any] = {}
    with sources.used():
        exec(compile(source, NAME, "exec"), space)  # noqa: S102 (as an importer does)
    return space["answer"]


@pytest.fixture
def compiles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that Python compiles."""
    found: list[str] = []
    python = builtins.compile

    def counted(source: Any, filename: str, *others: Any, **options: Any) -> Any:
        found.append(filename)
        return python(source, filename, *others, **options)

    monkeypatch.setattr(builtins, "compile", counted)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return found


def test_a_text_is_compiled_once(tmp_path: Path, compiles: list[str]) -> None:
    path = tmp_path / "cache" / "kept.code"
    assert run(CompiledSources(path)) == run(CompiledSources(path)) == 42
    assert compiles == [NAME]
    assert [file.name for file in path.parent.iterdir()] == ["kept.code"]


def test_another_text_of_the_same_name_is_compiled_anew(tmp_path: Path, compiles: list[str]) -> None:
    path = tmp_path / "kept.code"
    run(CompiledSources(path))
    assert run(CompiledSources(path), b"answer = 43") == 43
    assert run(CompiledSources(path), b"answer = 43") == 43
    assert compiles == [NAME, NAME]


@pytest.mark.parametrize("data", [b"", b"another Python's", MAGIC_NUMBER + b"torn"])
def test_a_file_that_cannot_be_read_is_made_anew(tmp_path: Path, compiles: list[str], data: bytes) -> None:
    path = tmp_path / "kept.code"
    path.write_bytes(data)
    assert run(CompiledSources(path)) == run(CompiledSources(path)) == 42
    assert compiles == [NAME]


def test_where_nothing_can_be_written_texts_are_compiled_as_ever(tmp_path: Path, compiles: list[str]) -> None:
    (tmp_path / "file").write_text("no folder")
    path = tmp_path / "file" / "kept.code"
    assert run(CompiledSources(path)) == run(CompiledSources(path)) == 42
    assert compiles == [NAME, NAME]


def test_the_text_of_others_is_not_kept(tmp_path: Path, compiles: list[str]) -> None:
    path = tmp_path / "kept.code"
    with CompiledSources(path).used():
        compile("1", "others.py", "eval")
    assert not path.exists()
    assert compiles == ["others.py"]


LOADS = """
import sys
sys.dont_write_bytecode = False
import resnet_gui.gui
from resnet_gui.gui.binding.compiled import cache_path
print(cache_path())
"""


def test_pyside_s_own_modules_are_kept_by_the_first_start(tmp_path: Path) -> None:
    command = [sys.executable, "-X", f"pycache_prefix={tmp_path}", "-c", LOADS]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    path = Path(said.strip())
    assert path.is_relative_to(tmp_path)
    assert any(name.endswith("loader.py") for name in CompiledSources(path)._kept)


THREADS = """
import sys, threading
import resnet_gui.gui
from PySide6 import QtCore, QtGui, QtOpenGL, QtWidgets
from resnet_gui.gui.shell.start.pyside_classes import make_classes

MODULES = QtCore, QtGui, QtWidgets, QtOpenGL

for _ in make_classes():
    pass
made = [set(vars(module)) for module in MODULES]
sys.setswitchinterval(0.00001)
begun = threading.Barrier(2)

def look_up():
    begun.wait()
    for module in MODULES:
        for name in sorted(module.__dir__()):
            getattr(module, name, None)

threads = [threading.Thread(target=look_up) for _ in range(2)]
for each in threads:
    each.start()
for each in threads:
    each.join()
print([name for module, names in zip(MODULES, made) for name in vars(module).keys() - names])
"""


def test_no_thread_makes_a_class_of_pyside_once_all_have_been_made() -> None:
    command = [sys.executable, "-c", THREADS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
