"""The modules of a start lie in one file, and each is imported from there only if it is still the same."""

from __future__ import annotations

import importlib.util
import os
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import ModuleType

import pytest

from resnet_gui.base.module_cache import ModuleCache, read_code, write_code

PACKAGE, MODULE = "resnet_gui.kept_package", "resnet_gui.kept_package.kept_module"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of this program with a module, in a folder; what is imported is forgotten afterwards."""
    found = tmp_path / "resnet_gui" / "kept_package"
    found.mkdir(parents=True)
    (found / "__init__.py").write_text('"""A package."""\n')
    (found / "kept_module.py").write_text("answer = 42\n")
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return found


def spec_of(name: str, folder: Path) -> importlib.machinery.ModuleSpec:
    """How Python itself loads a module of the folder."""
    file = folder / ("__init__.py" if name == PACKAGE else "kept_module.py")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    return spec


def load(spec: importlib.machinery.ModuleSpec) -> ModuleType:
    """The module of a spec."""
    made = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(made)
    return made


@pytest.fixture
def cache(folder: Path, tmp_path: Path) -> Path:
    """The file of a start that has imported both."""
    made = ModuleCache(tmp_path / "kept.code")
    made.install()
    for name in (PACKAGE, MODULE):
        load(spec_of(name, folder))
    made.end_first()
    sys.modules["resnet_gui.imported_later"] = load(spec_of(MODULE, folder))
    made.keep()
    for name in (PACKAGE, MODULE):
        del sys.modules[name]
    return tmp_path / "kept.code"


def found(cache: Path, name: str, folder: Path) -> importlib.machinery.ModuleSpec | None:
    """What the file gives for a name that is looked for in a folder."""
    return ModuleCache(cache).find_spec(name, [str(folder)])


def test_a_module_of_the_file_is_the_one_that_python_makes(folder: Path, cache: Path) -> None:
    for name, place in ((PACKAGE, folder.parent), (MODULE, folder)):
        ours, python_s = found(cache, name, place), spec_of(name, folder)
        assert ours is not None
        assert ours == python_s or (ours.origin, ours.cached, ours.submodule_search_locations) == (
            python_s.origin, python_s.cached, python_s.submodule_search_locations,
        )  # fmt: skip
        made, other = load(ours), load(python_s)
        assert (made.__file__, made.__cached__, made.__doc__) == (other.__file__, other.__cached__, other.__doc__)
        assert isinstance(ours.loader, SourceFileLoader)
        assert ours.loader.get_source(name) == Path(str(ours.origin)).read_text()
        code = ours.loader.get_code(name)
        assert code is not None, "asked again, it reads Python's own"
        assert code.co_filename == ours.origin
        assert name == PACKAGE or made.answer == 42


def test_what_was_imported_after_the_first_page_is_not_kept(cache: Path) -> None:
    kept = read_code(cache)
    assert isinstance(kept, dict)
    assert kept.keys() == {PACKAGE, MODULE}


def test_a_text_that_has_changed_is_left_to_python(folder: Path, cache: Path) -> None:
    file = folder / "kept_module.py"
    assert found(cache, MODULE, folder) is not None
    file.write_text("answer = 43\n")
    os.utime(file, ns=(1, 1))
    assert found(cache, MODULE, folder) is None
    file.unlink()
    assert found(cache, MODULE, folder) is None


def test_a_module_of_another_place_is_left_to_python(folder: Path, cache: Path, tmp_path: Path) -> None:
    assert found(cache, MODULE, tmp_path) is None
    assert found(cache, PACKAGE, folder) is None
    assert ModuleCache(cache).find_spec(MODULE) is None
    assert found(cache, "resnet_gui.another", folder) is None


def test_a_start_that_found_everything_writes_nothing(folder: Path, cache: Path) -> None:
    again = ModuleCache(cache)
    again.install()
    for name, place in ((PACKAGE, folder.parent), (MODULE, folder)):
        spec = again.find_spec(name, [str(place)])
        assert spec is not None
        load(spec)
    again.end_first()
    cache.unlink()
    again.keep()
    assert not cache.exists()


def test_a_start_that_imports_less_keeps_what_another_needed(folder: Path, cache: Path) -> None:
    (folder / "__init__.py").write_text('"""Another text."""\n')
    again = ModuleCache(cache)
    again.install()
    load(spec_of(PACKAGE, folder))
    again.end_first()
    again.keep()
    assert found(cache, MODULE, folder) is not None
    spec = found(cache, PACKAGE, folder.parent)
    assert spec is not None
    assert load(spec).__doc__ == "Another text."


@pytest.mark.parametrize("data", [b"", b"another Python's", MAGIC_NUMBER + b"torn"])
def test_a_file_that_cannot_be_read_gives_nothing(folder: Path, cache: Path, data: bytes) -> None:
    cache.write_bytes(data)
    assert found(cache, MODULE, folder) is None


def test_a_file_of_another_version_gives_nothing(folder: Path, cache: Path) -> None:
    write_code(cache, {MODULE: (str(folder), 1, 2)})
    assert found(cache, MODULE, folder) is None
