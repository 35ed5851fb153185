"""The code of the modules that a start imports, in one file: read at once, and not file by file.

Python keeps the code of each module in a file of its own. To find and check it takes as long as to read it, and what
modules have in common is made anew for each of them. Here they lie together, beside Python's own files. A module
whose text has changed, moved or gone is imported as ever, and so is a new one.
"""

from __future__ import annotations

import contextlib
import importlib.util
import marshal
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

PACKAGE: Final = __name__.partition(".")[0] + "."

KeptModule = tuple[str, int, int, str, bool, CodeType]
"""Of a module: path of its text; when that was last changed (ns since the epoch) and its size (bytes); path of Python's
own file of the code; whether it is a package; its code."""


def beside_code(file: str, name: str) -> Path:
    """Where something is kept with Python's code of a module, by the version of Python and its optimisation.

    Args:
        file: of the module.
        name: of what is kept, in place of the module's.

    Raises:
        NotImplementedError: this Python keeps no code.
    """
    own = Path(importlib.util.cache_from_source(file))
    return own.with_name(own.name.replace(Path(file).stem, name, 1)).with_suffix(".code")


def read_code(path: Path) -> Any:
    """What a file of code has; None if it is missing, broken or of another Python."""
    magic = importlib.util.MAGIC_NUMBER
    try:
        data = path.read_bytes()
        return marshal.loads(memoryview(data)[len(magic) :]) if data.startswith(magic) else None  # noqa: S302 (as Python's own)
    except (OSError, EOFError, ValueError, TypeError):
        return None


def write_code(path: Path, kept: Any) -> None:
    """Keep code, whole or not at all; where nothing can be written, the next start does without."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(importlib.util.MAGIC_NUMBER + marshal.dumps(kept))
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()


class _KeptLoader(SourceFileLoader):
    """The loader of a module whose code is there."""

    def __init__(self, name: str, file: str, code: CodeType) -> None:
        super().__init__(name, file)
        self._code: CodeType | None = code

    def get_code(self, fullname: str) -> CodeType | None:
        """The code, once; whoever asks again gets what Python's own file has."""
        code, self._code = self._code, None
        return super().get_code(fullname) if code is None else code


class ModuleCache:
    """A finder of the modules of this package whose code lies in one file.

    It stands before Python's own finders, and leaves to them what it does not have.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        found = read_code(path)
        self._kept: dict[str, KeptModule] = found if _is_kept(found) else {}
        self._given: set[str] = set()
        self._begun: set[str] = set()
        self._first: set[str] = set()

    def install(self) -> None:
        """Be asked first from now on."""
        self._begun = _loaded()
        sys.meta_path.insert(0, self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """How to load a module; None if its code is not here, or its text no longer what that was made from."""
        kept = self._kept.get(name)
        if kept is None or not path or not _is_current(kept):
            return None
        file, _, _, cached, is_package, code = kept
        folder = os.path.dirname(file)  # noqa: PTH120 (a path would take as long as all the rest)
        if path[0] != (os.path.dirname(folder) if is_package else folder):  # noqa: PTH120
            return None
        spec = ModuleSpec(name, _KeptLoader(name, file, code), origin=file, is_package=is_package)
        spec.has_location = True
        spec.cached = cached
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(folder)
        self._given.add(name)
        return spec

    def end_first(self) -> None:
        """Note that what a start needs first has been imported."""
        self._first = _loaded() - self._begun

    def keep(self) -> None:
        """Keep the code of what was imported first, if some of it did not come from here; let go of what was used."""
        if not sys.dont_write_bytecode and not self._first <= self._given:
            self._write()
        self._kept = {name: each for name, each in self._kept.items() if name not in self._given}

    def _write(self) -> None:
        # What another start needed, such as one that began with the welcome page, stays.
        kept = {name: each for name, each in self._kept.items() if name not in self._first and _is_current(each)}
        for name in sorted(self._first):
            if (each := _code_of(sys.modules.get(name))) is not None:
                kept[name] = each
        write_code(self._path, kept)
        self._given |= self._first


def _loaded() -> set[str]:
    return {name for name in sys.modules if name.startswith(PACKAGE)}


def _is_current(kept: KeptModule) -> bool:
    """Whether the text is still the one that the code was made from."""
    try:
        state = os.stat(kept[0])  # noqa: PTH116 (a path would take as long as all the rest)
    except OSError:
        return False
    return state.st_mtime_ns == kept[1] and state.st_size == kept[2]


def _is_kept(found: object) -> bool:
    """Whether this is what is kept, and not what another version kept under the same name."""
    return isinstance(found, dict) and all(
        isinstance(each, tuple) and [type(part) for part in each] == [str, int, int, str, bool, CodeType]
        for each in found.values()
    )


def _code_of(module: ModuleType | None) -> KeptModule | None:
    """What is kept of a module; None if Python itself keeps nothing of it, or cannot read it any more."""
    spec = module.__spec__ if module is not None else None
    if spec is None or not isinstance(spec.loader, SourceFileLoader) or not spec.origin or not spec.cached:
        return None
    try:
        # Before the code is read: of a text that is changed meanwhile nothing is kept that would be taken for it.
        state = os.stat(spec.origin)  # noqa: PTH116
        code = spec.loader.get_code(spec.name)
    except (OSError, ImportError, SyntaxError):
        return None
    if code is None:
        return None
    is_package = spec.submodule_search_locations is not None
    return spec.origin, state.st_mtime_ns, state.st_size, spec.cached, is_package, code


def installed() -> ModuleCache | None:
    """A cache of what is imported from now on; None where this Python keeps no code."""
    try:
        cache = ModuleCache(beside_code(__file__, "first_modules"))
    except NotImplementedError:
        return None
    cache.install()
    return cache
